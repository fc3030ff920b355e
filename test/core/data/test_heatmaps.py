"""Ground-truth heatmaps: the definition behind published numbers, computed a second way."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_core import InputError
from hotspot_core.data.heatmaps import ground_truth, heatmap_from_points, resize_maps


def gaussian_sum(points: list[tuple[float, float]], height: int, width: int, ratio: float) -> np.ndarray:
    """The definition written out: a separable Gaussian of odd size around each point's pixel, mirrored at borders."""
    size = int((height * width) ** 0.5 / ratio)
    size += size % 2 == 0
    sigma = 0.3 * ((size - 1) * 0.5 - 1) + 0.8
    half = size // 2
    weights = np.exp(-(np.arange(-half, half + 1) ** 2) / (2 * sigma**2))
    weights /= weights.sum()
    counts = np.zeros((height, width))
    for x, y in points:
        counts[int(y), int(x)] += 1
    padded = np.pad(counts, half, mode="reflect")
    heatmap = np.zeros((height, width))
    for j, wy in enumerate(weights):
        for i, wx in enumerate(weights):
            heatmap += wy * wx * padded[j : j + height, i : i + width]
    return heatmap / heatmap.sum()


@pytest.mark.parametrize(("size", "ratio"), [((40, 60), 3.0), ((60, 40), 4.0), ((45, 45), 3.0)])
def test_definition(size: tuple[int, int], ratio: float) -> None:
    """Equals the definition on landscape, portrait and square images, with fractional points, one of them near a
    border and one given twice: (x, y) is column, row, and coordinates are rounded down."""
    points = [(12.9, 7.2), (12.9, 7.2), (1.0, 30.99), (37.5, 20.0)]
    heatmap = heatmap_from_points(points, size, ratio)
    assert heatmap.dtype == np.float32
    assert heatmap.shape == size
    np.testing.assert_allclose(heatmap, gaussian_sum(points, *size, ratio), atol=2e-7)


def test_points_outside_move_to_the_border() -> None:
    """A point left of and above the image counts for its first pixel, not, as a negative index would, for its last."""
    moved = heatmap_from_points([(-5, -1.65), (99, 99)], (30, 40))
    np.testing.assert_array_equal(moved, heatmap_from_points([(0, 0), (39, 29)], (30, 40)))


def test_no_points_no_heat() -> None:
    """No point gives zeros, not NaN, also on the grid."""
    assert heatmap_from_points([], (30, 40)).max() == 0
    assert ground_truth(np.zeros((0, 2)), (30, 40)).max() == 0


@pytest.mark.parametrize("points", [[1, 2, 3], [[1, 2, 3]], [[np.nan, 2]]])
def test_wrong_points(points: list) -> None:
    """What are not finite pairs is refused."""
    with pytest.raises(InputError, match="finite x, y"):
        heatmap_from_points(points, (10, 10))


def test_the_grid_covers_the_image() -> None:
    """A point in a corner of a wide image heats that corner's cell most, and the map on the grid sums to 1."""
    target = ground_truth([(635, 4)], (120, 640))
    assert target.shape == (28, 28)
    assert int(target.argmax()) == 27
    assert target.sum() == pytest.approx(1, abs=1e-5)


def test_resizing_keeps_places() -> None:
    """Halving averages the four pixels of a cell: bilinear over areas, corners not aligned."""
    maps = np.arange(2 * 4 * 6, dtype=np.float64).reshape(2, 4, 6)
    means = maps.reshape(2, 2, 2, 3, 2).mean((2, 4))
    np.testing.assert_allclose(resize_maps(maps, (2, 3)), means)
