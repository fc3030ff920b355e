"""Image files: which they are, and their pixels."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from hotspot_core.errors import InputError

# (H, W, 3) RGB.
Image = NDArray[np.uint8]

Key = TypeVar("Key", bound=Hashable)

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")


def is_image(path: Path) -> bool:
    """Whether a file's name says that it is an image."""
    return path.suffix.lower() in IMAGE_SUFFIXES


def images_in(folder: Path, *, below: bool = False) -> list[Path]:
    """The image files of a folder in counting order; with `below` those of its subfolders too. What is hidden, as the
    ._photo.jpg that macOS puts beside a photo, is left alone."""
    found = (path.relative_to(folder) for path in folder.glob("**/*" if below else "*") if is_image(path))
    visible = (path for path in found if not any(part.startswith(".") for part in path.parts))
    return [folder / path for path in sorted(visible, key=counting_order)]


def counting_order(path: Path) -> tuple[Any, ...]:
    """A key to sort by as people count: 2.jpg comes before 10.jpg."""
    return tuple(
        [(0, int(piece), piece) if piece.isdecimal() else (1, 0, piece) for piece in re.split(r"(\d+)", part) if piece]
        for part in path.parts
    )


def read_image(path: Path, *, halved: bool = False) -> Image:
    """An image file as (H, W, 3) uint8 RGB, turned upright as its metadata says.

    Args:
        path: the file.
        halved: read it at half its size, which is faster than to read the whole one and to shrink it.

    Raises:
        InputError: the file is missing, is no image, or claims more pixels than OpenCV takes (2^30).
    """
    image = _decoded(path, cv2.IMREAD_REDUCED_COLOR_2 if halved else cv2.IMREAD_COLOR)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def read_map(path: Path) -> NDArray[np.float64]:
    """A gray image as (H, W) float64 in [0, 1], whatever its depth.

    Raises:
        InputError: the file is missing, is no image, or claims more pixels than OpenCV takes (2^30).
    """
    gray = _decoded(path, cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH)
    return np.asarray(gray, np.float64) / {"uint8": 255, "uint16": 65535}.get(str(gray.dtype), 1)


def _decoded(path: Path, flags: int) -> NDArray[Any]:
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or 'cannot be read'}") from None
    try:
        image = cv2.imdecode(data, flags) if data.size else None
    except cv2.error:
        image = None
    if image is None:
        raise InputError(f"{path}: no image that OpenCV can read")
    return np.asarray(image)


def read_depth(path: Path) -> NDArray[np.uint16]:
    """A gray 16-bit PNG as (H, W) uint16, by REP 118 millimetres.

    Raises:
        InputError: the file is missing, or is no such image.
    """
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if image is None or image.dtype != np.uint16 or image.ndim != 2:
        raise InputError(f"depth {str(path)!r} is no 16-bit grey PNG: write millimetres as 16UC1")
    return np.asarray(image, np.uint16)


def broken_images(paths: Iterable[Path], workers: int = 4) -> dict[Path, str]:
    """Those of the images that `read_image` refuses, each with its reason; all are decoded, in that many threads."""
    return faults({path: partial(read_image, path) for path in paths}, workers)


def faults(reads: Mapping[Key, Callable[[], object]], workers: int) -> dict[Key, str]:
    """The keys whose call raises an InputError, each with its text; the calls are made in that many threads."""
    with ThreadPoolExecutor(max(1, workers)) as pool:
        reasons = pool.map(_fault, reads.values())
        return {key: reason for key, reason in zip(reads, reasons, strict=True) if reason is not None}


def _fault(read: Callable[[], object]) -> str | None:
    try:
        read()
    except InputError as error:
        return str(error)
    return None
