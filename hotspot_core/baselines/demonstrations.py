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
    """Finds for an annotated image a clip of its action that was made of this very image, as every one in OPRA has.

    Args:
        clips: to choose from; `inactive_image` names the annotated image that they belong to.
        size: side of the frames in pixels.
    """

    def __init__(self, clips: Sequence[Clip], size: int) -> None:
        self.size = size
        self._by_action: dict[str, list[Clip]] = {}
        for clip in clips:
            self._by_action.setdefault(clip.action, []).append(clip)

    def of(self, entry: Annotation) -> list[Clip]:
        """The clips of an entry's own image and action."""
        clips = self._by_action.get(entry.action, [])
        return [clip for clip in clips if clip.inactive_image and _same(clip.inactive_image, entry.image)]

    def choose(self, entry: Annotation, rng: np.random.Generator | None = None) -> Clip:
        """A clip for an entry: any that fits with a generator, always the same without.

        Raises:
            InputError: no clip shows its action on its image.
        """
        clips = self.of(entry)
        if not clips:
            raise InputError(
                f"no clip demonstrates {entry.action!r} on {entry.image.name} itself: give a clip table whose "
                "inactive_image names the annotated image (python -m hotspot_core.data.synthetic --demonstrations)"
            )
        if rng is None:
            rng = np.random.default_rng(zlib.crc32(f"{entry.image.name} {entry.action}".encode()))
        return clips[int(rng.integers(len(clips)))]

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
