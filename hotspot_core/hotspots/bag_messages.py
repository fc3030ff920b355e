"""Predictions as the messages that the node publishes, for bags, without ROS."""

from __future__ import annotations

from typing import Any

import numpy as np

from hotspot_core.hotspots.prediction import Image, InteractionPoint, Prediction
from hotspot_core.media.bag_writer import hotspot_types
from hotspot_core.media.writers import encode_picture


def hotspot_array(prediction: Prediction, header: Any) -> Any:
    """hotspot_ros/msg/HotspotArray without positions; `header` is the input image's."""
    make, region = _types(), prediction.region
    hotspots = [
        make["hotspot_ros/msg/Hotspot"](
            action=name,
            score=float(score),
            heatmap=_heatmap(heatmap, header),
            points=[_point(point) for point in prediction.points if point.action == name],
        )
        for name, score, heatmap in zip(prediction.actions, prediction.scores, prediction.heatmaps, strict=True)
    ]
    return make["hotspot_ros/msg/HotspotArray"](
        header=header,
        image_width=prediction.image_size[1],
        image_height=prediction.image_size[0],
        region=make["hotspot_ros/msg/ImageRegion"](region.x, region.y, region.width, region.height),
        position_frame=header.frame_id,
        hotspots=hotspots,
    )


def point_array(prediction: Prediction, header: Any) -> Any:
    """hotspot_ros/msg/InteractionPointArray without positions."""
    points = [_point(point) for point in prediction.points]
    return _types()["hotspot_ros/msg/InteractionPointArray"](header, header.frame_id, points)


def overlay_image(drawn: Image, header: Any) -> Any:
    """sensor_msgs/msg/CompressedImage, a JPEG of (H, W, 3) uint8 RGB."""
    data = np.frombuffer(encode_picture(drawn, ".jpg"), np.uint8)
    return _types()["sensor_msgs/msg/CompressedImage"](header, "rgb8; jpeg compressed bgr8", data)


def _types() -> Any:
    return hotspot_types().types


def _heatmap(values: Any, header: Any) -> Any:
    height, width = values.shape
    data = np.ascontiguousarray(values, "<f4").view(np.uint8).reshape(-1)
    return _types()["sensor_msgs/msg/Image"](header, height, width, "32FC1", 0, 4 * width, data)


def _point(point: InteractionPoint) -> Any:
    make = _types()
    origin = make["geometry_msgs/msg/Point"](0.0, 0.0, 0.0)
    return make["hotspot_ros/msg/InteractionPoint"](
        **point._asdict(),
        track_id=0,
        age=make["builtin_interfaces/msg/Duration"](0, 0),
        has_position=False,
        position=origin,
        position_stddev=make["geometry_msgs/msg/Vector3"](0.0, 0.0, 0.0),
        has_pose=False,
        pose=make["geometry_msgs/msg/Pose"](origin, make["geometry_msgs/msg/Quaternion"](0.0, 0.0, 0.0, 1.0)),
        width=0.0,
        length=0.0,
    )
