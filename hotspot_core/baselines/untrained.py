"""The baselines that need no training, as methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hotspot_core.baselines.saliency import BASELINES, BLIND
from hotspot_core.data.annotations import Annotation
from hotspot_core.evaluation.method import Image, Maps, Method

TITLES: Mapping[str, str] = {
    "uniform": "Uniform",
    "center": "Center bias",
    "center_untruncated": "Center bias, not truncated",
    "spectral_residual": "Spectral residual",
    "fine_grained": "Fine-grained saliency",
}


class UntrainedMethod(Method):
    """A function in `BASELINES`, by its name there."""

    def __init__(self, key: str) -> None:
        self.name = TITLES[key]
        self.needs_images = key not in BLIND
        self._function = BASELINES[key]

    def __call__(self, image: Image, actions: Sequence[str], entry: Annotation | None = None) -> Maps:
        return self._function(image, actions)
