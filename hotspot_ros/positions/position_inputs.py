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
from hotspot_ros.positions.depth_timing import DepthTiming
from hotspot_ros.positions.nearest_message import NearestMessage, nanoseconds
from hotspot_ros.positions.scene_geometry import SceneGeometry
from hotspot_ros.positions.transforms import TargetFrame
from hotspot_ros.ros.adaptive_subscription import AdaptiveSubscription
from hotspot_ros.ros.parameters import Parameters

# Seconds for which depth images are kept for images that come after them.
KEPT = 0.5


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
        self.allow_other_frames = parameters.allow_other_frames
        kept = max(KEPT, parameters.depth_patience)
        self.depth: NearestMessage[Image | CompressedImage] = NearestMessage(parameters.depth_slop, kept)
        self.info: NearestMessage[CameraInfo] = NearestMessage(None, kept)
        self.timing = DepthTiming(parameters.depth_slop, parameters.depth_patience)
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
        return self.timing.is_settled(stamp)

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
        self.timing.arrived(nanoseconds(message.header.stamp))
        self.notify()


class ExpectedGeometry:
    """What belongs to one image, as far as it has come; see `PositionInputs.expect`."""

    def __init__(self, inputs: PositionInputs, header: Header) -> None:
        self._inputs, self._header = inputs, header
        self._depth, self._info = inputs.depth.match(header.stamp), inputs.info.match(header.stamp)
        self._transform: Future[Any] | None = None
        self._began = time.monotonic()
        inputs.timing.expected(nanoseconds(header.stamp))

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
            raise InputError(inputs.timing.missing(nanoseconds(header.stamp), self._began, inputs.depth_topic))
        if not inputs.allow_other_frames:
            check_frames(header.frame_id, depth.header.frame_id, info.header.frame_id)
        return scene_geometry(header, image_hw, depth, info, inputs.rectified, self._target())

    def forget(self) -> None:
        """Expects nothing any more."""
        if self._transform is not None:
            self._transform.cancel()

    def _target(self) -> TargetFrame | None:
        """None where the camera's frame is the target."""
        return other_target(self._inputs.target, self._header.frame_id)


def other_target(target: TargetFrame | None, frame: str) -> TargetFrame | None:
    """None where the camera's frame is the target."""
    return None if target is None or target.name == frame else target


def scene_geometry(
    header: Header,
    image_hw: tuple[int, int],
    depth: Image | CompressedImage,
    info: CameraInfo,
    rectified: bool,
    target: TargetFrame | None,
) -> SceneGeometry:
    """What gives the points of an image positions.

    Args:
        header: of the image.
        rectified: whether the image is.
        target: None for the camera's frame.

    Raises:
        InputError: depth, calibration or transform are damaged or missing, or do not fit.
    """
    camera = camera_model(info, image_hw, rectified)
    if camera is None:
        raise InputError("camera_info says that the camera is not calibrated")
    decoded = decode_depth(depth) if isinstance(depth, Image) else decode_compressed_depth(depth)
    if target is None:
        return SceneGeometry(decoded, camera, header.frame_id, None)
    return SceneGeometry(decoded, camera, target.name, target.transform(header.frame_id, header.stamp))


def check_frames(image: str, depth: str, info: str) -> None:
    """Refuses depth or a calibration that says that it is of another camera; who names no frame is believed.

    Raises:
        InputError: another frame_id than the image's.
    """
    for name, frame, remedy in (
        ("depth", depth, "give depth registered to the color camera (aligned_depth_to_color, depth_registered)"),
        ("camera_info", info, "remap camera_info to that of the image"),
    ):
        # Before tf2 names of frames began with a slash.
        if image and frame and frame.lstrip("/") != image.lstrip("/"):
            raise InputError(
                f"{name} is in frame {frame!r}, the image in {image!r}: {remedy}, or set allow_other_frames where they "
                "are the same camera"
            )
