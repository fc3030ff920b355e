"""What a simulated RGB-D camera sees at a time, and what its depth sensor makes of the true depth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo

from hotspot_core.hotspots.prediction import Image

# Nguyen, Izadi and Lovell, "Modeling Kinect sensor noise for improved 3D reconstruction and tracking", 2012:
# standard deviation along the axis in metres, of a depth in metres, and across it in pixels.
_AXIAL_CONSTANT, _AXIAL_SQUARE, _AXIAL_OFFSET = 0.0012, 0.0019, 0.4
_LATERAL = 0.8
# Nothing is measured nearer or farther, in metres; nor at this fraction of pixels beside an edge, and of all others.
RANGE = (0.2, 5.0)
_EDGE, _LOST_AT_EDGES, _LOST_ELSEWHERE = 0.02, 0.5, 0.002


@dataclass(frozen=True)
class RgbdImage:
    """Color and depth of one moment, aligned to each other.

    Attributes:
        color: (H, W, 3) uint8 RGB.
        depth: (H, W) uint16 millimetres, 0 where nothing was measured.
        info: calibration of both; without a header.
        pose: (4, 4) of the camera's optical frame (REP 103: x right, y down, z forward) in the robot's base frame.
    """

    color: Image
    depth: NDArray[np.uint16]
    info: CameraInfo
    pose: NDArray[np.float64]


def measured_depth(depth: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.uint16]:
    """What a structured-light sensor measures: noise along and across the axis, holes at edges, whole millimetres.

    Args:
        depth: (H, W) true depth in metres.

    Returns:
        (H, W) millimetres, 0 where nothing was measured.
    """
    height, width = depth.shape
    shift = rng.normal(0, _LATERAL, (2, height, width))
    rows = np.clip(np.rint(np.arange(height)[:, None] + shift[0]), 0, height - 1).astype(np.intp)
    columns = np.clip(np.rint(np.arange(width) + shift[1]), 0, width - 1).astype(np.intp)
    seen = depth[rows, columns].astype(np.float64)
    deviation = _AXIAL_CONSTANT + _AXIAL_SQUARE * (seen - _AXIAL_OFFSET) ** 2
    seen += deviation * rng.standard_normal(depth.shape)

    # Of slanted surfaces, neighbors differ as well, but by as much on either side.
    bends = [cv2.Sobel(depth, cv2.CV_32F, *order, ksize=1) for order in ((2, 0), (0, 2))]
    at_edge = np.maximum(*np.abs(bends)) > _EDGE
    lost = rng.random(depth.shape) < np.where(at_edge, _LOST_AT_EDGES, _LOST_ELSEWHERE)
    lost |= (seen < RANGE[0]) | (seen > RANGE[1])
    return np.where(lost, 0, np.rint(1000 * np.clip(seen, *RANGE))).astype(np.uint16)
