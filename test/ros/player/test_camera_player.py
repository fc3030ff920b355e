"""The camera player: a process of its own, whose messages are those of a camera."""

from __future__ import annotations

import contextlib
import itertools
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
import rclpy
from harness import TIMEOUT, photo
from media import bags
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from hotspot_core.errors import InputError
from hotspot_core.media.sources import PictureSource, VideoSource
from hotspot_ros.conversions.images import decode_compressed_image, decode_image
from hotspot_ros.player.calibration import pinhole, read_calibration
from hotspot_ros.player.camera_frames import (
    KEPT_PICTURES,
    DepthFolder,
    PlaneDepth,
    PlayedLens,
    camera_frames,
    fit,
    open_depth,
)
from hotspot_ros.player.sources import SyntheticSource, open_source
from hotspot_ros.positions.camera_model import camera_model
from hotspot_ros.positions.depth import decode_depth

CALIBRATION = """
image_width: 64
image_height: 48
camera_name: test
camera_matrix: {rows: 3, cols: 3, data: [50.0, 0, 31.0, 0, 51.0, 22.5, 0, 0, 1]}
distortion_model: plumb_bob
distortion_coefficients: {rows: 1, cols: 5, data: [-0.1, 0.01, 0.001, 0.002, 0]}
rectification_matrix: {rows: 3, cols: 3, data: [1, 0, 0, 0, 1, 0, 0, 0, 1]}
projection_matrix: {rows: 3, cols: 4, data: [48.0, 0, 30.0, 0, 0, 48.0, 23.0, 0, 0, 0, 1, 0]}
"""


@contextlib.contextmanager
def playing(namespace: str, **parameters: Any) -> Iterator[subprocess.Popen[str]]:
    """`camera_player` with parameters, in a namespace."""
    command = ["camera_player", "--ros-args", "-r", f"__ns:=/{namespace}"]
    for name, value in parameters.items():
        command += ["-p", f"{name}:={value}"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)


class Listener(Node):
    """Keeps the messages of a camera, by topic and stamp."""

    TOPICS = (("image", Image), ("image/compressed", CompressedImage), ("camera_info", CameraInfo), ("depth", Image))

    def __init__(self, namespace: str) -> None:
        super().__init__("listener", namespace=namespace)
        self.received: dict[str, dict[int, Any]] = defaultdict(dict)
        for topic, kind in self.TOPICS:
            self.create_subscription(kind, topic, lambda message, topic=topic: self._keep(topic, message), 50)

    def _keep(self, topic: str, message: Any) -> None:
        stamp = message.header.stamp
        self.received[topic][stamp.sec * 10**9 + stamp.nanosec] = message

    def together(self, topics: tuple[str, ...], least: int) -> list[tuple[Any, ...]]:
        """The messages of so many stamps that came on all topics, in order of time."""
        deadline = time.monotonic() + TIMEOUT
        while True:
            stamps = sorted(set.intersection(*(set(self.received[topic]) for topic in topics)))
            if len(stamps) >= least:
                return [tuple(self.received[topic][stamp] for topic in topics) for stamp in stamps]
            assert time.monotonic() < deadline, {topic: len(found) for topic, found in self.received.items()}
            rclpy.spin_once(self, timeout_sec=0.05)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with three photos (64 x 48), depth for each (1, 2 and 3 m), a calibration and a short video."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "depth").mkdir()
    for index in range(3):
        cv2.imwrite(str(tmp_path / "photos" / f"{index}.png"), photo(seed=index)[..., ::-1])
        depth = np.full((48, 64), 1000 * (index + 1), np.uint16)
        cv2.imwrite(str(tmp_path / "depth" / f"{index}.png"), depth)
    (tmp_path / "camera.yaml").write_text(CALIBRATION)
    video = cv2.VideoWriter(str(tmp_path / "clip.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (64, 48))
    for index in range(5):
        video.write(np.full((48, 64, 3), 50 * index, np.uint8))
    video.release()
    return tmp_path


def test_a_folder_becomes_a_calibrated_camera_with_depth(photos: Path) -> None:
    """1. Play photos with a calibration and depth. 2. Image, JPEG, CameraInfo and depth come with one stamp and frame.
    3. The pixels are the photos' in turn, again and again; depth and calibration are those of the files."""
    parameters = {"source": photos / "photos", "depth": photos / "depth", "calibration": photos / "camera.yaml"}
    with playing("folder", rate=20, frame_id="eye", compressed=True, **parameters):
        listener = Listener("folder")
        sets = listener.together(("image", "image/compressed", "camera_info", "depth"), 7)
        listener.destroy_node()
    originals = [photo(seed=index) for index in range(3)]
    shown = []
    for image, compressed, info, depth in sets:
        assert image.header == compressed.header == info.header == depth.header
        assert image.header.frame_id == "eye"
        index = [np.array_equal(decode_image(image), original) for original in originals].index(True)
        assert compressed.format == "rgb8; jpeg compressed bgr8"
        assert decode_compressed_image(compressed).shape == (48, 64, 3)
        assert decode_depth(depth).metres(np.array(20), np.array(30)) == pytest.approx(index + 1)
        assert (info.width, info.height, info.k[4], info.p[0], info.d[0]) == (64, 48, 51.0, 48.0, -0.1)
        assert camera_model(info, (48, 64)) is not None
        shown.append(index)
    # One may be lost while the subscriptions are being matched.
    assert set(shown) == {0, 1, 2}
    assert sum((after - before) % 3 == 1 for before, after in itertools.pairwise(shown)) >= 5


def test_a_video_ends_where_it_is_not_looped(photos: Path) -> None:
    """A video at its own rate, without loop: after the last frame the process ends with exit code 0."""
    with playing("video", source=photos / "clip.avi", loop=False) as process:
        output = process.communicate(timeout=TIMEOUT)[0]
        assert process.returncode == 0
        assert "at 25 Hz" in output
        assert "the last image has been published" in output


def test_a_video_is_played_at_its_own_times(tmp_path: Path) -> None:
    """1. Ten frames a twentieth of a second apart, then three half a second apart, which a mean rate knows nothing of.
    2. The messages' stamps follow each other as the frames do, in the second round too."""
    times = [50 * k for k in range(10)] + [450 + 500 * k for k in (1, 2, 3)]
    with av.open(str(tmp_path / "variable.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=20)
        stream.width, stream.height, stream.pix_fmt, stream.options = 64, 48, "yuv420p", {"bf": "0"}
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 16 * number, np.uint8), format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with playing("variable", source=tmp_path / "variable.mp4"):
        listener = Listener("variable")
        sets = listener.together(("image",), 20)
        listener.destroy_node()
    played: list[tuple[int, float]] = []
    for (image,) in sets:
        stamp = image.header.stamp.sec + image.header.stamp.nanosec * 1e-9
        played.append((round(float(decode_image(image).mean()) / 16), stamp))
    pairs = [(before, after) for before, after in itertools.pairwise(played) if after[0] == before[0] + 1]
    assert len(pairs) > 12
    gaps = [(after[1] - before[1]) - (times[after[0]] - times[before[0]]) / 1000 for before, after in pairs]
    assert np.median(np.abs(gaps)) < 0.02


def test_a_topic_of_a_bag_is_played_at_its_own_times(tmp_path: Path) -> None:
    """1. Ten images 50 ms apart, then three 500 ms apart, of one of two topics. 2. They are published at that pace,
    those of the topic alone. 3. A topic that is not there is one line that lists those that are."""
    times = [0.05 * k for k in range(10)] + [0.45 + 0.5 * k for k in (1, 2, 3)]
    frames = [("/left", t, bags.image(np.full((48, 64, 3), 16 * k, np.uint8), 0)) for k, t in enumerate(times)]
    other = [("/right", t, bags.image(np.full((48, 64, 3), 255, np.uint8), 0)) for t in times]
    bag = bags.write_bag(tmp_path / "drive", sorted([*frames, *other], key=lambda message: message[1]))
    with playing("bag", source=bag, topic="/left"):
        listener = Listener("bag")
        sets = listener.together(("image", "camera_info"), 15)
        listener.destroy_node()
    played = [
        (round(float(decode_image(image).mean()) / 16), image.header.stamp.sec + image.header.stamp.nanosec * 1e-9)
        for image, _ in sets
    ]
    assert max(number for number, _ in played) == 12
    slow = [after[1] - before[1] for before, after in itertools.pairwise(played) if after[0] in (10, 11, 12)]
    assert slow
    assert min(slow) > 0.3
    with playing("unknown", source=bag, topic="/front") as process:
        output = process.communicate(timeout=TIMEOUT)[0]
    assert process.returncode == 2
    assert "choose one of /left, /right" in output
    assert "Traceback" not in output


def test_a_damaged_photo_is_warned_about_and_passed_over(photos: Path) -> None:
    """1. Six photos in counting order, one of them damaged, and one that macOS hides, with depth for each. 2. The
    others are played with their own depth, round after round; one warning names the damaged one."""
    for index in range(3, 6):
        cv2.imwrite(str(photos / "photos" / f"{index + 7}.png"), photo(seed=index)[..., ::-1])
        cv2.imwrite(str(photos / "depth" / f"{index + 7}.png"), np.full((48, 64), 1000 * (index + 1), np.uint16))
    (photos / "photos" / "2.png").write_bytes(b"no photo")
    (photos / "photos" / "._0.png").write_bytes(b"what macOS leaves")
    originals = {index: photo(seed=index) for index in (0, 1, 3, 4, 5)}
    with playing("damaged", source=photos / "photos", depth=photos / "depth", rate=20) as process:
        listener = Listener("damaged")
        sets = listener.together(("image", "depth"), 14)
        listener.destroy_node()
        process.send_signal(signal.SIGINT)
        output = process.communicate(timeout=10)[0]
    shown = []
    for image, depth in sets:
        (index,) = (k for k, original in originals.items() if np.array_equal(decode_image(image), original))
        assert decode_depth(depth).metres(np.array(20), np.array(30)) == pytest.approx(index + 1)
        shown.append(index)
    order = {0: 1, 1: 3, 3: 4, 4: 5, 5: 0}
    assert sum(order[before] == after for before, after in itertools.pairwise(shown)) >= 11
    assert output.count("2.png: no image that OpenCV can read") == 1
    assert process.returncode == 0


def test_signals_end_it_cleanly() -> None:
    """SIGINT and SIGTERM end it with exit code 0 and no traceback."""
    for number in (signal.SIGINT, signal.SIGTERM):
        with playing("ended") as process:
            listener = Listener("ended")
            listener.together(("image", "camera_info"), 1)
            process.send_signal(number)
            output = process.communicate(timeout=10)[0]
            assert process.returncode == 0, output
            assert "Traceback" not in output
            listener.destroy_node()


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"source": "/missing.jpg"}, "input '/missing.jpg' does not exist: give images"),
        ({"rate": -1}, "parameter rate is -1: give a number from 0 to 1000"),
        ({"calibration": "photos"}, "calibration 'photos' cannot be read"),
    ],
    ids=["source", "rate", "calibration"],
)
def test_a_wrong_start_is_refused_with_one_line(parameters: dict[str, Any], reason: str) -> None:
    """Exit code 2, one line that names the input and the reason, no traceback."""
    with playing("refused", **parameters) as process:
        output = process.communicate(timeout=TIMEOUT)[0]
        assert process.returncode == 2
    lines = [line for line in output.splitlines() if line.strip()]
    assert len(lines) == 1, output
    assert reason in lines[0]


def test_sources(photos: Path) -> None:
    """Each kind of name opens what it stands for, and what cannot be read is named."""
    synthetic = open_source("")
    assert isinstance(synthetic, SyntheticSource)
    assert len(list(synthetic.frames())) == synthetic.length
    assert isinstance(open_source(str(photos / "photos")), PictureSource)
    video = open_source(str(photos / "clip.avi"))
    assert isinstance(video, VideoSource)
    assert (video.length, video.fps) == (5, 25.0)
    levels = [int(frame.image.mean().round()) for frame in video.frames()]
    np.testing.assert_allclose(levels, [0, 50, 100, 150, 200], atol=3)
    (photos / "broken.jpg").write_bytes(b"no picture")
    (photos / "empty").mkdir()
    for name, reason in (
        ("broken.jpg", "no image that OpenCV can read"),
        ("camera.yaml", "no video that FFmpeg can read"),
        ("empty", "has no images"),
        ("nothing", "does not exist"),
    ):
        with pytest.raises(InputError, match=reason):
            list(open_source(str(photos / name)).frames())
    with pytest.raises(InputError, match="webcam 77: cannot be opened"):
        open_source("77")


def test_few_pictures_are_read_once(photos: Path) -> None:
    """1. Three pictures in a loop are in memory after the first round: their files may go. 2. More are read anew in
    each round, and played in order."""
    lens = PlayedLens(None, 60)
    frames = camera_frames(open_source(str(photos / "photos")), lens, None, None, loop=True)
    shown = [next(frames).image for _ in range(3)]
    for path in (photos / "photos").iterdir():
        path.unlink()
    assert all((next(frames).image == image).all() for image in shown)
    for index in range(KEPT_PICTURES + 1):
        cv2.imwrite(str(photos / "photos" / f"{index}.png"), photo(seed=index)[..., ::-1])
    frames = camera_frames(open_source(str(photos / "photos")), lens, None, None, loop=True)
    for index in (*range(KEPT_PICTURES + 1), 0):
        np.testing.assert_array_equal(next(frames).image, photo(seed=index))


def test_where_no_scenes_can_be_drawn_pictures_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A robot's installation has no synthetic scenes: one line says what to give instead."""
    monkeypatch.setattr("hotspot_ros.player.sources.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"no pictures are named.*give a photo, a folder of photos, a video or"):
        open_source("")


def test_a_video_without_frames_is_named(photos: Path) -> None:
    """A header that promises frames, and none that can be read: an error, in the player too, and no clean end."""
    whole = (photos / "clip.avi").read_bytes()
    (photos / "empty.avi").write_bytes(whole[: whole.index(b"movi") + 4])
    source = open_source(str(photos / "empty.avi"))
    assert source.length == 5
    with pytest.raises(InputError, match=r"empty\.avi: no frame can be read"):
        list(source.frames())
    with playing("frameless", source=photos / "empty.avi", loop=False) as process:
        output = process.communicate(timeout=TIMEOUT)[0]
        assert process.returncode == 2, output
        assert "no frame can be read" in output
        assert "has been published" not in output


def test_depth_of_the_player(photos: Path) -> None:
    """A distance is a plane; a folder must have a fitting 16-bit PNG for each image."""
    assert open_depth("", 3) is None
    plane = open_depth("1.25", 3)
    assert isinstance(plane, PlaneDepth)
    assert (plane.of(0, (2, 3), None) == 1250).all()
    assert isinstance(open_depth(str(photos / "depth"), 3), DepthFolder)
    for name, reason in (
        ("0", "give metres, from"),
        ("nan", "give metres, from"),
        ("far", "give metres or a folder"),
        (str(photos), "0 PNGs for 3 images"),
    ):
        with pytest.raises(InputError, match=reason):
            open_depth(name, 3)
    for folder, reason in (("photos", "no 16-bit grey PNG"), ("depth", "has 64 x 48 pixels, its image 32 x 24")):
        depth = open_depth(str(photos / folder), 3)
        assert depth is not None
        with pytest.raises(InputError, match=reason):
            depth.of(0, (24, 32), None)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("image_width: 64", "image_width: wide", "image_width is 'wide'"),
        ("camera_matrix", "matrix", "camera_matrix has no data"),
        ("[50.0, 0, ", "[50.0, ", "camera_matrix has 8 numbers, 9 are needed"),
        ("-0.1", ".nan", "distortion_coefficients has 5 numbers, finite ones are needed"),
        ("{rows", "[rows", "cannot be read"),
        (CALIBRATION, "hello", "is no calibration"),
    ],
)
def test_calibrations_that_mean_nothing_are_named(tmp_path: Path, old: str, new: str, reason: str) -> None:
    """Each kind of damage is refused with what is wrong."""
    (tmp_path / "camera.yaml").write_text(CALIBRATION.replace(old, new, 1))
    with pytest.raises(InputError, match=reason):
        read_calibration(tmp_path / "camera.yaml")


NAMED, FOUR = "distortion_model: plumb_bob\n", "{rows: 1, cols: 4, data: [-0.02, 0.006, -0.003, 0.0005]}"
FIVE = "{rows: 1, cols: 5, data: [-0.1, 0.01, 0.001, 0.002, 0]}"


@pytest.mark.parametrize(
    ("lines", "coefficients", "model"),
    [
        ("camera_model: fisheye\n", FOUR, "equidistant"),
        ("camera_model: pinhole\ndistortion_model: equidistant\n", FOUR, "equidistant"),
        ("distortion_model: fisheye\n", FOUR, "fisheye"),
        ("", FIVE, "plumb_bob"),
        ("camera_model: plumb_bob\n", FOUR, "plumb_bob"),
        ("", "{rows: 1, cols: 4, data: [0, 0, 0, 0]}", "plumb_bob"),
        ("", "{rows: 1, cols: 8, data: [1, 2, 3, 4, 5, 6, 7, 8]}", "rational_polynomial"),
    ],
)
def test_a_distortion_model_that_is_not_named_is_told_by_the_rest(
    tmp_path: Path, lines: str, coefficients: str, model: str
) -> None:
    (tmp_path / "camera.yaml").write_text(CALIBRATION.replace(NAMED, lines).replace(FIVE, coefficients))
    assert read_calibration(tmp_path / "camera.yaml").distortion_model == model


@pytest.mark.parametrize(
    ("lines", "coefficients", "reason"),
    [
        ("", FOUR, "distortion_model is missing, and 4 coefficients can be of several"),
        ("camera_model: omni\n", FIVE, "camera_model is 'omni'"),
        ("camera_model: fisheye\ndistortion_model: plumb_bob\n", FOUR, "contradict each other"),
    ],
)
def test_a_distortion_model_in_doubt_is_asked_for(tmp_path: Path, lines: str, coefficients: str, reason: str) -> None:
    """A fisheye lens read as plumb_bob is 63 cm off at 1 m."""
    (tmp_path / "camera.yaml").write_text(CALIBRATION.replace(NAMED, lines).replace(FIVE, coefficients))
    with pytest.raises(InputError, match=reason):
        read_calibration(tmp_path / "camera.yaml")


def test_a_field_of_view_is_a_pinhole() -> None:
    """The outer edges of a 90-degree image are seen at 45 degrees, its middle straight ahead."""
    camera = camera_model(pinhole(640, 480, 90), (480, 640))
    assert camera is not None
    rays = camera.rays(np.array([[-0.5, 239.5], [639.5, 239.5], [319.5, 239.5]]))
    np.testing.assert_allclose(rays, [[-1, 0, 1], [1, 0, 1], [0, 0, 1]], atol=1e-12)


def test_fitting_keeps_the_middle_and_square_pixels() -> None:
    """A wide image made square loses its sides; a tall one top and bottom; what fits is not touched."""
    wide = np.zeros((10, 30), np.uint16)
    wide[:, 10:20] = 7
    assert (fit(wide, (5, 5), cv2.INTER_NEAREST) == 7).all()
    assert (fit(np.ascontiguousarray(wide.T), (20, 20), cv2.INTER_NEAREST) == 7).all()
    assert fit(wide, (30, 10)) is wide
    assert fit(wide, None) is wide
