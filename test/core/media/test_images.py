"""Image files, real ones."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from media.recordings import write_image

from hotspot_core import InputError
from hotspot_core.media.images import broken_images, images_in, read_image, read_map
from hotspot_core.media.writers import write_picture


def test_pixels_are_rgb(tmp_path: Path) -> None:
    """RGB, not BGR; a missing file and one that is no image are named."""
    picture = np.zeros((4, 6, 3), np.uint8)
    picture[..., 0] = 200
    np.testing.assert_array_equal(read_image(write_image(tmp_path / "red.png", picture)), picture)
    (tmp_path / "text.png").write_text("text")
    with pytest.raises(InputError, match=r"text\.png: no image"):
        read_image(tmp_path / "text.png")
    with pytest.raises(InputError, match=r"missing\.png: No such file"):
        read_image(tmp_path / "missing.png")


def test_half_size_and_maps(tmp_path: Path) -> None:
    """1. An image is read at half its size, as RGB. 2. A map is from 0 to 1, with 8 bits and with 16. 3. What is
    missing or no image is named by both."""
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[..., 0] = 200
    half = read_image(write_image(tmp_path / "red.png", picture), halved=True)
    np.testing.assert_array_equal(half, picture[::2, ::2])
    levels = np.array([[0, 51], [102, 255]], np.uint8)
    write_picture(tmp_path / "8.png", levels)
    write_picture(tmp_path / "16.png", levels * np.uint16(257))
    for name in ("8.png", "16.png"):
        np.testing.assert_allclose(read_map(tmp_path / name), [[0, 0.2], [0.4, 1]])
    (tmp_path / "text.png").write_text("text")
    with pytest.raises(InputError, match=r"text\.png: no image"):
        read_map(tmp_path / "text.png")
    with pytest.raises(InputError, match=r"missing\.png: No such file"):
        read_map(tmp_path / "missing.png")


def test_a_header_that_claims_too_much_is_named(tmp_path: Path) -> None:
    """A PNG of 60000 x 60000 pixels, by its header, is an error of that file like any other."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    (tmp_path / "huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk)
    with pytest.raises(InputError, match=r"huge\.png: no image that OpenCV can read"):
        read_image(tmp_path / "huge.png")


def test_broken_images_are_found(tmp_path: Path) -> None:
    """Of four paths, one twice: one is missing, one is half a PNG; both come with the reason, the good one does not."""
    good = write_image(tmp_path / "good.png", np.zeros((40, 60, 3), np.uint8))
    (tmp_path / "half.png").write_bytes(good.read_bytes()[:20])
    paths = [good, tmp_path / "half.png", tmp_path / "missing.png", good]
    broken = broken_images(paths, workers=2)
    assert list(broken) == paths[1:3]
    assert "no image" in broken[paths[1]]
    assert "No such file" in broken[paths[2]]


def test_a_folder_s_images(tmp_path: Path) -> None:
    """By their suffix in any case, in order; those of subfolders only where they are asked for."""
    for name in ("b.PNG", "a.jpg", "below/c.webp", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [path.name for path in images_in(tmp_path)] == ["a.jpg", "b.PNG"]
    assert [path.name for path in images_in(tmp_path, below=True)] == ["a.jpg", "b.PNG", "c.webp"]
    assert images_in(tmp_path / "missing") == []
