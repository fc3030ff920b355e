"""Positions and axes from one coordinate frame to another."""

from __future__ import annotations

import numpy as np
from geometry_msgs.msg import Transform
from numpy.typing import NDArray


def transform_positions(positions: NDArray[np.float64], transform: Transform) -> NDArray[np.float64]:
    """Positions (N, 3) of a frame in its parent, as `tf2_ros.Buffer.lookup_transform(target, source, stamp)` gives it.

    NaN stays NaN. The quaternion need not be normalised.
    """
    q, t = transform.rotation, transform.translation
    vector, scalar = np.array([q.x, q.y, q.z]), q.w
    norm = vector @ vector + scalar * scalar
    twice = 2 * np.cross(vector, positions) / norm
    turned = positions + scalar * twice + np.cross(vector, twice)
    return np.asarray(turned + np.array([t.x, t.y, t.z]))


def rotation_matrix(transform: Transform) -> NDArray[np.float64]:
    """(3, 3) of a transform. The quaternion need not be normalised."""
    return transform_positions(np.eye(3), Transform(rotation=transform.rotation)).T


def quaternions(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 4) x, y, z, w >= 0 of rotation matrices (N, 3, 3); NaN stays NaN.

    The largest eigenvector of Bar-Itzhack's matrix (J. Guidance 2000), in closed form: of the four columns that are
    multiples of it, the longest.
    """
    m = matrices
    (a, b, c), (d, e, f), (g, h, i) = m.transpose(1, 2, 0)
    columns = np.array(
        [
            [1 + a - e - i, d + b, g + c, h - f],
            [b + d, 1 - a + e - i, h + f, c - g],
            [c + g, f + h, 1 - a - e + i, d - b],
            [h - f, c - g, d - b, 1 + a + e + i],
        ]
    ).transpose(2, 0, 1)
    longest = np.nan_to_num(np.linalg.norm(columns, axis=2)).argmax(axis=1)
    found = columns[np.arange(len(m)), longest]
    found = found / np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(np.where(found[:, 3:] < 0, -found, found))


def inverse(positions: NDArray[np.float64], transform: Transform) -> NDArray[np.float64]:
    """Positions (N, 3) that `transform_positions` has moved, as they were."""
    q, t = transform.rotation, transform.translation
    back = Transform()
    back.rotation.x, back.rotation.y, back.rotation.z, back.rotation.w = -q.x, -q.y, -q.z, q.w
    return transform_positions(positions - np.array([t.x, t.y, t.z]), back)
