"""Pictures and videos that are written can be read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hotspot_core import InputError
from hotspot_core.media.images import read_depth, read_image
from hotspot_core.media.video import read_frames
from hotspot_core.media.writers import VideoFile, encode_picture, write_picture, write_video


def gradient(height: int, width: int) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width]
    return np.stack([rows * 255 // height, columns * 255 // width, 0 * rows], 2).astype(np.uint8)


def test_pictures_come_back(tmp_path: Path) -> None:
    """1. PNG, colors and gray, exactly; JPEG nearly, and larger in a better quality. 2. An unknown format and a size
    that the format does not take are named."""
    picture = gradient(48, 64)
    write_picture(tmp_path / "a.png", picture)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), picture)
    write_picture(tmp_path / "gray.png", picture[..., 0])
    np.testing.assert_array_equal(read_image(tmp_path / "gray.png"), np.stack([picture[..., 0]] * 3, 2))
    write_picture(tmp_path / "a.jpg", picture)
    assert np.abs(read_image(tmp_path / "a.jpg").astype(int) - picture).mean() < 3
    assert len(encode_picture(picture, ".jpg", 95)) > len(encode_picture(picture, ".jpg", 40))
    for name, shape in (("a.xyz", (4, 4, 3)), ("wide.jpg", (2, 70000, 3))):
        with pytest.raises(InputError, match=f"{name}: OpenCV encodes no"):
            write_picture(tmp_path / name, np.zeros(shape, np.uint8))


def test_png_gets_no_option_of_jpeg(capfd: pytest.CaptureFixture[str]) -> None:
    """OpenCV, which would warn of it, is silent; JPEG has its quality by each of its suffixes."""
    picture = gradient(48, 64)
    encode_picture(picture, ".png", 40)
    for suffix in (".jpg", ".jpeg", ".JPG"):
        assert len(encode_picture(picture, suffix, 95)) > len(encode_picture(picture, suffix, 40))
    assert capfd.readouterr().err == ""


def test_depth_comes_back_in_silence(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """16 bits as PNG, exactly; OpenCV has nothing to complain about."""
    depth = np.arange(48 * 64, dtype=np.uint16).reshape(48, 64) * 20
    write_picture(tmp_path / "depth.png", depth)
    np.testing.assert_array_equal(read_depth(tmp_path / "depth.png"), depth)
    assert not capfd.readouterr().err


def test_a_whole_video_has_the_same_bytes_every_time(tmp_path: Path) -> None:
    """The same frames give the same file, without a rest beside it; a better quality gives a larger one."""
    frames = [np.roll(gradient(48, 64), 5 * k, 1) for k in range(12)]
    for name, quality in (("a.mp4", 24), ("b.mp4", 24), ("better.mp4", 8)):
        write_video(tmp_path / name, frames, 8, quality)
    first, second, better = (tmp_path / name for name in ("a.mp4", "b.mp4", "better.mp4"))
    assert first.read_bytes() == second.read_bytes()
    assert better.stat().st_size > first.stat().st_size
    assert len(list(tmp_path.iterdir())) == 3


def test_a_video_grows_frame_by_frame(tmp_path: Path) -> None:
    """1. Five frames of odd height; the video lacks the last row. 2. It is whole where an error ends the writing. 3.
    Without a frame there is no file."""
    frames = [np.full((47, 64, 3), 40 * k, np.uint8) for k in range(5)]

    def interrupted() -> None:
        with VideoFile(tmp_path / "clip.mp4", 10) as video:
            for frame in frames:
                video.add(frame)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    read = read_frames(tmp_path / "clip.mp4", fps=10)
    assert [frame.shape for frame in read] == [(46, 64, 3)] * 5
    assert [abs(int(frame.mean()) - 40 * k) <= 3 for k, frame in enumerate(read)] == [True] * 5
    with VideoFile(tmp_path / "none.mp4", 10):
        pass
    assert not (tmp_path / "none.mp4").exists()
