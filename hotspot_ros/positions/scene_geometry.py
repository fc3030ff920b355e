"""What gives the pixels of one image their positions: depth, calibration and transform."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from geometry_msgs.msg import Transform
from numpy.typing import NDArray

from hotspot_ros.msg import HotspotArray
from hotspot_ros.positions.camera_model import CameraModel
from hotspot_ros.positions.depth import DepthImage, positions, set_positions
from hotspot_ros.positions.frames import inverse, transform_positions


@dataclass(frozen=True)
class SceneGeometry:
    """Depth and calibration of one color image.

    Attributes:
        frame: of the positions.
        transform: from the camera's frame to `frame`; None where they are the same.
    """

    depth: DepthImage
    camera: CameraModel
    frame: str
    transform: Transform | None

    def place(self, hotspots: HotspotArray) -> None:
        """Gives every interaction point its position, or none where the depth is not valid.

        Raises:
            InputError: depth and color image do not fit.
        """
        points = [point for hotspot in hotspots.hotspots for point in hotspot.points]
        pixels = np.array([(point.x, point.y) for point in points], np.float64).reshape(-1, 2)
        found = positions(self.depth, self.camera, pixels, (hotspots.image_height, hotspots.image_width))
        set_positions(points, self.in_frame(found))
        hotspots.position_frame = self.frame

    def in_frame(self, found: NDArray[np.float64]) -> NDArray[np.float64]:
        """Positions (N, 3) in the camera's optical frame, brought to `frame`."""
        return found if self.transform is None else transform_positions(found, self.transform)

    def pixels_of(self, known: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where the image shows positions (N, 3) of `frame`: (N, 2) pixels; NaN where the camera does not see them."""
        return self.camera.pixels(known if self.transform is None else inverse(known, self.transform))
