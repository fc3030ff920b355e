"""Meshes of simple solids: boxes, turned solids, bent tubes, sheets. Meters; uv in meters along the surface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hotspot_core.data.rendered.poses import Floats, pose_of

# Neighboring pieces of a turned profile that bend more than this (cosine) meet in an edge, others are rounded.
EDGE_COSINE = 0.75


@dataclass(frozen=True)
class PrimitiveShape:
    """A triangle mesh: vertices (V, 3), their unit normals (V, 3), texture coordinates (V, 2), faces (F, 3)."""

    vertices: Floats
    normals: Floats
    uv: Floats
    faces: NDArray[np.int64]

    def moved(self, pose: Floats) -> PrimitiveShape:
        """The mesh turned and shifted by a (4, 4) pose."""
        turn = pose[:3, :3]
        return replace(self, vertices=self.vertices @ turn.T + pose[:3, 3], normals=self.normals @ turn.T)

    def at(self, x: float = 0, y: float = 0, z: float = 0, turn: Floats | None = None) -> PrimitiveShape:
        """The mesh turned by a (3, 3) rotation, then shifted."""
        return self.moved(pose_of((x, y, z), turn))

    def scaled(self, x: float = 1, y: float = 1, z: float = 1) -> PrimitiveShape:
        """The mesh stretched along the axes by positive factors."""
        factors = np.array([x, y, z], float)
        normals = self.normals / factors
        return replace(
            self,
            vertices=self.vertices * factors,
            normals=normals / np.linalg.norm(normals, axis=1, keepdims=True).clip(1e-9),
        )


def joined(shapes: Sequence[PrimitiveShape]) -> PrimitiveShape:
    """One mesh of several."""
    starts = np.cumsum([0] + [len(shape.vertices) for shape in shapes[:-1]])
    return PrimitiveShape(
        np.concatenate([shape.vertices for shape in shapes]),
        np.concatenate([shape.normals for shape in shapes]),
        np.concatenate([shape.uv for shape in shapes]),
        np.concatenate([shape.faces + start for shape, start in zip(shapes, starts, strict=True)]),
    )


def oriented(shape: PrimitiveShape) -> PrimitiveShape:
    """The mesh with every face turned towards its normals."""
    corners = shape.vertices[shape.faces]
    outward = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    wrong = np.einsum("ij,ij->i", outward, shape.normals[shape.faces].sum(1)) < 0
    faces = np.where(wrong[:, None], shape.faces[:, ::-1], shape.faces)
    return replace(shape, faces=faces)


@cache
def _box_topology() -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Signs (24, 3) of a box's corners per face, normals (24, 3) and faces: six sides, twelve edges, eight corners."""
    signs: list[list[int]] = []
    normals: list[list[int]] = []
    index: dict[tuple[int, int, tuple[int, ...]], int] = {}
    for axis, side in product(range(3), (-1, 1)):
        for rest in product((-1, 1), repeat=2):
            corner = list(rest)
            corner.insert(axis, side)
            index[axis, side, tuple(corner)] = len(signs)
            signs.append(corner)
            normals.append([side if i == axis else 0 for i in range(3)])
    faces = []
    for axis, side in product(range(3), (-1, 1)):
        a, b, c, d = (i for (ax, s, _), i in index.items() if (ax, s) == (axis, side))
        faces += [(a, b, c), (b, d, c)]
    for first, second in combinations(range(3), 2):
        third = 3 - first - second
        for s, t in product((-1, 1), repeat=2):
            ends = []
            for r in (-1, 1):
                corner = [0, 0, 0]
                corner[first], corner[second], corner[third] = s, t, r
                ends.append((index[first, s, tuple(corner)], index[second, t, tuple(corner)]))
            (a, b), (c, d) = ends
            faces += [(a, b, c), (b, d, c)]
    for signed in product((-1, 1), repeat=3):
        a, b, c = (index[axis, signed[axis], signed] for axis in range(3))
        faces.append((a, b, c))
    return np.array(signs, float), np.array(normals, float), np.array(faces, np.int64)


def box(x: float, y: float, z: float, bevel: float = 0.0) -> PrimitiveShape:
    """A box of that size around the origin; its edges are cut and look rounded."""
    signs, normals, faces = _box_topology()
    half = np.array([x, y, z], float) / 2
    bevel = min(bevel, 0.45 * min(x, y, z))
    vertices = signs * (half - bevel * (1 - np.abs(normals)))
    across = np.abs(normals).argmax(1)
    # Seen from outside, u runs to the right and v downwards on every side.
    side = np.take_along_axis(normals, across[:, None], 1)[:, 0]
    right = np.where(across == 0, side * vertices[:, 1], np.where(across == 1, -side, 1) * vertices[:, 0])
    down = -np.where(across == 2, vertices[:, 1], vertices[:, 2])
    uv = np.stack([right, down], 1)
    return PrimitiveShape(vertices, normals, uv, faces if bevel > 0 else faces[:12])


def lathe(profile: ArrayLike, segments: int = 20) -> PrimitiveShape:
    """A solid turned about z from (r, z) points, given so that its outside lies on their right hand (bottom to top)."""
    points = np.asarray(profile, float)
    steps = np.diff(points, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    points, steps = points[np.r_[True, lengths > 1e-9]], steps[lengths > 1e-9]
    lengths = lengths[lengths > 1e-9]
    outward = np.stack([steps[:, 1], -steps[:, 0]], 1) / lengths[:, None]
    along = np.r_[0, np.cumsum(lengths)]
    rings, normals, heights = [points[0]], [outward[0]], [0.0]
    for i in range(1, len(points) - 1):
        before, after = outward[i - 1], outward[i]
        if before @ after < EDGE_COSINE:
            rings += [points[i], points[i]]
            normals += [before, after]
            heights += [along[i], along[i]]
        else:
            rings.append(points[i])
            normals.append((before + after) / np.linalg.norm(before + after))
            heights.append(along[i])
    ring, normal = np.array([*rings, points[-1]]), np.array([*normals, outward[-1]])
    heights.append(along[-1])
    angles = np.linspace(0, 2 * np.pi, segments + 1)
    cos, sin = np.cos(angles), np.sin(angles)
    vertices = np.stack([np.outer(ring[:, 0], cos), np.outer(ring[:, 0], sin), np.outer(ring[:, 1], 0 * cos + 1)], -1)
    turned = np.stack(
        [np.outer(normal[:, 0], cos), np.outer(normal[:, 0], sin), np.outer(normal[:, 1], 0 * cos + 1)], -1
    )
    uv = np.stack(np.broadcast_arrays(angles[None] * ring[:, 0].max(), -np.array(heights)[:, None]), -1)
    return PrimitiveShape(
        vertices.reshape(-1, 3), turned.reshape(-1, 3), uv.reshape(-1, 2), _grid_faces(*vertices.shape[:2])
    )


def _grid_faces(rows: int, columns: int) -> NDArray[np.int64]:
    corners = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = corners[:-1, :-1], corners[:-1, 1:], corners[1:, :-1], corners[1:, 1:]
    return np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([b, d, c], -1).reshape(-1, 3)])


def cylinder(
    radius: float, height: float, top: float | None = None, bevel: float = 0.0, segments: int = 20
) -> PrimitiveShape:
    """An upright cylinder or cone on the origin."""
    top = radius if top is None else top
    bevel = min(bevel, 0.45 * height, 0.9 * radius, 0.9 * top) if bevel else 0.0
    profile = [(0, 0), (radius - bevel, 0), (radius, bevel), (top, height - bevel), (top - bevel, height), (0, height)]
    return lathe(profile, segments)


def ellipsoid(x: float, y: float, z: float, segments: int = 18) -> PrimitiveShape:
    """An ellipsoid of these radii around the origin."""
    angles = np.linspace(-np.pi / 2, np.pi / 2, max(5, segments // 2))
    return lathe(np.stack([np.cos(angles).clip(0), np.sin(angles)], 1), segments).scaled(x, y, z)


def curve(points: ArrayLike, count: int = 16) -> Floats:
    """A smooth curve (count, 3) through points (Catmull-Rom)."""
    p = np.asarray(points, float)
    if len(p) < 3:
        return np.linspace(p[0], p[-1], 2)
    padded = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    t = np.linspace(0, len(p) - 1, count)
    i = np.minimum(t.astype(int), len(p) - 2)
    f = (t - i)[:, None]
    a, b, c, d = (padded[i + k] for k in range(4))
    return 0.5 * (2 * b + (c - a) * f + (2 * a - 5 * b + 4 * c - d) * f**2 + (3 * b - a - 3 * c + d) * f**3)


def tube(
    points: ArrayLike, radius: float | ArrayLike, flat: float = 1.0, segments: int = 8, closed: bool = False
) -> PrimitiveShape:
    """A tube along (N, 3) points, of one radius or one per point; `flat` is its thickness across over its width."""
    path = np.asarray(points, float)
    radii = np.broadcast_to(np.asarray(radius, float), len(path))
    if closed:
        path, radii = np.concatenate([path, path[:1]]), np.append(radii, radii[0])
        tangents = np.roll(path[:-1], -1, 0) - np.roll(path[:-1], 1, 0)
        tangents = np.concatenate([tangents, tangents[:1]])
    else:
        tangents = np.gradient(path, axis=0)
        cap = tangents / np.linalg.norm(tangents, axis=1, keepdims=True).clip(1e-9)
        path = np.concatenate([path[:1] - cap[:1] * radii[0] * 0.4, path, path[-1:] + cap[-1:] * radii[-1] * 0.4])
        radii = np.concatenate([radii[:1] * 0.6, radii, radii[-1:] * 0.6])
        tangents = np.concatenate([tangents[:1], tangents, tangents[-1:]])
    tangents = tangents / np.linalg.norm(tangents, axis=1, keepdims=True).clip(1e-9)
    guide = np.eye(3)[np.abs(tangents).sum(0).argmin()]
    side = np.cross(tangents, guide)
    side /= np.linalg.norm(side, axis=1, keepdims=True).clip(1e-9)
    up = np.cross(side, tangents)
    angles = np.linspace(0, 2 * np.pi, segments + 1)
    ring = np.cos(angles)[None, :, None] * side[:, None] + flat * np.sin(angles)[None, :, None] * up[:, None]
    normals = np.cos(angles)[None, :, None] * side[:, None] * flat + np.sin(angles)[None, :, None] * up[:, None]
    normals /= np.linalg.norm(normals, axis=2, keepdims=True).clip(1e-9)
    vertices = path[:, None] + radii[:, None, None] * ring
    along = np.r_[0, np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))]
    uv = np.stack(np.broadcast_arrays(angles[None] * radii.max(), along[:, None]), -1)
    parts = [
        PrimitiveShape(
            vertices.reshape(-1, 3), normals.reshape(-1, 3), uv.reshape(-1, 2), _grid_faces(len(path), segments + 1)
        )
    ]
    if not closed:
        parts += [_fan(vertices[0, :-1], -tangents[0]), _fan(vertices[-1, :-1], tangents[-1])]
    return joined(parts)


def _fan(corners: Floats, normal: Floats) -> PrimitiveShape:
    count = len(corners)
    faces = np.array([(0, i, i + 1) for i in range(1, count - 1)], np.int64)
    return PrimitiveShape(corners, np.tile(normal, (count, 1)), corners[:, :2], faces)


def ring(radius: float, thickness: float, segments: int = 20, across: int = 8) -> PrimitiveShape:
    """A torus in the x-z plane (seen from the front as a circle)."""
    angles = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    return tube(
        np.stack([radius * np.cos(angles), 0 * angles, radius * np.sin(angles)], 1), thickness, 1.0, across, closed=True
    )


def picture(width: float, height: float) -> PrimitiveShape:
    """A flat picture in the x-z plane that faces -y, with uv from 0 to 1."""
    x, z = width / 2, height / 2
    vertices = np.array([[-x, 0, -z], [x, 0, -z], [x, 0, z], [-x, 0, z]], float)
    uv = np.array([[0, 1], [1, 1], [1, 0], [0, 0]], float)
    return PrimitiveShape(vertices, np.tile([0.0, -1.0, 0.0], (4, 1)), uv, np.array([[0, 1, 2], [0, 2, 3]]))


def waves(width: float, height: float, depth: float, count: float) -> PrimitiveShape:
    """A curtain: a wavy sheet in the x-z plane, seen from both sides."""
    x = np.linspace(-width / 2, width / 2, int(count * 8) + 2)
    phase = 2 * np.pi * count * x / width
    y, slope = depth * np.sin(phase), depth * np.cos(phase) * 2 * np.pi * count / width
    normal = np.stack([slope, -np.ones_like(x), 0 * x], 1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    vertices = np.concatenate([np.stack([x, y, 0 * x + z], 1) for z in (-height / 2, height / 2)])
    uv = vertices[:, [0, 2]]
    faces = _grid_faces(2, len(x))
    front = PrimitiveShape(vertices, np.tile(normal, (2, 1)), uv, faces)
    return joined([front, replace(front, normals=-front.normals)])
