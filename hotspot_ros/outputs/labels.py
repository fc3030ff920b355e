"""hotspots/labels: what the numbers mean. Latched, and published when it changes, not with every frame."""

from __future__ import annotations

from typing import Any

from rclpy.node import Node
from std_msgs.msg import Header

from hotspot_core.inference.model_info import ModelInfo
from hotspot_ros.conversions.messages import hotspot_labels
from hotspot_ros.msg import HotspotLabels
from hotspot_ros.ros.qos import latched_qos


class Labels:
    """Action names and the model's identity, also for those who come later.

    Args:
        topic: its name, relative to the node's namespace.
    """

    def __init__(self, node: Node, topic: str) -> None:
        self._node = node
        self._publisher = node.create_publisher(HotspotLabels, topic, latched_qos())

    def publish(self, info: ModelInfo, published: tuple[str, ...], stamp: Any) -> None:
        """Takes the place of what was latched before."""
        self._publisher.publish(hotspot_labels(info, published, Header(stamp=stamp)))

    def destroy(self) -> None:
        """Takes the publisher away."""
        self._node.destroy_publisher(self._publisher)
