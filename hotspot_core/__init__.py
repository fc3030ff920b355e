"""Interaction hotspots: where on an object each action happens, learned from video.

The method is that of Nagarajan, Feichtenhofer and Grauman, "Grounded Human-Object Interaction Hotspots from
Video", ICCV 2019. The names below are the library's public door; they load on first use, so that importing
`hotspot_core` costs nothing and does not import torch. It sets how the threads of PyTorch wait for each other, which
PyTorch reads when it is imported: see `hotspot_core.utils.threads`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from hotspot_core.utils.threads import share_cores

if TYPE_CHECKING:
    from hotspot_core.errors import InputError, OutOfMemoryError
    from hotspot_core.hotspots.closed_form import Hotspots, interaction_hotspots
    from hotspot_core.hotspots.prediction import InteractionPoint, Prediction
    from hotspot_core.inference.model_info import ModelInfo
    from hotspot_core.inference.predictor import HotspotPredictor
    from hotspot_core.model.checkpoint import load_model, save_model
    from hotspot_core.model.hotspot_model import HotspotModel
    from hotspot_core.model.presets import build_model

__version__ = "0.1.0"  # package.xml has it, too

share_cores()

_HOMES = {
    "HotspotModel": "hotspot_core.model.hotspot_model",
    "HotspotPredictor": "hotspot_core.inference.predictor",
    "Hotspots": "hotspot_core.hotspots.closed_form",
    "InputError": "hotspot_core.errors",
    "InteractionPoint": "hotspot_core.hotspots.prediction",
    "ModelInfo": "hotspot_core.inference.model_info",
    "OutOfMemoryError": "hotspot_core.errors",
    "Prediction": "hotspot_core.hotspots.prediction",
    "build_model": "hotspot_core.model.presets",
    "interaction_hotspots": "hotspot_core.hotspots.closed_form",
    "load_model": "hotspot_core.model.checkpoint",
    "save_model": "hotspot_core.model.checkpoint",
}

__all__ = [
    "HotspotModel",
    "HotspotPredictor",
    "Hotspots",
    "InputError",
    "InteractionPoint",
    "ModelInfo",
    "OutOfMemoryError",
    "Prediction",
    "build_model",
    "interaction_hotspots",
    "load_model",
    "save_model",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'hotspot_core' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
