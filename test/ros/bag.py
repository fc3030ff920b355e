"""The recorded bag of the tests: where it is, what is in it, and a node that replays it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import rclpy
from rclpy.node import Node
from rclpy.serialization import deserialize_message
from rclpy.time import Time
from rosbags.rosbag2 import Reader
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image

BAG = Path(__file__).parent / "bags" / "drawn_clip"
FRAMES, RATE, WIDTH, HEIGHT = 12, 10.0, 160, 120
# When the first image was taken, in nanoseconds.
START = 1_700_000_000 * 10**9
# The depth is that of the plane of all points p with PLANE @ p = 1, in metres in the camera's optical frame.
PLANE = np.array([0.15, -0.1, 0.8])

TOPICS = {"image": Image, "camera_info": CameraInfo, "depth": Image}


class Recorded(NamedTuple):
    """A message of the bag: its topic without /camera/, and the time at which it was recorded in nanoseconds."""

    topic: str
    time: int
    message: Any


def read_bag(path: Path = BAG) -> list[Recorded]:
    """Every message in the order of recording."""
    with Reader(path) as reader:
        return [
            Recorded(name, stamp, deserialize_message(data, TOPICS[name]))
            for connection, stamp, data in reader.messages()
            if (name := connection.topic.removeprefix("/camera/")) in TOPICS
        ]


class BagReplay(Node):
    """Publishes the bag's messages as `ros2 bag play` does: at their pace, the stamps as recorded.

    Args:
        namespace: of the topics image, camera_info and depth.
        clock: whether to publish /clock, for nodes with use_sim_time.
    """

    def __init__(self, namespace: str, clock: bool = False) -> None:
        super().__init__("bag_replay", namespace=namespace)
        self.messages = read_bag()
        self._publishers_by_topic = {name: self.create_publisher(kind, name, 10) for name, kind in TOPICS.items()}
        self._clock_publisher = self.create_publisher(Clock, "/clock", 10) if clock else None

    def subscribers(self, topic: str = "image") -> int:
        """How many listen to a topic."""
        return int(self._publishers_by_topic[topic].get_subscription_count())

    def play(
        self, first: int = 0, last: int = FRAMES - 1, speed: float = 1.0, spinning: Iterable[Node] = ()
    ) -> list[Image]:
        """Publishes frames `first` to `last`, and returns once the last is out; the images, in order.

        Called again with an earlier frame, time jumps back, also that of /clock.

        Args:
            speed: 2 replays in half the time.
            spinning: nodes of this process to spin meanwhile.
        """
        begin = START + round(first / RATE * 10**9)
        end = START + round((last + 1) / RATE * 10**9)
        played = [recorded for recorded in self.messages if begin <= recorded.time < end]
        began = time.monotonic()
        for recorded in played:
            due = began + (recorded.time - begin) / 10**9 / speed
            while True:
                self._tell_time(min(recorded.time, begin + round((time.monotonic() - began) * speed * 10**9)))
                for node in (self, *spinning):
                    rclpy.spin_once(node, timeout_sec=0.002)
                if time.monotonic() >= due:
                    break
            self._tell_time(recorded.time)
            self._publishers_by_topic[recorded.topic].publish(recorded.message)
        return [recorded.message for recorded in played if recorded.topic == "image"]

    def _tell_time(self, nanoseconds: int) -> None:
        if self._clock_publisher is not None:
            self._clock_publisher.publish(Clock(clock=Time(nanoseconds=nanoseconds).to_msg()))
