"""Depth that does not belong to the image, comes late, or shows nothing: no position, and the true reason. Real nodes
over real DDS."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from depth_camera import DepthCamera
from depth_scene import Lens, render
from harness import Client, LocalNode, photo
from rclpy.duration import Duration
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy, qos_profile_sensor_data
from rclpy.time import Time
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from hotspot_ros.conversions.images import encode_image
from hotspot_ros.msg import HotspotArray, InteractionPoint
from hotspot_ros.node.node import HotspotNode

LENS = Lens("plumb_bob", [])
METRES = render(LENS.rays())[0].astype(np.float32)
IMAGE = photo(480, 640)


@pytest.fixture(scope="module")
def node() -> Iterator[HotspotNode]:
    with LocalNode("honest", depth=True, depth_patience=0.5) as local:
        yield local


@pytest.fixture
def camera(node: HotspotNode) -> Iterator[DepthCamera]:
    with DepthCamera("/honest") as connected:
        yield connected


def points_of(hotspots: HotspotArray) -> list[InteractionPoint]:
    return [point for hotspot in hotspots.hotspots for point in hotspot.points]


def problem(node: HotspotNode) -> str:
    return node.cameras[0].statistics.position_problem


def show(camera: DepthCamera, image: str, depth: str, info: str) -> HotspotArray:
    """An image and what belongs to it, each with a frame of its own."""
    header = camera.header(image)
    camera.received.pop(image, None)
    camera.calibrate(LENS, Header(stamp=header.stamp, frame_id=info))
    camera.depth.publish(encode_image(METRES, Header(stamp=header.stamp, frame_id=depth)))
    camera.spin_for(0.1)
    camera.camera.publish(encode_image(IMAGE, header))
    camera.wait(lambda: image in camera.received)
    return camera.received[image]


@pytest.mark.parametrize(
    ("depth", "info", "reason"),
    [
        ("depth_optical", "color_optical", "depth is in frame 'depth_optical', the image in 'color_optical'"),
        ("color_optical", "depth_optical", "camera_info is in frame 'depth_optical', the image in 'color_optical'"),
        ("/color_optical", "color_optical", ""),
        ("", "", ""),
    ],
    ids=["depth", "camera_info", "slash", "no names"],
)
def test_another_frame_is_refused(node: HotspotNode, camera: DepthCamera, depth: str, info: str, reason: str) -> None:
    """Unregistered depth of equal size gave positions 85 % wrong without a word. Points keep their pixels; the reason
    has a remedy; a slash before the name, or no name, is no other frame."""
    points = points_of(show(camera, "color_optical", depth, info))
    assert points
    assert any(point.has_position for point in points) is (reason == "")
    assert any(point.has_pose for point in points) is (reason == "")
    assert problem(node).startswith(f"no positions: {reason}" if reason else "")
    assert ("allow_other_frames" in problem(node)) is (reason != "")


def test_another_frame_can_be_allowed() -> None:
    with LocalNode("allowed", depth=True, allow_other_frames=True), DepthCamera("/allowed") as camera:
        assert all(point.has_position for point in points_of(show(camera, "color", "depth", "info")))


def send_late(camera: DepthCamera, seconds: float) -> HotspotArray:
    """An image, and its depth so many seconds after it."""
    header = camera.header("optical")
    camera.received.clear()
    camera.calibrate(LENS, header)
    camera.spin_for(0.05)
    camera.camera.publish(encode_image(IMAGE, header))
    camera.spin_for(seconds)
    camera.depth.publish(encode_image(METRES, header))
    camera.wait(lambda: "optical" in camera.received)
    return camera.received["optical"]


def test_depth_that_is_late_is_waited_for(node: HotspotNode, camera: DepthCamera) -> None:
    """1. Depth comes, so that the stream is alive. 2. Depth of the next image comes 120 ms after it, which has
    positions."""
    camera.see("optical", IMAGE, METRES, LENS)
    assert all(point.has_position for point in points_of(send_late(camera, 0.12)))
    assert problem(node) == ""


def test_depth_that_is_too_late_is_called_late() -> None:
    """With less patience: no positions, and after the depth has come after all, the next reason says by how much."""
    with LocalNode("impatient", depth=True, depth_patience=0.01) as node, DepthCamera("/impatient") as camera:
        camera.see("optical", IMAGE, METRES, LENS)
        assert not any(point.has_position for point in points_of(send_late(camera, 1.5)))
        assert re.search("no positions: (no|the newest) depth image", problem(node))
        camera.spin_for(0.2)
        assert not any(point.has_position for point in points_of(send_late(camera, 1.5)))
        assert "depth images on /impatient/depth come late, the last one" in problem(node)
        assert "depth_patience, which is 0.01 s" in problem(node)


def test_ninety_depth_images_a_second_are_no_trouble(node: HotspotNode, camera: DepthCamera) -> None:
    """Twenty depth images come between an image's own and the image: it has its positions, not theirs."""
    header = camera.header("optical")
    camera.received.clear()
    camera.calibrate(LENS, header)
    camera.depth.publish(encode_image(METRES, header))
    camera.spin_for(0.02)
    nothing = np.zeros((480, 640), np.uint16)
    for number in range(1, 21):
        after = Time.from_msg(header.stamp) + Duration(seconds=number / 90)
        camera.depth.publish(encode_image(nothing, Header(stamp=after.to_msg(), frame_id="optical")))
        camera.spin_for(1 / 90)
    camera.camera.publish(encode_image(IMAGE, header))
    camera.wait(lambda: "optical" in camera.received)
    assert all(point.has_position for point in points_of(camera.received["optical"]))


def test_a_scene_of_glass(node: HotspotNode, camera: DepthCamera) -> None:
    """No depth at all: points keep their pixels, have neither position nor pose, and there is one reason, in the log
    and for the diagnostics; it is gone with the next image that has depth."""
    hotspots = camera.see("optical", IMAGE, np.zeros((480, 640), np.uint16), LENS)
    points = points_of(hotspots)
    assert points
    assert not any(point.has_position or point.has_pose for point in points)
    assert all((point.width, point.length, point.position_stddev.x) == (0, 0, 0) for point in points)
    assert problem(node).startswith("no positions: the depth image is valid at 0 % of its pixels")
    assert all(point.has_position for point in points_of(camera.see("optical", IMAGE, METRES, LENS)))
    assert problem(node) == ""


def test_a_calibration_that_is_published_once_is_received() -> None:
    """1. A driver latches camera_info before the node is there, and is silent after that. 2. The node's points have
    positions."""
    latched = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    driver = Client("/latched")
    try:
        info = LENS.info()
        info.header.frame_id = "optical"
        driver.create_publisher(CameraInfo, "camera_info", latched).publish(info)
        depth = driver.create_publisher(Image, "depth", qos_profile_sensor_data)
        with LocalNode("latched", depth=True) as node, driver:
            positions = node.cameras[0].positions
            assert positions is not None
            driver.wait(lambda: positions.info.match(driver.header("optical").stamp).message is not None)
            driver.wait(lambda: depth.get_subscription_count() > 0)
            header = driver.header("optical")
            depth.publish(encode_image(METRES, header))
            driver.camera.publish(encode_image(IMAGE, header))
            driver.wait(lambda: "optical" in driver.received)
            assert all(point.has_position for point in points_of(driver.received["optical"]))
    finally:
        driver.destroy_node()
