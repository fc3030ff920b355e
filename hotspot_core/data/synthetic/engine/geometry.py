"""Frames and the camera: meters in a right-handed world (x right, y up, z towards the viewer) to pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Generator = np.random.Generator


def rotation(axis: str, angle: float) -> Floats:
    """Rotation by `angle` radians about a local axis `u` (right), `v` (up) or `n` (out): (3, 3), for row vectors."""
    cos, sin = np.cos(angle), np.sin(angle)
    first, second = {"u": (1, 2), "v": (2, 0), "n": (0, 1)}[axis]
    matrix = np.eye(3)
    matrix[first, first] = matrix[second, second] = cos
    matrix[first, second], matrix[second, first] = sin, -sin
    return matrix


@dataclass(frozen=True)
class CoordinateFrame:
    """A local coordinate frame: the rows of `axes` are u (right), v (up) and n (out), of length `scale`."""

    origin: Floats
    axes: Floats

    @classmethod
    def world(cls) -> CoordinateFrame:
        """The world's own frame."""
        return cls(np.zeros(3), np.eye(3))

    @property
    def scale(self) -> float:
        """Meters per local unit."""
        return float(np.linalg.norm(self.axes[0]))

    def at(self, points: Any) -> Floats:
        """Local points (..., 3) to world points (..., 3)."""
        return np.asarray(np.asarray(points, dtype=float) @ self.axes + self.origin)

    def moved(self, offset: Any, scale: float = 1.0) -> CoordinateFrame:
        """The frame with its origin at the local point `offset`, its unit multiplied by `scale`."""
        return CoordinateFrame(self.at(offset), self.axes * scale)

    def turned(self, axis: str, angle: float, pivot: Any = (0.0, 0.0, 0.0)) -> CoordinateFrame:
        """The frame rotated by `angle` radians about its own `axis` through the local point `pivot`."""
        matrix = rotation(axis, angle)
        pivot = np.asarray(pivot, dtype=float)
        return CoordinateFrame(self.at(pivot - pivot @ matrix), matrix @ self.axes)

    def within(self, base: CoordinateFrame) -> CoordinateFrame:
        """This frame, given in the coordinates of `base`, in world coordinates."""
        return CoordinateFrame(base.at(self.origin), self.axes @ base.axes)

    def facing(self, direction: str) -> CoordinateFrame:
        """The frame with n pointing where this one's `direction` ("up", "right", "left", "front") does."""
        u, v, n = self.axes
        axes = {"front": (u, v, n), "up": (u, -n, v), "right": (-n, v, u), "left": (n, v, -u)}[direction]
        return CoordinateFrame(self.origin, np.stack(axes))


@dataclass(frozen=True)
class PinholeCamera:
    """A pinhole camera with square pixels; `axes` rows are right, up and backwards."""

    position: Floats
    axes: Floats
    focal: float
    center: Floats

    @classmethod
    def looking_at(
        cls, target: Any, extent: float, size: int, yaw: float, pitch: float, roll: float, view: float
    ) -> PinholeCamera:
        """A camera that shows `extent` meters around `target` on a (size, size) image.

        Angles in radians: yaw to the right of the object's front, pitch above it, and `view`, the opening angle.
        """
        back = np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
        right = np.array([np.cos(yaw), 0.0, -np.sin(yaw)])
        axes = rotation("n", roll) @ np.stack([right, np.cross(back, right), back])
        distance = extent / (2 * np.tan(view / 2))
        focal = size / (2 * np.tan(view / 2))
        return cls(np.asarray(target) + back * distance, axes, focal, np.full(2, size / 2))

    def project(self, points: Any) -> Floats:
        """World points (..., 3) to pixels (..., 2); points behind the camera are pushed just in front of it."""
        local = (np.asarray(points) - self.position) @ self.axes.T
        depth = np.maximum(-local[..., 2:], 0.02)
        return np.asarray(local[..., :2] * (self.focal, -self.focal) / depth + self.center)

    def pixels_per_meter(self, point: Any) -> float:
        """Scale of the image at a world point (3,)."""
        depth = -((np.asarray(point) - self.position) @ self.axes[2])
        return self.focal / max(float(depth), 0.02)

    def sees_front(self, frame: CoordinateFrame) -> bool:
        """Whether the side of the frame's plane that n points out of is towards the camera."""
        return bool((self.position - frame.origin) @ frame.axes[2] > 0)
