"""Image messages and arrays."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from hotspot_core.errors import InputError
from hotspot_ros.images import decode_compressed_image, decode_heatmap, decode_image, encode_image

RGB = np.random.default_rng(0).integers(0, 256, (6, 5, 3), dtype=np.uint8)
ALPHA = np.full((6, 5, 1), 7, np.uint8)


@pytest.mark.parametrize("padding", [0, 1, 7])
@pytest.mark.parametrize("big_endian", [0, 1])
@pytest.mark.parametrize(
    ("encoding", "pixels"),
    [
        ("rgb8", RGB),
        ("bgr8", RGB[..., ::-1]),
        ("rgba8", np.concatenate([RGB, ALPHA], axis=2)),
        ("bgra8", np.concatenate([RGB[..., ::-1], ALPHA], axis=2)),
        ("mono8", RGB[..., :1]),
    ],
)
def test_every_encoding_padded_and_of_either_byte_order(
    encoding: str, pixels: np.ndarray, big_endian: int, padding: int
) -> None:
    """The same pixels come out as RGB, whatever the padding of rows and the byte order flag."""
    rows = np.pad(pixels.reshape(6, -1), ((0, 0), (0, padding)), constant_values=99)
    message = Image(encoding=encoding, height=6, width=5, step=rows.shape[1], is_bigendian=big_endian)
    message.data = rows.tobytes()
    expected = np.repeat(RGB[..., :1], 3, axis=2) if encoding == "mono8" else RGB
    np.testing.assert_array_equal(decode_image(message), expected)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"encoding": "yuv999"}, "encoding 'yuv999' is not supported"),
        ({"encoding": ""}, "encoding '' is not supported"),
        ({"height": 0}, "empty"),
        ({"width": 0}, "empty"),
        ({"step": 14}, "step 14 is too small: 5 rgb8 pixels take 15"),
        ({"step": 2**31}, "data has 90 bytes"),
        ({"width": 2**31}, "is too small"),
        ({"height": 7}, "90 bytes: 7 rows of rgb8 with step 15 take 105"),
        ({"height": 2**31}, "data has 90 bytes"),
        ({"data": b""}, "data has 0 bytes"),
        ({"data": bytes(91)}, "data has 91 bytes"),
    ],
)
def test_malformed_images_are_named(change: dict[str, Any], reason: str) -> None:
    """Each kind of damage is refused before any memory is touched, with what is wrong."""
    message = encode_image(RGB, Header())
    for field, value in change.items():
        setattr(message, field, value)
    with pytest.raises(InputError, match=reason):
        decode_image(message)


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_compressed_images(suffix: str) -> None:
    """PNG comes back exactly, JPEG closely; rubbish, truncation and nothing are refused."""
    smooth = cv2.GaussianBlur(cv2.resize(RGB, (64, 48)), (9, 9), 0)
    data = cv2.imencode(suffix, cv2.cvtColor(smooth, cv2.COLOR_RGB2BGR))[1].tobytes()
    decoded = decode_compressed_image(CompressedImage(format=suffix[1:], data=data))
    np.testing.assert_allclose(decoded, smooth, atol=0 if suffix == ".png" else 20)
    for damaged in (b"", b"rubbish", data[:20], data[: len(data) // 2], data[:-20]):
        with pytest.raises(InputError, match=r"cannot be decoded|is truncated"):
            decode_compressed_image(CompressedImage(format=suffix[1:], data=damaged))


def test_heatmaps_survive_the_message() -> None:
    """A float map that is not contiguous in memory comes back exactly, as 32FC1."""
    heatmap = np.random.default_rng(1).random((8, 12)).astype(np.float32)[:, ::2]
    message = encode_image(heatmap, Header(frame_id="camera"))
    assert (message.encoding, message.height, message.width, message.step) == ("32FC1", 8, 6, 24)
    np.testing.assert_array_equal(decode_heatmap(message), heatmap)
