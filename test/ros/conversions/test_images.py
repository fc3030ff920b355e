"""Image messages and arrays."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from hotspot_core.errors import InputError
from hotspot_ros.conversions.images import (
    ENCODINGS,
    decode_compressed_image,
    decode_heatmap,
    decode_image,
    encode_image,
    jpeg_reduction,
)

RGB = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
ALPHA = np.full((6, 8, 1), 7, np.uint8)
BGR = RGB[..., ::-1]
GREY = RGB[..., :1]


def message_of(encoding: str, pixels: np.ndarray, padding: int = 0, big_endian: bool = False) -> Image:
    """A message of (6, 8, channels) values."""
    ordered = pixels.astype(pixels.dtype.newbyteorder(">" if big_endian else "<"))
    rows = np.pad(ordered.view(np.uint8).reshape(6, -1), ((0, 0), (0, padding)), constant_values=99)
    message = Image(encoding=encoding, height=6, width=8, step=rows.shape[1], is_bigendian=int(big_endian))
    message.data.frombytes(rows.tobytes())
    return message


def deep(pixels: np.ndarray) -> np.ndarray:
    """16-bit values whose upper bytes are the pixels and whose lower bytes are something else."""
    return pixels.astype(np.uint16) * 256 + (255 - pixels)


@pytest.mark.parametrize("padding", [0, 1, 7])
@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize(
    ("encoding", "pixels"),
    [
        ("rgb8", RGB),
        ("bgr8", BGR),
        ("rgba8", np.concatenate([RGB, ALPHA], axis=2)),
        ("bgra8", np.concatenate([BGR, ALPHA], axis=2)),
        ("mono8", GREY),
        ("8UC1", GREY),
        ("8UC3", BGR),
        ("8UC4", np.concatenate([BGR, ALPHA], axis=2)),
        ("mono16", deep(GREY)),
        ("rgb16", deep(RGB)),
        ("bgr16", deep(BGR)),
        ("rgba16", deep(np.concatenate([RGB, ALPHA], axis=2))),
        ("bgra16", deep(np.concatenate([BGR, ALPHA], axis=2))),
    ],
)
def test_every_encoding_padded_and_of_either_byte_order(
    encoding: str, pixels: np.ndarray, big_endian: bool, padding: int
) -> None:
    """The same pixels come out as RGB, whatever the padding of rows and the byte order."""
    expected = np.repeat(GREY, 3, axis=2) if pixels.shape[2] == 1 else RGB
    np.testing.assert_array_equal(decode_image(message_of(encoding, pixels, padding, big_endian)), expected)


def test_rgb8_is_not_copied() -> None:
    """The array of an rgb8 image is the message's own memory."""
    message = message_of("rgb8", RGB, padding=3)
    pixels = decode_image(message)
    message.data[0] = 255 - message.data[0]
    assert pixels[0, 0, 0] == message.data[0]


# (R, G, B) and its (Y, Cb, Cr), as ITU-R BT.601 has them for video.
COLOURS = [((255, 255, 255), (235, 128, 128)), ((255, 0, 0), (81, 90, 240)), ((0, 0, 255), (41, 240, 110))]


@pytest.mark.parametrize("padding", [0, 4])
@pytest.mark.parametrize(("rgb", "ycc"), COLOURS)
@pytest.mark.parametrize("encoding", ["yuv422", "uyvy", "yuv422_yuy2", "yuyv", "nv12", "nv21", "nv24"])
def test_video_encodings(encoding: str, rgb: tuple[int, ...], ycc: tuple[int, ...], padding: int) -> None:
    """1. An image that is one colour on the left, black on the right, in each layout of brightness and colour.
    2. It comes out as RGB, the border where it was."""
    y, cb, cr = (np.full((6, 8), 16 if k == 0 else 128, np.uint8) for k in range(3))
    for plane, value in zip((y, cb, cr), ycc, strict=True):
        plane[:, :4] = value
    colors = np.where(np.arange(8) % 2 == 0, cb, cr)
    if encoding in ("yuv422", "uyvy", "yuv422_yuy2", "yuyv"):
        pair = (colors, y) if encoding in ("yuv422", "uyvy") else (y, colors)
        rows = np.stack(pair, axis=2).reshape(6, 16)
        data = np.pad(rows, ((0, 0), (0, padding)))
        step = 16 + padding
    else:
        first, second = (cr, cb) if encoding == "nv21" else (cb, cr)
        pairs = np.stack([first, second], axis=2)
        chroma = pairs.reshape(6, 16) if encoding == "nv24" else pairs[::2, ::2].reshape(3, 8)
        padded = padding * (2 if encoding == "nv24" else 1)
        planes = np.pad(y, ((0, 0), (0, padding))), np.pad(chroma, ((0, 0), (0, padded)))
        data = np.concatenate([plane.ravel() for plane in planes])
        step = 8 + padding
    message = Image(encoding=encoding, height=6, width=8, step=step)
    message.data.frombytes(data.tobytes())
    expected = np.zeros((6, 8, 3), np.uint8)
    expected[:, :4] = rgb
    np.testing.assert_allclose(decode_image(message).astype(int), expected, atol=3)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize("pattern", ["rggb", "bggr", "gbrg", "grbg"])
def test_bayer_patterns(pattern: str, big_endian: bool, depth: int) -> None:
    """A mosaic of one colour, in each pattern, comes out as that colour."""
    color = {"r": 200, "g": 120, "b": 40}
    tile = np.array([color[letter] for letter in pattern], np.uint8).reshape(2, 2)
    mosaic = np.tile(tile, (3, 4))[..., None]
    message = message_of(f"bayer_{pattern}{depth}", deep(mosaic) if depth == 16 else mosaic, 2, big_endian)
    np.testing.assert_array_equal(decode_image(message), np.broadcast_to(np.array([200, 120, 40], np.uint8), (6, 8, 3)))


@pytest.mark.parametrize(
    "message",
    [
        Image(encoding="yuv422", height=2, width=3, step=6, data=bytes(12)),
        Image(encoding="nv12", height=3, width=2, step=2, data=bytes(9)),
        Image(encoding="nv21", height=2, width=3, step=3, data=bytes(9)),
    ],
)
def test_odd_sides_do_not_fit_shared_colors(message: Image) -> None:
    """Encodings that share colours between pixels refuse a side that is odd."""
    with pytest.raises(InputError, match="its sides are even"):
        decode_image(message)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"encoding": "yuv999"}, "encoding 'yuv999' is not supported"),
        ({"encoding": ""}, "encoding '' is not supported"),
        ({"height": 0}, "empty"),
        ({"width": 0}, "empty"),
        ({"step": 23}, "step 23 is too small: 8 rgb8 pixels take 24"),
        ({"step": 2**31}, "data has 144 bytes"),
        ({"width": 2**31}, "is too small"),
        ({"height": 7}, "144 bytes: 7 rows of rgb8 with step 24 take 168"),
        ({"height": 2**31}, "data has 144 bytes"),
        ({"data": b""}, "data has 0 bytes"),
        ({"data": bytes(145)}, "data has 145 bytes"),
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
    """PNG comes back exactly, JPEG closely; rubbish, other formats, truncation and nothing are refused."""
    smooth = cv2.GaussianBlur(cv2.resize(RGB, (64, 48)), (9, 9), 0)
    data = cv2.imencode(suffix, cv2.cvtColor(smooth, cv2.COLOR_RGB2BGR))[1].tobytes()
    decoded = decode_compressed_image(CompressedImage(format=suffix[1:], data=data))
    np.testing.assert_allclose(decoded, smooth, atol=0 if suffix == ".png" else 20)
    bitmap = cv2.imencode(".bmp", smooth)[1].tobytes()
    for damaged in (b"", b"rubbish", bitmap, data[:2], data[:20], data[: len(data) // 2], data[:-20]):
        with pytest.raises(InputError, match=r"cannot be decoded|is truncated"):
            decode_compressed_image(CompressedImage(format=suffix[1:], data=damaged))


@pytest.mark.parametrize("size", [(480, 640), (720, 1280), (1080, 1920), (2160, 3840), (50, 70), (721, 1280)])
def test_large_jpegs_shrink_while_they_are_decoded(size: tuple[int, int]) -> None:
    """1. A JPEG of smooth noise shrinks as far as a network's input of 168x296 allows, where its sides can be divided.
    2. What comes out is what the whole picture becomes when blocks of its pixels are averaged."""
    noise = np.random.default_rng(0).integers(0, 256, (size[0] // 8, size[1] // 8, 3), dtype=np.uint8)
    picture = cv2.resize(noise, size[::-1], interpolation=cv2.INTER_CUBIC)
    message = CompressedImage(format="jpeg", data=cv2.imencode(".jpg", picture)[1].tobytes())
    reduction = jpeg_reduction(message, lambda _: (168, 296))
    assert reduction == {720: 2, 1080: 2, 2160: 4}.get(size[0], 1)
    small = decode_compressed_image(message, reduction)
    whole = decode_compressed_image(message)
    expected = cv2.resize(whole, (size[1] // reduction, size[0] // reduction), interpolation=cv2.INTER_AREA)
    assert small.shape == expected.shape
    assert np.abs(small.astype(int) - expected).mean() < 3


def test_nothing_but_a_jpeg_shrinks() -> None:
    """PNG has no blocks, and what is no picture is left to the decoder's error."""
    png = cv2.imencode(".png", np.zeros((480, 640, 3), np.uint8))[1].tobytes()
    for data in (png, b"", b"\xff\xd8", b"\xff\xd8\xff\xc0"):
        assert jpeg_reduction(CompressedImage(data=data), lambda _: (8, 8)) == 1


@pytest.mark.parametrize(
    ("suffix", "pixels", "expected"),
    [
        (".png", deep(BGR), RGB),
        (".png", deep(GREY), np.repeat(GREY, 3, axis=2)),
        (".png", np.concatenate([BGR, ALPHA], axis=2), RGB),
        (".png", deep(np.concatenate([BGR, ALPHA], axis=2)), RGB),
        (".png", GREY, np.repeat(GREY, 3, axis=2)),
        (".jpg", np.full((6, 8), 90, np.uint8), np.full((6, 8, 3), 90, np.uint8)),
    ],
    ids=["16 bits", "grey, 16 bits", "alpha", "alpha, 16 bits", "gray", "grey JPEG"],
)
def test_kinds_of_compressed_images(suffix: str, pixels: np.ndarray, expected: np.ndarray) -> None:
    """Grey, alpha and 16 bits become 8-bit RGB; of 16 bits the upper 8 are taken, as in raw images."""
    data = cv2.imencode(suffix, pixels)[1].tobytes()
    np.testing.assert_array_equal(decode_compressed_image(CompressedImage(format="x", data=data)), expected)


@pytest.mark.parametrize("zeros", [1, 64, 5000])
@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_zeros_after_a_picture_are_padding(suffix: str, zeros: int) -> None:
    """A whole picture that a camera padded is decoded; one without its end is refused, padded or not."""
    data = cv2.imencode(suffix, np.full((6, 8), 90, np.uint8))[1].tobytes()
    decoded = decode_compressed_image(CompressedImage(format="x", data=data + bytes(zeros)))
    np.testing.assert_array_equal(decoded, np.full((6, 8, 3), 90, np.uint8))
    with pytest.raises(InputError, match="is truncated"):
        decode_compressed_image(CompressedImage(format="x", data=data[:-16] + bytes(zeros)))


def test_pictures_that_claim_absurd_sizes_are_refused() -> None:
    """A header that claims gigapixels is refused before memory is taken for them."""
    png = bytearray(cv2.imencode(".png", RGB)[1].tobytes())
    png[16:24] = b"\0\1\0\0" * 2
    jpeg = bytearray(cv2.imencode(".jpg", RGB)[1].tobytes())
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = b"\xff" * 4
    for data in (png, jpeg):
        with pytest.raises(InputError, match=r"claims 65\d+ x 65\d+ pixels"):
            decode_compressed_image(CompressedImage(format="x", data=bytes(data)))


def random_message(rng: np.random.Generator) -> Image:
    """A whole image with random damage to one to three of its fields."""
    encoding = str(rng.choice(ENCODINGS))
    height, width = (2 * int(rng.integers(1, 6)) for _ in range(2))
    step = width * int(rng.integers(1, 9)) + int(rng.integers(3))
    message = Image(encoding=encoding, height=height, width=width, step=step, is_bigendian=int(rng.integers(2)))
    message.data.frombytes(rng.bytes(int(height * step * rng.choice([1, 1, 1.5, 3]))))
    for name in rng.choice(["height", "width", "step", "data", "encoding", "none"], int(rng.integers(1, 4))):
        if name == "data":
            message.data = message.data[: int(rng.integers(len(message.data) + 1))]
        elif name == "encoding":
            message.encoding = str(rng.choice([*ENCODINGS, "", "32FC1", "RGB8", "rgb8 ", "jpeg"]))
        elif name != "none":
            setattr(message, name, int(rng.choice([0, 1, 3, int(rng.integers(20)), 2**16, 2**31, 2**32 - 1])))
    return message


def test_random_damage_is_refused_or_gives_an_image() -> None:
    """Of 5,000 random images each is either refused with InputError or gives RGB of its size; both occur."""
    rng = np.random.default_rng(7)
    decoded = 0
    for _ in range(5000):
        message = random_message(rng)
        try:
            image = decode_image(message)
        except InputError:
            continue
        assert (image.shape, image.dtype.name) == ((message.height, message.width, 3), "uint8")
        image.sum()
        decoded += 1
    assert 200 < decoded < 4800


def test_random_damage_of_pictures_is_refused_or_gives_an_image() -> None:
    """The same with 800 compressed pictures, of which bytes are changed, cut out or put in."""
    rng = np.random.default_rng(8)
    pictures = [cv2.imencode(suffix, cv2.resize(RGB, (32, 24)))[1].tobytes() for suffix in (".png", ".jpg")]
    decoded = 0
    for index in range(800):
        data = bytearray(pictures[index % 2])
        for _ in range(int(rng.integers(4))):
            place, length = (int(rng.integers(len(data))) for _ in range(2))
            change = rng.choice(["alter", "cut", "insert"])
            replaced = 1 if change == "alter" else length % 9 if change == "cut" else 0
            data[place : place + replaced] = (
                b"" if change == "cut" else rng.bytes(1 if change == "alter" else length % 9)
            )
        try:
            image = decode_compressed_image(CompressedImage(format="x", data=bytes(data)))
        except InputError:
            continue
        assert (image.ndim, image.shape[2], image.dtype.name) == (3, 3, "uint8")
        decoded += 1
    assert 80 < decoded < 760


def test_heatmaps_survive_the_message() -> None:
    """A float map that is not contiguous in memory comes back exactly, as 32FC1."""
    heatmap = np.random.default_rng(1).random((8, 12)).astype(np.float32)[:, ::2]
    message = encode_image(heatmap, Header(frame_id="camera"))
    assert (message.encoding, message.height, message.width, message.step) == ("32FC1", 8, 6, 24)
    np.testing.assert_array_equal(decode_heatmap(message), heatmap)


def bayer_mosaic(rgb: np.ndarray, pattern: str) -> np.ndarray:
    """(H, W) the one value of each pixel that a sensor with this pattern has."""
    mosaic = np.empty(rgb.shape[:2], rgb.dtype)
    for place, color in enumerate(pattern):
        row, column = divmod(place, 2)
        mosaic[row::2, column::2] = rgb[row::2, column::2, "rgb".index(color)]
    return mosaic


COLORS = np.zeros((64, 64, 3), np.uint8) + np.array([200, 120, 40], np.uint8)


@pytest.mark.parametrize("pattern", ["rggb", "bggr", "gbrg", "grbg"])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("rest", ["; png compressed ", "; png compressed", "; png compressed bayer_x", ""])
def test_a_compressed_mosaic_gets_its_colors(pattern: str, bits: int, rest: str) -> None:
    """As compressed_image_transport sends a Bayer camera's images: a grey picture with the pattern in its format."""
    mosaic = bayer_mosaic(COLORS.astype(np.uint16) * (257 if bits == 16 else 1), pattern)
    data = cv2.imencode(".png", mosaic if bits == 16 else mosaic.astype(np.uint8))[1].tobytes()
    message = CompressedImage(format=f"bayer_{pattern}{bits}{rest}", data=data)
    found = decode_compressed_image(message)
    np.testing.assert_allclose(found[4:-4, 4:-4], COLORS[4:-4, 4:-4], atol=1)


def test_a_mosaic_in_a_jpeg_is_never_reduced() -> None:
    """Its pixels of one color would be mixed with others: it is decoded whole, and has its colors."""
    large = np.tile(COLORS, (16, 16, 1))
    data = cv2.imencode(".jpg", bayer_mosaic(large, "rggb"), [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()
    message = CompressedImage(format="bayer_rggb8; jpeg compressed ", data=data)
    assert jpeg_reduction(message, lambda _: (224, 224)) == 1
    found = decode_compressed_image(message)
    assert np.abs(found[16:-16, 16:-16].astype(int).mean(axis=(0, 1)) - COLORS[0, 0]).max() < 3


@pytest.mark.parametrize("name", ["bayer_rggb8; jpeg compressed mono8", "bayer_rggb8; jpeg compressed bgr8"])
def test_a_mosaic_that_the_publisher_has_converted_is_a_picture(name: str) -> None:
    """Grey or in color: neither is taken for a mosaic."""
    grey = "mono8" in name
    pixels = COLORS[..., 0] if grey else COLORS[..., ::-1]
    data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()
    expected = np.repeat(COLORS[..., :1], 3, axis=2) if grey else COLORS
    found = decode_compressed_image(CompressedImage(format=name, data=data))
    assert np.abs(found.astype(int) - expected).max() < 4


@pytest.mark.parametrize(
    ("name", "swapped"),
    [
        ("rgb8; png compressed bgr8", False),
        ("bgr8; png compressed bgr8", False),
        ("rgb8; png compressed rgb8", True),
        ("bgr8; png compressed rgb8", True),
        ("rgb16; png compressed rgb16", True),
        ("png", False),
        ("rgb8; png", False),
        ("", False),
    ],
)
def test_swapped_colors_are_swapped_back(name: str, swapped: bool) -> None:
    """A publisher that gives OpenCV rgb8 as it is writes a file with red and blue swapped, and says so."""
    data = cv2.imencode(".png", RGB if swapped else BGR)[1].tobytes()
    np.testing.assert_array_equal(decode_compressed_image(CompressedImage(format=name, data=data)), RGB)


PREVIEW = b"\xff\xe1\x00\x0aExif\x00\xff\xd9\x00"


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
@pytest.mark.parametrize(
    "tail",
    [b"\xff" * 100, b"padding" * 3000, b"\x00" * 5000 + b"\xff\xd8\xff\xe0 vendor" + b"x" * 80, b"\x00" * 10],
    ids=["0xFF", "text", "vendor block", "zeros"],
)
@pytest.mark.parametrize("preview", [b"", PREVIEW], ids=["plain", "preview"])
def test_what_comes_behind_a_whole_picture_does_not_matter(suffix: str, tail: bytes, preview: bytes) -> None:
    """1. A picture with padding, text or a vendor's block behind its end is decoded. 2. The same cut short in the
    middle is refused, though what follows, or a preview within it, has an end of its own."""
    data = cv2.imencode(suffix, np.repeat(np.repeat(BGR, 20, axis=0), 20, axis=1))[1].tobytes()
    if suffix == ".jpg":
        data = data[:2] + preview + data[2:]
    whole = decode_compressed_image(CompressedImage(format="x", data=data))
    np.testing.assert_array_equal(decode_compressed_image(CompressedImage(format="x", data=data + tail)), whole)
    with pytest.raises(InputError, match="truncated"):
        decode_compressed_image(CompressedImage(format="x", data=data[: len(data) // 2] + tail))
