"""Picks, of what the hotspots node publishes, the best place for an action that the robot can reach.

python examples/best_reachable.py --ros-args -p action:=open

It needs a node with depth; positions are in the camera's frame or, if the node has one, in its target_frame, such as
the robot's base. The answer goes to the topic `target`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import rclpy
from geometry_msgs.msg import PoseStamped
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from std_msgs.msg import Header

from hotspot_ros.msg import HotspotArray, InteractionPoint


class BestReachable(Node):
    """Publishes a target for every image in which there is one.

    Parameters:
        action: which one.
        score: smallest score of the action: below, there is nothing to do it to.
        age: seconds for which a place has to be seen before it is believed.
        reach: smallest and largest distance from the origin of the frame of the positions, in metres.
        lowest: smallest height in that frame, in metres.
        opening: largest width between the gripper's fingers, in metres.
    """

    def __init__(self) -> None:
        super().__init__("best_reachable")
        self.action = self.declare_parameter("action", "open").value
        self.score = self.declare_parameter("score", 0.5).value
        self.age = self.declare_parameter("age", 0.1).value
        self.reach = self.declare_parameter("reach", [0.2, 0.85]).value
        self.lowest = self.declare_parameter("lowest", -math.inf).value
        self.opening = self.declare_parameter("opening", 0.08).value
        self.track_id = 0
        self.targets = self.create_publisher(PoseStamped, "target", 1)
        self.create_subscription(HotspotArray, "hotspots", self.on_hotspots, 1)

    def on_hotspots(self, message: HotspotArray) -> None:
        """The best place of an image; its track tells whether it is the one before."""
        hotspot = next((hotspot for hotspot in message.hotspots if hotspot.action == self.action), None)
        if hotspot is None or hotspot.score < self.score:
            return
        # The best comes first, and stays first while no other is clearly better.
        point = next(filter(self.is_reachable, hotspot.points), None)
        if point is None:
            return
        if point.track_id != self.track_id:
            self.get_logger().info(f"{self.action}: track {point.track_id} with score {hotspot.score:.2f}")
            self.track_id = point.track_id
        header = Header(stamp=message.header.stamp, frame_id=message.position_frame)
        self.targets.publish(PoseStamped(header=header, pose=point.pose))

    def is_reachable(self, point: InteractionPoint) -> bool:
        """Whether the robot can put its gripper there, as far as a distance, a height and a width tell."""
        if not point.has_pose or point.age.sec + 1e-9 * point.age.nanosec < self.age:
            return False
        position = point.pose.position
        distance = math.hypot(position.x, position.y, position.z)
        return self.reach[0] <= distance <= self.reach[1] and position.z >= self.lowest and point.width <= self.opening


def main(args: Iterable[str] | None = None) -> None:
    """Runs until a signal."""
    rclpy.init(args=args)
    try:
        rclpy.spin(BestReachable())
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    finally:
        rclpy.try_shutdown()


if __name__ == "__main__":
    main()
