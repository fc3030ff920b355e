"""Predictions and messages say the same."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import photo
from std_msgs.msg import Header
from visualization_msgs.msg import Marker

from hotspot_core import HotspotPredictor
from hotspot_ros.conversions.messages import hotspot_array, prediction
from hotspot_ros.msg import Hotspot, HotspotArray, InteractionPoint
from hotspot_ros.outputs.markers import hotspot_markers
from hotspot_ros.outputs.points import interaction_points


def test_a_prediction_survives_the_message() -> None:
    """1. A prediction becomes a message whose every part carries the input's header. 2. It comes back as it was."""
    made = HotspotPredictor(device="cpu").predict(photo(), ["pull", "open"])
    header = Header(frame_id="camera")
    message = hotspot_array(made, header)
    assert message.header == header
    assert all(hotspot.heatmap.header == header for hotspot in message.hotspots)
    assert interaction_points(message).header == header
    received = prediction(message)
    assert (received.actions, received.region, received.image_size) == (made.actions, made.region, made.image_size)
    np.testing.assert_array_equal(received.heatmaps, made.heatmaps)
    np.testing.assert_array_equal(received.scores, made.scores)
    assert [(p.action, p.x, p.y) for p in received.points] == [(p.action, p.x, p.y) for p in made.points]
    assert [p.action for p in interaction_points(message).points] == [p.action for p in made.points]


def test_enlarged_heatmaps_cover_exactly_the_image() -> None:
    """With a size, heatmaps have it, and the region becomes the image."""
    made = HotspotPredictor(device="cpu").predict(photo(48, 64), ["pull"])
    message = hotspot_array(made, Header(), heatmap_size=(96, 128))
    assert (message.hotspots[0].heatmap.height, message.hotspots[0].heatmap.width) == (96, 128)
    region = message.region
    assert (region.x, region.y, region.width, region.height) == (0, 0, 64, 48)


def test_a_marker_has_the_color_of_its_action() -> None:
    """An action's sphere has the same colour whether or not others were left out of the frame."""

    def colors(actions: tuple[str, ...]) -> dict[str, Any]:
        points = [InteractionPoint(action=name, value=1.0, has_position=True) for name in actions]
        hotspots = [Hotspot(action=point.action, points=[point]) for point in points]
        markers = hotspot_markers(HotspotArray(hotspots=hotspots), ("open", "close", "pull")).markers
        return {marker.ns: marker.color for marker in markers if marker.ns and marker.type == Marker.SPHERE}

    everything = colors(("open", "close", "pull"))
    assert everything["open"] != everything["pull"]
    assert colors(("pull", "open")) == {name: everything[name] for name in ("open", "pull")}


def test_no_action_is_a_message_too() -> None:
    """A prediction whose actions all fell below the score makes an array without hotspots, and comes back."""
    made = HotspotPredictor(device="cpu").predict(photo()).above(1.1)
    message = hotspot_array(made, Header())
    assert len(message.hotspots) == 0
    assert prediction(message).actions == ()
