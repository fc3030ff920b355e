"""From an image to the pixels that a network sees."""

from __future__ import annotations

import cv2
import numpy as np

from hotspot_core.errors import InputError
from hotspot_core.hotspots.prediction import Image


def check_image(image: Image) -> None:
    """Makes sure that an image is (H, W, 3) uint8 RGB and not empty.

    Raises:
        InputError: it is not.
    """
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        what = f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise InputError(f"image of type {what}: give an (H, W, 3) uint8 RGB array")
    if 0 in image.shape:
        raise InputError(f"image of shape {image.shape} is empty")


def resize(image: Image, size_hw: tuple[int, int]) -> Image:
    """Resizes to (h, w), averaging where it shrinks so that small parts do not vanish between samples."""
    # Means of 2x2 pixels are fast; while three of them in a row make one pixel in the end, the detour hardly shows.
    while image.shape[0] % 2 == image.shape[1] % 2 == 0 and all(np.array(image.shape[:2]) >= 6 * np.array(size_hw)):
        image = np.asarray(cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    shrinks = size_hw[0] < image.shape[0] or size_hw[1] < image.shape[1]
    resized = cv2.resize(image, size_hw[::-1], interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(resized, np.uint8)
