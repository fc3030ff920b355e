"""Whether an image still shows what the images before it showed, from the same place."""

from __future__ import annotations

from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from hotspot_core.hotspots.prediction import Image

# Pixels of the longer side of the thumbnails that are compared, and of the shorter one at least.
_LONGER, _SHORTEST = 64, 8
# Brightness is compared as its logarithm, which makes an addend of every flicker, without its low frequencies, which
# takes that addend and slow shadows away: an offset against the noise of dark pixels, and the sigma of what is low.
_DARK, _LOW = 8.0, 4.0
# Below this height of its peak, a phase correlation has found no shift.
_MIN_RESPONSE = 0.15
# A cell shows something else where it is darker or brighter than all of its neighborhood was by so many grey levels;
# of another scene at least this fraction of cells does.
_TOLERANCE, _OTHER_FRACTION = 6.0, 0.3
# Single pixels differ by more grey levels in the mean than any camera's noise makes them.
_UNLIKE = 40.0


class SceneChange(Enum):
    """What became of the scene since the reference image."""

    NONE = "none"
    MOVED = "moved"
    OTHER = "other"


class SceneMonitor:
    """Compares each image with a reference: the last image that showed another scene, or the same one from elsewhere.

    Noise, flicker and a shake of less than the tolerance change nothing, nor does something small that moves.
    """

    def __init__(self) -> None:
        self._reference: _Thumbnail | None = None

    def reset(self) -> None:
        """Forgets the reference."""
        self._reference = None

    def update(self, image: Image, tolerance: float) -> SceneChange:
        """What an image shows; after a change it is the reference.

        Args:
            image: (H, W, 3) uint8 RGB.
            tolerance: largest shift of the image that is no motion, in fractions of its width.

        Returns:
            OTHER also for the first image, and one of another shape.
        """
        thumbnail = _Thumbnail(image)
        change = self._change(thumbnail, tolerance)
        if change is not SceneChange.NONE:
            self._reference = thumbnail
        return change

    def _change(self, thumbnail: _Thumbnail, tolerance: float) -> SceneChange:
        reference = self._reference
        if reference is None or reference.shape != thumbnail.shape:
            return SceneChange.OTHER
        shift = thumbnail.shift_from(reference)
        if thumbnail.is_unlike(reference) or (
            thumbnail.differs_from(reference, shift) and thumbnail.differs_from(reference, (0.0, 0.0))
        ):
            return SceneChange.OTHER
        return SceneChange.MOVED if np.hypot(*shift) > tolerance * thumbnail.width else SceneChange.NONE


class _Thumbnail:
    """An image at a fraction of its size, grey.

    Attributes:
        shape: of the image.
        width: of the thumbnail.
    """

    def __init__(self, image: Image) -> None:
        self.shape = image.shape
        height, width = image.shape[:2]
        stride = max(1, min(height, width) // 240)  # Averaging all pixels of a large image would cost milliseconds.
        scale = _LONGER / max(height, width)
        self.width, rows = (max(_SHORTEST, round(side * scale)) for side in (width, height))
        small = cv2.resize(
            np.ascontiguousarray(image[::stride, ::stride]), (self.width, rows), interpolation=cv2.INTER_AREA
        )
        self._pixels = cv2.resize(image, (self.width, rows), interpolation=cv2.INTER_NEAREST)
        self._grey: NDArray[np.float32] = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
        logarithm = np.log(self._grey + np.float32(_DARK))
        self._detail: NDArray[np.float32] = logarithm - cv2.GaussianBlur(logarithm, (0, 0), _LOW)

    def is_unlike(self, reference: _Thumbnail) -> bool:
        """Whether single pixels have nothing to do with each other, as those of noise, which is grey in the mean."""
        return bool(cv2.absdiff(self._pixels, reference._pixels).mean() > _UNLIKE)

    def shift_from(self, reference: _Thumbnail) -> tuple[float, float]:
        """How the whole picture is shifted in x and y, in pixels of the thumbnail; 0 where no shift is found."""
        window = cv2.createHanningWindow(self._detail.shape[::-1], cv2.CV_32F)
        shift, response = cv2.phaseCorrelate(reference._detail, self._detail, window)
        return (float(shift[0]), float(shift[1])) if response > _MIN_RESPONSE else (0.0, 0.0)

    def differs_from(self, reference: _Thumbnail, shift: tuple[float, float]) -> bool:
        """Whether too much of the picture shows something else, were the reference as bright, and shifted."""
        matrix, size = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float64), self._grey.shape[::-1]
        shifted = cv2.warpAffine(reference._grey, matrix, size, borderMode=cv2.BORDER_REPLICATE)
        shifted *= np.median((self._grey + _DARK) / (shifted + _DARK))
        window = np.ones((3, 3), np.uint8)
        low, high = cv2.erode(shifted, window) - _TOLERANCE, cv2.dilate(shifted, window) + _TOLERANCE
        return float(((self._grey < low) | (self._grey > high)).mean()) > _OTHER_FRACTION
