"""From a contact pose to the poses that MoveIt plans for: before the part, and at it.

A contact pose, of `InteractionPoint.pose` or a topic hotspots/grasp/<action>, has x along the approach, y along the way
of the fingers and z along the part. The tip frames of most MoveIt configurations, such as panda_hand_tcp, have z along
the approach and y along the way of the fingers: see `TOOL`, and change it where yours is another.

With MoveIt 2's Python API (moveit_py), in a node with a robot's configuration:

    robot = MoveItPy(node_name="opener")
    arm = robot.get_planning_component("panda_arm")
    for goal in (before(contact, 0.1), at(contact)):                 # PoseStamped each
        arm.set_start_state_to_current_state()
        arm.set_goal_state(pose_stamped_msg=goal, pose_link="panda_hand_tcp")
        plan = arm.plan()
        if not plan:                                                  # not reachable: try the next point
            break
        robot.execute(plan.trajectory, controllers=[])

The calls are those of MoveIt's branches jazzy (4d84106) and main (8fcb5d2). MoveIt transforms the goal from its
header's frame, which its planning scene has to know, so the node's parameter target_frame need not be the planning
frame; with it, a goal that is kept does not move with a wrist camera. With C++,
`MoveGroupInterface::setPoseTarget(goal, "panda_hand_tcp")` takes the same messages.
"""

from __future__ import annotations

import copy

import numpy as np
from geometry_msgs.msg import PoseStamped, Quaternion
from numpy.typing import NDArray

# Columns: the tool's x, y and z axes in the contact frame.
TOOL = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])


def at(contact: PoseStamped, depth: float = 0.0) -> PoseStamped:
    """The tool's pose when it touches the part, or is so many metres behind its surface: the fingers around it."""
    return _moved(contact, depth)


def before(contact: PoseStamped, distance: float = 0.1) -> PoseStamped:
    """The tool's pose so many metres before the part, looking at it."""
    return _moved(contact, -distance)


def _moved(contact: PoseStamped, along: float) -> PoseStamped:
    """The tool's pose, moved along the approach."""
    turn = matrix(contact.pose.orientation)
    goal = copy.deepcopy(contact)
    place, approach = goal.pose.position, turn[:, 0]
    place.x, place.y, place.z = (
        float(v + along * a) for v, a in zip((place.x, place.y, place.z), approach, strict=True)
    )
    goal.pose.orientation = quaternion(turn @ TOOL)
    return goal


def matrix(q: Quaternion) -> NDArray[np.float64]:
    """(3, 3) whose columns are the axes of a frame that is turned by a unit quaternion."""
    x, y, z, w = q.x, q.y, q.z, q.w
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def quaternion(turn: NDArray[np.float64]) -> Quaternion:
    """The unit quaternion of a rotation matrix, by the eigenvector of Bar-Itzhack (2000), which suits any rotation."""
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = turn
    symmetric = np.array(
        [
            [xx - yy - zz, xy + yx, xz + zx, zy - yz],
            [xy + yx, yy - xx - zz, yz + zy, xz - zx],
            [xz + zx, yz + zy, zz - xx - yy, yx - xy],
            [zy - yz, xz - zx, yx - xy, xx + yy + zz],
        ]
    )
    vector = np.linalg.eigh(symmetric)[1][:, -1]
    x, y, z, w = (vector * np.copysign(1.0, vector[3])).tolist()
    return Quaternion(x=x, y=y, z=z, w=w)
