"""An action of a behaviour tree: find where to open something, or give up after some time.

`FindWhere` has the methods of a py_trees behaviour (initialise, update, terminate), which a tree calls, and never
waits. For py_trees derive from `py_trees.behaviour.Behaviour` and return `py_trees.common.Status`; in BehaviorTree.CPP
it is a StatefulActionNode with onStart, onRunning and onHalted. Run as it is, it ticks itself and ends with status 0
or 1:

python examples/find_where_to_open.py --ros-args -p action:=open -p timeout:=5.0
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import Enum

import rclpy
from geometry_msgs.msg import PointStamped
from rclpy.duration import Duration
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.subscription import Subscription
from rclpy.time import Time
from std_msgs.msg import Header

from hotspot_ros.msg import HotspotArray


class Status(Enum):
    """What a tick returns."""

    RUNNING = "running"
    SUCCESS = "success"
    FAILURE = "failure"


class FindWhere:
    """Succeeds when the same place of an action was seen for long enough.

    Args:
        action: which one.
        timeout: seconds, of the node's clock, after which it fails.
        score: smallest score of the action.
        age: seconds for which a place has to be seen.

    Attributes:
        place: where, once it has succeeded.
        reason: why it has failed, or has not succeeded yet.
    """

    def __init__(self, node: Node, action: str, timeout: float, score: float = 0.5, age: float = 0.3) -> None:
        self._node, self._action, self._timeout = node, action, Duration(seconds=timeout)
        self._score, self._age = score, age
        self._subscription: Subscription | None = None
        self.place: PointStamped | None = None
        self.reason = ""

    def initialise(self) -> None:
        """Begins, also anew: what was found before is forgotten. The node computes only while somebody listens."""
        self.place, self.reason = None, "no hotspots have come: is the node active, and does its camera publish?"
        self._began: Time = self._node.get_clock().now()
        if self._subscription is None:
            self._subscription = self._node.create_subscription(HotspotArray, "hotspots", self._on_hotspots, 1)

    def update(self) -> Status:
        """One tick."""
        if self.place is not None:
            return Status.SUCCESS
        late = self._node.get_clock().now() - self._began > self._timeout
        return Status.FAILURE if late else Status.RUNNING

    def terminate(self) -> None:
        """Ends, whatever came of it, or where the tree has turned to something else."""
        if self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
            self._subscription = None

    def _on_hotspots(self, message: HotspotArray) -> None:
        hotspot = next((hotspot for hotspot in message.hotspots if hotspot.action == self._action), None)
        if hotspot is None:
            self.reason = f"the node does not publish the action {self._action!r}"
        elif hotspot.score < self._score:
            self.reason = f"nothing to {self._action} is in sight: score {hotspot.score:.2f}"
        elif not any(point.has_position for point in hotspot.points):
            self.reason = "no point has a position: the node's diagnostics say why"
        else:
            self.reason = "no place was seen for long enough"
            point = next(point for point in hotspot.points if point.has_position)
            if point.age.sec + 1e-9 * point.age.nanosec >= self._age:
                header = Header(stamp=message.header.stamp, frame_id=message.position_frame)
                self.place = PointStamped(header=header, point=point.position)


def main(args: Iterable[str] | None = None) -> int:
    """Ticks ten times a second, as a tree would, until it is done."""
    rclpy.init(args=args)
    try:
        node = Node("find_where_to_open")
        action = node.declare_parameter("action", "open").value
        behaviour = FindWhere(node, action, node.declare_parameter("timeout", 5.0).value)
        behaviour.initialise()
        while (status := behaviour.update()) is Status.RUNNING:
            rclpy.spin_once(node, timeout_sec=0.1)
        behaviour.terminate()
        if behaviour.place is not None:
            where, frame = behaviour.place.point, behaviour.place.header.frame_id
            node.get_logger().info(f"{action} at ({where.x:.3f}, {where.y:.3f}, {where.z:.3f}) m in {frame}")
        else:
            node.get_logger().error(f"{action}: {behaviour.reason}")
        return 0 if status is Status.SUCCESS else 1
    except (KeyboardInterrupt, ExternalShutdownException):
        return 1
    finally:
        rclpy.try_shutdown()


if __name__ == "__main__":
    sys.exit(main())
