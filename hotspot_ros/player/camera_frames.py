"""What a played camera shows at a time: an image, its CameraInfo and its depth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo

from hotspot_core.errors import InputError
from hotspot_core.media.images import images_in, read_depth
from hotspot_core.media.sources import USUAL_FPS, Frame, Source, Warn
from hotspot_ros.player.calibration import pinhole

# Pictures that are played again and again are read once, if they are no more than this.
KEPT_PICTURES = 4
# Metres that 16 bits of millimetres hold.
FARTHEST = 65.535


@dataclass(frozen=True)
class PlayedFrame:
    """What is published together.

    Attributes:
        image: (H, W, 3) RGB.
        info: its camera.
        depth: (H, W) millimetres or None.
        time: seconds since the first image, in a video; None where its source has no times.
    """

    image: NDArray[np.uint8]
    info: CameraInfo
    depth: NDArray[np.uint16] | None
    time: float | None


@dataclass(frozen=True)
class PlayedLens:
    """A calibration, or else a field of view in degrees."""

    calibration: CameraInfo | None
    field_of_view: float

    def info(self, name: str, image_hw: tuple[int, int]) -> CameraInfo:
        """For an image; InputError where the calibration is for another size."""
        height, width = image_hw
        if self.calibration is None:
            return pinhole(width, height, self.field_of_view)
        expected = self.calibration.width, self.calibration.height
        if (width, height) != expected:
            raise InputError(
                f"image {name!r} has {width} x {height} pixels, the calibration is for {expected[0]} x {expected[1]}: "
                "play images of the calibrated camera"
            )
        return self.calibration


class PlaneDepth:
    """Depth of a plane that faces the camera."""

    def __init__(self, metres: float) -> None:
        self._millimetres = round(1000 * metres)

    def of(self, _index: int, image_hw: tuple[int, int], _size: tuple[int, int] | None) -> NDArray[np.uint16]:
        """(H, W) millimetres for an image."""
        return np.full(image_hw, self._millimetres, np.uint16)


class DepthFolder:
    """16-bit PNGs in millimetres, in the counting order of the images."""

    def __init__(self, paths: list[Path]) -> None:
        self._paths = paths

    def of(self, index: int, image_hw: tuple[int, int], size: tuple[int, int] | None) -> NDArray[np.uint16]:
        """(H, W) millimetres for an image; InputError where it is no depth, or of another size."""
        path = self._paths[index % len(self._paths)]
        fitted: NDArray[np.uint16] = fit(read_depth(path), size, cv2.INTER_NEAREST)
        if fitted.shape != image_hw:
            raise InputError(
                f"depth {str(path)!r} has {fitted.shape[1]} x {fitted.shape[0]} pixels, its image {image_hw[1]} x "
                f"{image_hw[0]}: give depth that is aligned to the image"
            )
        return fitted


def camera_frames(
    source: Source,
    lens: PlayedLens,
    depth: PlaneDepth | DepthFolder | None,
    size: tuple[int, int] | None,
    loop: bool,
    warn: Warn | None = None,
) -> Iterator[PlayedFrame]:
    """The frames of a source, again and again with `loop`; images and depth are brought to `size` with `fit`.

    Args:
        warn: see `Source.frames`.

    Raises:
        InputError: an image, or its depth, cannot be read or does not fit the rest.
    """
    kept = None
    if not source.moves and (source.length or 0) <= KEPT_PICTURES:
        kept = list(source.frames(warn))
    for frame, time in _timed(source, kept, loop, warn):
        image = fit(frame.image, size)
        image_hw = image.shape[0], image.shape[1]
        millimetres = depth.of(frame.number, image_hw, size) if depth else None
        yield PlayedFrame(image, lens.info(frame.name, image_hw), millimetres, time)


def _timed(
    source: Source, kept: list[Frame] | None, loop: bool, warn: Warn | None
) -> Iterator[tuple[Frame, float | None]]:
    """Frames with the time of each since the first one; a round follows the last as a frame does."""
    has_times = source.moves and source.ends
    began, time, gap = 0.0, 0.0, 0.0
    while True:
        first = None
        for frame in kept or source.frames(warn):
            if first is None:
                first, began = frame.time, time + gap
            now = began + frame.time - first
            time, gap = now, now - time if frame.time > first else gap or 1 / (source.fps or USUAL_FPS)
            yield frame, now if has_times else None
        if not loop:
            return


def open_depth(name: str, images: int | None) -> PlaneDepth | DepthFolder | None:
    """The depth that parameter `depth` names, for so many images.

    Raises:
        InputError: neither a distance nor a folder with a PNG for each image.
    """
    if not name:
        return None
    folder = Path(name)
    if folder.is_dir():
        paths = [path for path in images_in(folder) if path.suffix.lower() == ".png"]
        if not paths or (images is not None and images > len(paths)):
            raise InputError(f"depth folder {name!r} has {len(paths)} PNGs for {images or 'the'} images")
        return DepthFolder(paths)
    try:
        metres = float(name)
    except ValueError:
        raise InputError(f"parameter depth is {name!r}: give metres or a folder of 16-bit PNGs") from None
    if not 0.001 <= metres <= FARTHEST:
        raise InputError(f"parameter depth is {name}: give metres, from 0.001 to {FARTHEST}")
    return PlaneDepth(metres)


def fit(pixels: NDArray[Any], size: tuple[int, int] | None, interpolation: int = cv2.INTER_AREA) -> NDArray[Any]:
    """The largest middle part with the shape of (width, height), resized to it: pixels stay square."""
    height, width = pixels.shape[:2]
    if size is None or size == (width, height):
        return pixels
    scale = max(size[0] / width, size[1] / height)
    cut_width, cut_height = min(width, round(size[0] / scale)), min(height, round(size[1] / scale))
    left, top = (width - cut_width) // 2, (height - cut_height) // 2
    part = np.ascontiguousarray(pixels[top : top + cut_height, left : left + cut_width])
    return np.asarray(cv2.resize(part, size, interpolation=interpolation))
