"""The best point of each action, and its topic's name."""

from __future__ import annotations

import numpy as np
from std_msgs.msg import Header

from hotspot_ros.msg import Hotspot, HotspotArray, InteractionPoint
from hotspot_ros.outputs.best import best_points, topic_token, topic_tokens
from hotspot_ros.positions.depth import set_positions


def test_the_best_point_is_the_strongest_with_a_position() -> None:
    """Of two points whose stronger has no depth the weaker is taken; an action without positions has none."""
    header = Header(frame_id="camera")
    hotspots = [Hotspot(action=action) for action in ("pull", "pick up", "close")]
    message = HotspotArray(header=header, position_frame="camera", hotspots=hotspots)
    message.hotspots[0].points = [InteractionPoint(value=1.0), InteractionPoint(value=0.5)]
    set_positions(message.hotspots[0].points, np.array([[np.nan] * 3, [0.1, 0.2, 1.5]]))
    message.hotspots[1].points = [InteractionPoint(value=1.0)]
    best = best_points(message)
    assert list(best) == ["pull"]
    assert best["pull"].header == message.header
    assert (best["pull"].point.x, best["pull"].point.z) == (0.1, 1.5)


def test_topic_tokens() -> None:
    """Whatever an action is called, its topic's name is one that ROS accepts."""
    assert [topic_token(name) for name in ("open", "pick up", "Put-Down ", "2nd push", "")] == [
        "open",
        "pick_up",
        "put_down",
        "action_2nd_push",
        "action",
    ]


def test_topic_tokens_are_never_shared() -> None:
    """Of names with the same token the first in the model's order keeps it and the others are numbered, past numbers
    that are taken."""
    names = ("pick up", "pick-up", "pick up 2", "open", "öffnen", "开", "关")
    tokens = ("pick_up", "pick_up_2", "pick_up_2_2", "open", "ffnen", "action", "action_2")
    assert topic_tokens(names) == dict(zip(names, tokens, strict=True))
