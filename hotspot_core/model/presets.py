"""Presets: named architectures, as data."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hotspot_core.errors import InputError, select_names
from hotspot_core.model.config import ModelConfig

if TYPE_CHECKING:
    from hotspot_core.model.hotspot_model import HotspotModel

PRESETS: dict[str, dict[str, Any]] = {
    # The model of the paper, in the layout of its released checkpoints: 38 + 118 GFLOP forward at 224x224.
    # dilation="every_block" gives torchvision's layout.
    "paper": {
        "backbone": "resnet50",
        "stages": 4,
        "dilation": "first_block",
        "pooling": "sum",
        "hidden_size": 2048,
        "anticipation": ((2048, 3), (2048, 3)),
        "freeze_backbone": True,
    },
    # For two CPU cores and Jetson-class GPUs: EfficientNet-Lite0 without its last stages, a bottleneck as F_ant.
    "robot": {
        "backbone": "efficientnet_lite0",
        "stages": 5,
        "dilation": "every_block",
        "pooling": "mean",
        "hidden_size": 256,
        "anticipation": ((64, 1), (64, 3), (672, 1)),
        "freeze_backbone": True,
    },
}


def build_model(
    preset: str, actions: Sequence[str], *, backbone_weights: str | None = None, **overrides: Any
) -> HotspotModel:
    """A new model with random weights, in training mode.

    Args:
        preset: a name in `PRESETS`: "paper" or "robot".
        actions: names of the actions, in the order of the logits.
        backbone_weights: "imagenet", another name or a file, see `build_backbone`; None for random ones.
        overrides: fields of `ModelConfig` that differ from the preset.

    Raises:
        InputError: unknown preset, override, backbone or weights.
    """
    # Not at the top: a preset's configuration is read without PyTorch, too.
    from hotspot_core.model.hotspot_model import HotspotModel

    return HotspotModel(preset_config(preset, actions, **overrides), backbone_weights)


def preset_config(preset: str, actions: Sequence[str], **overrides: Any) -> ModelConfig:
    """The configuration of a preset for these actions, see `build_model`."""
    select_names("preset", [preset], tuple(PRESETS))
    select_names("model option", list(overrides), [field.name for field in dataclasses.fields(ModelConfig)])
    if isinstance(actions, str):
        raise InputError(f"actions {actions!r}: give a list of names, not one text")
    fields = {**PRESETS[preset], **overrides, "preset": preset, "actions": tuple(actions)}
    fields["anticipation"] = tuple((int(channels), int(kernel)) for channels, kernel in fields["anticipation"])
    return ModelConfig(**fields)
