"""A frame on its way, as far as it has come: received, decoded, inferred."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sensor_msgs.msg import CompressedImage, Image

from hotspot_core.hotspots.prediction import Image as Pixels
from hotspot_core.hotspots.prediction import Prediction
from hotspot_ros.conversions.crop import Crop
from hotspot_ros.positions.position_inputs import ExpectedGeometry
from hotspot_ros.ros.parameters import Parameters


class Settings(NamedTuple):
    """What may change from batch to batch; `actions` are those to publish."""

    parameters: Parameters
    actions: tuple[str, ...]


@dataclass(frozen=True)
class CameraFrame:
    """An image as it came.

    Attributes:
        camera: name of the camera.
        arrived: `time.perf_counter` in the callback that received it.
        expected: what gives it positions; None where the camera has no depth.
    """

    camera: str
    message: Image | CompressedImage
    arrived: float
    expected: ExpectedGeometry | None


@dataclass(frozen=True)
class DecodedFrame:
    """A frame's pixels and the part to look at.

    Attributes:
        reduction: by how much the sides of `image` are shorter than the frame's.
        crop: of the frame; the whole of it where it is reduced.
        began, ended: when it was decoded (`time.perf_counter`).
    """

    frame: CameraFrame
    image: Pixels
    reduction: int
    crop: Crop
    began: float
    ended: float


@dataclass(frozen=True)
class InferredFrame:
    """A frame with its prediction, that of its crop.

    Attributes:
        settings: with which it was inferred.
        ended: when it was inferred (`time.perf_counter`).
    """

    decoded: DecodedFrame
    prediction: Prediction
    settings: Settings
    ended: float
