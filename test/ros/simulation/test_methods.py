"""Ways to a point, on a plane 1 m in front of a camera that looks straight down from 2 m."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from geometry_msgs.msg import Point, Pose

from hotspot_ros.msg import Hotspot, HotspotArray, InteractionPoint
from hotspot_ros.player.calibration import pinhole
from hotspot_ros.positions.frames import transform_positions
from hotspot_ros.simulation.camera_driver import transform_of
from hotspot_ros.simulation.methods import METHODS, Role, Sight, of_role
from hotspot_ros.simulation.rgbd import RgbdImage

POSE = np.array([[1.0, 0, 0, 0], [0, -1, 0, 0], [0, 0, -1, 2], [0, 0, 0, 1]])
INFO = pinhole(64, 48, 60.0)
RNG = np.random.default_rng(0)


def sight(depth: np.ndarray | None = None, **fields: object) -> Sight:
    millimetres = np.full((48, 64), 1000, np.uint16) if depth is None else depth
    color = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    seen = RgbdImage(color, millimetres, INFO, POSE)
    made = Sight("open", seen, transform_of(POSE), None, np.array([0.1, 0.2, 1.0]))
    return replace(made, **fields)  # type: ignore[arg-type]


def placed(x: float, y: float, z: float, has_position: bool = True) -> InteractionPoint:
    return InteractionPoint(has_position=has_position, position=Point(x=x, y=y, z=z))


def test_ours_is_the_best_placed_point_of_the_action() -> None:
    """The first of `open` has no position, the second is taken, in the robot's frame; `close` does not matter."""
    points = [placed(9.0, 9.0, 9.0, has_position=False), placed(0.1, 0.2, 1.5), placed(0.3, 0.3, 1.0)]
    hotspots = HotspotArray(
        hotspots=[Hotspot(action="close", points=[placed(0.0, 0.0, 1.0)]), Hotspot(action="open", points=points)]
    )
    found = METHODS["hotspots"].find(sight(hotspots=hotspots), RNG)
    assert found == pytest.approx(np.array([0.1, -0.2, 0.5]))
    assert METHODS["hotspots"].find(sight(hotspots=HotspotArray()), RNG) is None


def test_poses_are_those_of_the_best_contact_frame() -> None:
    """The first point has a position alone, so that the second one's frame is taken, by its origin: in the middle of
    the part, beside the point. Where none has a frame there is nothing to act on."""
    alone, framed, other = placed(0.0, 0.0, 1.0), placed(0.1, 0.2, 1.5), placed(0.3, 0.3, 1.0)
    framed.has_pose, framed.pose = True, Pose(position=Point(x=0.12, y=0.2, z=1.5))
    other.has_pose = True
    hotspots = HotspotArray(hotspots=[Hotspot(action="open", points=[alone, framed, other])])
    found = METHODS["poses"].find(sight(hotspots=hotspots), RNG)
    assert found == pytest.approx(np.array([0.12, -0.2, 0.5]))
    hotspots = HotspotArray(hotspots=[Hotspot(action="open", points=[alone])])
    assert METHODS["poses"].find(sight(hotspots=hotspots), RNG) is None


def test_the_most_probable_has_a_position() -> None:
    """Of three points of the action the first is less probable, and the most probable has no position."""
    first, second, nowhere = placed(0.0, 0.0, 1.0), placed(0.1, 0.2, 1.5), placed(9.0, 9.0, 9.0, has_position=False)
    first.probability, second.probability, nowhere.probability = 0.3, 0.6, 0.9
    close = placed(1.0, 1.0, 1.0)
    close.probability = 1.0
    points = {"close": [close], "open": [first, second, nowhere]}
    hotspots = HotspotArray(hotspots=[Hotspot(action=name, points=found) for name, found in points.items()])
    found = METHODS["most probable"].find(sight(hotspots=hotspots), RNG)
    assert found == pytest.approx(np.array([0.1, -0.2, 0.5]))
    assert METHODS["most probable"].find(sight(hotspots=HotspotArray()), RNG) is None


def test_the_center_is_under_the_camera() -> None:
    """In the middle of the picture, where the camera looks: on the plane at height 1."""
    assert METHODS["center"].find(sight(), RNG) == pytest.approx(np.array([0.0, 0.0, 1.0]), abs=0.02)


@pytest.mark.parametrize("method", of_role(Role.NAIVE))
def test_naive_ones_take_what_has_depth(method: str) -> None:
    """Where only a corner of the picture has depth, they take a point of it; where nothing has, none."""
    depth = np.zeros((48, 64), np.uint16)
    depth[:8, :8] = 1000
    found = METHODS[method].find(sight(depth), RNG)
    assert found is not None
    left_edge = (-0.5 - 31.5) / INFO.k[0]
    assert left_edge < found[0] < left_edge + 8 / INFO.k[0]
    assert found[1] > 0.25
    assert METHODS[method].find(sight(np.zeros((48, 64), np.uint16)), RNG) is None


def test_points_that_are_off_are_off_by_that() -> None:
    """In other directions every time."""
    target = sight().target
    for method, metres in (("truth", 0.0), ("2 cm off", 0.02), ("5 cm off", 0.05), ("10 cm off", 0.1)):
        first, second = (METHODS[method].find(sight(), RNG) for _ in range(2))
        assert first is not None
        assert second is not None
        assert np.linalg.norm(first - target) == pytest.approx(metres)
        assert np.allclose(first, second) == (metres == 0)


def test_a_pose_becomes_its_transform() -> None:
    """Turns about any axis, those by half a turn and by none among them."""
    points = RNG.normal(size=(5, 3))
    for turn in (np.zeros(3), np.array([np.pi, 0, 0]), np.array([0.3, -0.2, 0.9]), np.array([0, 0, -1.5])):
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = cv2.Rodrigues(turn)[0], (0.1, -2.0, 3.0)
        expected = points @ pose[:3, :3].T + pose[:3, 3]
        assert transform_positions(points, transform_of(pose)) == pytest.approx(expected, abs=1e-6)
