"""`python -m hotspot_core.predict` on real files: pictures, videos, points, and what happens when it is stopped."""

from __future__ import annotations

import csv
import itertools
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from media import bags
from media.recordings import write_image, write_video

from hotspot_core import HotspotModel, InputError, predict, save_model
from hotspot_core.media import sources
from hotspot_core.media.images import read_image
from hotspot_core.media.sources import open_sources
from hotspot_core.media.video import read_frames
from hotspot_core.media.writers import write_picture


@pytest.fixture(scope="module")
def checkpoint(robot: HotspotModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "robot.safetensors"
    save_model(path, robot, {"epochs": 1})
    return path


def photo(seed: int, height: int = 60, width: int = 80) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def lines(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def run(checkpoint: Path, output: Path, *arguments: object) -> None:
    predict.main([*map(str, arguments), "--checkpoint", str(checkpoint), "--output", str(output), "--quiet"])


def test_images_become_pictures_and_points(checkpoint: Path, tmp_path: Path) -> None:
    """1. A folder, and an image of the same name elsewhere. 2. Each has a picture of its own size that differs from
    it. 3. points.csv has, for each action asked for, ranked points in pixels of the image."""
    for name in ("a", "b"):
        write_image(tmp_path / "photos" / f"{name}.png", photo(ord(name)))
    write_image(tmp_path / "other" / "a.png", photo(7, 90, 50))
    (tmp_path / "photos" / "notes.txt").write_text("no picture")
    output = tmp_path / "out"
    run(
        checkpoint,
        output,
        tmp_path / "photos",
        tmp_path / "other" / "a.png",
        "--actions",
        "open,pull",
        "--points-per-action",
        2,
    )
    assert sorted(path.name for path in output.iterdir()) == ["a.jpg", "a_2.jpg", "b.jpg", "points.csv"]
    assert read_image(output / "a.jpg").shape == (60, 80, 3)
    assert read_image(output / "a_2.jpg").shape == (90, 50, 3)
    found = lines(output / "points.csv")
    assert {line["input"] for line in found} == {"a", "a_2", "b"}
    assert {line["action"] for line in found} == {"open", "pull"}
    assert {line["rank"] for line in found} <= {"1", "2"}
    for line in found:
        width, height = (50, 90) if line["input"] == "a_2" else (80, 60)
        assert 0 <= float(line["x"]) <= width - 1
        assert 0 <= float(line["y"]) <= height - 1
    run(checkpoint, output, tmp_path / "other" / "a.png", "--actions", "open")
    assert {line["input"] for line in lines(output / "points.csv")} == {"a"}


def test_a_video_becomes_a_video_and_a_strip(checkpoint: Path, tmp_path: Path) -> None:
    """1. Ten frames of odd height at 10 per second, 5 of them taken. 2. The video has five frames at that rate. 3. The
    strip has a row per action and a column per frame. 4. Points carry the number of
    the frame in the video, and its time."""
    video = write_video(tmp_path / "clip.mp4", np.stack([photo(seed, 62, 80) for seed in range(10)]), rate=10)
    output = tmp_path / "out"
    run(checkpoint, output, video, "--actions", "open,pull", "--fps", 5)
    frames = read_frames(output / "clip.mp4", fps=5)
    assert len(frames) == 5
    assert frames[0].shape == (62, 80, 3)
    strip = read_image(output / "clip_strip.jpg")
    assert strip.shape == (2 * 186, 5 * 240, 3)
    found = lines(output / "points.csv")
    assert {(line["frame"], line["time"]) for line in found} == {(str(2 * k), f"{k / 5:.3f}") for k in range(5)}


def test_a_webcam_is_a_video_of_unknown_length(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1. Webcam 0, whose driver is stood in for by a video file; it claims 10 frames per second and delivers 5. 2. The
    frames of its first second, by the clock, become a video, a strip and points."""
    video = write_video(tmp_path / "camera.mp4", np.stack([photo(seed) for seed in range(10)]), rate=10)
    real = cv2.VideoCapture
    monkeypatch.setattr(cv2, "VideoCapture", lambda place: real(str(video) if place == 0 else place))
    clock = itertools.count()
    monkeypatch.setattr(sources, "monotonic", lambda: 100 + next(clock) / 5)
    (source,) = open_sources(["0"])
    assert source.length is None
    run(checkpoint, tmp_path / "out", "0", "--actions", "open", "--seconds", 1)
    found = {(line["frame"], line["time"]) for line in lines(tmp_path / "out" / "points.csv")}
    assert found == {(str(k), f"{k / 5:.3f}") for k in range(5)}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "points.csv",
        "webcam_0.mp4",
        "webcam_0_strip.jpg",
    ]


def test_pictures_are_shown_until_q(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1. Four photos with --show, where OpenCV's windows are stood in for. 2. Each picture that is written was shown.
    3. q at the second one ends the command as Ctrl-C does; both are kept. 4. Where OpenCV has no windows, one line says
    so."""
    for name in "abcd":
        write_image(tmp_path / "photos" / f"{name}.png", photo(ord(name)))
    shown: list[np.ndarray] = []
    keys = iter([-1, ord("q")])
    with monkeypatch.context() as windows:
        windows.setattr(cv2, "namedWindow", lambda _: None)
        windows.setattr(cv2, "imshow", lambda _, picture: shown.append(picture))
        windows.setattr(cv2, "waitKey", lambda _: next(keys))
        with pytest.raises(KeyboardInterrupt):
            run(checkpoint, tmp_path / "out", tmp_path / "photos", "--show")
    assert [picture.shape for picture in shown] == [(60, 80, 3)] * 2
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.jpg", "b.jpg", "points.csv"]

    def no_window(_: str) -> None:
        raise cv2.error("not implemented")

    monkeypatch.setattr(cv2, "namedWindow", no_window)
    with pytest.raises(InputError, match="--show: this OpenCV has no windows"):
        run(checkpoint, tmp_path / "other", tmp_path / "photos", "--show")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_keeps_what_is_done(checkpoint: Path, tmp_path: Path, number: signal.Signals, status: int) -> None:
    """1. A video much longer than the wait, in a process of its own. 2. The signal once points are there. 3. It ends
    with its status and says where the results are. 4. The video plays, the strip is there, the points are whole lines.
    """
    video = write_video(tmp_path / "clip.mp4", np.stack([photo(seed % 7) for seed in range(1000)]), rate=25)
    output = tmp_path / "out"
    command = [sys.executable, "-m", "hotspot_core.predict", str(video), "--checkpoint", str(checkpoint)]
    process = subprocess.Popen(
        [*command, "--output", str(output), "--actions", "open"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    points = output / "points.csv"
    deadline = time.monotonic() + 60
    while not (points.is_file() and len(points.read_text().splitlines()) > 20):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(number)
    _, errors = process.communicate(timeout=90)
    assert process.returncode == status
    assert f"interrupted: what was done is in {output}" in errors.decode()
    frames = {int(line["frame"]) for line in lines(points)}
    assert frames == set(range(len(frames)))
    assert abs(len(read_frames(output / "clip.mp4", fps=25)) - len(frames)) <= 1
    assert (output / "clip_strip.jpg").is_file()


def test_one_broken_picture_of_many_is_left_out(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is named and counted, the others are done; where nothing can be read, that is an error."""
    write_image(tmp_path / "photos" / "a.png", photo(1))
    (tmp_path / "photos" / "b.png").write_bytes(b"no picture")
    run(checkpoint, tmp_path / "out", tmp_path / "photos")
    told = capsys.readouterr()
    assert "left out:" in told.err
    assert "b.png: no image that OpenCV can read" in told.err
    assert "1 of 2 inputs left out" in told.out
    with pytest.raises(InputError, match=r"b\.png: no image"):
        run(checkpoint, tmp_path / "out", tmp_path / "photos" / "b.png")


def test_bad_input_is_named(checkpoint: Path, tmp_path: Path) -> None:
    """Before anything is written."""
    write_image(tmp_path / "a.png", photo(1))
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "empty").mkdir()
    for arguments, reason in (
        (["missing.jpg"], "input 'missing.jpg' does not exist"),
        ([tmp_path / "empty"], "has no images"),
        ([tmp_path / "text.mp4"], r"text\.mp4: no video that FFmpeg can read"),
        (["97"], "webcam 97: cannot be opened"),
        ([tmp_path / "a.png", "--actions", "opne"], "unknown action 'opne': did you mean 'open'"),
        ([tmp_path / "a.png", "--fps", "0"], "fps 0: give a number above 0"),
        ([tmp_path / "a.png", "--fps", "nan"], "fps nan: give a number above 0"),
        ([tmp_path / "a.png", "--seconds", "-1"], "seconds -1: give a number above 0"),
        ([tmp_path / "a.png", "--seconds", "nan"], "seconds nan: give a number above 0"),
        ([tmp_path / "a.png", "--points-per-action", "-1"], "points per action -1: give a whole number of at least 0"),
        ([tmp_path / "a.png", "--score-threshold", "nan"], "score threshold nan: give a number from 0 to 1"),
        ([tmp_path / "a.png", "--score-threshold", "7"], "score threshold 7: give a number from 0 to 1"),
        ([tmp_path / "a.png", "--device", "tensorrt"], r"'tensorrt' is for \.onnx files: make one with .*export"),
        ([tmp_path / "a.png", "--peak-threshold", "2"], "peak threshold 2: give a number from 0 to 1"),
    ):
        with pytest.raises(InputError, match=reason):
            run(checkpoint, tmp_path / "out", *arguments)
    assert not (tmp_path / "out").exists()


def test_no_input_is_overwritten(checkpoint: Path, tmp_path: Path) -> None:
    """1. Photos and a video whose results would have their names, spelled in another way or through a link. 2. Each is
    refused before anything is written."""
    photo_file = write_image(tmp_path / "photos" / "a.jpg", photo(1))
    video = write_video(tmp_path / "clip.mp4", np.stack([photo(seed) for seed in range(3)]), rate=10)
    (tmp_path / "link").symlink_to(tmp_path / "photos")
    content = photo_file.read_bytes(), video.read_bytes()
    for given, output in (
        (tmp_path / "photos", tmp_path / "photos"),
        (photo_file, tmp_path / "link"),
        (video, tmp_path / "photos" / ".."),
    ):
        with pytest.raises(InputError, match=r"would be overwritten: give another folder as --output"):
            run(checkpoint, output, given)
    assert (photo_file.read_bytes(), video.read_bytes()) == content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "link", "photos"]
    run(checkpoint, tmp_path, photo_file, "--actions", "open")
    assert photo_file.read_bytes() == content[0]


def test_what_cannot_be_written_is_named(checkpoint: Path, tmp_path: Path) -> None:
    """A folder that is a file, results whose places are taken by folders, and a picture that is too wide for JPEG."""
    image = write_image(tmp_path / "a.png", photo(1))
    video = write_video(tmp_path / "clip.mp4", np.stack([photo(seed) for seed in range(3)]), rate=10)
    with pytest.raises(InputError, match=r"output folder .* cannot be written"):
        run(checkpoint, image, image)
    for given, taken in ((image, "points.csv"), (image, "a.jpg"), (video, "clip.mp4"), (video, "clip_strip.jpg")):
        output = tmp_path / f"out_{taken}"
        (output / taken).mkdir(parents=True)
        with pytest.raises(InputError, match=f"{taken}: cannot be written: Is a directory"):
            run(checkpoint, output, given, "--actions", "open")
    with pytest.raises(InputError, match=r"wide\.jpg: OpenCV encodes no \.jpg of 70000 x 2 pixels"):
        write_picture(tmp_path / "wide.jpg", np.zeros((2, 70000, 3), np.uint8))


def test_fps_is_a_limit(tmp_path: Path) -> None:
    """Never more frames per second than asked for, and all of them where the asked rate is the video's but rounded."""
    video = write_video(tmp_path / "clip.mp4", np.stack([photo(seed) for seed in range(6)]), rate=30)
    for fps, rate, count in ((25, 15, 3), (30, 30, 6), (29.98, 30, 6), (29, 15, 3), (60, 30, 6), (7, 6, 2)):
        (source,) = open_sources([str(video)], fps)
        assert (source.fps, source.length) == (rate, count)


def test_no_result_is_overwritten_by_another(checkpoint: Path, tmp_path: Path) -> None:
    """1. A video and photos, one of which has the name of the video's strip, in both orders. 2. Every result is there:
    the strip has a column per frame, the overlay the photo's size. 3. The table tells the inputs apart."""
    video = write_video(tmp_path / "coll" / "clip.mp4", np.stack([photo(seed) for seed in range(3)]), rate=10)
    still = write_image(tmp_path / "coll" / "clip_strip.jpg", photo(7, 90, 50))
    other = write_image(tmp_path / "coll" / "clip_strip_2.jpg", photo(8, 90, 50))
    run(checkpoint, tmp_path / "one", video, still, other, "--actions", "open")
    written = ["clip.mp4", "clip_strip.jpg", "clip_strip_2.jpg", "clip_strip_2_2.jpg", "points.csv"]
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == written
    assert read_image(tmp_path / "one" / "clip_strip.jpg").shape == (180, 3 * 240, 3)
    assert read_image(tmp_path / "one" / "clip_strip_2.jpg").shape == (90, 50, 3)
    assert read_image(tmp_path / "one" / "clip_strip_2_2.jpg").shape == (90, 50, 3)
    names = {line["input"] for line in lines(tmp_path / "one" / "points.csv")}
    assert names == {"clip", "clip_strip_2", "clip_strip_2_2"}
    run(checkpoint, tmp_path / "two", still, video, "--actions", "open")
    written = ["clip_2.mp4", "clip_2_strip.jpg", "clip_strip.jpg", "points.csv"]
    assert sorted(path.name for path in (tmp_path / "two").iterdir()) == written
    assert read_image(tmp_path / "two" / "clip_strip.jpg").shape == (90, 50, 3)


def test_names_never_collide(tmp_path: Path) -> None:
    """Inputs of one stem get numbers, also where a number is taken."""
    for name in ("x/a.png", "y/a.png", "y/a_2.png", "z/a.jpg"):
        write_image(tmp_path / name, photo(1))
    names = [source.name for source in open_sources([str(tmp_path / part) for part in "xyz"])]
    assert len(set(names)) == len(names) == 4


def test_a_bag_becomes_a_video_and_points_with_stamps(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """1. Six images, one of which cannot be decoded: the video has five frames, at the times of recording. 2. Rows have
    the stamps of the headers. 3. A bag that is cut is one line, and of its name there is no result; so is a topic where
    no input is a bag."""
    messages = [("/camera/image_raw", 0.1 * k, bags.image(photo(k, 48, 64), bags.stamp(0.1 * k))) for k in range(6)]
    messages[2][2].data = messages[2][2].data[:7]
    folder = bags.write_bag(tmp_path / "drive", [("/words", 0.0, bags.text("a")), *messages])
    run(checkpoint, tmp_path / "out", folder, "--topic", "/camera/image_raw", "--actions", "open")
    assert "7 bytes" in capsys.readouterr().err
    assert len(read_frames(tmp_path / "out" / "drive.mp4", fps=10)) == 6  # the third is shown twice as long
    found = {(line["frame"], line["time"], line["stamp"]) for line in lines(tmp_path / "out" / "points.csv")}
    stamps = {k: bags.stamp(0.1 * k) for k in (0, 1, 3, 4, 5)}
    assert found == {(str(k), f"{0.1 * k:.3f}", f"{s // 10**9}.{s % 10**9:09d}") for k, s in stamps.items()}
    file = next(folder.glob("*.mcap"))
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(InputError, match="mcap recover"):
        run(checkpoint, tmp_path / "cut", file)
    assert not (tmp_path / "cut").exists()
    write_image(tmp_path / "a.png", photo(1))
    with pytest.raises(InputError, match="none of the inputs is a bag"):
        run(checkpoint, tmp_path / "cut", tmp_path / "a.png", "--topic", "/camera/image_raw")
