"""Which surface a point means: peaks of a coarse heatmap land beside thin parts and beyond their edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hotspot_ros.positions.depth import DepthImage, split_surfaces

# Samples from a point to the side of its neighborhood, and the least fractions of the samples: for a surface to count,
# and for a point without depth of its own to take that of its neighborhood.
_STEPS = 5
_MIN_FRACTION, _MIN_VALID = 0.07, 1 / 3
# A surface counts from this many pixels on, however small the neighborhood.
_MIN_SAMPLES = 6
# Pixels of the way to a place in the middle of its surface, rather than at the edge, in radii.
_DETOUR = 0.4


def anchor_pixels(depth: DepthImage, pixels: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """The pixels of the depth image that points are taken to mean.

    A heatmap has cells of many pixels, and a camera's depth ends a few pixels beside the edges in its image. Where two
    surfaces meet within that uncertainty, things that are acted on are in front and what is behind is a wall: the
    nearest surface is taken, and on it a place close to the point that does not lie right at the edge.

    Args:
        pixels: (N, 2) x and y in pixels of the depth image.
        radius: of the uncertainty, in pixels of the depth image.

    Returns:
        (N, 2) whole pixels with valid depth; NaN where there is none close by.
    """
    spacing = max(1.0, radius / _STEPS)
    steps = np.rint(np.arange(-_STEPS, _STEPS + 1) * spacing).astype(np.int64)
    centers = np.clip(np.nan_to_num(np.rint(pixels), nan=-1e6), -1e6, 1e6).astype(np.int64).reshape(-1, 2)
    count = len(steps)
    rows = np.broadcast_to(centers[:, 1, None, None] + steps[:, None], (len(centers), count, count))
    columns = np.broadcast_to(centers[:, 0, None, None] + steps, rows.shape)
    window = depth.metres(rows, columns).astype(np.float64)
    flat = window.reshape(len(centers), -1)
    member = _nearest_surface(flat, window).reshape(window.shape)

    padded = np.pad(member, ((0, 0), (1, 1), (1, 1))).astype(np.float64)
    rows_summed = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    neighbors = rows_summed[..., :-2] + rows_summed[..., 1:-1] + rows_summed[..., 2:]
    distance = np.hypot(*np.meshgrid(steps, steps)) / spacing / _STEPS
    score = np.where(member, _DETOUR * neighbors / 9 - distance, -np.inf).reshape(len(centers), -1)
    best = score.argmax(axis=1)
    index = np.arange(len(centers))
    found = np.column_stack([columns.reshape(flat.shape)[index, best], rows.reshape(flat.shape)[index, best]])
    valid = np.isfinite(flat).mean(axis=1, initial=0.0) if not flat.size else np.isfinite(flat).mean(axis=1)
    usable = np.isfinite(score[index, best]) & (valid >= _MIN_VALID)
    return np.where(usable[:, None], found.astype(np.float64), np.nan)


def _nearest_surface(flat: NDArray[np.float64], window: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(N, M) which samples show the nearest surface that is more than stray values."""
    surfaces = split_surfaces(flat, window)
    large = surfaces.size >= max(_MIN_SAMPLES, _MIN_FRACTION * flat.shape[1])
    return surfaces.members((large & ~surfaces.lies_between).argmax(axis=1), large)
