"""Clips that demonstrate an action, for methods that look at one beside the image."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from hotspot_core.data.annotations import Annotation
from hotspot_core.data.augmentation import central_view
from hotspot_core.data.clips import Clip
from hotspot_core.data.dataset import IMAGENET_MEAN, IMAGENET_STD, normalized
from hotspot_core.errors import InputError

FRAMES = 4
FPS = 4.0
MEAN, STD = (np.array(values, np.float32).reshape(3, 1, 1) * 255 for values in (IMAGENET_MEAN, IMAGENET_STD))


class Demonstrations:
    """Finds for an annotated image a clip of its action.

    Clips of the very image come first (in OPRA every image has one), then those of its object, then any.

    Args:
        clips: to choose from.
        size: side of the frames in pixels.
    """

    def __init__(self, clips: Sequence[Clip], size: int) -> None:
        self.size = size
        self._by_action: dict[str, list[Clip]] = {}
        for clip in clips:
            self._by_action.setdefault(clip.action, []).append(clip)

    def choose(self, entry: Annotation, rng: np.random.Generator | None = None) -> Clip:
        """A clip for an entry: any that fits with a generator, always the same without.

        Raises:
            InputError: no clip shows its action.
        """
        clips = self._by_action.get(entry.action)
        if not clips:
            available = ", ".join(sorted(self._by_action)) or "none"
            raise InputError(
                f"no clip demonstrates {entry.action!r} for {entry.image.name}: there are clips of {available}"
            )
        of_image = [clip for clip in clips if clip.inactive_image and _same(clip.inactive_image, entry.image)]
        of_object = [clip for clip in clips if entry.object and clip.object == entry.object]
        fitting = of_image or of_object or clips
        if rng is None:
            rng = np.random.default_rng(zlib.crc32(f"{entry.image.name} {entry.action}".encode()))
        return fitting[int(rng.integers(len(fitting)))]

    def frames(self, clip: Clip) -> tuple[Tensor, int]:
        """Frames (T, 3, S, S) spread over a clip, ImageNet-normalized, zeros at the end; and how many there are."""
        # PyAV is only needed where there are videos.
        from hotspot_core.media.video import probe, read_frames

        rate = clip.frame_rate or FPS if clip.video.is_dir() else None
        stop = probe(clip.video, rate).duration if clip.stop is None else clip.stop
        fps = max(FRAMES / max(stop - clip.start, 1e-3), 1e-3)
        pictures = read_frames(
            clip.video, clip.start, stop, fps, FRAMES, frame_rate=rate, shorter_side=round(self.size * 256 / 224)
        )
        view = central_view(pictures[0].shape[:2], self.size)
        frames = torch.zeros(FRAMES, 3, self.size, self.size)
        frames[: len(pictures)] = normalized(np.stack([view.apply(picture) for picture in pictures]), MEAN, STD)
        return frames, len(pictures)


def _same(first: Path, second: Path) -> bool:
    return first.name == second.name and first.resolve() == second.resolve()
