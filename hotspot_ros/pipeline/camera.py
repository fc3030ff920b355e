"""One camera: its topics, its frames on their way to the worker, its results on their way out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
from geometry_msgs.msg import PointStamped
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.time import Time
from sensor_msgs.msg import CompressedImage, Image, PointCloud2
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from hotspot_core.errors import InputError
from hotspot_core.hotspots.prediction import Image as Pixels
from hotspot_core.hotspots.prediction import Prediction
from hotspot_core.model.checkpoint import CheckpointInfo
from hotspot_ros.conversions.crop import Crop, draw_region_overlay
from hotspot_ros.conversions.images import encode_image
from hotspot_ros.conversions.messages import hotspot_array, hotspot_labels, interaction_points
from hotspot_ros.msg import HotspotArray, HotspotLabels, InteractionPointArray
from hotspot_ros.outputs.cloud import best_points, cloud_message, topic_tokens
from hotspot_ros.outputs.markers import hotspot_markers
from hotspot_ros.pipeline.latest_message_buffer import LatestMessageBuffer
from hotspot_ros.pipeline.statistics import DurationWindow, FrameCounts
from hotspot_ros.positions.scene import Scene, SceneInputs
from hotspot_ros.positions.transforms import TargetFrame
from hotspot_ros.ros.adaptive_subscription import Input
from hotspot_ros.ros.parameters import Parameters
from hotspot_ros.ros.qos import latched_qos, output_qos


@dataclass
class Frame:
    """An image on its way.

    Attributes:
        arrived: `time.perf_counter` in the callback that received it.
        scene: see `SceneInputs.expect`; None where the camera has no depth.
    """

    camera: Camera
    message: Image | CompressedImage
    arrived: float
    scene: Callable[[tuple[int, int]], Scene] | None


class Result(NamedTuple):
    """What was published of a frame, for all that is drawn from it.

    Attributes:
        prediction: of the cropped image.
        scene: None where positions are not known.
    """

    prediction: Prediction
    crop: Crop
    hotspots: HotspotArray
    scene: Scene | None


class Camera:
    """Topics of one camera, relative to `name`, or to the node's namespace where the name is empty.

    Args:
        parameters: as they are at start.
        known_actions: all that the model knows.

    Attributes:
        counts: what became of its frames.
        durations: of the last processed frames.
        last_image: ROS time at which the last image arrived, or at which the wait for one began.
        last_error: why its last faulty or failed frame was skipped; empty if none was.
        scene_problem: why the points of the last frame have no positions; empty if they have, or need none.
    """

    def __init__(self, node: Node, name: str, parameters: Parameters, known_actions: tuple[str, ...]) -> None:
        self.name = name
        self.counts = FrameCounts()
        self.durations = DurationWindow()
        self.last_image: Time = node.get_clock().now()
        self.last_error = ""
        self.scene_problem = ""
        self._node = node
        self._parameters, self._known_actions = parameters, known_actions
        self._compressed = parameters.image_transport == "compressed"
        self._max_rate = parameters.max_rate
        self._next_due = 0.0
        self._lost_before = 0
        self._image: Input | None = None
        self._scene_inputs: SceneInputs | None = None
        self._hotspots = node.create_publisher(HotspotArray, self._topic("hotspots"), output_qos())
        self._points = node.create_publisher(InteractionPointArray, self._topic("hotspots/points"), output_qos())
        self._overlay = node.create_publisher(Image, self._topic("hotspots/overlay"), output_qos())
        self._markers = node.create_publisher(MarkerArray, self._topic("hotspots/markers"), output_qos())
        self._labels = node.create_publisher(HotspotLabels, self._topic("hotspots/labels"), latched_qos())
        self._cloud: Publisher | None = None
        self._best: dict[str, Publisher] = {}
        if parameters.cloud:
            self._cloud = node.create_publisher(PointCloud2, self._topic("hotspots/cloud"), output_qos())
            self._best = {
                action: node.create_publisher(PointStamped, self._topic(f"hotspots/best/{token}"), output_qos())
                for action, token in topic_tokens(known_actions).items()
            }

    @property
    def image_topic(self) -> str:
        """Full name of the topic that images come from."""
        return self._node.resolve_topic_name(self._topic("image/compressed" if self._compressed else "image"))

    def activate(self, buffer: LatestMessageBuffer[Frame], target: TargetFrame | None) -> None:
        """Subscribes; every frame goes into the mailbox.

        Args:
            target: frame of the positions; None for the camera's.
        """
        self._mailbox = buffer
        self.last_image = self._node.get_clock().now()
        topic, qos = self._topic("image/compressed" if self._compressed else "image"), self._parameters.qos
        if self._parameters.depth:
            self._scene_inputs = SceneInputs(self._node, self._topic, self.image_topic, self._parameters, target)
        self._image = Input(self._node, CompressedImage if self._compressed else Image, topic, qos, self._on_image)

    def deactivate(self) -> None:
        """Unsubscribes. What the worker has in hand goes on."""
        if self._image is not None:
            self._image.destroy()
            self._lost_before, self._image = self.counts.lost, None
        if self._scene_inputs is not None:
            self._scene_inputs.destroy()
            self._scene_inputs = None

    def destroy(self) -> None:
        """Unsubscribes and takes the publishers away."""
        self.deactivate()
        for publisher in (*self._outputs(), self._labels):
            self._node.destroy_publisher(publisher)

    def limit_rate(self, max_rate: float) -> None:
        """Most frames per second to take from now on; 0 for no limit."""
        self._max_rate, self._next_due = max_rate, 0.0

    def follow_publishers(self) -> None:
        """Adapts the subscriptions to publishers that came, went or changed."""
        if self._image is not None:
            self._image.follow()
            if self._scene_inputs is not None:
                self._scene_inputs.follow()

    def silence(self) -> str:
        """Why no image may arrive."""
        return self._image.silence() if self._image is not None else "the node is not active"

    def has_listeners(self) -> bool:
        """Whether anybody subscribes to a result."""
        return any(publisher.get_subscription_count() for publisher in self._outputs())

    def publish_labels(self, checkpoint: CheckpointInfo, actions: tuple[str, ...], stamp: Any) -> None:
        """Says what the numbers mean, also to those who come later."""
        self._labels.publish(hotspot_labels(checkpoint, actions, Header(stamp=stamp)))

    def publish(self, frame: Frame, prediction: Prediction, crop: Crop, parameters: Parameters) -> Result:
        """Publishes hotspots and points.

        Args:
            frame: of this camera.
            prediction: of the cropped image.
            crop: the part of the image that it is of.
        """
        hotspots = hotspot_array(prediction, frame.message.header, parameters.heatmap_hw(), crop)
        scene = self._place(hotspots, frame)
        self._hotspots.publish(hotspots)
        self._points.publish(interaction_points(hotspots))
        return Result(prediction, crop, hotspots, scene)

    def is_looked_at(self) -> bool:
        """Whether anybody subscribes to the overlay."""
        return bool(self._overlay.get_subscription_count())

    def publish_views(self, result: Result, image: Pixels, parameters: Parameters, note: str) -> None:
        """Publishes what is for planners and for people's eyes, as far as somebody looks.

        The dearest comes last: where it fails, the others are out.

        Args:
            note: a remark for the overlay.
        """
        hotspots = result.hotspots
        header = Header(stamp=hotspots.header.stamp, frame_id=hotspots.position_frame)
        if any(publisher.get_subscription_count() for publisher in self._best.values()):
            for action, point in best_points(hotspots).items():
                point.header = header
                self._best[action].publish(point)
        if self._markers.get_subscription_count():
            self._markers.publish(hotspot_markers(hotspots, self._known_actions))
        if self.is_looked_at():
            height, width = result.crop.image_hw
            if image.shape[:2] != (height, width):  # Somebody began to look after the image was decoded.
                image = np.asarray(cv2.resize(image, (width, height)), np.uint8)
            overlay = draw_region_overlay(image, result.prediction, result.crop, note)
            self._overlay.publish(encode_image(overlay, hotspots.header))
        if result.scene is not None and self._cloud is not None and self._cloud.get_subscription_count():
            region = result.scene.hot_region(
                result.prediction, result.crop, self._known_actions, parameters.cloud_threshold
            )
            self._cloud.publish(cloud_message(region, header))

    def _place(self, hotspots: HotspotArray, frame: Frame) -> Scene | None:
        """Gives the points positions; None, with the reason reported, where that is impossible."""
        if frame.scene is None:
            return None
        try:
            scene = frame.scene((hotspots.image_height, hotspots.image_width))
            scene.place(hotspots)
        except Exception as error:  # No depth image may cost the points their pixels.
            self.scene_problem = f"no positions: {error if isinstance(error, InputError) else repr(error)}"
            self._node.get_logger().warning(self.scene_problem, throttle_duration_sec=5.0)
            return None
        self.scene_problem = ""
        return scene

    def _outputs(self) -> list[Publisher]:
        """The publishers of results."""
        planners = [self._cloud] if self._cloud is not None else []
        return [self._hotspots, self._points, self._overlay, self._markers, *planners, *self._best.values()]

    def _topic(self, name: str) -> str:
        return f"{self.name}/{name}" if self.name else name

    def _on_image(self, message: Image | CompressedImage) -> None:
        assert self._image is not None
        now = time.perf_counter()
        self.last_image = self._node.get_clock().now()
        self.counts.received += 1
        self.counts.lost = self._lost_before + self._image.lost
        if self._max_rate > 0:
            period = 1 / self._max_rate
            if now < self._next_due:
                self.counts.rate_limited += 1
                return
            # Counted from when the frame was due, so that the mean rate is the one asked for.
            late = now - self._next_due
            self._next_due += period if late < period else late + period
        inputs = self._scene_inputs
        scene = inputs.expect(message.header) if inputs is not None else None
        dropped = self._mailbox.put(self, Frame(self, message, now, scene))
        self.counts.replaced += dropped is not None
