"""hotspots/best/<action>: the best point of each action, for planners."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from geometry_msgs.msg import PointStamped

from hotspot_ros.msg import HotspotArray
from hotspot_ros.outputs.output import Output, OutputContext, position_header
from hotspot_ros.outputs.result import Result
from hotspot_ros.ros.parameters import Parameters


class BestOutput(Output):
    """A topic for each action that the model knows."""

    def __init__(self, context: OutputContext) -> None:
        super().__init__(context)
        self._best = {
            action: self.advertise(PointStamped, f"hotspots/best/{token}")
            for action, token in topic_tokens(context.model_actions).items()
        }

    @classmethod
    def is_offered(cls, parameters: Parameters) -> bool:
        """With the cloud."""
        return parameters.cloud

    def publish(self, result: Result) -> None:
        """Those that have a position."""
        for action, point in best_points(result.hotspots).items():
            self._best[action].publish(point)


def best_points(message: HotspotArray) -> dict[str, PointStamped]:
    """Of each action the strongest interaction point that has a position; actions without one are left out."""
    best = {}
    for hotspot in message.hotspots:
        point = next((point for point in hotspot.points if point.has_position), None)
        if point is not None:
            best[hotspot.action] = PointStamped(header=position_header(message), point=point.position)
    return best


def topic_tokens(actions: Sequence[str]) -> dict[str, str]:
    """Action -> its own part of a topic's name: where several have the same token, the second gets _2 and so on."""
    tokens: dict[str, str] = {}
    for action in actions:
        token = topic_token(action)
        numbered = (f"{token}_{number}" for number in itertools.count(2))
        tokens[action] = next(name for name in itertools.chain([token], numbered) if name not in tokens.values())
    return tokens


def topic_token(action: str) -> str:
    """An action's name as a part of a topic's name: "pick up" becomes pick_up."""
    token = re.sub(r"[^a-z0-9]+", "_", action.lower()).strip("_")
    return token if token[:1].isalpha() else f"action_{token}".rstrip("_")
