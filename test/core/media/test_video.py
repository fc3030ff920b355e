"""Frames at a set rate from real files: the right ones, and one clear line where there are none."""

from __future__ import annotations

import struct
import wave
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest
from media.recordings import indices, numbered_frames, write_image, write_video

from hotspot_core import InputError
from hotspot_core.media.video import check_ends, frame_count, probe, read_frames


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """45 numbered frames at 30 per second: 1.5 s."""
    return write_video(tmp_path_factory.mktemp("video") / "numbered.mp4", numbered_frames(45))


def test_length_and_rate(video: Path) -> None:
    """What the file says."""
    info = probe(video)
    assert info.duration == pytest.approx(1.5)
    assert info.frame_rate == 30


@pytest.mark.parametrize(
    ("start", "stop", "fps", "count", "expected"),
    [
        (0, None, 5, None, [0, 6, 12, 18, 24, 30, 36, 42]),
        (0, None, 5, 3, [0, 6, 12]),
        (0.5, None, 5, None, [15, 21, 27, 33, 39]),
        (0.5, 1.1, 5, None, [15, 21, 27]),
        (0.5, 1.1, 5, 8, [15, 21, 27]),
        (1.0, 1.01, 5, 8, [30]),
        (0.21, 0.42, 10, None, [6, 9, 12]),
        (0.1, 0.2, 60, None, [3, 3, 4, 4, 5, 5]),
        (1.4, None, 30, None, [42, 43, 44]),
        (1.4, 9.0, 5, 8, [42]),
    ],
)
def test_the_frames_shown_at_those_times(
    video: Path, start: float, stop: float | None, fps: float, count: int | None, expected: list[int]
) -> None:
    """From `start` on, before `stop`, at most `count`; repeated where the video is slower, fewer where it ends."""
    frames = read_frames(video, start, stop, fps, count)
    assert indices(frames) == expected
    assert all(frame.shape == (48, 64, 3) and frame.dtype == np.uint8 for frame in frames)


def test_equals_decoding_everything(tmp_path: Path) -> None:
    """Seeking, and leaving out frames that no other needs, changes no pixel: moving noise, B-frames, several key
    frames, many starts and rates."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 255, (40, 150, 3), dtype=np.uint8)
    moving = np.stack([noise[:, k : k + 64] for k in range(60)])
    path = write_video(tmp_path / "moving.mp4", moving, 25)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.has_b_frames
        everything = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
    for start in (0.0, 0.13, 1.0, 2.2):
        for fps in (3.0, 5.0, 12.5, 25.0, 31.0):
            frames = read_frames(path, start, None, fps)
            assert len(frames) == frame_count(start, 60 / 25, fps)
            for k, frame in enumerate(frames):
                np.testing.assert_array_equal(frame, everything[int((start + k / fps) * 25 + 0.025)])


def test_a_folder_of_frames(tmp_path: Path) -> None:
    """Numbered images from any number on, at their own rate; one that is missing is named."""
    for index, image in enumerate(numbered_frames(20)):
        write_image(tmp_path / f"frame_{index + 7:04d}.png", image)
    (tmp_path / "notes.txt").write_text("no frame")
    assert indices(read_frames(tmp_path, 0.5, None, 5, frame_rate=10)) == [5, 7, 9, 11, 13, 15, 17, 19]
    assert indices(read_frames(tmp_path, 0.5, 1.0, 5, 2, frame_rate=10)) == [5, 7]
    assert indices(read_frames(tmp_path, 0.4, None, 5, 3)) == [2, 3, 4]
    assert probe(tmp_path, 10).duration == 2
    with pytest.raises(InputError, match="no frame from 3 s on"):
        read_frames(tmp_path, 3, frame_rate=10)
    with pytest.raises(InputError, match="give their frame rate"):
        probe(tmp_path)
    (tmp_path / "frame_0013.png").unlink()
    with pytest.raises(InputError, match=r"frame_0013.png: the frame is missing"):
        read_frames(tmp_path, 0.5, None, 10, 2, frame_rate=10)


def test_larger_frames_are_reduced(video: Path) -> None:
    """To the shorter side that was asked for, keeping the shape; smaller ones stay."""
    assert read_frames(video, count=1, shorter_side=12)[0].shape == (12, 16, 3)
    assert read_frames(video, count=1, shorter_side=480)[0].shape == (48, 64, 3)


def test_phone_videos_come_upright(tmp_path: Path) -> None:
    """A track header that turns the picture clockwise by 90 degrees, as phones write it, is honoured."""
    frames = np.zeros((6, 48, 64, 3), np.uint8)
    frames[:, :24, :32] = 250
    path = write_video(tmp_path / "phone.mp4", frames)
    data = path.read_bytes()
    upright = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    turned = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 48 << 16, 0, 1 << 30)
    header = data.index(b"tkhd")
    at = data.index(upright, header)
    path.write_bytes(data[:at] + turned + data[at + len(turned) :])
    picture = read_frames(path, count=1)[0]
    assert picture.shape == (64, 48, 3)
    bright = picture.mean(2) > 128
    assert bright[:32, 24:].all()
    assert bright.sum() == 32 * 24


def test_files_that_are_no_videos(tmp_path: Path, video: Path) -> None:
    """Missing, empty, text, sound only, cut off before its index: each is named with the reason."""
    empty, text, sound, cut = (tmp_path / name for name in ("empty.mp4", "text.mp4", "sound.wav", "cut.mp4"))
    empty.write_bytes(b"")
    text.write_text("no video " * 100)
    with wave.open(str(sound), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16000))
    cut.write_bytes(video.read_bytes()[: video.stat().st_size // 2])
    expected = {
        tmp_path / "missing.mp4": "no such file",
        empty: "file is empty",
        text: "no video that FFmpeg can read",
        sound: "no video stream",
        cut: "truncated",
        tmp_path: "no numbered frames",
    }
    for path, reason in expected.items():
        with pytest.raises(InputError, match=reason) as caught:
            read_frames(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_times_without_frames(video: Path) -> None:
    """A start after the end, and an empty span."""
    with pytest.raises(InputError, match="no frame from 2 s on"):
        read_frames(video, 2.0)
    with pytest.raises(InputError, match="nothing to read"):
        read_frames(video, 1.0, 1.0)


def test_ends_are_checked(tmp_path: Path, video: Path) -> None:
    """Good clips pass; one frame, a stop after the end, and a file that was cut off behind its index do not."""
    check_ends(video, 0, 1.5)
    check_ends(video, 0.7, 1.2)
    with pytest.raises(InputError, match=r"ends after 1\.5 s, before its stop at 4\.0 s"):
        check_ends(video, 0, 4.0)
    with pytest.raises(InputError, match="one frame only"):
        check_ends(write_video(tmp_path / "one.mp4", numbered_frames(1)), 0, 0.03)
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 255, (90, 48, 64, 3), dtype=np.uint8)
    whole = write_video(tmp_path / "noise.mp4", noise, options={"movflags": "faststart"})
    check_ends(whole, 0, 3.0)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 3])
    with pytest.raises(InputError, match="truncated"):
        check_ends(cut, 0, 3.0)
    assert 10 < len(read_frames(cut, 0, 3.0, 30)) < 60


@pytest.mark.parametrize("seed", range(12))
def test_damaged_files_give_frames_or_one_line(tmp_path: Path, video: Path, seed: int) -> None:
    """Whatever bytes are wrong, in the pictures or in the index: frames of the right shape, or an error that says
    which file, never another exception."""
    rng = np.random.default_rng(seed)
    data = np.frombuffer(video.read_bytes(), np.uint8).copy()
    places = rng.integers(40, len(data), (3, 30, 300)[seed % 3])
    data[places] = rng.integers(0, 256, len(places))
    path = tmp_path / "damaged.mp4"
    path.write_bytes(data.tobytes())
    for read in (partial(read_frames, path, 0.5, None, 5, 8), partial(probe, path), partial(check_ends, path, 0, 1.5)):
        error, result = None, None
        try:
            result = read()
        except InputError as caught:
            error = str(caught)
        assert error is None or str(path) in error
        assert not isinstance(result, list) or 1 <= len(result) <= 8
