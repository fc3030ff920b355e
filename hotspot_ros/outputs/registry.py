"""Everything that is published of a frame."""

from __future__ import annotations

from hotspot_ros.outputs.best import BestOutput
from hotspot_ros.outputs.cloud import CloudOutput
from hotspot_ros.outputs.grasp import GraspOutput
from hotspot_ros.outputs.hotspots import HotspotsOutput
from hotspot_ros.outputs.markers import MarkersOutput
from hotspot_ros.outputs.output import Output, OutputContext
from hotspot_ros.outputs.overlay import OverlayOutput
from hotspot_ros.outputs.points import PointsOutput

# In the order of publishing: the dearest comes last.
OUTPUTS: tuple[type[Output], ...] = (
    HotspotsOutput,
    PointsOutput,
    BestOutput,
    GraspOutput,
    MarkersOutput,
    OverlayOutput,
    CloudOutput,
)


def create_outputs(context: OutputContext) -> list[Output]:
    """Those that a camera has with its parameters."""
    return [output(context) for output in OUTPUTS if output.is_offered(context.parameters)]
