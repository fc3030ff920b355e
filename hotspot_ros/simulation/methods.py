"""Ways to come to the point that a controller acts on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from geometry_msgs.msg import Point, Transform
from numpy.typing import NDArray

from hotspot_core.baselines.saliency import Predict, center, spectral_residual
from hotspot_core.hotspots.peaks import find_peaks
from hotspot_ros.msg import HotspotArray
from hotspot_ros.outputs.best import best_points
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
        rng: of a method that guesses.
    """

    action: str
    seen: RgbdImage
    transform: Transform
    hotspots: HotspotArray | None
    target: Position
    rng: np.random.Generator

    def in_base(self, point: Point) -> Position:
        """A point of the camera's frame in the robot's."""
        return transform_positions(np.array([[point.x, point.y, point.z]]), self.transform)[0]

    def first_placed(self, pixels: NDArray[np.float64]) -> Position | None:
        """The first of some pixels (N, 2) that has depth, as the node finds it, in the robot's frame."""
        size = self.seen.depth.shape[0], self.seen.depth.shape[1]
        camera = camera_model(self.seen.info, size)
        assert camera is not None
        found = positions(DepthImage(self.seen.depth, 0.001), camera, pixels, size)
        found = found[np.isfinite(found).all(axis=1)]
        return transform_positions(found[:1], self.transform)[0] if len(found) else None


@dataclass(frozen=True)
class Method:
    """A way to a point: `point` gives (3,) metres in the robot's frame, or None where it finds nothing to act on.

    Attributes:
        is_ours: whether it needs the node's answer, and so depends on the model.
    """

    point: Callable[[Sight], Position | None]
    is_ours: bool = False


def _truth(sight: Sight) -> Position:
    return sight.target


def _hotspots(sight: Sight) -> Position | None:
    assert sight.hotspots is not None
    best = best_points(sight.hotspots).get(sight.action)
    return None if best is None else sight.in_base(best.point)


def _saliency(predict: Predict) -> Callable[[Sight], Position | None]:
    def point(sight: Sight) -> Position | None:
        heatmap = predict(sight.seen.color, [sight.action])[0]
        scale = np.array(sight.seen.color.shape[1::-1]) / heatmap.shape[::-1]
        peaks = np.array([(peak.column, peak.row) for peak in find_peaks(heatmap)]).reshape(-1, 2)
        return sight.first_placed((peaks + 0.5) * scale - 0.5)

    return point


def _random(sight: Sight) -> Position | None:
    rows, columns = np.nonzero(sight.seen.depth)
    chosen = sight.rng.permutation(len(rows))[:3]
    return sight.first_placed(np.stack([columns[chosen], rows[chosen]], axis=1).astype(np.float64))


METHODS: Mapping[str, Method] = {
    "truth": Method(_truth),
    "hotspots": Method(_hotspots, is_ours=True),
    "spectral residual": Method(_saliency(spectral_residual)),
    "center": Method(_saliency(center)),
    "random": Method(_random),
}
YARDSTICK, OURS = "truth", tuple(name for name, method in METHODS.items() if method.is_ours)
NAIVE = tuple(name for name in METHODS if name != YARDSTICK and name not in OURS)
