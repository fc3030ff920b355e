"""hotspots/grasp/<action>, hotspots/grasps: the contact frame of each action's best point, for planners."""

from __future__ import annotations

from geometry_msgs.msg import PoseStamped

from hotspot_ros.msg import HotspotArray, InteractionPoint, InteractionPointArray
from hotspot_ros.outputs.best import topic_tokens
from hotspot_ros.outputs.output import Output, OutputContext, position_header
from hotspot_ros.outputs.result import Result
from hotspot_ros.ros.parameters import Parameters


class GraspOutput(Output):
    """A topic for each action that the model knows, and one with the points that all of them are of."""

    def __init__(self, context: OutputContext) -> None:
        super().__init__(context)
        self._grasps = {
            action: self.advertise(PoseStamped, f"hotspots/grasp/{token}")
            for action, token in topic_tokens(context.model_actions).items()
        }
        self._points = self.advertise(InteractionPointArray, "hotspots/grasps")

    @classmethod
    def is_offered(cls, parameters: Parameters) -> bool:
        """With depth."""
        return parameters.depth

    def publish(self, result: Result) -> None:
        """Those that have a contact frame."""
        message = result.hotspots
        for action, pose in grasp_poses(message).items():
            self._grasps[action].publish(pose)
        points = list(grasp_points(message).values())
        frame = message.position_frame
        self._points.publish(InteractionPointArray(header=message.header, position_frame=frame, points=points))


def grasp_poses(message: HotspotArray) -> dict[str, PoseStamped]:
    """The contact frames of `grasp_points`."""
    header = position_header(message)
    return {action: PoseStamped(header=header, pose=point.pose) for action, point in grasp_points(message).items()}


def grasp_points(message: HotspotArray) -> dict[str, InteractionPoint]:
    """Of each action the strongest point that has a contact frame; actions without one are left out."""
    found = {
        hotspot.action: next((point for point in hotspot.points if point.has_pose), None)
        for hotspot in message.hotspots
    }
    return {action: point for action, point in found.items() if point is not None}
