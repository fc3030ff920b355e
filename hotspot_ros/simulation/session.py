"""A camera and a robot of this process, and a node in one of its own that answers them."""

from __future__ import annotations

import contextlib
import os
import random
import time
from collections.abc import Callable, Iterator

import rclpy
from geometry_msgs.msg import Transform
from rclpy.executors import SingleThreadedExecutor
from std_msgs.msg import Header

from hotspot_core.errors import InputError
from hotspot_ros.msg import HotspotArray
from hotspot_ros.player.demo_session import RESULT_TIMEOUT, START_TIMEOUT, running_node
from hotspot_ros.simulation.camera_driver import BASE_FRAME, SimulatedCamera
from hotspot_ros.simulation.rgbd import RgbdImage
from hotspot_ros.simulation.robot import Robot

# An image that has no answer by then, seconds, is shown again.
_PATIENCE = 5.0


class Session:
    """What the loop asks of the two; see `open_session`.

    Args:
        has_ended: whether the node that answers is no more.
        namespace: of that node.
    """

    def __init__(self, has_ended: Callable[[], bool], namespace: str = "") -> None:
        self.camera, self.robot = SimulatedCamera(namespace), Robot(namespace)
        self._has_ended = has_ended
        self._executor = SingleThreadedExecutor()
        for node in (self.camera, self.robot):
            self._executor.add_node(node)
        ends = self.camera, self.robot
        self._wait(lambda: all(end.is_connected() for end in ends), START_TIMEOUT, "the node did not start")

    @property
    def actions(self) -> tuple[str, ...]:
        """What the node publishes."""
        assert self.robot.labels is not None
        return tuple(self.robot.labels.published_actions)

    @property
    def model(self) -> str:
        """Checksum of the node's model."""
        assert self.robot.labels is not None
        return str(self.robot.labels.sha256)

    def ask(self, seen: RgbdImage) -> HotspotArray:
        """Shows an image, again as in a stream where no answer comes, until one is there.

        Raises:
            InputError: the node has ended, or does not answer.
        """
        deadline = time.monotonic() + RESULT_TIMEOUT
        stamps: list[int] = []
        while time.monotonic() < deadline:
            stamps.append(self.camera.show(seen))
            with contextlib.suppress(TimeoutError):
                self._spin(lambda: any(map(self.robot.has_answer, stamps)), _PATIENCE)
                assert self.robot.hotspots is not None
                return self.robot.hotspots
        raise InputError(f"the node answered no image within {RESULT_TIMEOUT:.0f} s: see its messages above")

    def transform(self, header: Header) -> Transform:
        """From the frame of an image's header to the robot's, as it was heard; waits for it."""
        found: list[Transform] = []

        def is_heard() -> bool:
            found.extend(filter(None, [self.robot.transform(header, BASE_FRAME)]))
            return bool(found)

        self._wait(is_heard, RESULT_TIMEOUT, "the robot heard no transform")
        return found[0]

    def close(self) -> None:
        """Ends the two nodes."""
        self._executor.shutdown()
        for node in (self.camera, self.robot):
            node.destroy_node()

    def _wait(self, condition: Callable[[], bool], seconds: float, failure: str) -> None:
        try:
            self._spin(condition, seconds)
        except TimeoutError:
            raise InputError(f"{failure} within {seconds:.0f} s: see its messages above") from None

    def _spin(self, condition: Callable[[], bool], seconds: float) -> None:
        """Until a condition holds; TimeoutError after so many seconds."""
        deadline = time.monotonic() + seconds
        while not condition():
            if self._has_ended():
                raise InputError("the node has ended: see its messages above")
            if time.monotonic() > deadline:
                raise TimeoutError
            self._executor.spin_once(timeout_sec=0.1)


@contextlib.contextmanager
def open_session(model: str) -> Iterator[Session]:
    """ROS, the node with depth and a simulated clock, and a session with it.

    Args:
        model: the node's parameter of that name.

    Raises:
        InputError: the node does not start.
    """
    # A domain of our own, on this machine only: no other robot's topics, and none of ours elsewhere.
    os.environ.setdefault("ROS_DOMAIN_ID", str(random.randrange(1, 100)))
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    rclpy.init()
    try:
        # The robot has been told what to do: the best guess counts, however improbable.
        options = {"depth": True, "use_sim_time": True, "image_timeout": 0.0, "probability_threshold": 0.0}
        with running_node(model, **options) as process:
            session = Session(lambda: process.poll() is not None)
            try:
                yield session
            finally:
                session.close()
    finally:
        rclpy.try_shutdown()
