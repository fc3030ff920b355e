"""Positions from one coordinate frame to another."""

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


def inverse(positions: NDArray[np.float64], transform: Transform) -> NDArray[np.float64]:
    """Positions (N, 3) that `transform_positions` has moved, as they were."""
    q, t = transform.rotation, transform.translation
    back = Transform()
    back.rotation.x, back.rotation.y, back.rotation.z, back.rotation.w = -q.x, -q.y, -q.z, q.w
    return transform_positions(positions - np.array([t.x, t.y, t.z]), back)
