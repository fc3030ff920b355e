"""The examples do what they say: on what the node publishes over DDS, and on poses of known axes."""

from __future__ import annotations

import importlib.util
import itertools
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
import rclpy
from builtin_interfaces.msg import Duration
from depth_camera import DepthCamera
from depth_scene import Lens, render
from geometry_msgs.msg import Point, Pose, PoseStamped, Quaternion
from harness import LocalNode, photo
from rclpy.node import Node
from rclpy.parameter import Parameter
from std_msgs.msg import Header

from hotspot_ros.msg import Hotspot, HotspotArray, InteractionPoint

EXAMPLES = Path(__file__).parents[2] / "examples"
HAS_POSES = "has_pose" in InteractionPoint.get_fields_and_field_types()


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def turned(axis: str, angle: float) -> Quaternion:
    return Quaternion(**{"w": math.cos(angle / 2), axis: math.sin(angle / 2)})


@pytest.mark.parametrize("axis", ["x", "y", "z"])
@pytest.mark.parametrize("angle", [0.0, 0.7, math.pi / 2, math.pi, -2.5])
def test_a_contact_becomes_moveits_tool(axis: str, angle: float) -> None:
    """Against the definitions, with OpenCV's rotations: the tool looks along the approach, its fingers move along the
    closing axis, and it comes from the approach's other side."""
    moveit = example("moveit_target")
    contact = PoseStamped(header=Header(frame_id="base_link"))
    contact.pose = Pose(position=Point(x=0.4, y=-0.1, z=0.6), orientation=turned(axis, angle))
    vector = np.array([float(axis == name) for name in "xyz"]) * angle
    frame = cv2.Rodrigues(vector)[0]
    for goal, along in (
        (moveit.before(contact, 0.1), -0.1),
        (moveit.at(contact), 0.0),
        (moveit.at(contact, 0.02), 0.02),
    ):
        tool = moveit.matrix(goal.pose.orientation)
        np.testing.assert_allclose(tool[:, 2], frame[:, 0], atol=1e-9)
        np.testing.assert_allclose(tool[:, 1], frame[:, 1], atol=1e-9)
        assert np.linalg.det(tool) == pytest.approx(1)
        place = goal.pose.position
        expected = np.array([0.4, -0.1, 0.6]) + along * frame[:, 0]
        np.testing.assert_allclose([place.x, place.y, place.z], expected, atol=1e-9)
        assert goal.header == contact.header
    assert contact.pose.position == Point(x=0.4, y=-0.1, z=0.6)


@pytest.fixture
def node() -> Iterator[Node]:
    made = Node("tree", namespace="/examples")
    yield made
    made.destroy_node()


def test_a_place_is_found_while_the_node_looks_at_it() -> None:
    """1. A behaviour begins while a camera with depth publishes. 2. It runs until its place was seen for long enough,
    then succeeds with the best point of the action, in the camera's frame."""
    module, lens = example("find_where_to_open"), Lens()
    metres = render(lens.rays())[0].astype(np.float32)
    with LocalNode("found", depth=True), DepthCamera("/found") as camera:
        behaviour = module.FindWhere(camera, "open", timeout=60.0, score=0.0, age=0.2)
        behaviour.initialise()
        assert behaviour.update() is module.Status.RUNNING
        answers: list[HotspotArray] = []
        while behaviour.update() is module.Status.RUNNING:
            answers.append(camera.see("optical", photo(480, 640), metres, lens))
            camera.spin_for(0.05)
        assert behaviour.update() is module.Status.SUCCESS
        assert len(answers) > 1
        (best, *_) = next(hotspot.points for hotspot in answers[-1].hotspots if hotspot.action == "open")
        assert behaviour.place.header.frame_id == "optical"
        found, expected = behaviour.place.point, best.position
        assert math.dist((found.x, found.y, found.z), (expected.x, expected.y, expected.z)) < 0.05
        behaviour.terminate()
        behaviour.terminate()


def test_it_gives_up_in_time_and_says_why(node: Node) -> None:
    """1. No node at all: failure after the timeout. 2. Begun anew while a node sees nothing to open, too, with another
    reason. 3. Time is that of the node's clock."""
    module = example("find_where_to_open")
    publisher = node.create_publisher(HotspotArray, "hotspots", 1)
    behaviour = module.FindWhere(node, "open", timeout=0.3)
    message = HotspotArray(hotspots=[Hotspot(action="open", score=0.125)])
    for sent, reason in ((None, "no hotspots have come"), (message, "nothing to open is in sight: score 0.12")):
        began, seen = node.get_clock().now(), set()
        behaviour.initialise()
        while (status := behaviour.update()) is module.Status.RUNNING:
            if sent is not None:
                publisher.publish(sent)
            rclpy.spin_once(node, timeout_sec=0.02)
            seen.add(status)
        assert status is module.Status.FAILURE
        assert (node.get_clock().now() - began).nanoseconds > 0.3e9
        assert seen == {module.Status.RUNNING}
        assert reason in behaviour.reason
        behaviour.terminate()


def test_a_gripper_reaches_what_is_near_high_narrow_and_steady() -> None:
    """Each limit alone rules a point out; one without a pose is never reachable."""
    module = example("best_reachable")
    node = module.BestReachable()
    node.lowest = -0.1

    def reachable(x: float = 0.5, z: float = 0.2, width: float = 0.03, seconds: int = 1, has_pose: bool = True) -> bool:
        pose = Pose(position=Point(x=x, y=0.1, z=z))
        point = SimpleNamespace(has_pose=has_pose, pose=pose, width=width, age=Duration(sec=seconds))
        return bool(node.is_reachable(point))

    try:
        assert reachable()
        wrong: list[dict[str, Any]] = [
            {"x": 2.0},
            {"x": 0.01, "z": 0.0},
            {"z": -0.2},
            {"width": 0.2},
            {"width": math.inf},
        ]
        wrong += [{"seconds": 0}, {"has_pose": False}]
        assert [reachable(**limits) for limits in wrong] == [False] * len(wrong)
    finally:
        node.destroy_node()


@pytest.mark.skipif(not HAS_POSES, reason="points have no poses")
def test_the_best_reachable_pose_is_published(node: Node) -> None:
    """Over DDS: of an action's points the first in reach, in the frame of the positions, at the image's stamp."""
    module = example("best_reachable")
    picker = module.BestReachable()
    picker.set_parameters([Parameter("use_sim_time", value=False)])
    publisher = node.create_publisher(HotspotArray, "/hotspots", 1)
    heard: list[PoseStamped] = []
    node.create_subscription(PoseStamped, "/target", heard.append, 1)
    far, near = (
        InteractionPoint(action="open", track_id=number, age=Duration(sec=1), has_pose=True, width=0.03)
        for number in (1, 2)
    )
    far.pose.position.x, near.pose.position.x = 3.0, 0.5
    header = Header(frame_id="optical")
    header.stamp.sec = 7
    message = HotspotArray(header=header, position_frame="base_link")
    message.hotspots = [Hotspot(action="open", score=0.9, points=[far, near])]
    try:
        for _ in itertools.takewhile(lambda _: not heard, range(200)):
            publisher.publish(message)
            rclpy.spin_once(picker, timeout_sec=0.02)
            rclpy.spin_once(node, timeout_sec=0.02)
        assert heard[0].pose == near.pose
        assert heard[0].header == Header(stamp=header.stamp, frame_id="base_link")
    finally:
        picker.destroy_node()
