"""hotspots/cloud: the hot region of every action as a point cloud, for planners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import PointCloud2, PointField
from std_msgs.msg import Header

from hotspot_core.hotspots.prediction import Prediction
from hotspot_ros.conversions.crop import Crop, whole
from hotspot_ros.outputs.output import Output, OutputContext, position_header
from hotspot_ros.outputs.result import Result
from hotspot_ros.positions.camera_model import CameraModel
from hotspot_ros.positions.depth import DepthImage, depth_scale
from hotspot_ros.ros.parameters import Parameters

# The image is sampled at this many places along its longer side, or at every pixel of a smaller one.
LONGER_SIDE = 160

_POINT = np.dtype([("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("value", "<f4"), ("action", "<u4")])
_FIELDS = [
    PointField(name=name, offset=offset, datatype=datatype, count=1)
    for name, offset, datatype in (
        ("x", 0, PointField.FLOAT32),
        ("y", 4, PointField.FLOAT32),
        ("z", 8, PointField.FLOAT32),
        ("value", 12, PointField.FLOAT32),
        ("action", 16, PointField.UINT32),
    )
]


class CloudOutput(Output):
    """In the frame of the positions; nothing while there are none."""

    def __init__(self, context: OutputContext) -> None:
        super().__init__(context)
        self._publisher = self.advertise(PointCloud2, "hotspots/cloud")

    @classmethod
    def is_offered(cls, parameters: Parameters) -> bool:
        """Where it was asked for."""
        return parameters.cloud

    def publish(self, result: Result) -> None:
        """Makes the cloud of all actions."""
        geometry = result.geometry
        if geometry is None:
            return
        known, threshold = self.context.model_actions, result.parameters.cloud_threshold
        region = hot_region(result.prediction, geometry.depth, geometry.camera, known, threshold, result.crop)
        placed = replace(region, positions=geometry.in_frame(region.positions))
        self._publisher.publish(cloud_message(placed, position_header(result.hotspots)))


@dataclass(frozen=True)
class HotRegion:
    """Places in space where actions happen; a place that is hot for two actions is there twice.

    Attributes:
        positions: (N, 3) metres in the camera's optical frame.
        values: (N,) of the heatmaps, in [threshold, 1].
        actions: (N,) indices of the actions.
    """

    positions: NDArray[np.float64]
    values: NDArray[np.float32]
    actions: NDArray[np.int64]


def hot_region(
    prediction: Prediction,
    depth: DepthImage,
    camera: CameraModel,
    model_actions: Sequence[str],
    threshold: float = 0.5,
    crop: Crop | None = None,
) -> HotRegion:
    """The places of an image where a heatmap is at least `threshold` and the depth is valid.

    Args:
        prediction: of the color image, or its crop; `camera` has seen the whole image, `depth` is aligned to it.
        model_actions: names in the order that the indices refer to (HotspotLabels.actions).
        crop: the part of the image that the prediction is of; None for the whole.

    Raises:
        InputError: the depth image has another aspect ratio than the color image.
    """
    crop = crop or whole(prediction.image_size)
    depth_scale(depth, crop.image_hw)
    samples = _samples(camera, crop, depth.pixels.shape)
    heatmaps = prediction.heatmaps_at(*samples.rows.shape)
    action, row, column = np.nonzero(heatmaps >= max(threshold, np.finfo(np.float32).tiny))
    metres = depth.metres(samples.rows[row, column], samples.columns[row, column])
    positions = metres[:, None] * samples.rays[row, column]
    found = np.isfinite(positions).all(axis=1)
    indices = np.array([model_actions.index(name) for name in prediction.actions], np.int64)
    return HotRegion(positions[found], heatmaps[action, row, column][found], indices[action][found])


def cloud_message(region: HotRegion, header: Header) -> PointCloud2:
    """An unordered cloud with the fields x, y, z, value (float32) and action (uint32), every point valid."""
    points = np.empty(len(region.values), _POINT)
    points["x"], points["y"], points["z"] = region.positions.T
    points["value"], points["action"] = region.values, region.actions
    message = PointCloud2(header=header, height=1, width=len(points), fields=_FIELDS, is_dense=True)
    message.point_step, message.row_step = _POINT.itemsize, points.nbytes
    message.data.frombytes(points.tobytes())
    return message


@dataclass(frozen=True)
class _Samples:
    """(h, w) pixels of the depth image, and (h, w, 3) the rays through their centres."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    rays: NDArray[np.float64]


@lru_cache(maxsize=8)
def _samples(camera: CameraModel, crop: Crop, depth_hw: tuple[int, int]) -> _Samples:
    """An even grid over the crop. The same for every frame of a camera, so it is kept."""
    reduction = max(1.0, max(crop.height, crop.width) / LONGER_SIDE)
    height, width = (max(1, round(side / reduction)) for side in (crop.height, crop.width))
    columns = (_centers(crop.left, crop.width, width) * depth_hw[1] / crop.image_hw[1]).astype(np.int64)
    rows = (_centers(crop.top, crop.height, height) * depth_hw[0] / crop.image_hw[0]).astype(np.int64)
    grid_columns, grid_rows = np.meshgrid(columns, rows)
    to_image = np.array([crop.image_hw[1] / depth_hw[1], crop.image_hw[0] / depth_hw[0]])
    pixels = (np.stack([grid_columns, grid_rows], axis=-1) + 0.5) * to_image - 0.5
    rays = camera.rays(pixels.reshape(-1, 2)).reshape(height, width, 3)
    return _Samples(grid_rows, grid_columns, rays)


def _centers(start: int, length: int, samples: int) -> NDArray[np.float64]:
    """(samples,) the centres of as many equal parts of a stretch of pixels, from the outer edge of pixel 0 on."""
    return start + (np.arange(samples) + 0.5) * length / samples
