"""Which surface a point means: peaks of a coarse heatmap land beside thin parts and beyond their edges."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hotspot_ros.positions.depth import DepthImage, split_surfaces

# Samples from a point to the side of its neighborhood, and the least fractions of the samples: for a surface to count,
# and for a point without depth of its own to take that of its neighborhood.
_STEPS = 5
_MIN_FRACTION, _MIN_VALID = 0.07, 1 / 3
# A mixture differs from both surfaces by more than this, in metres and as a fraction of the depth.
_MIN_MIXED, _MIXED_FRACTION = 0.003, 0.006
# A surface counts from this many pixels on, however small the neighborhood.
_MIN_SAMPLES = 6
# Pixels of the way to a place in the middle of its surface, rather than at the edge, in radii.
_DETOUR = 0.4


@dataclass(frozen=True)
class Anchors:
    """What N points are taken to mean.

    Attributes:
        pixels: (N, 2) whole pixels of the depth image with valid depth, x and y; NaN where there is none close by.
        elsewhere: (N,) whether the surface there is another than that which the point's own pixel shows.
    """

    pixels: NDArray[np.float64]
    elsewhere: NDArray[np.bool_]


def anchors(depth: DepthImage, pixels: NDArray[np.float64], radius: float) -> Anchors:
    """The pixels of the depth image that points are taken to mean.

    A heatmap has cells of many pixels, and a camera's depth ends a few pixels beside the edges in its image. Where two
    surfaces meet within that uncertainty, things that are acted on are in front and what is behind is a wall: the
    nearest surface is taken, and on it a place close to the point that does not lie right at the edge.

    Args:
        pixels: (N, 2) x and y in pixels of the depth image.
        radius: of the uncertainty, in pixels of the depth image.
    """
    spacing = max(1.0, radius / _STEPS)
    steps = np.rint(np.arange(-_STEPS, _STEPS + 1) * spacing).astype(np.int64)
    centers = np.clip(np.nan_to_num(np.rint(pixels), nan=-1e6), -1e6, 1e6).astype(np.int64).reshape(-1, 2)
    count = len(steps)
    rows = np.broadcast_to(centers[:, 1, None, None] + steps[:, None], (len(centers), count, count))
    columns = np.broadcast_to(centers[:, 0, None, None] + steps, rows.shape)
    window = depth.metres(rows, columns).astype(np.float64)
    flat = window.reshape(len(centers), -1)
    leveled = _leveled(flat, steps).reshape(window.shape)
    solid = np.where(_is_mixed(leveled), np.nan, leveled)
    member = _nearest_surface(solid.reshape(flat.shape)).reshape(window.shape)

    padded = np.pad(member, ((0, 0), (1, 1), (1, 1))).astype(np.float64)
    rows_summed = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    neighbors = rows_summed[..., :-2] + rows_summed[..., 1:-1] + rows_summed[..., 2:]
    distance = np.hypot(*np.meshgrid(steps, steps)) / spacing / _STEPS
    score = np.where(member, _DETOUR * neighbors / 9 - distance, -np.inf).reshape(len(centers), -1)
    best = score.argmax(axis=1)
    index = np.arange(len(centers))
    found = np.column_stack([columns.reshape(flat.shape)[index, best], rows.reshape(flat.shape)[index, best]])
    valid = np.isfinite(flat).mean(axis=1)
    usable = np.isfinite(score[index, best]) & (valid >= _MIN_VALID)
    elsewhere = usable & ~member[:, _STEPS, _STEPS]
    return Anchors(np.where(usable[:, None], found.astype(np.float64), np.nan), elsewhere)


def _leveled(flat: NDArray[np.float64], steps: NDArray[np.int64]) -> NDArray[np.float64]:
    """Depths (N, M) of windows without the slant of what most of the window shows: that of a wall would hide the gap
    to a handle before it."""
    side = len(steps)
    design = np.ones((side * side, 3))
    design[:, 1], design[:, 2] = np.tile(steps / steps[-1], side), np.repeat(steps / steps[-1], side)
    valid = np.isfinite(flat)
    number = np.maximum(valid.sum(axis=1) - 1, 0) // 2
    depths = np.where(valid, flat, 1.0)
    inverse, weights = 1 / depths, valid.astype(np.float64)
    residual = np.zeros_like(flat)
    spread = np.zeros(len(flat))
    for _ in range(2):
        weighted = weights[..., None] * design
        normal = weighted.transpose(0, 2, 1) @ design + 1e-9 * np.eye(3)
        plane = np.linalg.solve(normal, (inverse[:, None] @ weighted).transpose(0, 2, 1))
        residual = depths - 1 / np.maximum((design @ plane)[..., 0], 1e-3)
        spread = _median(np.abs(residual), valid, number)
        cutoff = (4 * 1.4826 * spread)[:, None] + 0.002 * depths
        weights = valid * np.maximum(1 - (residual / cutoff) ** 2, 0) ** 2
    center = _median(depths, valid, number)[:, None]
    # Half of a window may be a thing that faces the camera, and half its wall: no plane levels both.
    use = (spread < 0.5 * _median(np.abs(depths - center), valid, number))[:, None]
    return np.where(valid, np.where(use, residual + center, flat), np.nan)


def _median(values: NDArray[np.float64], valid: NDArray[np.bool_], number: NDArray[np.int64]) -> NDArray[np.float64]:
    """(N,) the valid value of that number in order, (N,), of (N, M); 0 where there is none."""
    ordered = np.sort(np.where(valid, values, np.inf), axis=1)[np.arange(len(values)), number]
    return np.where(np.isfinite(ordered), ordered, 0.0)


def _is_mixed(window: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(N, k, k) which samples lie between their neighbors on opposite sides, far from both: mixtures of two surfaces
    at an edge."""
    padded = np.pad(window, ((0, 0), (1, 1), (1, 1)), constant_values=np.nan)
    middle = padded[:, 1:-1, 1:-1]
    limit = np.maximum(_MIXED_FRACTION * middle, _MIN_MIXED)
    mixed = np.zeros(window.shape, bool)
    pairs = (padded[:, 1:-1, :-2], padded[:, 1:-1, 2:]), (padded[:, :-2, 1:-1], padded[:, 2:, 1:-1])
    for one, other in pairs:
        low, high = np.minimum(one, other), np.maximum(one, other)
        mixed |= (middle - low > limit) & (high - middle > limit)
    return mixed


def _nearest_surface(leveled: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(N, M) which samples show the nearest surface that is more than stray values."""
    side = math.isqrt(leveled.shape[1])
    surfaces = split_surfaces(leveled, leveled.reshape(-1, side, side))
    large = surfaces.size >= max(_MIN_SAMPLES, _MIN_FRACTION * leveled.shape[1])
    return surfaces.members((large & ~surfaces.lies_between).argmax(axis=1), large)
