"""Contact frames on topics, in markers and from the service, in the camera's frame and in another. Real nodes over real
DDS, on a rendered scene."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from depth_camera import DepthCamera
from depth_scene import BOX_TURN, WALL_NORMAL, Lens, render
from geometry_msgs.msg import PoseStamped, Quaternion, Transform, Vector3
from harness import LocalNode, photo
from rclpy.task import Future
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header
from visualization_msgs.msg import Marker, MarkerArray

from hotspot_ros.conversions.images import encode_image
from hotspot_ros.msg import Hotspot, HotspotArray, InteractionPoint, InteractionPointArray
from hotspot_ros.outputs.best import topic_token
from hotspot_ros.outputs.grasp import grasp_poses
from hotspot_ros.outputs.markers import hotspot_markers
from hotspot_ros.positions.frames import rotation_matrix
from hotspot_ros.srv import Predict

LENS = Lens("plumb_bob", [-0.28, 0.09, 0.0011, -0.0007, -0.012])
METRES = render(LENS.rays())[0].astype(np.float32)
IMAGE = photo(480, 640)
# What the scene has of surfaces: the wall and the box's faces.
NORMALS = np.array([WALL_NORMAL / np.linalg.norm(WALL_NORMAL), *BOX_TURN.T])


def points_of(hotspots: HotspotArray) -> list[InteractionPoint]:
    return [point for hotspot in hotspots.hotspots for point in hotspot.points]


def axes(point: InteractionPoint) -> np.ndarray:
    """(3, 3) approach, closing and long axis as columns."""
    return rotation_matrix(Transform(rotation=point.pose.orientation))


def degrees_off(point: InteractionPoint, turn: np.ndarray) -> float:
    """Between the approach axis and the nearest normal of the scene, turned."""
    return float(np.degrees(np.arccos(np.clip(np.abs(NORMALS @ turn.T @ axes(point)[:, 0]).max(), 0, 1))))


def test_the_pose_is_that_of_the_strongest_point_that_has_one() -> None:
    """An action without any is left out; the header is that of the positions."""
    message = HotspotArray(header=Header(frame_id="eye"), position_frame="base")
    message.hotspots = [Hotspot(action=action) for action in ("open", "push")]
    message.hotspots[0].points = [InteractionPoint(value=1.0), InteractionPoint(value=0.5, has_pose=True)]
    message.hotspots[0].points[1].pose.position.x = 2.0
    message.hotspots[1].points = [InteractionPoint(value=1.0)]
    found = grasp_poses(message)
    assert list(found) == ["open"]
    assert (found["open"].header.frame_id, found["open"].pose.position.x) == ("base", 2.0)


@pytest.mark.parametrize("width", [0.03, float("inf")])
def test_markers_draw_a_gripper(width: float) -> None:
    """1. Its fingers are as far apart as the part is wide, at most as far as a gripper opens. 2. It stands in the pose
    of the strongest point that has one."""
    point = InteractionPoint(action="open", has_position=True, has_pose=True, width=width, length=0.1)
    point.pose.position.z = 0.7
    message = HotspotArray(header=Header(frame_id="eye"), position_frame="eye")
    message.hotspots = [Hotspot(action="open", points=[InteractionPoint(action="open", has_position=True), point])]
    (gripper,) = (m for m in hotspot_markers(message, ["open"]).markers if m.type == Marker.LINE_LIST)
    assert gripper.pose == point.pose
    assert len(gripper.points) % 2 == 0
    assert 2 * max(p.y for p in gripper.points) == pytest.approx(min(width, 0.12))
    assert max(p.z for p in gripper.points) == pytest.approx(0.05)
    assert min(p.x for p in gripper.points) < 0, "the hand comes from where the camera is"


def test_topics_markers_and_fields() -> None:
    """1. Listen to every action's pose and to the markers. 2. Each pose is that of the action's first point that has
    one, which comes beside it, with the header of the positions. 3. Its approach axis is a normal of the scene. 4.
    Markers show it."""
    poses: dict[str, list[PoseStamped]] = {}
    markers: list[MarkerArray] = []
    with LocalNode("posed", depth=True) as node, DepthCamera("/posed") as camera:
        for action in node.actions:
            poses[action] = []
            topic = f"hotspots/grasp/{topic_token(action)}"
            subscription = camera.create_subscription(PoseStamped, topic, poses[action].append, 10)
            camera.wait(lambda s=subscription: s.get_publisher_count() > 0)  # type: ignore[misc]
        grasps: list[InteractionPointArray] = []
        subscription = camera.create_subscription(InteractionPointArray, "hotspots/grasps", grasps.append, 10)
        camera.wait(lambda: subscription.get_publisher_count() > 0)
        subscription = camera.create_subscription(MarkerArray, "hotspots/markers", markers.append, 10)
        camera.wait(lambda: subscription.get_publisher_count() > 0)
        hotspots = camera.see("optical", IMAGE, METRES, LENS)
        expected = grasp_poses(hotspots)
        assert len(expected) > len(node.actions) / 2
        camera.wait(lambda: bool(markers) and bool(grasps) and all(poses[action] for action in expected))
    for action, pose in expected.items():
        assert poses[action] == [pose]
        assert pose.header == hotspots.header
    assert [point.pose for point in grasps[0].points] == [pose.pose for pose in expected.values()]
    assert (grasps[0].header, grasps[0].position_frame) == (hotspots.header, hotspots.position_frame)
    assert all(point in points_of(hotspots) for point in grasps[0].points)
    posed = [point for point in points_of(hotspots) if point.has_pose]
    assert np.median([degrees_off(point, np.eye(3)) for point in posed]) < 1
    assert all(axes(point)[2, 0] > 0 for point in posed), "away from the camera"
    stddevs = [(p.position_stddev.x, p.position_stddev.y, p.position_stddev.z) for p in points_of(hotspots)]
    assert np.isfinite(stddevs).all()
    assert 0 < np.min(stddevs) < np.max(stddevs) < 0.3
    grippers = [marker for marker in markers[0].markers if marker.type == Marker.LINE_LIST]
    assert {marker.ns for marker in grippers} == {f"{action}/grasp" for action in expected}


def test_poses_in_a_target_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """The camera hangs turned a metre above the robot's base: poses are turned and moved with the positions."""
    moved = Transform(rotation=Quaternion(x=-0.5, y=0.5, z=-0.5, w=0.5), translation=Vector3(z=1.0))

    class FixedTransform:
        def __init__(self, _node: Any, name: str) -> None:
            self.name = name

        def when_known(self, *_: Any) -> Future[None]:
            known: Future[None] = Future()
            known.set_result(None)
            return known

        def transform(self, *_: Any) -> Transform:
            return moved

        def destroy(self) -> None:
            pass

    monkeypatch.setattr("hotspot_ros.node.node.TargetFrame", FixedTransform)
    with LocalNode("turned", depth=True, target_frame="base_link"), DepthCamera("/turned") as camera:
        hotspots = camera.see("optical", IMAGE, METRES, LENS)
    posed = [point for point in points_of(hotspots) if point.has_pose]
    assert hotspots.position_frame == "base_link"
    assert len(posed) > 5
    turn = rotation_matrix(moved)
    assert np.median([degrees_off(point, turn) for point in posed]) < 1
    assert all(axes(point)[0, 0] > 0 for point in posed), "forward"
    for point in posed:
        # The contact is near the point: both were brought to the same frame.
        place = point.pose.position
        assert np.hypot(place.x - point.position.x, place.y - point.position.y) < 0.15


def ask(camera: DepthCamera, request: Predict.Request) -> Predict.Response:
    return camera.call(Predict, "hotspots/predict", request)


def test_the_service_answers_with_positions_and_poses() -> None:
    """1. With depth and calibration, points have positions and contact frames, also where the node has no depth of its
    own. 2. Without, they have none, and no problem is told. 3. With depth of another frame or size, damaged depth or no
    calibration, they have their pixels, and the reason is told."""
    header = Header(frame_id="optical")
    image, depth, info = encode_image(IMAGE, header), encode_image(METRES, header), LENS.info()
    info.header = header
    with LocalNode("served") as _, DepthCameraWithoutInputs("/served") as camera:
        whole = ask(camera, Predict.Request(image=image, depth=depth, camera_info=info))
        assert (whole.success, whole.position_problem) == (True, "")
        assert all(point.has_position for point in points_of(whole.hotspots))
        assert sum(point.has_pose for point in points_of(whole.hotspots)) > 5
        plain = ask(camera, Predict.Request(image=image))
        assert (plain.success, plain.position_problem) == (True, "")
        damaged = encode_image(METRES, header)
        damaged.step = 3
        for wrong, reason in (
            ({"depth": encode_image(METRES, Header(frame_id="other"))}, "depth is in frame 'other'"),
            ({"depth": encode_image(METRES[:, :400].copy(), header)}, "not aligned"),
            ({"depth": damaged}, "step 3 is too small"),
            ({"camera_info": CameraInfo()}, "not calibrated"),
            ({"depth": encode_image(np.zeros((480, 640), np.uint16), header)}, "valid at 0 %"),
        ):
            parts = {"image": image, "depth": depth, "camera_info": info, **wrong}
            answer = ask(camera, Predict.Request(**parts))
            assert answer.success, answer.message
            assert reason in answer.position_problem
            points = points_of(answer.hotspots)
            assert points
            assert not any(point.has_position or point.has_pose for point in (*points, *points_of(plain.hotspots)))


class DepthCameraWithoutInputs(DepthCamera):
    """Of a node that subscribes to no depth."""

    def __enter__(self) -> DepthCameraWithoutInputs:
        return self
