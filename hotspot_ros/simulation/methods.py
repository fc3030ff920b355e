"""Ways to come to the point that a controller acts on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
from geometry_msgs.msg import Point, Transform
from numpy.typing import NDArray

from hotspot_core.baselines.saliency import Predict, center, spectral_residual
from hotspot_core.hotspots.peaks import find_peaks
from hotspot_ros.msg import HotspotArray
from hotspot_ros.outputs.best import best_points
from hotspot_ros.outputs.grasp import grasp_poses
from hotspot_ros.positions.camera_model import camera_model
from hotspot_ros.positions.depth import DepthImage, positions
from hotspot_ros.positions.frames import transform_positions
from hotspot_ros.simulation.rgbd import RgbdImage
from hotspot_ros.simulation.world import Position


@dataclass(frozen=True)
class Sight:
    """What there is to know of a scene before the robot moves.

    Attributes:
        action: what shall be done.
        seen: color and depth.
        transform: from the camera's frame to the robot's.
        hotspots: what the node answered to `seen`; None where no method needs it.
        target: the true position of what is to be acted on.
    """

    action: str
    seen: RgbdImage
    transform: Transform
    hotspots: HotspotArray | None
    target: Position

    def in_base(self, point: Point) -> Position:
        """A point of the camera's frame in the robot's."""
        return transform_positions(np.array([[point.x, point.y, point.z]]), self.transform)[0]

    def first_placed(self, pixels: NDArray[np.float64]) -> Position | None:
        """The first of some pixels (N, 2) that has depth, as the node finds it, in the robot's frame; where none has,
        what lies nearest to the first in the picture. None where nothing has depth."""
        rows, columns = np.nonzero(self.seen.depth)
        if not len(pixels) or not len(rows):
            return None
        found = self._positions(pixels)
        if not np.isfinite(found).all(axis=1).any():
            measured = np.stack([columns, rows], axis=1).astype(np.float64)
            distances = np.linalg.norm(measured - pixels[0], axis=1)
            found = self._positions(measured[np.argsort(distances)[:100]])
        found = found[np.isfinite(found).all(axis=1)]
        return transform_positions(found[:1], self.transform)[0] if len(found) else None

    def _positions(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        size = self.seen.depth.shape[0], self.seen.depth.shape[1]
        camera = camera_model(self.seen.info, size)
        assert camera is not None
        return positions(DepthImage(self.seen.depth, 0.001), camera, pixels, size)


# (3,) metres in the robot's frame, or None where a way finds nothing to act on. The generator is for one that guesses.
Find = Callable[[Sight, np.random.Generator], Position | None]


class Role(Enum):
    """What a method is in the loop for."""

    TRUTH = "the yardstick"
    OURS = "what the node says, and so depends on the model"
    NAIVE = "what has learned nothing"
    OFF = "how much the controllers forgive"


@dataclass(frozen=True)
class PointMethod:
    """A way to a point."""

    role: Role
    find: Find


def _truth(sight: Sight, _rng: np.random.Generator) -> Position:
    return sight.target


def _hotspots(sight: Sight, _rng: np.random.Generator) -> Position | None:
    assert sight.hotspots is not None
    best = best_points(sight.hotspots).get(sight.action)
    return None if best is None else sight.in_base(best.point)


def _poses(sight: Sight, _rng: np.random.Generator) -> Position | None:
    """The origin of the contact frame, in the middle between the part's sides: the hand of Meta-World does not turn."""
    assert sight.hotspots is not None
    best = grasp_poses(sight.hotspots).get(sight.action)
    return None if best is None else sight.in_base(best.pose.position)


def _most_probable(sight: Sight, _rng: np.random.Generator) -> Position | None:
    """Whatever place comes first, which is that of the images before while no other is clearly better."""
    assert sight.hotspots is not None
    points = [
        point
        for hotspot in sight.hotspots.hotspots
        if hotspot.action == sight.action
        for point in hotspot.points
        if point.has_position
    ]
    return sight.in_base(max(points, key=lambda point: point.probability).position) if points else None


def _saliency(predict: Predict) -> Find:
    def find(sight: Sight, _rng: np.random.Generator) -> Position | None:
        heatmap = predict(sight.seen.color, [sight.action])[0]
        scale = np.array(sight.seen.color.shape[1::-1]) / heatmap.shape[::-1]
        peaks = np.array([(peak.column, peak.row) for peak in find_peaks(heatmap)]).reshape(-1, 2)
        return sight.first_placed((peaks + 0.5) * scale - 0.5)

    return find


def _random(sight: Sight, rng: np.random.Generator) -> Position | None:
    rows, columns = np.nonzero(sight.seen.depth)
    chosen = rng.permutation(len(rows))[:3]
    return sight.first_placed(np.stack([columns[chosen], rows[chosen]], axis=1).astype(np.float64))


def _off(metres: float) -> Find:
    """The true point, moved by so much in any direction."""

    def find(sight: Sight, rng: np.random.Generator) -> Position:
        direction = rng.normal(size=3)
        return np.asarray(sight.target + metres * direction / np.linalg.norm(direction))

    return find


METHODS: Mapping[str, PointMethod] = {
    "truth": PointMethod(Role.TRUTH, _truth),
    "hotspots": PointMethod(Role.OURS, _hotspots),
    "poses": PointMethod(Role.OURS, _poses),
    "most probable": PointMethod(Role.OURS, _most_probable),
    "spectral residual": PointMethod(Role.NAIVE, _saliency(spectral_residual)),
    "center": PointMethod(Role.NAIVE, _saliency(center)),
    "random": PointMethod(Role.NAIVE, _random),
    "2 cm off": PointMethod(Role.OFF, _off(0.02)),
    "5 cm off": PointMethod(Role.OFF, _off(0.05)),
    "10 cm off": PointMethod(Role.OFF, _off(0.1)),
}


def of_role(*roles: Role) -> tuple[str, ...]:
    """The names of methods, in their order."""
    return tuple(name for name, method in METHODS.items() if method.role in roles)
