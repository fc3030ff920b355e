"""What cameras and programs really write: times that jump, sound that comes first, lengths that nobody states."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from media.formats import FORMATS, number_of, numbered, write_format
from media.recordings import write_image

from hotspot_core import InputError
from hotspot_core.media.frame_folder import MAX_MISSING
from hotspot_core.media.sources import StreamSource, VideoSource, WebcamSource, open_source
from hotspot_core.media.video import check_ends, probe, read_frames

MS = Fraction(1, 1000)


def write_at(path: Path, times: list[int], sound: int = 0, rate: int = 30) -> Path:
    """Numbered frames at times in milliseconds, beside so many blocks of silence from 0 s on."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt, stream.options = 128, 96, "yuv420p", {"bf": "0"}
        stream.codec_context.time_base = MS
        if sound:
            silence = container.add_stream("aac", rate=48000)
        for number in range(sound):
            block = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            block.sample_rate, block.pts, block.time_base = 48000, 1024 * number, Fraction(1, 48000)
            container.mux(silence.encode(block))
        for number, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(numbered(number), format="rgb24")
            frame.pts, frame.time_base = time, MS
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def write_live(path: Path, frames: int = 40) -> Path:
    """A Matroska file as a live stream writes it: neither its length nor an index."""
    write_format(path.with_suffix(".mp4"), FORMATS["MP4, H.264"], frames)
    with av.open(str(path.with_suffix(".mp4"))) as source, path.open("wb") as file:

        class Pipe:
            def write(self, data: bytes) -> int:
                return file.write(data)

        with av.open(Pipe(), "w", format="matroska", options={"live": "1"}) as container:
            stream = container.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(source.streams.video[0]):
                if packet.dts is not None:
                    packet.stream = stream
                    container.mux(packet)
    path.with_suffix(".mp4").unlink()
    return path


VARIABLE = [33 * k for k in range(30)] + [990 + 200 * (k + 1) for k in range(10)]


def test_times_are_the_files(tmp_path: Path) -> None:
    """1. Thirty frames at 30 per second, then ten at 5. 2. All come with the times that were written. 3. At most five
    per second are those five a second, not every so many-th. 4. A clip from the slow part has its frames."""
    path = write_at(tmp_path / "variable.mp4", VARIABLE)
    source = open_source(str(path))
    assert [round(1000 * frame.time) for frame in source.frames()] == VARIABLE
    few = [(frame.number, round(1000 * frame.time)) for frame in open_source(str(path), fps=5).frames()]
    assert few == [(k, VARIABLE[k]) for k in (0, 6, 12, 18, 24, *range(30, 40))]
    assert [number_of(frame) for frame in read_frames(path, 1.0, None, 5, 4)] == [29, 30, 31, 32]


def test_a_header_that_overstates_the_rate(tmp_path: Path) -> None:
    """An AVI that says 600 frames per second and shows five: all frames come, five a second."""
    path = tmp_path / "header.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=600)
        stream.width, stream.height, stream.pix_fmt, stream.options = 128, 96, "yuv420p", {"bf": "0"}
        stream.codec_context.time_base = Fraction(1, 600)
        for number in range(12):
            frame = av.VideoFrame.from_ndarray(numbered(number), format="rgb24")
            frame.pts, frame.time_base = 120 * number, Fraction(1, 600)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert [round(frame.time, 3) for frame in open_source(str(path)).frames()] == [round(k / 5, 3) for k in range(12)]
    assert [number_of(frame) for frame in read_frames(path, 0.6, None, 5, 4)] == [3, 4, 5, 6]


def test_time_begins_with_the_file_not_with_its_pictures(tmp_path: Path) -> None:
    """1. Sound from 0 s, pictures from 0.7 s on. 2. What players show at 1 s is what is read there; before the first
    picture that one is read."""
    path = write_at(tmp_path / "late.mp4", [700 + round(k * 1000 / 30) for k in range(60)], sound=150)
    assert [number_of(frame) for frame in read_frames(path, 1.0, None, 5, 3)] == [9, 15, 21]
    assert [number_of(frame) for frame in read_frames(path, 0.0, None, 5, 6)] == [0, 0, 0, 0, 3, 9]
    assert next(open_source(str(path)).frames()).time == pytest.approx(0.7)


def test_no_length_is_no_fault(tmp_path: Path) -> None:
    """A live recording can be measured, read from its middle, checked and played."""
    path = write_live(tmp_path / "live.mkv")
    assert probe(path).duration == pytest.approx(40 / 24, abs=0.002)
    assert [number_of(frame) for frame in read_frames(path, 1.0, None, 24 / 5, 3)] == [24, 29, 34]
    check_ends(path, 0.5, 1.5)
    source = open_source(str(path))
    assert isinstance(source, VideoSource)
    assert source.length is None
    assert [number_of(frame.image) for frame in source.frames()] == list(range(40))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address under which a folder's files can be had."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()


def test_urls_are_opened(tmp_path: Path, server: str) -> None:
    """A recording behind a URL is played like a file; one that is not there is named, its password is not."""
    write_format(tmp_path / "clip 1.mp4", FORMATS["MP4, H.264"], 20)
    source = open_source(f"{server}/clip%201.mp4?session=3")
    assert isinstance(source, StreamSource)
    assert (source.name, source.length) == ("clip_201", 20)
    assert [number_of(frame.image) for frame in source.frames()] == list(range(20))
    with pytest.raises(InputError, match="no video that FFmpeg can read") as caught:
        open_source(server.replace("http://", "http://me:secret@") + "/missing.mp4")
    assert "secret" not in str(caught.value)
    assert "me:***@127.0.0.1" in str(caught.value)


def test_devices_are_webcams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path of a device, which is stood in for by one that every computer has, is opened as a camera."""
    write_format(tmp_path / "camera.mp4", FORMATS["MP4, H.264"], 5)
    real = cv2.VideoCapture
    monkeypatch.setattr(
        cv2, "VideoCapture", lambda place: real(str(tmp_path / "camera.mp4") if place == "/dev/null" else place)
    )
    source = open_source("/dev/null")
    assert isinstance(source, WebcamSource)
    assert (source.name, source.ends) == ("null", False)
    assert number_of(next(source.frames()).image) == 0


def test_a_cover_picture_is_not_the_video(tmp_path: Path) -> None:
    """The better of two video streams is read, as players do, though it comes second."""
    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as container:
        small = container.add_stream("mjpeg", rate=10)
        small.width, small.height, small.pix_fmt = 32, 24, "yuvj420p"
        video = container.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 128, 96, "yuv420p"
        container.mux(small.encode(av.VideoFrame.from_ndarray(np.zeros((24, 32, 3), np.uint8), format="rgb24")))
        for number in range(5):
            container.mux(video.encode(av.VideoFrame.from_ndarray(numbered(number), format="rgb24")))
        container.mux(video.encode())
        container.mux(small.encode())
    assert [number_of(frame) for frame in read_frames(path, 0, None, 10)] == [0, 1, 2, 3, 4]


def numbers_in(folder: Path) -> list[int]:
    return [number_of(frame) for frame in read_frames(folder, fps=10, frame_rate=10)]


def test_frame_folders_are_read_as_they_are(tmp_path: Path) -> None:
    """1. Unpadded numbers, hidden files and files without a number: the frames in counting order. 2. Every tenth
    number: the frames that are there, one after the other. 3. Twins: each frame once, without loss. 4. A few frames
    missing: the one before is shown on. 5. More than a few: named by the check, where the clip has them."""
    for number in range(12):
        write_image(tmp_path / "plain" / f"{number}.png", numbered(number))
        write_image(tmp_path / "tenth" / f"f_{10 * number:05d}.png", numbered(number))
        write_image(tmp_path / "twins" / f"f{number}.jpg", numbered(0))
        write_image(tmp_path / "twins" / f"f{number}.png", numbered(number))
        if number not in (3, 4):
            write_image(tmp_path / "holes" / f"f{number}.png", numbered(number))
        write_image(tmp_path / "gap" / f"f{number + (number > 5) * (MAX_MISSING + 1)}.png", numbered(number))
    (tmp_path / "plain" / "._3.png").write_bytes(b"what macOS leaves")
    (tmp_path / "plain" / "notes.txt").touch()
    for name in ("plain", "tenth", "twins"):
        assert numbers_in(tmp_path / name) == list(range(12)), name
        check_ends(tmp_path / name, 0, 1.2, 10)
    assert numbers_in(tmp_path / "holes") == [0, 1, 2, 2, 2, *range(5, 12)]
    check_ends(tmp_path / "holes", 0, 1.2, 10)
    check_ends(tmp_path / "gap", 0, 0.5, 10)
    with pytest.raises(InputError, match=rf"gap: {MAX_MISSING + 1} frames after f5\.png are missing"):
        check_ends(tmp_path / "gap", 0.2, 1.5, 10)


def test_two_recordings_in_one_folder_are_named(tmp_path: Path) -> None:
    """Colors beside depth are refused before they are mixed; a cover beside many frames is passed over. A last frame
    that is no image is found by the check."""
    for number in range(12):
        write_image(tmp_path / "mixed" / f"rgb_{number}.png", numbered(number))
        write_image(tmp_path / "mixed" / f"depth_{number}.png", numbered(0))
        write_image(tmp_path / "cover" / f"f{number}.png", numbered(number))
        write_image(tmp_path / "broken" / f"f{number}.png", numbered(number))
    write_image(tmp_path / "cover" / "cover1.png", numbered(99))
    with pytest.raises(InputError, match=r"several recordings, .*_\* \(12\) and .*_\* \(12\): move one of them"):
        check_ends(tmp_path / "mixed", 0, 1, 10)
    assert numbers_in(tmp_path / "cover") == list(range(12))
    (tmp_path / "broken" / "f11.png").write_bytes(b"no image")
    with pytest.raises(InputError, match=r"f11\.png: the frame is missing or is no image"):
        check_ends(tmp_path / "broken", 0, 1.2, 10)


def test_photos_come_in_counting_order_and_broken_ones_are_passed_over(tmp_path: Path) -> None:
    """1. Unpadded numbers, a hidden file and a damaged photo. 2. In counting order, with the numbers that they have
    among all; the damaged one is told. 3. Where nobody listens it is an error; so is a folder of nothing else."""
    for number in (1, 2, 10, 11):
        write_image(tmp_path / f"{number}.jpg", numbered(number))
    (tmp_path / "2.jpg").write_bytes(b"no photo")
    (tmp_path / "._1.jpg").write_bytes(b"what macOS leaves")
    source = open_source(str(tmp_path))
    told: list[str] = []
    assert [(frame.name, frame.number) for frame in source.frames(told.append)] == [("1", 0), ("10", 2), ("11", 3)]
    assert len(told) == 1
    assert "2.jpg: no image" in told[0]
    with pytest.raises(InputError, match=r"2\.jpg: no image"):
        list(source.frames())
    for number in (1, 10, 11):
        (tmp_path / f"{number}.jpg").write_bytes(b"no photo")
    with pytest.raises(InputError, match="none of 4 images can be read"):
        list(source.frames(told.append))
