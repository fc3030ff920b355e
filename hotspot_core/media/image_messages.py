"""Images as ROS 2 has them in messages, live or of a bag: to RGB with NumPy, without ROS and without cv_bridge.

cv_bridge's compiled module crashes on NumPy 2 where it was built for NumPy 1, and misreads a `step` that is no
multiple of the pixel size; decoding with NumPy has neither trouble and copies nothing where it need not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from hotspot_core.errors import InputError
from hotspot_core.media.compressed_images import check_picture, jpeg_size


class ImageMessage(Protocol):
    """What is read of a sensor_msgs/Image, whatever library has made it; `data` has the buffer protocol."""

    height: int
    width: int
    encoding: str
    is_bigendian: int
    step: int
    data: Any


class CompressedImageMessage(Protocol):
    """What is read of a sensor_msgs/CompressedImage; `data` has the buffer protocol."""

    format: str
    data: Any


# Encoding -> type of a value, values per pixel, and the OpenCV conversion to RGB (None: it is RGB already).
# 8UC3 and 8UC4 say nothing of colors; RViz takes them, as OpenCV does, for BGR.
_PACKED: dict[str, tuple[str, int, int | None]] = {
    "rgb8": ("u1", 3, None),
    "bgr8": ("u1", 3, cv2.COLOR_BGR2RGB),
    "rgba8": ("u1", 4, cv2.COLOR_RGBA2RGB),
    "bgra8": ("u1", 4, cv2.COLOR_BGRA2RGB),
    "mono8": ("u1", 1, cv2.COLOR_GRAY2RGB),
    "8UC1": ("u1", 1, cv2.COLOR_GRAY2RGB),
    "8UC3": ("u1", 3, cv2.COLOR_BGR2RGB),
    "8UC4": ("u1", 4, cv2.COLOR_BGRA2RGB),
    "rgb16": ("u2", 3, None),
    "bgr16": ("u2", 3, cv2.COLOR_BGR2RGB),
    "rgba16": ("u2", 4, cv2.COLOR_RGBA2RGB),
    "bgra16": ("u2", 4, cv2.COLOR_BGRA2RGB),
    "mono16": ("u2", 1, cv2.COLOR_GRAY2RGB),
    "bayer_rggb8": ("u1", 1, cv2.COLOR_BayerRGGB2RGB),
    "bayer_bggr8": ("u1", 1, cv2.COLOR_BayerBGGR2RGB),
    "bayer_gbrg8": ("u1", 1, cv2.COLOR_BayerGBRG2RGB),
    "bayer_grbg8": ("u1", 1, cv2.COLOR_BayerGRBG2RGB),
    "bayer_rggb16": ("u2", 1, cv2.COLOR_BayerRGGB2RGB),
    "bayer_bggr16": ("u2", 1, cv2.COLOR_BayerBGGR2RGB),
    "bayer_gbrg16": ("u2", 1, cv2.COLOR_BayerGBRG2RGB),
    "bayer_grbg16": ("u2", 1, cv2.COLOR_BayerGRBG2RGB),
    "uyvy": ("u1", 2, cv2.COLOR_YUV2RGB_UYVY),
    "yuv422": ("u1", 2, cv2.COLOR_YUV2RGB_UYVY),
    "yuyv": ("u1", 2, cv2.COLOR_YUV2RGB_YUY2),
    "yuv422_yuy2": ("u1", 2, cv2.COLOR_YUV2RGB_YUY2),
}
# A plane of brightness, then one of color: encoding -> rows of color per row of brightness, and the conversion.
_TWO_PLANES = {
    "nv12": (0.5, cv2.COLOR_YUV2RGB_NV12),
    "nv21": (0.5, cv2.COLOR_YUV2RGB_NV21),
    "nv24": (2.0, cv2.COLOR_YUV2RGB_NV12),
}
# Sides that a picture keeps when it shrinks while it is decoded, in sides of the network's input.
_ENOUGH = 2
# By how much a JPEG shrinks -> how OpenCV calls that.
_REDUCED = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8}
ENCODINGS = (*_PACKED, *_TWO_PLANES)
# In the format of a picture whose red and blue are swapped.
_COMPRESSED_RGB = "compressed rgb"


def decode_image(message: ImageMessage) -> NDArray[np.uint8]:
    """The image as (H, W, 3) uint8 RGB; of rgb8 a view into the message, else a new array.

    Padded rows are honoured, and so is the byte order of 16-bit encodings, of which the upper 8 bits are taken.

    Raises:
        InputError: an encoding that is not known, an empty image, or data that do not fit the header.
    """
    if message.encoding in _TWO_PLANES:
        return _decode_two_planes(message)
    if message.encoding not in _PACKED:
        raise InputError(f"image encoding {message.encoding!r} is not supported: publish one of {', '.join(ENCODINGS)}")
    dtype, channels, conversion = _PACKED[message.encoding]
    if conversion in (cv2.COLOR_YUV2RGB_UYVY, cv2.COLOR_YUV2RGB_YUY2):
        _check_even(message, message.width)
    pixels = pixel_view(message, dtype, channels)
    if dtype == "u2":
        pixels = (pixels >> 8).astype(np.uint8)
    return pixels if conversion is None else _convert(message, pixels, conversion)


def pixel_view(message: ImageMessage, dtype: str, channels: int) -> NDArray[Any]:
    """The values of an image as (H, W, channels), a view into the message.

    Args:
        dtype: NumPy's name of the type of a value, without a byte order, which the message has.

    Raises:
        InputError: an empty image, or data that do not fit the header.
    """
    value = np.dtype(dtype).newbyteorder(">" if message.is_bigendian else "<")
    pixel = channels * value.itemsize
    _check_layout(message, pixel, message.height * message.step)
    shape, strides = (message.height, message.width, channels), (message.step, pixel, value.itemsize)
    return np.ndarray(shape, value, memoryview(message.data), strides=strides)


def jpeg_reduction(message: CompressedImageMessage, network_size: Callable[[tuple[int, int]], tuple[int, int]]) -> int:
    """By how much a JPEG can shrink while it is decoded and have pixels enough for the network: 1, 2, 4 or 8.

    JPEG keeps blocks of 8x8 pixels as frequencies. Without the high ones a block is one of 4x4, 2x2 or 1x1, and of the
    work of decoding little more is left than reading the file.

    Args:
        network_size: gives for an image's (height, width) those of the network's input.
    """
    size = jpeg_size(message.data)
    if size is None or 0 in size or _mosaic(message.format) is not None:
        return 1
    (height, width), (min_height, min_width) = size, network_size(size)
    for reduction in sorted(_REDUCED, reverse=True):
        enough = min(height / min_height, width / min_width) >= _ENOUGH * reduction
        if enough and height % reduction == width % reduction == 0:
            return reduction
    return 1


def decode_compressed_image(message: CompressedImageMessage, reduction: int = 1) -> NDArray[np.uint8]:
    """A JPEG or PNG image (grey, with alpha, or of 16 bits, too) as (H, W, 3) uint8 RGB.

    What compressed_image_transport writes into `format` is honoured: "bayer_rggb8; png compressed " is a mosaic in a
    grey file, "rgb8; png compressed rgb8" a file in which red and blue are swapped.

    Args:
        reduction: 2, 4 or 8 for a JPEG of which every side is divided by that, see `jpeg_reduction`.

    Raises:
        InputError: another format, data that are truncated or damaged, or an image of absurd size.
    """
    data = np.frombuffer(message.data, np.uint8)
    what = f"compressed image (format {message.format!r}, {data.size} bytes)"
    check_picture(message.data, what)
    mosaic = _mosaic(message.format)
    flags = _REDUCED.get(reduction, cv2.IMREAD_COLOR) if mosaic is None else cv2.IMREAD_UNCHANGED
    try:
        # Rotated by no EXIF tag: pixels are where the camera has them.
        bgr = cv2.imdecode(data, flags | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error as error:
        raise InputError(f"{what} cannot be decoded: {error.err}") from error
    if bgr is None:
        raise InputError(f"{what} cannot be decoded: it is damaged")
    if mosaic is not None:
        return _demosaiced(bgr, mosaic, what)
    if _COMPRESSED_RGB in message.format.partition(";")[2]:
        return np.asarray(bgr, np.uint8)
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB, dst=bgr), np.uint8)


def _mosaic(image_format: str) -> str | None:
    """The pattern of a Bayer mosaic in a file with this `format`; None where the file is a picture as any other."""
    encoding, _, rest = (part.strip() for part in image_format.partition(";"))
    # Of "compressed mono8" the publisher has made grey of it.
    return encoding if encoding.startswith("bayer_") and encoding in _PACKED and "compressed mono" not in rest else None


def _demosaiced(pixels: NDArray[Any], pattern: str, what: str) -> NDArray[np.uint8]:
    if pixels.ndim == 3:  # In color already.
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB if pixels.shape[2] == 3 else cv2.COLOR_BGRA2RGB))
    conversion = _PACKED[pattern][2]
    assert conversion is not None
    grey = (pixels >> 8).astype(np.uint8) if pixels.dtype == np.uint16 else pixels
    try:
        return np.asarray(cv2.cvtColor(grey, conversion), np.uint8)
    except cv2.error as error:
        raise InputError(f"{what} cannot be converted: {error.err}") from error


def _decode_two_planes(message: ImageMessage) -> NDArray[np.uint8]:
    ratio, conversion = _TWO_PLANES[message.encoding]
    height, width, step = message.height, message.width, message.step
    _check_even(message, width)
    _check_even(message, height)
    brightness_size = height * step
    _check_layout(message, 1, brightness_size + round(brightness_size * ratio))
    data = np.frombuffer(message.data, np.uint8)
    planes = np.empty((height * 3 // 2, width), np.uint8)
    planes[:height] = data[:brightness_size].reshape(height, step)[:, :width]
    color = data[brightness_size:]
    if message.encoding == "nv24":  # A pair of colors for every pixel: every second in x and y will do.
        pairs = color.reshape(height, 2 * step)[::2, : 2 * width].reshape(height // 2, width, 2)
        planes[height:] = pairs[:, ::2].reshape(height // 2, width)
    else:
        planes[height:] = color.reshape(height // 2, step)[:, :width]
    return _convert(message, planes, conversion)


def _check_layout(message: ImageMessage, pixel: int, size: int) -> None:
    width, height, step = message.width, message.height, message.step
    if height == 0 or width == 0:
        raise InputError(f"image of {width} x {height} pixels is empty")
    if step < width * pixel:
        raise InputError(f"image step {step} is too small: {width} {message.encoding} pixels take {width * pixel}")
    if len(message.data) != size:
        raise InputError(
            f"image data has {len(message.data)} bytes: {height} rows of {message.encoding} with step {step} "
            f"take {size}"
        )


def _check_even(message: ImageMessage, side: int) -> None:
    if side % 2:
        raise InputError(
            f"image of {message.width} x {message.height} pixels cannot be {message.encoding}: "
            "its pixels share colors in pairs, so its sides are even"
        )


def _convert(message: ImageMessage, pixels: NDArray[np.uint8], conversion: int) -> NDArray[np.uint8]:
    try:
        return np.asarray(cv2.cvtColor(pixels, conversion), np.uint8)
    except cv2.error as error:  # Too large for OpenCV, or too small for a pattern of colors.
        raise InputError(
            f"image of {message.width} x {message.height} {message.encoding} pixels cannot be converted: {error.err}"
        ) from error
