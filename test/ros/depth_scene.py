"""A rendered scene with known geometry: a slanted wall and a turned box in front of it, seen through any lens."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo, RegionOfInterest

Floats = NDArray[np.float64]

# Full resolution of the camera.
WIDTH, HEIGHT = 640, 480
MATRIX = np.array([[520.0, 0, 331.5], [0, 515.0, 228.25], [0, 0, 1]])
# Of rectified images: another than K, and with a baseline, which must not matter.
PROJECTION = np.array([[480.0, 0, 311.0, -48.0], [0, 480.0, 243.5, 0], [0, 0, 1, 0]])

WALL_NORMAL, WALL_POINT = np.array([0.35, -0.2, -1.0]), np.array([0.0, 0.0, 2.2])
BOX_CENTRE, BOX_HALF = np.array([0.1, 0.15, 1.3]), np.array([0.35, 0.2, 0.15])
BOX_TURN = np.array([[0.8, 0, 0.6], [0, 1, 0], [-0.6, 0, 0.8]])


def bent(x: Floats, y: Floats, model: str, d: list[float]) -> tuple[Floats, Floats]:
    """The forward distortion of points at depth 1, written out from the models' definitions."""
    r2 = x * x + y * y
    if model == "equidistant":
        r = np.sqrt(r2)
        theta = np.arctan(r)
        scale = np.divide(
            theta * (1 + sum(k * theta ** (2 * i + 2) for i, k in enumerate(d))), r, out=np.ones_like(r), where=r > 0
        )
        return x * scale, y * scale
    k1, k2, p1, p2, k3, *rest = [*d, *[0.0] * (8 - len(d))]
    k4, k5, k6 = rest[:3]
    radial = (1 + k1 * r2 + k2 * r2**2 + k3 * r2**3) / (1 + k4 * r2 + k5 * r2**2 + k6 * r2**3)
    return (
        x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
        y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
    )


@dataclass(frozen=True)
class Lens:
    """How a camera makes its image: `distortion` of the raw image, or rectified, binned, a part only."""

    model: str = "plumb_bob"
    distortion: list[float] = field(default_factory=lambda: [0.0] * 5)
    rectified: bool = False
    binning: int = 1
    roi: tuple[int, int, int, int] = (0, 0, 0, 0)  # x, y, width, height

    def image_hw(self) -> tuple[int, int]:
        _, _, width, height = self.roi
        return (height or HEIGHT) // self.binning, (width or WIDTH) // self.binning

    def info(self) -> CameraInfo:
        x, y, width, height = self.roi
        message = CameraInfo(width=WIDTH, height=HEIGHT, distortion_model=self.model, d=self.distortion)
        message.k, message.p = MATRIX.ravel(), PROJECTION.ravel()
        message.r = np.eye(3).ravel()
        message.binning_x = message.binning_y = self.binning if self.binning > 1 else 0
        message.roi = RegionOfInterest(x_offset=x, y_offset=y, width=width, height=height)
        return message

    def project(self, points: Floats) -> Floats:
        """(N, 3) positions -> (N, 2) pixels of the image."""
        x, y = points[:, 0] / points[:, 2], points[:, 1] / points[:, 2]
        if not self.rectified:
            x, y = bent(x, y, self.model, self.distortion)
        matrix = PROJECTION if self.rectified else MATRIX
        u, v = matrix[0, 0] * x + matrix[0, 2], matrix[1, 1] * y + matrix[1, 2]
        return np.column_stack([(u - self.roi[0]) / self.binning, (v - self.roi[1]) / self.binning])

    def rays(self) -> Floats:
        """(H, W, 3) rays at depth 1 of all pixels, by a fixed-point inversion of `project`."""
        height, width = self.image_hw()
        columns, rows = np.meshgrid(np.arange(width), np.arange(height))
        wanted = np.column_stack([columns.ravel(), rows.ravel()]).astype(float)
        matrix = PROJECTION if self.rectified else MATRIX
        focal = np.array([matrix[0, 0], matrix[1, 1]]) / self.binning
        rays = np.column_stack([np.zeros((len(wanted), 2)), np.ones(len(wanted))])
        for _ in range(100):
            error = wanted - self.project(rays)
            if np.abs(error).max() < 1e-3:
                return rays.reshape(height, width, 3)
            rays[:, :2] += 0.9 * error / focal
        raise AssertionError("this lens cannot be inverted")


def render(rays: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """(H, W) depth in metres along the optical axis, and where the box is seen, for (H, W, 3) rays."""
    wall = (WALL_NORMAL @ WALL_POINT) / (rays @ WALL_NORMAL)
    with np.errstate(divide="ignore"):
        slabs = np.stack([((s * BOX_HALF - BOX_CENTRE @ -BOX_TURN) / (rays @ BOX_TURN)) for s in (-1, 1)])
    enter, leave = slabs.min(axis=0).max(axis=-1), slabs.max(axis=0).min(axis=-1)
    is_box = (enter < leave) & (enter > 0) & (enter < wall)
    return np.where(is_box, enter, wall), is_box
