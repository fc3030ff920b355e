"""One camera: its inputs, its outputs, and what became of its frames."""

from __future__ import annotations

from collections.abc import Callable

from rclpy.node import Node

from hotspot_ros.outputs.labels import Labels
from hotspot_ros.outputs.output import OutputContext
from hotspot_ros.outputs.registry import create_outputs
from hotspot_ros.pipeline.camera_input import CameraInput
from hotspot_ros.pipeline.frames import CameraFrame
from hotspot_ros.pipeline.latest_message_buffer import LatestMessageBuffer
from hotspot_ros.pipeline.statistics import CameraStatistics
from hotspot_ros.positions.position_inputs import PositionInputs
from hotspot_ros.positions.transforms import TargetFrame
from hotspot_ros.ros.parameters import Parameters


class Camera:
    """Topics of one camera, relative to `name`, or to the node's namespace where the name is empty.

    Args:
        parameters: as they are at start.
        model_actions: all that the model knows.

    Attributes:
        input: its images.
        positions: its depth, calibration and transforms; None while the node is not active, or without depth.
        outputs: what is published of its frames, in that order.
        labels: what the numbers mean.
        statistics: what became of its frames.
    """

    def __init__(self, node: Node, name: str, parameters: Parameters, model_actions: tuple[str, ...]) -> None:
        self.name = name
        self.statistics = CameraStatistics()
        self._node, self._parameters = node, parameters
        image = "image/compressed" if parameters.image_transport == "compressed" else "image"
        self.input = CameraInput(node, name, self._input_topic(image), parameters, self.statistics.counts)
        self.positions: PositionInputs | None = None
        self.outputs = create_outputs(OutputContext(node, self._topic, parameters, model_actions))
        self.labels = Labels(node, self._topic("hotspots/labels"))

    def activate(
        self, buffer: LatestMessageBuffer[CameraFrame], target: TargetFrame | None, notify: Callable[[], None]
    ) -> None:
        """Subscribes; every frame goes into the buffer.

        Args:
            target: frame of the positions; None for the camera's.
            notify: see `PositionInputs`.
        """
        if self._parameters.depth:
            topic = self.input.topic
            self.positions = PositionInputs(self._node, self._input_topic, topic, self._parameters, target, notify)
        self.input.subscribe(buffer, self.positions)

    def deactivate(self) -> None:
        """Unsubscribes."""
        self.input.unsubscribe()
        if self.positions is not None:
            self.positions.destroy()
            self.positions = None

    def destroy(self) -> None:
        """Unsubscribes and takes the publishers away."""
        self.deactivate()
        for output in self.outputs:
            output.destroy()
        self.labels.destroy()

    def follow_publishers(self) -> None:
        """Adapts the subscriptions to publishers that came, went or changed."""
        self.input.follow()
        if self.positions is not None:
            self.positions.follow()

    def has_listeners(self) -> bool:
        """Whether anybody subscribes to a result."""
        return any(output.wanted() for output in self.outputs)

    def needs_pixels(self) -> bool:
        """Whether anybody subscribes to something that shows the image."""
        return any(output.needs_pixels and output.wanted() for output in self.outputs)

    def _topic(self, name: str) -> str:
        return f"{self.name}/{name}" if self.name else name

    def _input_topic(self, name: str) -> str:
        """The same for an input. Where `image` is remapped, `image/compressed` goes with it, as with image_transport,
        unless it is remapped itself; likewise with depth."""
        topic, (raw, _, transport) = self._topic(name), name.partition("/")
        resolve = self._node.resolve_topic_name
        if not transport or resolve(topic) != resolve(topic, only_expand=True):
            return topic
        return f"{resolve(self._topic(raw))}/{transport}"
