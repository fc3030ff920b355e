"""Quality of service by name."""

from __future__ import annotations

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy

# Depth 1: a perception node wants the newest frame, never a queue of old ones.
_RELIABILITY = {
    "reliable": ReliabilityPolicy.RELIABLE,
    "best_effort": ReliabilityPolicy.BEST_EFFORT,
    "system_default": ReliabilityPolicy.SYSTEM_DEFAULT,
}

# "auto" is reliable where the publishers are, else best effort.
AUTO = "auto"
LATCHED = "latched"
INPUT_QOS_NAMES = (AUTO, *_RELIABILITY)


def input_qos(name: str) -> QoSProfile:
    """The profile of a subscription: `reliable`, `best_effort`, `system_default`, or `latched`, which gets the last
    message of before, too, from publishers that all keep it (reliable, transient local)."""
    if name == LATCHED:
        return latched_qos()
    return QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=1, reliability=_RELIABILITY[name])


def output_qos() -> QoSProfile:
    """Reliable; a reader that lags behind loses old results, not new ones."""
    return QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=5, reliability=ReliabilityPolicy.RELIABLE)


def latched_qos() -> QoSProfile:
    """Reliable and transient local: a late subscriber still gets the last message."""
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=1,
        reliability=ReliabilityPolicy.RELIABLE,
        durability=DurabilityPolicy.TRANSIENT_LOCAL,
    )
