"""What everything that is published of a frame is made of."""

from __future__ import annotations

from dataclasses import dataclass

from hotspot_core.hotspots.prediction import Image as Pixels
from hotspot_core.hotspots.prediction import Prediction
from hotspot_ros.conversions.crop import Crop
from hotspot_ros.msg import HotspotArray
from hotspot_ros.positions.scene_geometry import SceneGeometry
from hotspot_ros.ros.parameters import Parameters


@dataclass(frozen=True)
class Result:
    """One frame's.

    Attributes:
        hotspots: the message, whose points have their positions; its header is the image's.
        prediction: of the cropped image.
        crop: the part of the image that the prediction is of.
        image: (H, W, 3) uint8 RGB, the whole frame, maybe with its sides reduced (see `jpeg_reduction`).
        geometry: None where positions are not known.
        parameters: the values with which the frame was worked on.
        note: a remark for people.
    """

    hotspots: HotspotArray
    prediction: Prediction
    crop: Crop
    image: Pixels
    geometry: SceneGeometry | None
    parameters: Parameters
    note: str
