"""The networks that a study needs, each trained once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hotspot_core.experiments.parts import make_once
from hotspot_core.training.run import TrainingConfig, train
from hotspot_core.training.run_files import MODEL

if TYPE_CHECKING:
    from hotspot_core.baselines.training import BaselineConfig


def trained_model(config: TrainingConfig) -> Path:
    """The model of a training run; an interrupted run goes on.

    Raises:
        InputError: see `train`.
    """
    folder = make_once(config.output, lambda partial: train(replace(config, output=partial, resume=True)), resume=True)
    return folder / MODEL


def trained_baseline(config: BaselineConfig) -> Path:
    """The file of a network.

    Raises:
        InputError: see `train_baseline`.
    """
    # Here, so that the help of a study is shown without the extra `train`.
    from hotspot_core.baselines.training import train_baseline

    return make_once(config.output, lambda partial: train_baseline(replace(config, output=partial)))
