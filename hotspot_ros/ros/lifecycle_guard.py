"""Transitions that the present state does not allow. rclpy's private names are used here and nowhere else."""

from __future__ import annotations

from lifecycle_msgs.srv import ChangeState
from rclpy.lifecycle import LifecycleNode

# Where rclpy keeps the service ~/change_state, and in it the function that answers.
SERVICE, CALLBACK = "_service_change_state", "callback"


def guard_transitions(node: LifecycleNode) -> bool:
    """Has a forbidden transition answered with failure, where rclpy leaves it unanswered and raises from the executor.

    Returns:
        False, with the reason logged, where this rclpy keeps its service elsewhere; forbidden transitions then are
        rclpy's own affair.
    """
    service = getattr(node, SERVICE, None)
    change_state = getattr(service, CALLBACK, None)
    if change_state is None:
        missing = f"{SERVICE}.{CALLBACK}" if service is not None else SERVICE
        node.get_logger().warning(
            f"this rclpy has no {missing}: a transition that the node's state does not allow may stay unanswered"
        )
        return False

    def guarded(request: ChangeState.Request, response: ChangeState.Response) -> ChangeState.Response:
        try:
            return change_state(request, response)
        except Exception as error:
            name = request.transition.label or request.transition.id
            node.get_logger().error(f"transition {name} is not possible: {error}")
            response.success = False
            return response

    setattr(service, CALLBACK, guarded)
    return True
