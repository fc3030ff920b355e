"""Images of objects at rest: whole images, frames of videos, or objects cut out of one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hotspot_core.data.clips import Clip
from hotspot_core.errors import InputError
from hotspot_core.media.images import broken_images, read_image


@dataclass(frozen=True)
class InactiveImage:
    """An image, or the box (left, top, right, bottom) in its pixels in which the object is.

    Attributes:
        path: an image file; with `time` a video, or a folder of its frames.
        box: None for the whole image.
        time: seconds in the video.
        frame_rate: frames per second of a folder.
    """

    path: Path
    box: tuple[float, float, float, float] | None = None
    time: float | None = None
    frame_rate: float | None = None

    def read(self, rng: np.random.Generator | None = None) -> NDArray[np.uint8]:
        """The image as (H, W, 3) uint8 RGB, or the part of it around the box.

        As in the paper's EPIC-Kitchens set-up, a box is widened by 0.5 to 1.5 times its size as far as the image goes,
        and moved by up to 0.2 times the result; what then lies outside the image is black. Without `rng`, it is
        widened by its size and not moved.

        Raises:
            InputError: the file is missing or is no image, or the video has no frame there.
        """
        image = read_image(self.path) if self.time is None else self._frame(self.time)
        if self.box is None:
            return image
        widened, shift = (1.0, np.zeros(2)) if rng is None else (rng.uniform(0.5, 1.5), rng.uniform(-0.2, 0.2, 2))
        low, high = np.array(self.box[:2]), np.array(self.box[2:])
        margin = (high - low) * widened // 2
        low = np.maximum(low - margin, 0)
        high = np.minimum(high + margin, np.array([image.shape[1], image.shape[0]]))
        offset = shift * (high - low)
        left, top = (low + offset).astype(int)
        right, bottom = np.maximum((high + offset).astype(int), [left + 1, top + 1])
        return _cut(image, left, top, right, bottom)

    def _frame(self, time: float) -> NDArray[np.uint8]:
        # PyAV is only needed where there are videos, not for reading tables.
        from hotspot_core.media.video import read_frames

        return read_frames(self.path, time, fps=1.0, count=1, frame_rate=self.frame_rate)[0]


def inactive_images_of_clips(clips: Iterable[Clip]) -> dict[str, list[InactiveImage]]:
    """Object -> the inactive images that clips have of it, each once, in order."""
    images_of: dict[str, dict[InactiveImage, None]] = {}
    for clip in clips:
        if clip.inactive_image is not None:
            images_of.setdefault(clip.object, {})[InactiveImage(clip.inactive_image, time=clip.inactive_time)] = None
    return {name: list(images) for name, images in images_of.items()}


def readable(
    pools: Mapping[str, Sequence[InactiveImage]], report: Callable[[str], None] | None = None
) -> dict[str, list[InactiveImage]]:
    """The images that can be read, by object; how many cannot is reported once. Each image is decoded.

    Args:
        report: takes a line of text; None for the standard error output.

    Raises:
        InputError: none can be.
    """
    broken = broken_images(image.path for items in pools.values() for image in items)
    kept = {name: [image for image in items if image.path not in broken] for name, items in pools.items()}
    total, left = (sum(map(len, pool.values())) for pool in (pools, kept))
    if broken:
        first = next(iter(broken.values()))
        if left == 0:
            raise InputError(f"none of the {total} inactive images can be read, first {first}")
        line = f"{total - left} of {total} inactive images are missing or broken and left out, first {first}"
        report(line) if report else print(line, file=sys.stderr)
    return {name: items for name, items in kept.items() if items}


def _cut(image: NDArray[np.uint8], left: int, top: int, right: int, bottom: int) -> NDArray[np.uint8]:
    """The rectangle of an image, black where it reaches over."""
    cut = np.zeros((bottom - top, right - left, 3), np.uint8)
    x0, y0 = max(left, 0), max(top, 0)
    part = image[y0 : max(bottom, y0), x0 : max(right, x0)]
    cut[y0 - top : y0 - top + part.shape[0], x0 - left : x0 - left + part.shape[1]] = part
    return cut
