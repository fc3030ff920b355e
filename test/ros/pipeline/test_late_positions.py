"""Depth or a transform of one camera comes late: no other camera's frame waits for it. Real nodes over real DDS."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from depth_camera import DepthCamera
from depth_scene import Lens
from geometry_msgs.msg import Transform, TransformStamped, Vector3
from harness import LocalNode, photo
from rclpy.duration import Duration
from rclpy.task import Future
from rclpy.time import Time
from std_msgs.msg import Header

from hotspot_core.errors import InputError
from hotspot_ros.conversions.images import encode_image
from hotspot_ros.msg import HotspotArray
from hotspot_ros.node.node import HotspotNode
from hotspot_ros.pipeline.camera import Camera
from hotspot_ros.pipeline.results import Results
from hotspot_ros.positions.transforms import TargetFrame

LENS = Lens("plumb_bob", [])
DEPTH = np.full((480, 640), 2.0, np.float32)
FOR_EVER = 1000.0
SETTINGS = {"cameras": ["front", "wrist"], "depth": True, "depth_slop": 0.001, "depth_patience": 0.05}
# Tests tell images apart by their frames.
SETTINGS["allow_other_frames"] = True


class PatientResults(Results):
    """Wait for longer than the parameter allows."""

    def __init__(self, cameras: Any, note: str, _patience: float, log: Any) -> None:
        super().__init__(cameras, note, FOR_EVER, log)


class OrderedCamera(DepthCamera):
    """Keeps every result in the order in which it came."""

    def __init__(self, namespace: str) -> None:
        super().__init__(namespace)
        self.all: list[HotspotArray] = []

    def _on_hotspots(self, message: HotspotArray) -> None:
        super()._on_hotspots(message)
        self.all.append(message)

    def stamps(self) -> list[int]:
        return [message.header.stamp.sec * 10**9 + message.header.stamp.nanosec for message in self.all]

    def placed(self) -> list[bool]:
        """Of each result, whether all of its points have positions."""
        return [all(point.has_position for h in message.hotspots for point in h.points) for message in self.all]

    def camera_of(self, node: HotspotNode) -> Camera:
        return next(camera for camera in node.cameras if self.get_namespace().endswith(camera.name))

    def send_image(self, node: HotspotNode, frame_id: str) -> Header:
        """Sends an image without depth, and waits until the node has it."""
        counts = self.camera_of(node).statistics.counts
        before, header = counts.received, self.header(frame_id)
        self.camera.publish(encode_image(photo(480, 640), header))
        self.wait(lambda: counts.received > before)
        return header

    def send_depth(self, node: HotspotNode, header: Header) -> None:
        """Sends the depth image of an image until the node has it: it goes out with best effort."""
        positions = self.camera_of(node).positions
        assert positions is not None
        match = positions.depth.match(header.stamp)
        while match.message is None or match.message.header != header:
            self.depth.publish(encode_image(DEPTH, header))
            self.spin_for(0.01)

    def send_info(self, node: HotspotNode) -> None:
        """Sends the calibration until the node has it."""
        positions = self.camera_of(node).positions
        assert positions is not None
        while positions.info.match(self.header("optical").stamp).message is None:
            self.calibrate(LENS, self.header("optical"))
            self.spin_for(0.01)


Rig = tuple[HotspotNode, OrderedCamera, OrderedCamera]


@contextlib.contextmanager
def rig(namespace: str, **parameters: Any) -> Iterator[Rig]:
    """A node with two cameras with depth that has come before, and a client in the place of each."""
    with (
        LocalNode(namespace, **{**SETTINGS, **parameters}) as node,
        OrderedCamera(f"/{namespace}/front") as front,
        OrderedCamera(f"/{namespace}/wrist") as wrist,
    ):
        for client in (front, wrist):
            client.send_info(node)
            client.send_depth(node, client.header("optical"))
        yield node, front, wrist


@pytest.fixture
def cameras(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setattr("hotspot_ros.positions.depth_timing.ALIVE", FOR_EVER)
    with rig("late") as made:
        yield made


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotspot_ros.pipeline.frame_processor.Results", PatientResults)


def test_depth_that_does_not_come_holds_up_its_own_camera_alone(patient: None, cameras: Rig) -> None:
    """1. The wrist sends three images without depth, which would be waited for endlessly; the front sends each with its
    own. 2. Every image of the front is answered, with positions, while none of the wrist is. 3. Depth of the wrist's
    first image comes, and that image alone is answered. 4. Depth of its third comes: the second, whose depth can no
    more come, is answered without positions, and then the third. No frame of either is lost."""
    node, front, wrist = cameras
    headers = []
    for index in range(3):
        headers.append(wrist.send_image(node, f"wrist_{index}"))
        front.send_depth(node, front.send_image(node, f"front_{index}"))
        front.wait(lambda index=index: f"front_{index}" in front.received)  # type: ignore[misc]
    wrist.spin_for(0.1)
    assert front.placed() == [True] * 3
    assert wrist.all == []
    wrist.send_depth(node, headers[0])
    wrist.wait(lambda: len(wrist.all) == 1)
    wrist.send_depth(node, headers[2])
    wrist.wait(lambda: len(wrist.all) == 3)
    assert [message.header for message in wrist.all] == headers
    assert wrist.placed() == [True, False, True]
    for camera in node.cameras:
        counts = camera.statistics.counts
        assert (counts.received, counts.processed, counts.lost) == (3, 3, 0)


@pytest.mark.parametrize("patience", [FOR_EVER, None], ids=["patient", "default patience"])
def test_depth_200_ms_late_costs_the_other_camera_no_frame(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, patience: float | None
) -> None:
    """1. Both cameras send ten images, the front's depth with its image, the wrist's 200 ms later. 2. Every image of
    either is answered, in order, the front's with positions. 3. With patience enough the wrist's have them too; with
    50 ms theirs are answered all the same."""
    if patience is not None:
        monkeypatch.setattr("hotspot_ros.pipeline.frame_processor.Results", PatientResults)
    node, front, wrist = request.getfixturevalue("cameras")
    late: list[tuple[float, Header]] = []
    for index in range(10):
        late.append((time.monotonic() + 0.2, wrist.send_image(node, f"wrist_{index}")))
        front.send_depth(node, front.send_image(node, f"front_{index}"))
        front.wait(lambda index=index: f"front_{index}" in front.received)
        wrist.spin_for(0.01)
        while late and late[0][0] <= time.monotonic():
            wrist.send_depth(node, late.pop(0)[1])
    for due, header in late:
        wrist.spin_for(due - time.monotonic())
        wrist.send_depth(node, header)
    wrist.wait(lambda: len(wrist.all) == 10)
    for client in (front, wrist):
        assert client.stamps() == sorted(set(client.stamps()))
    assert front.placed() == [True] * 10
    if patience is not None:
        assert wrist.placed() == [True] * 10
    for camera in node.cameras:
        counts = camera.statistics.counts
        assert (counts.received, counts.processed, counts.overwritten, counts.lost) == (10, 10, 0, 0)


def test_a_late_transform_holds_up_its_own_camera_alone(patient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """1. The front's transform is known, the wrist's comes when the test says so. 2. The front is answered meanwhile.
    3. The transform comes: so does the wrist's answer, in the target frame. tf2, which pip does not have, is replaced
    by a stand-in that knows what it is told."""
    known = {"front"}
    waiting: list[tuple[Future[None], Any]] = []

    class ToldTransforms(TargetFrame):
        def __init__(self, _node: Any, name: str) -> None:
            self.name = name

        def when_known(self, source: str, stamp: Any, notify: Any) -> Future[None]:
            future: Future[None] = Future()
            if source in known:
                future.set_result(None)
            else:
                waiting.append((future, notify))
            return future

        def transform(self, source: str, stamp: Any) -> Transform:
            if source not in known:
                raise InputError(f"no transform from {source}")
            return Transform(translation=Vector3(x=5.0))

        def destroy(self) -> None:
            pass

    monkeypatch.setattr("hotspot_ros.node.node.TargetFrame", ToldTransforms)
    with rig("untransformed", target_frame="base_link") as (node, front, wrist):
        header = wrist.send_image(node, "wrist")
        wrist.send_depth(node, header)
        for _ in range(3):
            front.received.clear()
            front.send_depth(node, front.send_image(node, "front"))
            front.wait(lambda: "front" in front.received)
        assert wrist.all == []
        wrist.wait(lambda: bool(waiting))
        known.add("wrist")
        for future, notify in waiting:
            future.set_result(None)
            notify()
        wrist.wait(lambda: bool(wrist.all))
        assert [message.position_frame for message in (*front.all, *wrist.all)] == ["base_link"] * 4
        assert front.placed() == [True] * 3
        assert wrist.placed() == [True]
        assert wrist.all[0].header == header


def test_a_late_transform_of_tf2(patient: None) -> None:
    """The same with tf2 itself, where it is installed: 1. The front's transform is known at every time, the wrist's up
    to the time before its image. 2. The front is answered meanwhile. 3. The wrist's next transform comes, and so does
    its answer, at the time of its image: half way between the two that tf2 was told."""
    tf2_ros = pytest.importorskip("tf2_ros", reason="tf2_ros is not installed: it comes with ROS 2, not with pip")
    with rig("transformed", target_frame="base_link") as (node, front, wrist):
        broadcaster = tf2_ros.TransformBroadcaster(front)
        front.wait(lambda: front.count_subscribers("/tf") > 0)
        # tf2 remembers ten seconds: what is known at every time is static.
        fixed = TransformStamped(header=Header(frame_id="base_link"), child_frame_id="front")
        tf2_ros.StaticTransformBroadcaster(front).sendTransform(fixed)

        def tell(frame: str, stamp: Any, x: float) -> None:
            told = TransformStamped(header=Header(frame_id="base_link"), child_frame_id=frame)
            told.header.stamp, told.transform.translation.x = stamp.to_msg(), x
            broadcaster.sendTransform(told)

        now, second = front.get_clock().now(), Duration(seconds=1)
        target = node._target
        assert target is not None
        while not target._buffer.can_transform("base_link", "wrist", now - second):
            tell("wrist", now - Duration(seconds=9), 0.0)
            tell("wrist", now - second, 0.0)
            front.spin_for(0.05)
        header = wrist.send_image(node, "wrist")
        wrist.send_depth(node, header)
        for _ in range(3):
            front.received.clear()
            front.send_depth(node, front.send_image(node, "front"))
            front.wait(lambda: "front" in front.received)
        assert wrist.all == []
        taken = Time.from_msg(header.stamp)
        tell("wrist", taken + (taken - (now - second)), 8.0)
        wrist.wait(lambda: bool(wrist.all))
        assert wrist.placed() == [True]
        assert wrist.all[0].position_frame == "base_link"
        (x, *_) = (point.position.x for hotspot in wrist.all[0].hotspots for point in hotspot.points)
        pixel = wrist.all[0].hotspots[0].points[0]
        ray = LENS.rays()[round(pixel.y), round(pixel.x)]
        assert x - 2.0 * ray[0] == pytest.approx(4.0, abs=0.01)
