"""Meshes of plates that are cut along an outline. Meters; uv in meters along the surface."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hotspot_core.data.rendered.poses import Floats
from hotspot_core.data.rendered.shapes import PrimitiveShape, joined


def plate(outline: ArrayLike, depth: float) -> PrimitiveShape:
    """A plate cut along an (N, 2) outline in x and z, `depth` thick in y, around y = 0."""
    points = np.asarray(outline, float)
    if _area(points) < 0:
        points = points[::-1]
    triangles = _ears(points)
    count = len(points)
    sides = []
    for y in (-depth / 2, depth / 2):
        vertices = np.stack([points[:, 0], np.full(count, y), points[:, 1]], 1)
        sides.append(PrimitiveShape(vertices, np.tile([0, np.sign(y), 0], (count, 1)), points, triangles))
    following = np.roll(points, -1, 0)
    step = following - points
    outward = np.stack([step[:, 1], 0 * step[:, 0], -step[:, 0]], 1)
    outward /= np.linalg.norm(outward, axis=1, keepdims=True).clip(1e-9)
    quads = np.stack([points, following, points, following], 1)
    edges = np.array([-depth, -depth, depth, depth]) / 2
    vertices = np.stack([quads[..., 0], np.broadcast_to(edges, (count, 4)), quads[..., 1]], -1).reshape(-1, 3)
    base = 4 * np.arange(count)[:, None]
    faces = np.concatenate([base + np.array([0, 1, 2]), base + np.array([1, 3, 2])])
    rim = PrimitiveShape(vertices, np.repeat(outward, 4, 0), vertices[:, [0, 2]], faces)
    return joined([*sides, rim])


def round_outline(width: float, height: float, power: float, count: int = 24) -> Floats:
    """The outline (count, 2) of a superellipse."""
    t = np.linspace(0, 2 * np.pi, count, endpoint=False)
    c, s = np.cos(t), np.sin(t)
    exponent = 2 / power
    return np.stack(
        [np.sign(c) * np.abs(c) ** exponent * width / 2, np.sign(s) * np.abs(s) ** exponent * height / 2], 1
    )


def _area(points: Floats) -> float:
    x, z = points.T
    return float((x * np.roll(z, -1) - np.roll(x, -1) * z).sum() / 2)


def _ears(points: Floats) -> NDArray[np.int64]:
    """The triangles of a simple polygon, given counter-clockwise (ear clipping)."""
    left = list(range(len(points)))
    triangles = []
    while len(left) > 3:
        for k in range(len(left)):
            a, b, c = left[k - 1], left[k], left[(k + 1) % len(left)]
            if _is_ear(points, a, b, c, left):
                triangles.append((a, b, c))
                del left[k]
                break
        else:
            break
    triangles += [(left[0], left[i], left[i + 1]) for i in range(1, len(left) - 1)]
    return np.array(triangles, np.int64)


def _is_ear(points: Floats, a: int, b: int, c: int, left: list[int]) -> bool:
    def side(p: int, q: int, r: int) -> float:
        u, v = points[q] - points[p], points[r] - points[p]
        return float(u[0] * v[1] - u[1] * v[0])

    if side(a, b, c) <= 1e-12:
        return False
    return not any(side(a, b, p) > 0 and side(b, c, p) > 0 and side(c, a, p) > 0 for p in left if p not in (a, b, c))
