"""Poses and rotations. Meters; x right, y away from who looks at the front, z up."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def pose_of(position: ArrayLike = (0, 0, 0), turn: Floats | None = None) -> Floats:
    """The (4, 4) pose of a position and a (3, 3) rotation."""
    pose = np.eye(4)
    pose[:3, 3] = position
    if turn is not None:
        pose[:3, :3] = turn
    return pose


def turn_about(axis: ArrayLike, angle: float) -> Floats:
    """The rotation (3, 3) about an axis by an angle in radians (Rodrigues)."""
    x, y, z = np.asarray(axis, float) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def turn_x(degrees: float) -> Floats:
    """The rotation about x."""
    return turn_about((1, 0, 0), np.radians(degrees))


def turn_y(degrees: float) -> Floats:
    """The rotation about y."""
    return turn_about((0, 1, 0), np.radians(degrees))


def turn_z(degrees: float) -> Floats:
    """The rotation about z."""
    return turn_about((0, 0, 1), np.radians(degrees))


# A thing that is mounted on a front (outwards is -y) lies on a table (outwards is z) after this rotation.
FACE_UP = turn_x(-90)
