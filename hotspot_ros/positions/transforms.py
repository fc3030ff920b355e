"""tf2, where it is installed: its Python package comes with ROS 2, not with pip."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from builtin_interfaces.msg import Time as Stamp
from geometry_msgs.msg import Transform
from rclpy.clock import JumpThreshold
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.task import Future
from rclpy.time import Time

from hotspot_core.errors import InputError


class TargetFrame:
    """A frame to which positions are transformed, as it was when the image was taken.

    Where the clock jumps back, as with a bag in a loop, the transforms of the time before are forgotten.

    Raises:
        InputError: tf2_ros is not installed.
    """

    def __init__(self, node: Node, name: str) -> None:
        try:
            from tf2_ros import Buffer, TransformListener
        except ImportError as error:
            raise InputError(
                f"parameter target_frame is {name!r} and tf2_ros is not installed ({error}): install the package "
                "tf2_ros_py of your ROS 2 distribution, or leave the parameter empty for the camera's frame"
            ) from error
        self.name = name
        self._buffer = Buffer()
        self._listener = TransformListener(self._buffer, node)
        threshold = JumpThreshold(min_forward=None, min_backward=Duration(nanoseconds=-1))
        self._jumps = node.get_clock().create_jump_callback(threshold, post_callback=lambda _: self._buffer.clear())

    def when_known(self, source: str, stamp: Stamp, notify: Callable[[], None]) -> Future[Any]:
        """Done once `transform` has nothing to wait for; to be cancelled where nobody waits any more.

        Args:
            notify: called when it is done, in the thread that made it so.
        """
        if _is_zero(stamp):
            known: Future[Any] = Future()
            known.set_result(None)
            return known
        known = self._buffer.wait_for_transform_async(self.name, source, Time.from_msg(stamp))
        known.add_done_callback(lambda _: notify())
        return known

    def transform(self, source: str, stamp: Stamp) -> Transform:
        """From the frame `source` to the target frame, at a time. Does not wait for it.

        Raises:
            InputError: there is no such transform; never the latest one instead.
        """
        from tf2_ros import TransformException

        if _is_zero(stamp):
            raise InputError(
                f"the image in frame {source!r} has the stamp 0, which tells no time for a transform to target_frame "
                f"{self.name!r}: let the camera fill in header.stamp"
            )
        try:
            found = self._buffer.lookup_transform(self.name, source, Time.from_msg(stamp))
        except TransformException as error:
            raise InputError(f"no transform from {source!r} to target_frame {self.name!r}: {error}") from error
        return found.transform

    def destroy(self) -> None:
        """Stops listening."""
        self._jumps.unregister()
        self._listener.unregister()


def _is_zero(stamp: Stamp) -> bool:
    """To tf2 that means the latest."""
    return bool(stamp.sec == 0 and stamp.nanosec == 0)
