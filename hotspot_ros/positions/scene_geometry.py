"""What gives the points of one image their positions and contact frames: depth, calibration and transform."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from geometry_msgs.msg import Point, Pose, Quaternion, Transform, Vector3
from numpy.typing import NDArray

from hotspot_core.hotspots.prediction import Prediction
from hotspot_ros.msg import HotspotArray
from hotspot_ros.positions.anchors import anchors
from hotspot_ros.positions.camera_model import CameraModel
from hotspot_ros.positions.contacts import Contacts, contacts
from hotspot_ros.positions.depth import DepthImage, depth_scale, set_positions, surface_depths
from hotspot_ros.positions.frames import inverse, quaternions, rotation_matrix, transform_positions
from hotspot_ros.positions.peak_spread import cell_size, peak_spreads
from hotspot_ros.positions.place_uncertainty import place_covariances

# How far the place that a heatmap shows may be from its peak, in cells.
_UNCERTAINTY = 1 / 3
# Points whose places in the depth image differ by less than so many pixels share a contact frame.
_SAME_PLACE = 3.0
# Rows and columns between the pixels whose validity is counted.
_SPACING = 8


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

    def place(self, hotspots: HotspotArray, prediction: Prediction) -> str:
        """Gives every interaction point its position and contact frame, or none where the depth is not valid.

        Args:
            prediction: of which the message was made, in the coordinates of the whole image.

        Returns:
            Why no point at all has a position; empty where one has, or where there are none.

        Raises:
            InputError: depth and color image do not fit.
        """
        points = [point for hotspot in hotspots.hotspots for point in hotspot.points]
        pixels = np.array([(point.x, point.y) for point in points], np.float64).reshape(-1, 2)
        scale = depth_scale(self.depth, (hotspots.image_height, hotspots.image_width))
        in_depth = (pixels + 0.5) * scale - 0.5
        meant = anchors(self.depth, in_depth, _UNCERTAINTY * cell_size(prediction) * float(scale.max()))
        depths = surface_depths(self.depth, np.where(meant.elsewhere[:, None], meant.pixels, in_depth))
        rays = self.camera.rays(pixels)
        with np.errstate(over="ignore", invalid="ignore"):  # Infinite is no position either.
            found = depths[:, None] * rays
        set_positions(points, self.in_frame(found))
        hotspots.position_frame = self.frame

        is_placed = np.asarray(np.isfinite(found).all(axis=1))[:, None]
        contact = self._contacts(np.where(is_placed, meant.pixels, np.nan), scale)
        covariances = place_covariances(self.camera, pixels, depths, contact, peak_spreads(prediction))
        turn = np.eye(3) if self.transform is None else rotation_matrix(self.transform)
        stddevs = np.sqrt(np.einsum("ij,njk,ik->ni", turn, covariances, turn))
        places, turns = self.in_frame(contact.positions), quaternions(turn @ contact.axes)
        for index, point in enumerate(points):
            if point.has_position:
                point.position_stddev = Vector3(**dict(zip("xyz", stddevs[index].tolist(), strict=True)))
            point.has_pose = bool(contact.found[index])
            if point.has_pose:
                position = Point(**dict(zip("xyz", places[index].tolist(), strict=True)))
                orientation = Quaternion(**dict(zip("xyzw", turns[index].tolist(), strict=True)))
                point.pose = Pose(position=position, orientation=orientation)
                point.width, point.length = float(contact.widths[index]), float(contact.lengths[index])
        return "" if not points or any(point.has_position for point in points) else self._nothing()

    def in_frame(self, found: NDArray[np.float64]) -> NDArray[np.float64]:
        """Positions (N, 3) in the camera's optical frame, brought to `frame`."""
        return found if self.transform is None else transform_positions(found, self.transform)

    def pixels_of(self, known: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where the image shows positions (N, 3) of `frame`: (N, 2) pixels; NaN where the camera does not see them."""
        return self.camera.pixels(known if self.transform is None else inverse(known, self.transform))

    def _nothing(self) -> str:
        height, width = self.depth.pixels.shape
        rows, columns = np.mgrid[0:height:_SPACING, 0:width:_SPACING]
        valid = float(np.isfinite(self.depth.metres(rows, columns)).mean())
        return (
            f"the depth image is valid at {100 * valid:.0f} % of its pixels, and at none of the points: glass, mirrors "
            "and what is too near or too far have no depth"
        )

    def _contacts(self, pixels: NDArray[np.float64], scale: NDArray[np.float64]) -> Contacts:
        """Those of points at the same place, as of several actions, are found once."""
        cells = np.floor(np.nan_to_num(pixels, nan=-1e6) / _SAME_PLACE)
        _, first, number = np.unique(cells, axis=0, return_index=True, return_inverse=True)
        once = contacts(self.depth, self.camera, pixels[first], scale)
        return replace(once, **{name: values[number.ravel()] for name, values in vars(once).items()})
