"""Sources of images: real pictures and videos, and a webcam whose driver is stood in for by a video."""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest
from media.recordings import write_image, write_video

from hotspot_core import InputError
from hotspot_core.media import sources
from hotspot_core.media.sources import PictureSource, VideoSource, WebcamSource, open_source, open_sources


def level(value: int) -> np.ndarray:
    return np.full((48, 64, 3), value, np.uint8)


def test_pictures_are_one_source(tmp_path: Path) -> None:
    """1. A folder: its pictures in order, by name, without time. 2. Each as a source of its own. 3. Every iteration
    begins anew. 4. A photo is the same with one."""
    for index, name in enumerate(("b.png", "a.png", "c.png")):
        write_image(tmp_path / "photos" / name, level(20 * index))
    (tmp_path / "photos" / "notes.txt").write_text("no picture")
    source = open_source(str(tmp_path / "photos"))
    assert isinstance(source, PictureSource)
    assert (source.name, source.length, source.fps, source.moves, source.ends) == ("photos", 3, None, False, True)
    for _ in range(2):
        frames = list(source.frames())
        assert [(f.name, f.number, f.time, int(f.image[0, 0, 0])) for f in frames] == [
            ("a", 0, 0.0, 20),
            ("b", 1, 0.0, 0),
            ("c", 2, 0.0, 40),
        ]
    assert [(one.name, one.length) for one in source.split()] == [("a", 1), ("b", 1), ("c", 1)]
    (photo,) = open_source(str(tmp_path / "photos" / "b.png")).frames()
    assert (photo.name, photo.image.shape) == ("b", (48, 64, 3))


def test_a_video_has_a_clock(tmp_path: Path) -> None:
    """1. Ten frames at 10 per second: numbers, times and names. 2. At most 4 per second: every third, with the number
    and time that it has in the video."""
    video = write_video(tmp_path / "clip.mp4", np.stack([level(20 * k) for k in range(10)]), rate=10)
    source = open_source(str(video))
    assert isinstance(source, VideoSource)
    assert (source.name, source.length, source.fps, source.moves) == ("clip", 10, 10, True)
    frames = list(source.frames())
    assert [frame.number for frame in frames] == list(range(10))
    assert [frame.time for frame in frames] == pytest.approx([k / 10 for k in range(10)])
    assert frames[3].name == "clip_00003"
    assert [abs(int(frame.image.mean()) - 20 * k) <= 3 for k, frame in enumerate(frames)] == [True] * 10
    fewer = open_source(str(video), fps=4)
    assert fewer.length == 4
    assert fewer.fps == pytest.approx(10 / 3)
    assert [(frame.number, round(frame.time, 6)) for frame in fewer.frames()] == [(0, 0), (3, 0.3), (6, 0.6), (9, 0.9)]


def test_a_webcam_tells_when_it_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no length and does not end: where it delivers no more, that is an error, after all that it delivered."""
    video = write_video(tmp_path / "camera.mp4", np.stack([level(20 * k) for k in range(3)]), rate=10)
    real = cv2.VideoCapture
    monkeypatch.setattr(cv2, "VideoCapture", lambda place: real(str(video) if place == 3 else place))
    clock = iter((5.0, 5.2, 5.9))
    monkeypatch.setattr(sources, "monotonic", lambda: next(clock))
    source = open_source("3")
    assert isinstance(source, WebcamSource)
    assert (source.name, source.length, source.ends, source.index) == ("webcam_3", None, False, 3)
    frames = source.frames()
    delivered = [(frame.name, round(frame.time, 6)) for frame in itertools.islice(frames, 3)]
    assert delivered == [("webcam_3_00000", 0), ("webcam_3_00001", 0.2), ("webcam_3_00002", 0.9)]
    with pytest.raises(InputError, match="webcam 3 delivers no more images: connect it again"):
        next(frames)


def test_what_cannot_be_opened_is_named(tmp_path: Path) -> None:
    """A name of nothing, an empty folder, a file that is no recording, a missing webcam, no rate. When they are read:
    a broken picture and a video without a frame."""
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "empty").mkdir()
    for name, fps, reason in (
        ("missing.jpg", None, "input 'missing.jpg' does not exist: give images, folders, videos"),
        (str(tmp_path / "empty"), None, "has no images"),
        (str(tmp_path / "text.mp4"), None, r"text\.mp4: no video that FFmpeg can read"),
        ("97", None, "webcam 97: cannot be opened: is it connected"),
        ("97", 0.0, "0 frames per second: give a positive number"),
    ):
        with pytest.raises(InputError, match=reason):
            open_source(name, fps)
    (tmp_path / "b.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"b\.png: no image"):
        list(open_source(str(tmp_path / "b.png")).frames())
    writer = cv2.VideoWriter(str(tmp_path / "none.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (64, 48))
    writer.release()
    with pytest.raises(InputError, match=r"none\.avi: no (frame can be read|image or video that OpenCV reads)"):
        list(open_source(str(tmp_path / "none.avi")).frames())


def test_a_number_that_is_a_file_is_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of photos named 7 is not webcam 7."""
    write_image(tmp_path / "7" / "a.png", level(1))
    monkeypatch.chdir(tmp_path)
    assert isinstance(open_source("7"), PictureSource)
    assert [source.name for source in open_sources(["7", "7/a.png"])] == ["a", "a_2"]
