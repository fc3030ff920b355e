"""The axes of a contact frame, from the surface's tangent plane and the part's long axis."""

from __future__ import annotations

import numpy as np

from hotspot_ros.positions.surface_rays import Floats, LocalView, Plane, inverse_2x2

# Of a thin part, whose slope cannot be seen, the side is taken that faces the camera: the standard deviation of that
# guess, in radians.
_FACING = 0.45


def contact_axes(
    view: LocalView, plane: Plane, long_axis: Floats, ray: Floats, number: Floats, spread: Floats
) -> tuple[Floats, Floats]:
    """The axes of contact frames, (N, 3, 3), and the standard deviation of the approach axis in radians."""
    normal = normals(view, plane)
    error = plane.noise[:, None] / (np.sqrt(np.maximum(number, 1))[:, None] * np.maximum(spread, 1e-4))
    facing = _across_from(ray, long_axis)
    measured = _across_from(normal, long_axis)
    # The angle about the long axis, drawn towards the side that faces the camera as far as it is not known.
    angle = np.arctan2((cross(facing, measured) * long_axis).sum(axis=1), (facing * measured).sum(axis=1))
    trust = _FACING**2 / (_FACING**2 + error[:, 0] ** 2)
    turned = _rotated(normal, long_axis, -(1 - trust) * angle)
    approach = turned / norm(turned)
    z = _across_from(long_axis, approach)
    z *= np.where(z @ np.array([0.35, -1.0, 0.0]) < 0, -1.0, 1.0)[:, None]
    stddev = np.hypot(error[:, 0] * np.sqrt(trust), error[:, 1])
    return np.stack([approach, cross(z, approach), z], axis=2), stddev


def cross(a: Floats, b: Floats) -> Floats:
    """(N, 3); `np.cross` takes ten times as long on a few vectors."""
    x, y, z = a.T
    u, v, w = b.T
    return np.stack([y * w - z * v, z * u - x * w, x * v - y * u], axis=1)


def norm(vectors: Floats) -> Floats:
    """(N, 1) lengths."""
    return np.asarray(np.sqrt((vectors * vectors).sum(axis=1, keepdims=True)))


def _across_from(vectors: Floats, axes: Floats) -> Floats:
    """(N, 3) unit vectors: the parts of vectors that are square to unit axes."""
    rest = vectors - (vectors * axes).sum(axis=1, keepdims=True) * axes
    return np.asarray(rest / np.maximum(norm(rest), 1e-12))


def _rotated(vectors: Floats, axes: Floats, angles: Floats) -> Floats:
    """Rodrigues' formula."""
    cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
    along = (vectors * axes).sum(axis=1, keepdims=True) * axes
    return np.asarray(along + cos * (vectors - along) + sin * cross(axes, vectors))


def normals(view: LocalView, plane: Plane) -> Floats:
    """(N, 3) unit normals that point away from the camera: 1 / depth = a X + b Y + c at the ray (X, Y, 1)."""
    ab = (plane.slope[:, None] @ inverse_2x2(view.gradient))[:, 0]
    c = plane.inverse - (ab * view.rays).sum(axis=1)
    normal = np.concatenate([ab, c[:, None]], axis=1)
    return np.asarray(normal / norm(normal))
