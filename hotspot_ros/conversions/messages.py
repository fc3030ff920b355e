"""Between predictions and messages."""

from __future__ import annotations

import numpy as np
from std_msgs.msg import Header

from hotspot_core.hotspots.prediction import InteractionPoint as Point
from hotspot_core.hotspots.prediction import Prediction
from hotspot_core.hotspots.regions import Region
from hotspot_core.inference.model_info import ModelInfo
from hotspot_ros.conversions.crop import Crop, whole
from hotspot_ros.conversions.images import decode_heatmap, encode_image
from hotspot_ros.msg import Hotspot, HotspotArray, HotspotLabels, ImageRegion, InteractionPoint


def hotspot_array(
    prediction: Prediction, header: Header, heatmap_size: tuple[int, int] | None = None, crop: Crop | None = None
) -> HotspotArray:
    """The message of a prediction; positions, once there are any, are in the frame of the image.

    Args:
        header: of the input image.
        heatmap_size: (height, width) of the heatmaps, which then cover exactly the image, or its crop; None for the
            model's grid.
        crop: the part of the image that the prediction is of; None for the whole.
    """
    crop = crop or whole(prediction.image_size)
    heatmaps = prediction.heatmaps
    in_image = crop.to_image(prediction)
    region = in_image.region
    if heatmap_size is not None:
        heatmaps, region = prediction.heatmaps_at(*heatmap_size), crop.region()
    points: dict[str, list[InteractionPoint]] = {name: [] for name in in_image.actions}
    for point in in_image.points:
        points[point.action].append(InteractionPoint(**point._asdict()))
    return HotspotArray(
        header=header,
        image_width=in_image.image_size[1],
        image_height=in_image.image_size[0],
        region=ImageRegion(x=region.x, y=region.y, width=region.width, height=region.height),
        position_frame=header.frame_id,
        hotspots=[
            Hotspot(action=name, score=float(score), heatmap=encode_image(heatmap, header), points=points[name])
            for name, score, heatmap in zip(in_image.actions, in_image.scores, heatmaps, strict=True)
        ],
    )


def hotspot_labels(info: ModelInfo, published: tuple[str, ...], header: Header) -> HotspotLabels:
    """What the numbers mean: action names and the checkpoint's identity."""
    return HotspotLabels(
        header=header,
        actions=info.config.actions,
        published_actions=published,
        checkpoint=info.name,
        sha256=info.sha256,
        preset=info.config.preset,
        trained=info.trained,
    )


def prediction(message: HotspotArray) -> Prediction:
    """A received message as a `Prediction`, for drawing and for analysis."""
    region = message.region
    heatmaps = [decode_heatmap(hotspot.heatmap) for hotspot in message.hotspots]
    return Prediction(
        actions=tuple(h.action for h in message.hotspots),
        scores=np.array([h.score for h in message.hotspots], np.float32),
        heatmaps=np.stack(heatmaps) if heatmaps else np.zeros((0, 1, 1), np.float32),
        points=[Point(p.action, p.x, p.y, p.value, p.probability) for h in message.hotspots for p in h.points],
        region=Region(region.x, region.y, region.width, region.height),
        image_size=(message.image_height, message.image_width),
    )
