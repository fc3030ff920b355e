"""hotspots/grasp/<action>: the contact frame of each action's best point, for planners."""

from __future__ import annotations

from geometry_msgs.msg import PoseStamped

from hotspot_ros.msg import HotspotArray
from hotspot_ros.outputs.best import topic_tokens
from hotspot_ros.outputs.output import Output, OutputContext, position_header
from hotspot_ros.outputs.result import Result
from hotspot_ros.ros.parameters import Parameters


class GraspOutput(Output):
    """A topic for each action that the model knows."""

    def __init__(self, context: OutputContext) -> None:
        super().__init__(context)
        self._grasps = {
            action: self.advertise(PoseStamped, f"hotspots/grasp/{token}")
            for action, token in topic_tokens(context.model_actions).items()
        }

    @classmethod
    def is_offered(cls, parameters: Parameters) -> bool:
        """With depth."""
        return parameters.depth

    def publish(self, result: Result) -> None:
        """Those that have a contact frame."""
        for action, pose in grasp_poses(result.hotspots).items():
            self._grasps[action].publish(pose)


def grasp_poses(message: HotspotArray) -> dict[str, PoseStamped]:
    """Of each action the contact frame of the strongest point that has one; actions without one are left out."""
    grasps = {}
    for hotspot in message.hotspots:
        point = next((point for point in hotspot.points if point.has_pose), None)
        if point is not None:
            grasps[hotspot.action] = PoseStamped(header=position_header(message), pose=point.pose)
    return grasps
