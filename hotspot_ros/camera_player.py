"""`camera_player`: publishes a photo, a folder of photos, a video or a webcam as a camera does.

    ros2 run hotspot_ros camera_player --ros-args -p source:=kitchen.jpg -p depth:=1.2

publishes `image`, `camera_info` and, where asked for, `image/compressed` and `depth`, all with the same header.
"""

from __future__ import annotations

from rclpy.executors import SingleThreadedExecutor

from hotspot_ros.player.node import CameraPlayer
from hotspot_ros.ros.entry_point import run


def _play_until_done() -> None:
    node = CameraPlayer()
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    executor.spin_until_future_complete(node.done)
    if node.done.done():
        node.wait_for_subscribers(2.0)
        node.get_logger().info("the last image has been published")


def main(args: list[str] | None = None) -> int:
    """The executable; exit status 0 after a clean end, 2 on bad input."""
    return run("camera_player", _play_until_done, args)
