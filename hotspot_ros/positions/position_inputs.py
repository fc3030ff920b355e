"""Depth, calibration and transforms of one camera, matched to each color image. Nothing here waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rclpy.node import Node
from rclpy.task import Future
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header

from hotspot_core.errors import InputError
from hotspot_ros.positions.camera_model import camera_model
from hotspot_ros.positions.depth import decode_compressed_depth, decode_depth
from hotspot_ros.positions.nearest_message import NearestMessage, nanoseconds
from hotspot_ros.positions.scene_geometry import SceneGeometry
from hotspot_ros.positions.transforms import TargetFrame
from hotspot_ros.ros.adaptive_subscription import AdaptiveSubscription
from hotspot_ros.ros.parameters import Parameters

# A depth stream is alive, and worth waiting for, if it sent something within so many seconds.
ALIVE = 1.0


class PositionInputs:
    """The subscriptions to depth and camera_info of one camera, and its way to the target frame.

    Args:
        topic: makes a topic's name that of this camera.
        image_topic: full name of the topic of the color images.
        target: None for positions in the camera's frame.
        notify: called, in the executor's thread, when something came that an image may have waited for.
    """

    def __init__(
        self,
        node: Node,
        topic: Callable[[str], str],
        image_topic: str,
        parameters: Parameters,
        target: TargetFrame | None,
        notify: Callable[[], None],
    ) -> None:
        self.target, self.notify = target, notify
        self.rectified = parameters.is_rectified(image_topic)
        self.depth: NearestMessage[Image | CompressedImage] = NearestMessage(parameters.depth_slop)
        self.info: NearestMessage[CameraInfo] = NearestMessage(None)
        self._newest, self._arrived = 0, -ALIVE
        depth_type, depth_topic = (
            (CompressedImage, "depth/compressedDepth")
            if parameters.depth_transport == "compressedDepth"
            else (Image, "depth")
        )
        self._depth_input = AdaptiveSubscription(node, depth_type, topic(depth_topic), parameters.qos, self._on_depth)
        self._info_input = AdaptiveSubscription(node, CameraInfo, topic("camera_info"), parameters.qos, self.info.put)

    @property
    def depth_topic(self) -> str:
        """Full name."""
        return self._depth_input.topic_name

    @property
    def info_topic(self) -> str:
        """Full name."""
        return self._info_input.topic_name

    def expect(self, header: Header) -> ExpectedGeometry:
        """Keeps from now on what belongs to the image with this header, however long the model takes."""
        return ExpectedGeometry(self, header)

    def depth_is_settled(self, stamp: int) -> bool:
        """Whether no nearer depth image is to be expected: one that is not older has come, or the stream is dead."""
        return self._newest >= stamp or time.monotonic() - self._arrived >= ALIVE

    def follow(self) -> None:
        """Adapts to publishers that came, went or changed."""
        self._depth_input.follow()
        self._info_input.follow()

    def destroy(self) -> None:
        """Unsubscribes."""
        self._depth_input.destroy()
        self._info_input.destroy()

    def _on_depth(self, message: Image | CompressedImage) -> None:
        self.depth.put(message)
        self._newest, self._arrived = nanoseconds(message.header.stamp), time.monotonic()
        self.notify()


class ExpectedGeometry:
    """What belongs to one image, as far as it has come; see `PositionInputs.expect`."""

    def __init__(self, inputs: PositionInputs, header: Header) -> None:
        self._inputs, self._header = inputs, header
        self._depth, self._info = inputs.depth.match(header.stamp), inputs.info.match(header.stamp)
        self._transform: Future[Any] | None = None

    def is_complete(self) -> bool:
        """Whether nothing more is to be expected; `notify` is called when that may have changed."""
        settled = self._inputs.depth_is_settled(nanoseconds(self._header.stamp))
        target = self._target()
        if target is None:
            return settled
        if self._transform is None:
            self._transform = target.when_known(self._header.frame_id, self._header.stamp, self._inputs.notify)
        return settled and bool(self._transform.done())

    def geometry(self, image_hw: tuple[int, int]) -> SceneGeometry:
        """Of what has come. Nothing is expected any more.

        Args:
            image_hw: (height, width) of the image.

        Raises:
            InputError: depth, calibration or transform are missing, or damaged, or do not fit.
        """
        self.forget()
        inputs, header = self._inputs, self._header
        info, depth = self._info.message, self._depth.message
        if info is None:
            raise InputError(f"nothing has come on {inputs.info_topic}")
        if depth is None:
            raise InputError(f"no depth image on {inputs.depth_topic} has a stamp within depth_slop of the image's")
        camera = camera_model(info, image_hw, inputs.rectified)
        if camera is None:
            raise InputError(f"{inputs.info_topic} says that the camera is not calibrated")
        decoded = decode_depth(depth) if isinstance(depth, Image) else decode_compressed_depth(depth)
        target = self._target()
        if target is None:
            return SceneGeometry(decoded, camera, header.frame_id, None)
        return SceneGeometry(decoded, camera, target.name, target.transform(header.frame_id, header.stamp))

    def forget(self) -> None:
        """Expects nothing any more."""
        if self._transform is not None:
            self._transform.cancel()

    def _target(self) -> TargetFrame | None:
        """None where the camera's frame is the target."""
        target = self._inputs.target
        return None if target is None or target.name == self._header.frame_id else target
