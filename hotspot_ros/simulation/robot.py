"""The robot's side of the loop: it hears hotspots and transforms."""

from __future__ import annotations

from collections import deque

from geometry_msgs.msg import Transform, TransformStamped
from rclpy.node import Node
from std_msgs.msg import Header
from tf2_msgs.msg import TFMessage

from hotspot_ros.msg import HotspotArray, HotspotLabels
from hotspot_ros.positions.nearest_message import nanoseconds
from hotspot_ros.ros.qos import latched_qos, output_qos

# Transforms: of more images than are on their way.
KEPT = 30


class Robot(Node):
    """Keeps the last hotspots, and the transforms of the last images.

    Attributes:
        labels: of the node that answers; None until they are here.
        hotspots: the last message; None before the first.
    """

    def __init__(self, namespace: str = "") -> None:
        super().__init__("robot", namespace=namespace)
        self.labels: HotspotLabels | None = None
        self.hotspots: HotspotArray | None = None
        self._transforms: deque[TransformStamped] = deque(maxlen=KEPT)
        self._subscription = self.create_subscription(HotspotArray, "hotspots", self._on_hotspots, output_qos())
        self.create_subscription(HotspotLabels, "hotspots/labels", self._on_labels, latched_qos())
        self.create_subscription(TFMessage, "/tf", self._on_transforms, output_qos())

    def is_connected(self) -> bool:
        """Whether a node that tells its labels publishes hotspots."""
        return self.labels is not None and self.count_publishers(self._subscription.topic_name) > 0

    def has_answer(self, stamp: int) -> bool:
        """Whether the last hotspots are those of the image with a stamp in nanoseconds."""
        return self.hotspots is not None and nanoseconds(self.hotspots.header.stamp) == stamp

    def transform(self, header: Header, base: str) -> Transform | None:
        """From the frame of a header to `base`, at its stamp; None where it was not heard."""
        for heard in self._transforms:
            frames = heard.header.frame_id, heard.child_frame_id
            if frames == (base, header.frame_id) and heard.header.stamp == header.stamp:
                return heard.transform
        return None

    def _on_hotspots(self, message: HotspotArray) -> None:
        self.hotspots = message

    def _on_labels(self, message: HotspotLabels) -> None:
        self.labels = message

    def _on_transforms(self, message: TFMessage) -> None:
        self._transforms.extend(message.transforms)
