"""What a camera sees in three dimensions: its depth images and calibration, matched to each colour image."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from geometry_msgs.msg import Transform
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header

from hotspot_core.errors import InputError
from hotspot_core.hotspots.prediction import Prediction
from hotspot_ros.conversions.crop import Crop
from hotspot_ros.msg import HotspotArray
from hotspot_ros.outputs.cloud import HotRegion, hot_region
from hotspot_ros.positions.camera_model import CameraModel, camera_model
from hotspot_ros.positions.depth import DepthImage, decode_compressed_depth, decode_depth, positions, set_positions
from hotspot_ros.positions.frames import transform_positions
from hotspot_ros.positions.nearest_message import Match, NearestMessage, nanoseconds
from hotspot_ros.positions.transforms import TargetFrame
from hotspot_ros.ros.adaptive_subscription import Input
from hotspot_ros.ros.parameters import Parameters

# Seconds to wait for the depth image that belongs to a colour image, as long as the stream is alive: one that sent
# something within the last second.
PATIENCE, ALIVE = 0.05, 1.0


@dataclass(frozen=True)
class Scene:
    """Depth and calibration of one colour image.

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
            InputError: depth and colour image do not fit.
        """
        points = [point for hotspot in hotspots.hotspots for point in hotspot.points]
        pixels = np.array([(point.x, point.y) for point in points], np.float64).reshape(-1, 2)
        found = positions(self.depth, self.camera, pixels, (hotspots.image_height, hotspots.image_width))
        if self.transform is not None:
            found = transform_positions(found, self.transform)
        set_positions(points, found)
        hotspots.position_frame = self.frame

    def hot_region(
        self, prediction: Prediction, crop: Crop, known_actions: Sequence[str], threshold: float
    ) -> HotRegion:
        """The hot region of a prediction of a crop of the image; see `hotspot_ros.outputs.cloud.hot_region`."""
        region = hot_region(prediction, self.depth, self.camera, known_actions, threshold, crop)
        if self.transform is None:
            return region
        return replace(region, positions=transform_positions(region.positions, self.transform))


class SceneInputs:
    """The subscriptions to depth and camera_info of one camera.

    Args:
        topic: makes a topic's name that of this camera.
        image_topic: full name of the topic of the colour images.
        target: None for positions in the camera's frame.
    """

    def __init__(
        self,
        node: Node,
        topic: Callable[[str], str],
        image_topic: str,
        parameters: Parameters,
        target: TargetFrame | None,
    ) -> None:
        self._rectified = parameters.is_rectified(image_topic)
        self._target = target
        self._depth: NearestMessage[Image | CompressedImage] = NearestMessage(parameters.depth_slop)
        self._info: NearestMessage[CameraInfo] = NearestMessage(None)
        self._arrival = threading.Condition()
        self._newest, self._arrived = 0, -ALIVE
        depth_type, depth_topic = (
            (CompressedImage, "depth/compressedDepth")
            if parameters.depth_transport == "compressedDepth"
            else (Image, "depth")
        )
        self._inputs = (
            Input(node, depth_type, topic(depth_topic), parameters.qos, self._on_depth),
            Input(node, CameraInfo, topic("camera_info"), parameters.qos, self._info.put),
        )

    def expect(self, header: Header) -> Callable[[tuple[int, int]], Scene]:
        """Keeps from now on what belongs to the image with this header, however long the model takes.

        Returns:
            Makes the scene of it, given the image's (height, width); waits a little for depth that is late, and raises
            InputError where depth or calibration are missing, or damaged, or do not fit.
        """
        return functools.partial(self._scene, header, self._depth.match(header.stamp), self._info.match(header.stamp))

    def _scene(
        self,
        header: Header,
        depth_match: Match[Image | CompressedImage],
        info_match: Match[CameraInfo],
        image_hw: tuple[int, int],
    ) -> Scene:
        depth_topic, info_topic = (own.topic_name for own in self._inputs)
        info = info_match.message
        if info is None:
            raise InputError(f"nothing has come on {info_topic}")
        self._await_depth(nanoseconds(header.stamp))
        message = depth_match.message
        if message is None:
            raise InputError(f"no depth image on {depth_topic} has a stamp within depth_slop of the image's")
        camera = camera_model(info, image_hw, self._rectified)
        if camera is None:
            raise InputError(f"{info_topic} says that the camera is not calibrated")
        depth = decode_depth(message) if isinstance(message, Image) else decode_compressed_depth(message)
        if self._target is None or self._target.name == header.frame_id:
            return Scene(depth, camera, header.frame_id, None)
        return Scene(depth, camera, self._target.name, self._target.transform(header.frame_id, header.stamp))

    def follow(self) -> None:
        """Adapts to publishers that came, went or changed."""
        for own in self._inputs:
            own.follow()

    def destroy(self) -> None:
        """Unsubscribes."""
        for own in self._inputs:
            own.destroy()

    def _on_depth(self, message: Image | CompressedImage) -> None:
        self._depth.put(message)
        with self._arrival:
            self._newest, self._arrived = nanoseconds(message.header.stamp), time.monotonic()
            self._arrival.notify_all()

    def _await_depth(self, stamp: int) -> None:
        """Waits a little until no nearer depth image can come: until one is not older than the image."""
        with self._arrival:
            if time.monotonic() - self._arrived < ALIVE:
                self._arrival.wait_for(lambda: self._newest >= stamp, PATIENCE)
