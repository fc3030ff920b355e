"""hotspots/overlay: the image with heat, points and a legend, for people."""

from __future__ import annotations

import cv2
import numpy as np
from sensor_msgs.msg import Image

from hotspot_ros.conversions.crop import draw_region_overlay
from hotspot_ros.conversions.images import encode_image
from hotspot_ros.outputs.output import Output, OutputContext
from hotspot_ros.outputs.result import Result


class OverlayOutput(Output):
    """A picture of the image's size."""

    needs_pixels = True

    def __init__(self, context: OutputContext) -> None:
        super().__init__(context)
        self._publisher = self.advertise(Image, "hotspots/overlay")

    def publish(self, result: Result) -> None:
        """Draws it."""
        image, (height, width) = result.image, result.crop.image_hw
        if image.shape[:2] != (height, width):  # Somebody began to look after the image was decoded.
            image = np.asarray(cv2.resize(image, (width, height)), np.uint8)
        overlay = draw_region_overlay(image, result.prediction, result.crop, result.note)
        self._publisher.publish(encode_image(overlay, result.hotspots.header))
