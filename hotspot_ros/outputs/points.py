"""hotspots/points: the interaction points alone, for planners."""

from __future__ import annotations

from hotspot_ros.msg import HotspotArray, InteractionPointArray
from hotspot_ros.outputs.output import Output, OutputContext
from hotspot_ros.outputs.result import Result


class PointsOutput(Output):
    """Without the heatmaps."""

    prompt = True

    def __init__(self, context: OutputContext) -> None:
        super().__init__(context)
        self._publisher = self.advertise(InteractionPointArray, "hotspots/points")

    def publish(self, result: Result) -> None:
        """The points of all actions."""
        self._publisher.publish(interaction_points(result.hotspots))


def interaction_points(message: HotspotArray) -> InteractionPointArray:
    """The points of a message, action by action, the strongest first."""
    points = [point for hotspot in message.hotspots for point in hotspot.points]
    return InteractionPointArray(header=message.header, position_frame=message.position_frame, points=points)
