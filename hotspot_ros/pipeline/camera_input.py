"""The images of one camera on their way into the buffer: subscription, rate limit, counts."""

from __future__ import annotations

import time

from rclpy.node import Node
from rclpy.time import Time
from sensor_msgs.msg import CompressedImage, Image

from hotspot_ros.pipeline.frames import CameraFrame
from hotspot_ros.pipeline.latest_message_buffer import LatestMessageBuffer
from hotspot_ros.pipeline.statistics import FrameCounts
from hotspot_ros.positions.position_inputs import PositionInputs
from hotspot_ros.ros.adaptive_subscription import AdaptiveSubscription
from hotspot_ros.ros.parameters import Parameters


class CameraInput:
    """Stores frames, and does nothing else with them: all of it runs in the executor's thread.

    Args:
        camera: its name.
        topic: name of the image topic, relative to the node's namespace.
        counts: to which it adds what it received and passed over.

    Attributes:
        last_image: ROS time at which the last image arrived, or at which the wait for one began.
    """

    def __init__(self, node: Node, camera: str, topic: str, parameters: Parameters, counts: FrameCounts) -> None:
        self.last_image: Time = node.get_clock().now()
        self._node, self._camera, self._topic, self._parameters = node, camera, topic, parameters
        self._counts = counts
        self._max_rate = parameters.max_rate
        self._next_due = 0.0
        self._lost_before = 0
        self._subscription: AdaptiveSubscription | None = None

    @property
    def topic(self) -> str:
        """Full name."""
        return str(self._node.resolve_topic_name(self._topic))

    def subscribe(self, buffer: LatestMessageBuffer[CameraFrame], positions: PositionInputs | None) -> None:
        """From now on every frame goes into the buffer."""
        self._buffer, self._positions = buffer, positions
        self.last_image = self._node.get_clock().now()
        kind = CompressedImage if self._parameters.image_transport == "compressed" else Image
        self._subscription = AdaptiveSubscription(self._node, kind, self._topic, self._parameters.qos, self._on_image)

    def unsubscribe(self) -> None:
        """Ends what `subscribe` began."""
        if self._subscription is not None:
            self._subscription.destroy()
            self._lost_before, self._subscription = self._counts.lost, None
            del self._buffer, self._positions

    def limit_rate(self, max_rate: float) -> None:
        """Largest number of frames per second to take from now on; 0 for no limit."""
        self._max_rate, self._next_due = max_rate, 0.0

    def follow(self) -> None:
        """Adapts to publishers that came, went or changed."""
        if self._subscription is not None:
            self._subscription.follow()

    def silence(self) -> str:
        """Why no image may arrive."""
        return self._subscription.silence() if self._subscription is not None else "the node is not active"

    def _on_image(self, message: Image | CompressedImage) -> None:
        assert self._subscription is not None
        now = time.perf_counter()
        self.last_image = self._node.get_clock().now()
        self._counts.received += 1
        self._counts.lost = self._lost_before + self._subscription.lost
        if self._max_rate > 0 and not self._is_due(now):
            self._counts.rate_limited += 1
            return
        expected = self._positions.expect(message.header) if self._positions is not None else None
        dropped = self._buffer.put(self._camera, CameraFrame(self._camera, message, now, expected))
        self._counts.overwritten += dropped is not None

    def _is_due(self, now: float) -> bool:
        if now < self._next_due:
            return False
        # Counted from when the frame was due, so that the mean rate is the one asked for.
        period, late = 1 / self._max_rate, now - self._next_due
        self._next_due += period if late < period else late + period
        return True
