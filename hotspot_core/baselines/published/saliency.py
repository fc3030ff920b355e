"""What the published saliency systems have in common as methods: one map of an image, whatever the action."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from hotspot_core.data.annotations import Annotation
from hotspot_core.evaluation.method import Image, Maps, Method, Supervision


class PublishedSaliency(Method):
    """A saliency system with its authors' weights.

    Args:
        title: of its row.
        files: that its weights were read from.
        size_hw: height and width of its input in pixels.
        device: where it runs.
    """

    supervision: Supervision = "saliency maps"

    def __init__(self, title: str, files: Sequence[Path], size_hw: tuple[int, int], device: torch.device) -> None:
        self.name = title
        self.size_hw = size_hw
        self.device = device
        self.setting = f"people's gaze: the authors' weights, {size_hw[1]}x{size_hw[0]} px"
        digests = [hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in files]
        self.provenance = ", ".join(
            f"{path.name}, sha256 {digest}" for path, digest in zip(files, digests, strict=True)
        )

    @abstractmethod
    def saliency(self, image: Image) -> NDArray[np.float32]:
        """(h, w) map >= 0 of an image (H, W, 3) uint8 RGB, which covers exactly the image."""

    def __call__(self, image: Image, actions: Sequence[str], entry: Annotation | None = None) -> Maps:
        return np.repeat(self.saliency(image)[None], len(actions), axis=0)
