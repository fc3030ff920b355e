"""Clouds and best points for planners."""

from __future__ import annotations

import numpy as np
import pytest
from depth_scene import Lens, render
from geometry_msgs.msg import Quaternion, Transform, Vector3
from sensor_msgs.msg import PointField
from std_msgs.msg import Header

from hotspot_core.hotspots.prediction import Prediction
from hotspot_core.hotspots.regions import Region
from hotspot_ros.conversions.crop import Crop, crop
from hotspot_ros.outputs.cloud import cloud_message, hot_region
from hotspot_ros.positions.camera_model import CameraModel, camera_model
from hotspot_ros.positions.depth import DepthImage
from hotspot_ros.positions.frames import transform_positions

LENS = Lens("plumb_bob", [-0.28, 0.09, 0.0011, -0.0007, -0.012])
KNOWN = ("open", "close", "pull", "pick up")
NUMPY_TYPES = {PointField.FLOAT32: "<f4", PointField.UINT32: "<u4"}


def camera() -> CameraModel:
    model = camera_model(LENS.info(), LENS.image_hw())
    assert model is not None
    return model


def hot_at(*centers: tuple[float, float]) -> Prediction:
    """Round blobs of the actions pull, pick up and so on at (x, y) as shares of the image, and no place for close."""
    y, x = (np.mgrid[:28, :28] + 0.5) / 28
    blobs = [np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 0.01) for cx, cy in centers]
    maps = np.stack([*(blob / blob.max() for blob in blobs), np.zeros((28, 28))]).astype(np.float32)
    actions = (*KNOWN[2 : 2 + len(centers)], "close")
    scores = np.full(len(actions), 0.3, np.float32)
    return Prediction(actions, scores, maps, [], Region(0, 0, 640, 480), (480, 640))


@pytest.mark.parametrize("reduction", [1, 2])
def test_the_cloud_lies_on_the_scene_where_it_is_hot(reduction: int) -> None:
    """1. Hot blobs of two actions over a rendered scene, in whose depth there is a hole. 2. The cloud's fields read
    back as described. 3. Every point lies on the scene, where its action is hot, none in the hole; the action without
    a place has none. 4. Depth of half the resolution gives the same."""
    rays = LENS.rays()
    metres, _ = render(rays)
    metres[230:250, 300:340] = np.nan
    prediction = hot_at((0.5, 0.5), (0.2, 0.7))
    depth = DepthImage(metres[::reduction, ::reduction].astype(np.float32), 1.0)
    message = cloud_message(hot_region(prediction, depth, camera(), KNOWN, 0.6), Header(frame_id="camera"))

    assert message.header.frame_id == "camera"
    assert message.row_step == message.point_step * message.width == len(message.data)
    names = [field.name for field in message.fields]
    dtype = np.dtype(
        {
            "names": names,
            "formats": [NUMPY_TYPES[field.datatype] for field in message.fields],
            "offsets": [field.offset for field in message.fields],
            "itemsize": message.point_step,
        }
    )
    points = np.frombuffer(message.data, dtype)
    assert names == ["x", "y", "z", "value", "action"]
    assert set(points["action"]) == {KNOWN.index("pull"), KNOWN.index("pick up")}
    assert points["value"].min() >= 0.6

    xyz = np.column_stack([points[name] for name in "xyz"]).astype(float)
    pixels = LENS.project(xyz)
    columns, rows = np.rint(pixels).astype(int).T
    on_scene = metres[rows, columns, None] * rays[rows, columns]
    # Half a pixel beside the box's border it is the other side's.
    assert np.isclose(xyz, on_scene, rtol=0.01, atol=0.01).all(axis=1).mean() > 0.99
    x_fraction, y_fraction = pixels[:, 0] / 640, pixels[:, 1] / 480
    for index, (x, y) in zip((2, 3), ((0.5, 0.5), (0.2, 0.7)), strict=True):
        mine = points["action"] == index
        assert mine.sum() > 100
        assert np.hypot(x_fraction[mine] - x, y_fraction[mine] - y).max() < 0.1
    assert not ((np.abs(rows - 239.5) < 8) & (np.abs(columns - 319.5) < 18)).any()


@pytest.mark.parametrize("reduction", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "part",
    [crop((480, 640), (0.09, 0.28, 0.22, 0.23)), Crop(321, 7, 1, 1, (480, 640)), Crop(639, 479, 1, 1, (480, 640))],
)
def test_the_cloud_of_any_part_of_the_image(part: Crop, reduction: int) -> None:
    """Whatever part of the image is looked at, down to one pixel, and however coarse the depth is: the cloud lies on
    the scene, in that part to within a pixel of the depth image."""
    metres, _ = render(LENS.rays())
    depth = DepthImage(metres[::reduction, ::reduction].astype(np.float32), 1.0)
    hot = np.ones((1, 4, 4), np.float32)
    size = part.height, part.width
    prediction = Prediction(("pull",), np.ones(1, np.float32), hot, [], Region(0, 0, *size[::-1]), size)
    positions = hot_region(prediction, depth, camera(), KNOWN, 0.5, part).positions
    assert len(positions) == min(part.width, 160) * min(part.height, 160)
    surface = render(positions[None] / positions[None, :, 2:])[0][0]
    assert np.median(np.abs(surface - positions[:, 2]) / positions[:, 2]) < 0.01
    beyond = LENS.project(positions) - (part.left, part.top)
    assert beyond.min() > -reduction
    assert (beyond - (part.width, part.height)).max() < reduction


def test_nothing_hot_or_no_depth_is_an_empty_cloud() -> None:
    """An empty cloud is a message, too."""
    nothing = DepthImage(np.zeros((480, 640), np.uint16), 0.001)
    for prediction in (hot_at(), hot_at((0.5, 0.5))):
        message = cloud_message(hot_region(prediction, nothing, camera(), KNOWN), Header())
        assert (message.width, len(message.data), message.point_step) == (0, 0, 20)


def test_positions_in_another_frame() -> None:
    """From an optical frame (z forward) to a body frame (x forward, z up) half a metre behind and a metre below."""
    transform = Transform(translation=Vector3(x=0.5, z=1.0), rotation=Quaternion(x=-1.0, y=1.0, z=-1.0, w=1.0))
    positions = np.array([[0.1, 0.2, 2.0], [np.nan, 0, 1], [0, 0, 0]])
    expected = np.array([[2.5, -0.1, 0.8], [np.nan] * 3, [0.5, 0, 1.0]])
    moved = transform_positions(positions, transform)
    np.testing.assert_allclose(moved[[0, 2]], expected[[0, 2]], atol=1e-12)
    assert np.isnan(moved[1]).any()
    assert transform_positions(np.zeros((0, 3)), transform).shape == (0, 3)
