"""hotspots/markers: interaction points in RViz and Foxglove, for people."""

from __future__ import annotations

from collections.abc import Sequence

from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point, Vector3
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker, MarkerArray

from hotspot_core.hotspots.overlay import action_color
from hotspot_ros.msg import HotspotArray, InteractionPoint
from hotspot_ros.outputs.output import Output, OutputContext, position_header
from hotspot_ros.outputs.result import Result

# Metres.
DIAMETER, TEXT_HEIGHT, TEXT_ABOVE = 0.025, 0.03, 0.03
# Of a drawn gripper: how far its palm is from the contact, its wrist, how deep its fingers reach, how thick its lines
# are, and how far apart its fingers are at most and where the part's sides are not seen.
PALM, WRIST, TIPS, LINE, OPENING = -0.05, -0.09, 0.01, 0.003, 0.12
# Seconds after which markers that nobody renews disappear.
LIFETIME = 2


class MarkersOutput(Output):
    """Points that have a position."""

    def __init__(self, context: OutputContext) -> None:
        super().__init__(context)
        self._publisher = self.advertise(MarkerArray, "hotspots/markers")

    def publish(self, result: Result) -> None:
        """Renews all markers."""
        self._publisher.publish(hotspot_markers(result.hotspots, self.context.model_actions))


def hotspot_markers(hotspots: HotspotArray, model_actions: Sequence[str]) -> MarkerArray:
    """A sphere per point that has a position, in its action's color, the strongest of each action named; and of each
    action a gripper at its strongest point that has a contact frame.

    Markers carry the stamp of the image and the frame of the positions; those of the frame before are deleted.

    Args:
        model_actions: all that the model knows: an action's place among them, which no frame changes, is its color.
    """
    header = position_header(hotspots)
    markers = [Marker(header=header, action=Marker.DELETEALL)]
    for hotspot in hotspots.hotspots:
        red, green, blue = action_color(model_actions.index(hotspot.action))
        placed = [point for point in hotspot.points if point.has_position]
        for rank, point in enumerate(placed):
            sphere = _marker(header, point, rank, Marker.SPHERE)
            size = DIAMETER * (1.0 if rank == 0 else 0.5)
            sphere.scale = Vector3(x=size, y=size, z=size)
            sphere.color = ColorRGBA(r=red, g=green, b=blue, a=max(0.2, float(point.value)))
            markers.append(sphere)
        posed = next((point for point in placed if point.has_pose), None)
        if posed is not None:
            gripper = _gripper(header, posed)
            gripper.color = ColorRGBA(r=red, g=green, b=blue, a=1.0)
            markers.append(gripper)
        if placed:
            text = _marker(header, placed[0], len(placed), Marker.TEXT_VIEW_FACING)
            if hotspots.position_frame == hotspots.header.frame_id:  # An optical frame, where y points down.
                text.pose.position.y -= TEXT_ABOVE
            else:
                text.pose.position.z += TEXT_ABOVE
            text.scale.z = TEXT_HEIGHT
            text.color = ColorRGBA(r=1.0, g=1.0, b=1.0, a=1.0)
            text.text = f"{hotspot.action} {hotspot.score:.2f}"
            markers.append(text)
    return MarkerArray(markers=markers)


def _gripper(header: Header, point: InteractionPoint) -> Marker:
    """A parallel gripper that has closed on the part, and a line along the part."""
    marker = Marker(header=header, ns=f"{point.action}/grasp", type=Marker.LINE_LIST, action=Marker.ADD)
    marker.lifetime, marker.pose, marker.scale.x = Duration(sec=LIFETIME), point.pose, LINE
    side, end = min(point.width, OPENING) / 2, point.length / 2
    lines = [((WRIST, 0.0, 0.0), (PALM, 0.0, 0.0)), ((PALM, -side, 0.0), (PALM, side, 0.0))]
    lines += [((PALM, y, 0.0), (TIPS, y, 0.0)) for y in (-side, side)]
    lines.append(((0.0, 0.0, -end), (0.0, 0.0, end)))
    marker.points = [Point(x=x, y=y, z=z) for line in lines for x, y, z in line]
    return marker


def _marker(header: Header, point: InteractionPoint, number: int, kind: int) -> Marker:
    marker = Marker(header=header, ns=point.action, id=number, type=kind, action=Marker.ADD)
    marker.lifetime = Duration(sec=LIFETIME)
    marker.pose.position = Point(x=point.position.x, y=point.position.y, z=point.position.z)
    marker.pose.orientation.w = 1.0
    return marker
