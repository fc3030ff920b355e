"""Notices that a camera has fallen silent, and says why."""

from __future__ import annotations

import time
from collections.abc import Iterable

from rclpy.duration import Duration
from rclpy.node import Node

from hotspot_ros.pipeline.camera import Camera

# Seconds between two warnings about the same camera.
REPEAT = 30.0


class Watchdog:
    """Warns in the log where a camera sends no image for some seconds of ROS time.

    Under simulated time a paused bag is no silence, and a clock that jumps back begins anew.

    Args:
        patience: seconds of silence; 0 for an endless patience.
    """

    def __init__(self, node: Node, patience: float) -> None:
        self._node, self._patience = node, patience
        # Camera -> the last warning about it and its time.
        self._warned: dict[Camera, tuple[str, float]] = {}

    def silent(self, cameras: Iterable[Camera]) -> dict[Camera, str]:
        """The cameras that are silent, each with the reason; logs those that are new, and those that are back."""
        silent = {camera: reason for camera in cameras if (reason := self._silence(camera))}
        for camera in [camera for camera in self._warned if camera not in silent]:
            self._node.get_logger().info(f"images on {camera.input.topic} again")
            del self._warned[camera]
        for camera, reason in silent.items():
            now = time.monotonic()
            last_reason, last_time = self._warned.get(camera, ("", 0.0))
            if reason != last_reason or now - last_time >= REPEAT:
                self._node.get_logger().warning(reason)
                self._warned[camera] = reason, now
        return silent

    def forget(self) -> None:
        """Takes back every warning: no camera is listened to any more, so that none can be back."""
        self._warned.clear()

    def _silence(self, camera: Camera) -> str:
        if not self._patience:
            return ""
        clock = self._node.get_clock()
        now = clock.now()
        # Without a clock there is no time to measure a silence in.
        if clock.ros_time_is_active and now.nanoseconds == 0 and not self._node.count_publishers("/clock"):
            return "use_sim_time is true and nobody publishes /clock: start the simulation or the bag with its clock"
        if now < camera.input.last_image:
            camera.input.last_image = now
        if now - camera.input.last_image < Duration(seconds=self._patience):
            return ""
        return f"no image on {camera.input.topic} for {self._patience:g} s; {camera.input.silence()}"
