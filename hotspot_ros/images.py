"""Between sensor_msgs images and NumPy arrays, without cv_bridge.

cv_bridge's compiled module crashes on NumPy 2 where it was built for NumPy 1, and misreads a `step` that is no
multiple of the pixel size; decoding with NumPy has neither trouble and copies nothing where it need not.
"""

from __future__ import annotations

import array

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from hotspot_core.errors import InputError

# Encoding -> bytes per pixel, and the OpenCV conversion to RGB (None: it is RGB already).
_ENCODINGS: dict[str, tuple[int, int | None]] = {
    "rgb8": (3, None),
    "bgr8": (3, cv2.COLOR_BGR2RGB),
    "rgba8": (4, cv2.COLOR_RGBA2RGB),
    "bgra8": (4, cv2.COLOR_BGRA2RGB),
    "mono8": (1, cv2.COLOR_GRAY2RGB),
}

# JPEG and PNG files: how they begin, and what a whole one has among its last bytes.
_STARTS_AND_ENDS = ((b"\xff\xd8", b"\xff\xd9"), (b"\x89PNG", b"IEND"))
_LONGEST_ENDING = 64


def decode_image(message: Image) -> NDArray[np.uint8]:
    """The image as (H, W, 3) uint8 RGB. Padded rows are honoured; byte order does not matter to 8-bit encodings.

    Raises:
        InputError: an encoding that is not known, an empty image, or data that do not fit the header.
    """
    height, width, step, size = message.height, message.width, message.step, len(message.data)
    if message.encoding not in _ENCODINGS:
        known = ", ".join(_ENCODINGS)
        raise InputError(f"image encoding {message.encoding!r} is not supported: publish one of {known}")
    channels, conversion = _ENCODINGS[message.encoding]
    if height == 0 or width == 0:
        raise InputError(f"image of {width} x {height} pixels is empty")
    if step < width * channels:
        raise InputError(f"image step {step} is too small: {width} {message.encoding} pixels take {width * channels}")
    if size != height * step:
        raise InputError(f"image data has {size} bytes: {height} rows with step {step} take {height * step}")
    pixels = np.ndarray((height, width, channels), np.uint8, memoryview(message.data), strides=(step, channels, 1))
    return pixels if conversion is None else np.asarray(cv2.cvtColor(pixels, conversion), np.uint8)


def decode_compressed_image(message: CompressedImage) -> NDArray[np.uint8]:
    """A JPEG or PNG image as (H, W, 3) uint8 RGB.

    Raises:
        InputError: the data are not a picture that OpenCV reads, or are truncated.
    """
    data = np.frombuffer(message.data, np.uint8)
    what = f"compressed image (format {message.format!r}, {data.size} bytes)"
    ending = data[-_LONGEST_ENDING:].tobytes().rstrip(b"\0")
    for start, end in _STARTS_AND_ENDS:
        # OpenCV fills what is missing with grey and says nothing.
        if data[: len(start)].tobytes() == start and end not in ending:
            raise InputError(f"{what} is truncated")
    try:
        bgr = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except cv2.error as error:
        raise InputError(f"{what} cannot be decoded: {error.err}") from error
    if bgr is None:
        raise InputError(f"{what} cannot be decoded: it is no picture that OpenCV reads")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def encode_image(pixels: NDArray[np.uint8] | NDArray[np.float32], header: Header) -> Image:
    """An Image message: (H, W, 3) uint8 becomes rgb8, (H, W) uint8 mono8, (H, W) float32 32FC1."""
    encoding = {("uint8", 3): "rgb8", ("uint8", 2): "mono8", ("float32", 2): "32FC1"}[pixels.dtype.name, pixels.ndim]
    contiguous = np.ascontiguousarray(pixels)
    message = Image(header=header, encoding=encoding, height=pixels.shape[0], width=pixels.shape[1])
    message.step = contiguous.strides[0]
    # The one fast way into a message: a list, a NumPy array or bytes take hundreds of times as long.
    message.data = array.array("B", contiguous.data.cast("B"))
    return message


def decode_heatmap(message: Image) -> NDArray[np.float32]:
    """A 32FC1 heatmap as (h, w) float32."""
    return np.frombuffer(message.data, np.float32).reshape(message.height, message.width)
