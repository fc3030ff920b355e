"""Which surface a point means."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_ros.positions.anchors import anchors
from hotspot_ros.positions.depth import DepthImage

SIDE, RADIUS = 80, 8.0


def wall(slope: float = 0.0) -> np.ndarray:
    """(80, 80) metres: 1.2 m away in the middle, slanted to the right."""
    return np.tile(1 / (1 / 1.2 - slope * (np.arange(SIDE) - 40)), (SIDE, 1))


@pytest.mark.parametrize("slope", [0.0, 0.003], ids=["faced", "slanted"])
@pytest.mark.parametrize("beside", [0, 2, 5])
def test_a_point_beside_a_handle_means_the_handle(beside: int, slope: float) -> None:
    """A handle four pixels wide, 4 cm before a wall; its edges are mixed pixels and gaps."""
    depth = wall(slope)
    handle = depth[:, 38:42] - 0.04
    depth[:, 38:42] = handle
    depth[::2, [37, 42]] -= 0.02
    depth[1::4, 37] = 0
    found = anchors(DepthImage(depth.astype(np.float32), 1.0), np.array([[41.0 + beside, 40.0]]), RADIUS)
    assert 38 <= found.pixels[0, 0] < 42
    assert found.elsewhere[0] == (beside > 0)


def test_points_at_the_edge_of_a_box_do_not_take_the_wall_behind() -> None:
    """A box at .7 m before a wall at 1.3 m, whose depth ends up to four pixels inside of its edge in the image: points
    along the edge have the box's depth."""
    depth = np.full((SIDE, SIDE), 1.3, np.float32)
    rng = np.random.default_rng(0)
    for row in range(20, 60):
        depth[row, 20 : 60 - rng.integers(0, 5)] = 0.7
    rows = np.arange(25, 55)
    for column in (57.0, 59.0, 60.0, 61.0):
        found = anchors(DepthImage(depth, 1.0), np.column_stack([np.full(len(rows), column), rows]), RADIUS)
        columns, lines = found.pixels.astype(int).T
        assert (depth[lines, columns] == np.float32(0.7)).all()


def test_a_point_stays_where_there_is_one_surface() -> None:
    """On walls, slanted or with noise, and in the middle of a thing."""
    rng = np.random.default_rng(0)
    pixels = rng.uniform(10, 70, (50, 2))
    for depth in (wall(), wall(0.004), wall() + rng.normal(0, 0.004, (SIDE, SIDE))):
        found = anchors(DepthImage(depth.astype(np.float32), 1.0), pixels, RADIUS)
        assert np.abs(found.pixels - pixels).max() <= 2
        assert not found.elsewhere.any()


def test_stray_values_are_no_surface() -> None:
    """Single pixels far nearer than the wall."""
    depth = wall()
    depth[::9, ::9] = 0.3
    found = anchors(DepthImage(depth.astype(np.float32), 1.0), np.array([[40.0, 40.0], [37.0, 36.0]]), RADIUS)
    columns, rows = found.pixels.astype(int).T
    assert (depth[rows, columns] > 1).all()


def test_holes() -> None:
    """In a small hole the surface around it is taken; in a window, or off the image, nothing."""
    depth = wall()
    depth[38:43, 38:43] = 0
    depth[:30, :30] = 0
    places = np.array([[40.0, 40.0], [12.0, 12.0], [-30.0, 5.0], [np.nan, 5.0]])
    found = anchors(DepthImage(depth.astype(np.float32), 1.0), places, RADIUS)
    assert np.isfinite(found.pixels).all(axis=1).tolist() == [True, False, False, False]
    assert found.elsewhere.tolist() == [True, False, False, False]
