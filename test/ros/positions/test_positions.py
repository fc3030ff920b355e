"""From images, depth and CameraInfo on topics to positions, clouds and best points: a rendered scene over real DDS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from depth_camera import DepthCamera
from depth_scene import BOX_CENTRE, Lens, render
from geometry_msgs.msg import PointStamped, Quaternion, Transform, Vector3
from harness import Gate, LocalNode, photo
from rclpy.parameter import Parameter
from rclpy.task import Future
from sensor_msgs.msg import PointCloud2
from visualization_msgs.msg import Marker, MarkerArray

from hotspot_ros.conversions.images import encode_image
from hotspot_ros.msg import InteractionPoint
from hotspot_ros.node.node import HotspotNode
from hotspot_ros.outputs.best import topic_token

LENS = Lens("plumb_bob", [-0.28, 0.09, 0.0011, -0.0007, -0.012])


@pytest.fixture(scope="module")
def node() -> Iterator[HotspotNode]:
    """A node that makes everything that depth gives."""
    with LocalNode("deep", depth=True, cloud=True, points_per_action=10, peak_threshold=0.0) as local:
        yield local


@pytest.fixture
def camera(node: HotspotNode) -> Iterator[DepthCamera]:
    with DepthCamera("/deep") as connected:
        yield connected


def truth(points: list[InteractionPoint], lens: Lens) -> np.ndarray:
    """(N, 3) where the points lie in the rendered scene; NaN where the surface ends within a part of a cell."""
    rays = lens.rays()
    metres, is_box = render(rays)
    found = []
    for point in points:
        row, column = round(point.y), round(point.x)
        near = is_box[max(row - 9, 0) : row + 10, max(column - 9, 0) : column + 10]
        found.append(metres[row, column] * rays[row, column] if near.all() or not near.any() else [np.nan] * 3)
    return np.array(found)


@pytest.mark.parametrize(
    ("lens", "millimetres"),
    [(LENS, True), (LENS, False), (Lens("plumb_bob", LENS.distortion, binning=2, roi=(120, 60, 400, 360)), False)],
    ids=["16UC1", "32FC1", "binned ROI"],
)
def test_points_of_a_rendered_scene_have_positions_within_1_percent(
    camera: DepthCamera, lens: Lens, millimetres: bool
) -> None:
    """1. Publish an image, the scene's depth and CameraInfo. 2. Every point has a position in the camera's frame,
    within 1 % of its range of where the scene was rendered (a pixel's half of slope included)."""
    height, width = lens.image_hw()
    metres, _ = render(lens.rays())
    depth = np.rint(metres * 1000).astype(np.uint16) if millimetres else metres.astype(np.float32)
    hotspots = camera.see("optical", photo(height, width), depth, lens)
    points = [point for hotspot in hotspots.hotspots for point in hotspot.points]
    assert hotspots.position_frame == "optical"
    assert len(points) > 10
    assert all(point.has_position for point in points)
    expected = truth(points, lens)
    found = np.array([(p.position.x, p.position.y, p.position.z) for p in points])
    error = np.linalg.norm(found - expected, axis=1) / np.linalg.norm(found, axis=1)
    assert np.isfinite(error).sum() > len(points) / 2
    assert np.nanmax(error) < 0.01


def test_no_depth_is_no_position(camera: DepthCamera, node: HotspotNode) -> None:
    """Depth of zeros or NaN, one that is too old, and one of another shape: has_position is false, and the points have
    their pixels all the same, and the node knows why."""
    metres, _ = render(LENS.rays())
    for frame_id, depth, late in (
        ("zeros", np.zeros((480, 640), np.uint16), 0.0),
        ("nan", np.full((480, 640), np.nan, np.float32), 0.0),
        ("old", metres.astype(np.float32), 3.0),
        ("square", np.ones((480, 480), np.float32), 0.0),
    ):
        hotspots = camera.see(frame_id, photo(480, 640), depth, LENS, late)
        points = [point for hotspot in hotspots.hotspots for point in hotspot.points]
        assert points, frame_id
        assert not any(point.has_position for point in points), frame_id
        assert all(point.x > 0 for point in points)
    assert "not aligned" in node.cameras[0].statistics.position_problem


def test_a_slow_model_costs_no_positions(camera: DepthCamera, monkeypatch: pytest.MonkeyPatch) -> None:
    """1. The model is at work on an image, and another waits. 2. Meanwhile more depth images come than are kept. 3.
    Both images have the positions of their own moment, whose depth alone is valid."""
    gate = Gate(monkeypatch)
    gate.open.clear()
    metres, _ = render(LENS.rays())
    for frame_id in ("at work", "waiting"):
        camera.send(frame_id, photo(480, 640), metres.astype(np.float32), LENS)
        assert gate.entered.wait(30)
    for _ in range(30):
        camera.depth.publish(encode_image(np.zeros((480, 640), np.uint16), camera.header("later")))
        camera.spin_for(0.03)
    gate.open.set()
    camera.wait(lambda: {"at work", "waiting"} <= camera.received.keys())
    for frame_id in ("at work", "waiting"):
        points = [point for hotspot in camera.received[frame_id].hotspots for point in hotspot.points]
        assert points
        assert all(point.has_position for point in points), frame_id


def test_a_failing_cloud_costs_no_best_point(
    camera: DepthCamera, node: HotspotNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody listens to the cloud, which cannot be made: the best points come all the same, and the node says why
    the cloud does not."""

    def fail(*_: Any) -> None:
        raise ValueError("no cloud today")

    monkeypatch.setattr("hotspot_ros.outputs.cloud.hot_region", fail)
    best: list[PointStamped] = []
    for kind, topic in ((PointCloud2, "hotspots/cloud"), (PointStamped, f"hotspots/best/{topic_token('open')}")):
        subscription = camera.create_subscription(kind, topic, best.append, 10)
        camera.wait(lambda s=subscription: s.get_publisher_count() > 0)  # type: ignore[misc]
    metres, _ = render(LENS.rays())
    camera.see("optical", photo(480, 640), metres.astype(np.float32), LENS)
    camera.wait(lambda: bool(best) and "no cloud today" in node.cameras[0].statistics.last_error)


def test_outputs_for_planners_and_eyes(camera: DepthCamera, node: HotspotNode) -> None:
    """1. Listen to the cloud, a best point and markers. 2. The cloud lies on the scene with known action indices. 3.
    The best point is the action's first point. 4. Markers name each action at its strongest point. All have the header.
    5. With a region of interest, the cloud lies on the scene in that region alone."""
    clouds: list[PointCloud2] = []
    markers: list[MarkerArray] = []
    best: dict[str, list[PointStamped]] = {action: [] for action in node.actions}
    listening = [
        camera.create_subscription(PointCloud2, "hotspots/cloud", clouds.append, 10),
        camera.create_subscription(MarkerArray, "hotspots/markers", markers.append, 10),
    ]
    for action, received in best.items():
        topic = f"hotspots/best/{topic_token(action)}"
        listening.append(camera.create_subscription(PointStamped, topic, received.append, 10))
    for subscription in listening:
        camera.wait(lambda s=subscription: s.get_publisher_count() > 0)  # type: ignore[misc]
    metres, _ = render(LENS.rays())
    hotspots = camera.see("optical", photo(480, 640), metres.astype(np.float32), LENS)
    camera.wait(lambda: bool(clouds) and bool(markers) and all(best.values()))

    assert clouds[0].header == hotspots.header
    positions = on_the_scene(clouds[0], len(node.actions))
    for hotspot in hotspots.hotspots:
        assert best[hotspot.action][0].point == hotspot.points[0].position
        assert best[hotspot.action][0].header == hotspots.header
    names = [marker.text.rpartition(" ")[0] for marker in markers[0].markers if marker.type == Marker.TEXT_VIEW_FACING]
    assert names == [hotspot.action for hotspot in hotspots.hotspots]
    assert all(marker.header == hotspots.header for marker in markers[0].markers)

    region = Parameter("region_of_interest", value=[0.5, 0.0, 0.5, 0.5])
    (result,) = node.set_parameters([region])
    assert result.successful, result.reason
    camera.see("optical", photo(480, 640), metres.astype(np.float32), LENS)
    camera.wait(lambda: len(clouds) > 1)
    node.set_parameters([Parameter("region_of_interest", value=[0.0, 0.0, 1.0, 1.0])])
    assert LENS.project(positions)[:, 0].min() < 300
    pixels = LENS.project(on_the_scene(clouds[1], len(node.actions)))
    assert pixels[:, 0].min() > 318
    assert pixels[:, 1].max() < 242


def on_the_scene(cloud: PointCloud2, actions: int) -> np.ndarray:
    """(N, 3) positions of a cloud, after checking that they lie on the rendered scene and belong to actions."""
    dtype = np.dtype({"names": [f.name for f in cloud.fields], "formats": ["<f4"] * 4 + ["<u4"]})
    rows = np.frombuffer(cloud.data, dtype)
    assert len(rows) > 100
    assert set(rows["action"]) <= set(range(actions))
    positions = np.column_stack([rows[axis] for axis in "xyz"]).astype(float)
    surface = render(positions[None] / positions[None, :, 2:])[0][0]
    assert np.median(np.abs(surface - positions[:, 2]) / positions[:, 2]) < 0.002
    return positions


def test_positions_in_a_target_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a transform from the camera to the robot's base, positions, markers and cloud are in the base's frame and
    say so, and the header stays the image's. tf2 itself, which pip does not have, is replaced by a fixed transform."""

    class FixedTransform:
        def __init__(self, _node: Any, name: str) -> None:
            self.name = name

        def when_known(self, source: str, stamp: Any, notify: Any) -> Future[None]:
            known: Future[None] = Future()
            known.set_result(None)
            return known

        def transform(self, source: str, stamp: Any) -> Transform:
            assert source == "optical"
            # The usual one: x forward, y left, z up, a metre above the ground.
            return Transform(rotation=Quaternion(x=-0.5, y=0.5, z=-0.5, w=0.5), translation=Vector3(z=1.0))

        def destroy(self) -> None:
            pass

    monkeypatch.setattr("hotspot_ros.node.node.TargetFrame", FixedTransform)
    with LocalNode("based", depth=True, target_frame="base_link"), DepthCamera("/based") as camera:
        hotspots = camera.see("optical", photo(480, 640), np.full((480, 640), BOX_CENTRE[2], np.float32), LENS)
        assert (hotspots.header.frame_id, hotspots.position_frame) == ("optical", "base_link")
        points = [point for hotspot in hotspots.hotspots for point in hotspot.points]
        for point in points:
            assert point.position.x == pytest.approx(BOX_CENTRE[2])
            # Right in the image is right of the robot, low in the image is low.
            assert (point.position.y < 0) == (point.x > 331.5)
            assert (point.position.z < 1) == (point.y > 228.25)
