"""One thing that is published of every frame."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from rclpy.node import Node
from rclpy.publisher import Publisher
from std_msgs.msg import Header

from hotspot_ros.msg import HotspotArray
from hotspot_ros.outputs.result import Result
from hotspot_ros.ros.parameters import Parameters
from hotspot_ros.ros.qos import output_qos


@dataclass(frozen=True)
class OutputContext:
    """Where an output belongs.

    Attributes:
        topic: makes a topic's name that of the camera.
        parameters: as they are at start.
        model_actions: all that the model knows: an action's place among them is its index and its color.
    """

    node: Node
    topic: Callable[[str], str]
    parameters: Parameters
    model_actions: tuple[str, ...]


class Output(ABC):
    """One thing that is published of a camera's frames, in a file of its own, and named in `registry.OUTPUTS`.

    Attributes:
        prompt: whether it goes out before anything that is not is made, of all frames of a batch.
        needs_pixels: whether it shows the image, which then is not reduced while it is decoded.
    """

    prompt: ClassVar[bool] = False
    needs_pixels: ClassVar[bool] = False

    def __init__(self, context: OutputContext) -> None:
        self.context = context
        self._publishers: list[Publisher] = []

    @classmethod
    def is_offered(cls, parameters: Parameters) -> bool:
        """Whether there is such a topic with these parameters."""
        return True

    def wanted(self) -> bool:
        """Whether anybody subscribes."""
        return any(publisher.get_subscription_count() for publisher in self._publishers)

    @abstractmethod
    def publish(self, result: Result) -> None:
        """Makes and publishes it; called only while it is wanted. What it raises is reported and costs no other."""

    def destroy(self) -> None:
        """Takes the publishers away."""
        for publisher in self._publishers:
            self.context.node.destroy_publisher(publisher)
        self._publishers.clear()

    def advertise(self, message_type: type, topic: str) -> Publisher:
        """A publisher of a topic of the camera."""
        publisher = self.context.node.create_publisher(message_type, self.context.topic(topic), output_qos())
        self._publishers.append(publisher)
        return publisher


def position_header(hotspots: HotspotArray) -> Header:
    """The stamp of the image with the frame of the positions."""
    return Header(stamp=hotspots.header.stamp, frame_id=hotspots.position_frame)
