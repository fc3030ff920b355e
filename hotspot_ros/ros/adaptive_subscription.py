"""Subscriptions that follow what their publishers offer, and know why nothing arrives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSCompatibility, QoSProfile, ReliabilityPolicy, qos_check_compatible
from rclpy.subscription import Subscription

from hotspot_ros.ros.qos import AUTO, LATCHED, input_qos

# Where the middleware does not number the messages of a publisher.
_NOT_NUMBERED = 2**64 - 1


class AdaptiveSubscription:
    """A subscription whose quality of service is fixed by name, or follows the publishers with "auto".

    Where all publishers keep their last message for those who come later, as of a calibration that is published once,
    "auto" gets it.

    Args:
        message_type: of the topic.
        topic: relative name.
        qos: "auto", "reliable", "best_effort" or "system_default".
        callback: called with each message, in the executor's thread.

    Attributes:
        topic_name: full name of the topic, remapped.
        lost: messages that a publisher numbered and that never arrived, since the subscription began.
    """

    def __init__(self, node: Node, message_type: type, topic: str, qos: str, callback: Callable[[Any], None]) -> None:
        self.lost = 0
        self._node, self._type, self._topic, self._qos, self._callback = node, message_type, topic, qos, callback
        self._last_number: int | None = None
        self.topic_name = str(node.resolve_topic_name(topic))
        self._reliability = "reliable"
        self._reliability = self._offered_reliability()
        self._subscription = self._subscribe()

    def follow(self) -> None:
        """Subscribes anew where the publishers' reliability has changed. Not for a callback of the topic itself."""
        offered = self._offered_reliability()
        if offered == self._reliability:
            return
        self._node.get_logger().info(f"a publisher of {self.topic_name} offers {offered}: subscribing so")
        self._node.destroy_subscription(self._subscription)
        self._reliability, self._last_number = offered, None
        self._subscription = self._subscribe()

    def silence(self) -> str:
        """Why no message may arrive, in words that fit after a semicolon, with the remedy."""
        publishers = self._node.get_publishers_info_by_topic(self.topic_name)
        type_name = f"{self._type.__module__.split('.')[0]}/msg/{self._type.__name__}"
        if not publishers:
            return "nobody publishes it" + self._others(type_name)
        other_types = {p.topic_type for p in publishers} - {type_name}
        if other_types:
            return f"a publisher exists with another type: {', '.join(sorted(other_types))} instead of {type_name}"
        for publisher in publishers:
            compatibility, reason = qos_check_compatible(publisher.qos_profile, self._subscription_profile())
            if compatibility == QoSCompatibility.ERROR:
                return (
                    f"a publisher exists with incompatible QoS ({reason.rstrip('; ')}): start this node with the "
                    "parameter qos set to 'auto' or 'best_effort'"
                )
        if self._reliability == "best_effort":
            return (
                "a publisher exists with compatible QoS; if it is alive, its images are lost on the way: "
                "see 'Losing frames' in the documentation"
            )
        return "a publisher exists with compatible QoS, but sends nothing"

    def destroy(self) -> None:
        """Ends the subscription."""
        self._node.destroy_subscription(self._subscription)

    def _others(self, type_name: str) -> str:
        """Topics that might have been meant."""
        node = self._node
        own = {name for name, _ in node.get_publisher_names_and_types_by_node(node.get_name(), node.get_namespace())}
        found = {name for name, types in node.get_topic_names_and_types() if type_name in types}
        meant = sorted(name for name in found - own - {self.topic_name} if node.count_publishers(name))[:5]
        return f"; of this type there is {', '.join(meant)}: remap" if meant else ""

    def _offered_reliability(self) -> str:
        if self._qos != AUTO:
            return self._qos
        publishers = self._node.get_publishers_info_by_topic(self.topic_name)
        offers = [publisher.qos_profile.reliability for publisher in publishers]
        kept = [publisher.qos_profile.durability == DurabilityPolicy.TRANSIENT_LOCAL for publisher in publishers]
        # A publisher that went away changes nothing: it may come back as it was.
        if not offers:
            return self._reliability
        if ReliabilityPolicy.BEST_EFFORT in offers:
            return "best_effort"
        return LATCHED if all(kept) else "reliable"

    def _subscription_profile(self) -> QoSProfile:
        return input_qos(self._reliability)

    def _subscribe(self) -> Subscription:
        # From Iron on callbacks may ask for the message's number by a second argument.
        numbered = hasattr(Subscription, "CallbackType")
        callback = self._on_numbered_message if numbered else self._callback
        return self._node.create_subscription(self._type, self._topic, callback, self._subscription_profile())

    def _on_numbered_message(self, message: Any, info: dict[str, int]) -> None:
        number = info["publication_sequence_number"]
        if number != _NOT_NUMBERED:
            # A smaller number is that of a restarted publisher.
            if self._last_number is not None and number > self._last_number + 1 and self._is_alone():
                self.lost += number - self._last_number - 1
            self._last_number = number
        self._callback(message)

    def _is_alone(self) -> bool:
        """Whether there is one publisher: several count each for itself."""
        return bool(self._subscription.get_publisher_count() <= 1)
