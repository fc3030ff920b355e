"""One camera: its topics, its frames on their way to the worker, its results on their way out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from rclpy.node import Node
from rclpy.time import Time
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from hotspot_core.checkpoint import CheckpointInfo
from hotspot_core.predictor import Image as Pixels
from hotspot_core.predictor import Prediction
from hotspot_ros.images import encode_image
from hotspot_ros.input import Input
from hotspot_ros.mailbox import Mailbox
from hotspot_ros.markers import hotspot_markers
from hotspot_ros.messages import hotspot_array, hotspot_labels, interaction_points
from hotspot_ros.msg import HotspotArray, HotspotLabels, InteractionPointArray
from hotspot_ros.parameters import Parameters
from hotspot_ros.qos import latched_qos, output_qos
from hotspot_ros.region import Crop, draw_region_overlay
from hotspot_ros.statistics import DurationWindow, FrameCounts


@dataclass
class Frame:
    """An image on its way.

    Attributes:
        arrived: `time.perf_counter` in the callback that received it.
    """

    camera: Camera
    message: Image | CompressedImage
    arrived: float


class Camera:
    """Topics of one camera, relative to `name`, or to the node's namespace where the name is empty.

    Args:
        parameters: as they are at start.

    Attributes:
        counts: what became of its frames.
        durations: of the last processed frames.
        last_image: ROS time at which the last image arrived, or at which the wait for one began.
        last_error: why its last faulty or failed frame was skipped; empty if none was.
    """

    def __init__(self, node: Node, name: str, parameters: Parameters) -> None:
        self.name = name
        self.counts = FrameCounts()
        self.durations = DurationWindow()
        self.last_image: Time = node.get_clock().now()
        self.last_error = ""
        self._node = node
        self._compressed = parameters.image_transport == "compressed"
        self._qos = parameters.qos
        self._max_rate = parameters.max_rate
        self._next_due = 0.0
        self._lost_before = 0
        self._image: Input | None = None
        self._hotspots = node.create_publisher(HotspotArray, self._topic("hotspots"), output_qos())
        self._points = node.create_publisher(InteractionPointArray, self._topic("hotspots/points"), output_qos())
        self._overlay = node.create_publisher(Image, self._topic("hotspots/overlay"), output_qos())
        self._markers = node.create_publisher(MarkerArray, self._topic("hotspots/markers"), output_qos())
        self._labels = node.create_publisher(HotspotLabels, self._topic("hotspots/labels"), latched_qos())

    @property
    def image_topic(self) -> str:
        """Full name of the topic that images come from."""
        return self._node.resolve_topic_name(self._topic("image/compressed" if self._compressed else "image"))

    def activate(self, mailbox: Mailbox[Frame]) -> None:
        """Subscribes; every frame goes into the mailbox."""
        self._mailbox = mailbox
        self.last_image = self._node.get_clock().now()
        topic = self._topic("image/compressed" if self._compressed else "image")
        self._image = Input(
            self._node, CompressedImage if self._compressed else Image, topic, self._qos, self._on_image
        )

    def deactivate(self) -> None:
        """Unsubscribes."""
        if self._image is not None:
            self._image.destroy()
            self._lost_before, self._image = self.counts.lost, None

    def destroy(self) -> None:
        """Unsubscribes and takes the publishers away."""
        self.deactivate()
        for publisher in (self._hotspots, self._points, self._overlay, self._markers, self._labels):
            self._node.destroy_publisher(publisher)

    def limit_rate(self, max_rate: float) -> None:
        """Most frames per second to take from now on; 0 for no limit."""
        self._max_rate, self._next_due = max_rate, 0.0

    def follow_publishers(self) -> None:
        """Adapts the subscriptions to publishers that came, went or changed."""
        if self._image is not None:
            self._image.follow()

    def silence(self) -> str:
        """Why no image may arrive."""
        return self._image.silence() if self._image is not None else "the node is not active"

    def has_listeners(self) -> bool:
        """Whether anybody subscribes to a result."""
        outputs = (self._hotspots, self._points, self._overlay, self._markers)
        return any(publisher.get_subscription_count() for publisher in outputs)

    def publish_labels(self, checkpoint: CheckpointInfo, actions: tuple[str, ...], stamp: Any) -> None:
        """Says what the numbers mean, also to those who come later."""
        self._labels.publish(hotspot_labels(checkpoint, actions, Header(stamp=stamp)))

    def publish(self, header: Header, prediction: Prediction, crop: Crop, parameters: Parameters) -> HotspotArray:
        """Publishes hotspots and points.

        Args:
            header: of the input image.
            prediction: of the cropped image.
            crop: the part of the image that it is of.
        """
        hotspots = hotspot_array(prediction, header, parameters.heatmap_hw(), crop)
        self._hotspots.publish(hotspots)
        self._points.publish(interaction_points(hotspots))
        return hotspots

    def publish_views(
        self, image: Pixels, prediction: Prediction, crop: Crop, hotspots: HotspotArray, note: str
    ) -> None:
        """Publishes what is for people's eyes, as far as somebody looks."""
        if self._overlay.get_subscription_count():
            overlay = draw_region_overlay(image, prediction, crop, note)
            self._overlay.publish(encode_image(overlay, hotspots.header))
        if self._markers.get_subscription_count():
            self._markers.publish(hotspot_markers(hotspots))

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
            # Kept from frame to frame, so that the mean rate is the one asked for.
            self._next_due = max(self._next_due, now - period) + period
        dropped = self._mailbox.put(self, Frame(self, message, now))
        self.counts.replaced += dropped is not None
