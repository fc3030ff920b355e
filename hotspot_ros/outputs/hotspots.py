"""hotspots: score, heatmap and interaction points of every action."""

from __future__ import annotations

from hotspot_ros.msg import HotspotArray
from hotspot_ros.outputs.output import Output, OutputContext
from hotspot_ros.outputs.result import Result


class HotspotsOutput(Output):
    """The message as it is."""

    prompt = True

    def __init__(self, context: OutputContext) -> None:
        super().__init__(context)
        self._publisher = self.advertise(HotspotArray, "hotspots")

    def publish(self, result: Result) -> None:
        """The whole array."""
        self._publisher.publish(result.hotspots)
