"""What a run starts from: a new model of a preset, or the weights of a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hotspot_core.errors import InputError
from hotspot_core.model.checkpoint import load_model
from hotspot_core.model.hotspot_model import HotspotModel
from hotspot_core.model.presets import build_model


def initial_model(
    actions: Sequence[str], preset: str, options: dict[str, Any], backbone_weights: str | None, start: Path | None
) -> HotspotModel:
    """The model, in training mode.

    Args:
        actions, preset, options, backbone_weights: of a new model, see `build_model`.
        start: a .safetensors checkpoint with that preset and those actions; None for a new model. Where
            `options` ask for other scores than its own, the layer behind them is new.

    Raises:
        InputError: the checkpoint is of another preset or has other actions.
    """
    if start is None:
        return build_model(preset, actions, backbone_weights=backbone_weights, **options)
    model = load_model(start, "cpu")
    if model.config.preset != preset or list(model.actions) != list(actions):
        raise InputError(
            f"checkpoint {str(start)!r} has preset {model.config.preset} and actions {', '.join(model.actions)}: "
            f"this run has preset {preset} and actions {', '.join(actions)}"
        )
    kind = options.get("scores", model.config.scores)
    if kind != model.config.scores:
        other = HotspotModel(replace(model.config, scores=kind))
        own = other.state_dict()
        other.load_state_dict({name: value for name, value in model.state_dict().items() if name in own}, strict=False)
        model = other
    return model.train()
