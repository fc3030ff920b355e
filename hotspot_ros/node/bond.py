"""The bond by which a lifecycle manager, as Nav2's, sees that the node is alive."""

from __future__ import annotations

from typing import Any

from rclpy.node import Node


class LifecycleBond:
    """A bond while the node is active, where the package bondpy is installed, which comes with ROS 2, not with pip.

    Args:
        heartbeat_period: seconds between two signs of life; 0 for no bond.
    """

    def __init__(self, node: Node, heartbeat_period: float) -> None:
        self._node, self._period = node, heartbeat_period
        self._bond: Any = None

    def form(self) -> None:
        """Begins; says what the manager then needs where that is impossible."""
        if self._period == 0 or self._bond is not None:
            return
        try:
            from bondpy.bondpy import Bond
        except ImportError as error:
            self._node.get_logger().info(
                f"no bond with a lifecycle manager, for bondpy is not installed ({error}): install the package bondpy "
                "of your ROS 2 distribution, or set bond_timeout: 0.0 where Nav2's lifecycle manager is configured"
            )
            return
        # Topic and name as nav2_util::LifecycleNode has them, which the manager expects.
        self._bond = Bond(self._node, "bond", self._node.get_name())
        self._bond.heartbeat_period = self._period
        self._bond.start()

    def end(self) -> None:
        """Ends in good order: the manager is told."""
        if self._bond is not None:
            self._bond.shutdown()
            # bondpy destroys them without telling the node, whose executor then fails on them for ever.
            self._node.destroy_subscription(self._bond.sub)
            self._node.destroy_publisher(self._bond.pub)
            self._bond = None
