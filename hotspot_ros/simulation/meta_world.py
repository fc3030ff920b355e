"""Tasks of Meta-World as a `TaskWorld`: its scenes, its scripted experts, its measure of success, a camera of ours."""

from __future__ import annotations

import math
import warnings
from typing import Any

import cv2
import metaworld
import mujoco
import numpy as np
from metaworld.policies import ENV_POLICY_MAP
from metaworld.sawyer_xyz_env import SawyerMocapBase
from numpy.typing import NDArray

from hotspot_core.errors import InputError
from hotspot_core.hotspots.prediction import Image
from hotspot_ros.player.calibration import pinhole
from hotspot_ros.simulation.rgbd import RgbdImage, measured_depth
from hotspot_ros.simulation.scene_camera import SceneCamera, Viewpoint, optical_pose
from hotspot_ros.simulation.world import Position, Watch

# A camera on a tripod at the robot's right shoulder, as somebody places it who wants to see what the robot faces: at
# the left one the arm is in the way. Where exactly it stands and looks differs from episode to episode by up to so much
# on each axis. The lens is that of a usual RGB-D camera.
POSITION, LOOK_AT = (0.65, 0.0, 0.75), (0.0, 0.68, 0.1)
MOVED = 0.05
WIDTH, HEIGHT, FIELD_OF_VIEW = 640, 480, 42.0
# Side in pixels of what the self-filter takes away around every pixel that shows the robot.
PADDING = 9
# Where an expert reads the position of the object that it acts on.
TARGET = slice(4, 7)
# Meta-World has so many variations of a task, and steps 80 times a second.
EPISODES = 50
PICTURE_STEPS = 4
FPS = 80 / PICTURE_STEPS
VIDEO_SIZE = 480, 360
SETTINGS = {"position": POSITION, "look_at": LOOK_AT, "moved": MOVED, "size": (WIDTH, HEIGHT), "fov": FIELD_OF_VIEW}


class MetaWorld:
    """A task of Meta-World, see `TaskWorld`. The robot's base frame is the world's.

    Args:
        task: its name without the version, such as "door-open".
        seed: of Meta-World's variations of the task, which are the episodes, and of the camera's places.

    Raises:
        InputError: there is no such task, or no OpenGL that works.
    """

    def __init__(self, task: str, seed: int) -> None:
        name = f"{task}-v3"
        if name not in ENV_POLICY_MAP:
            raise InputError(f"unknown task {task!r}: Meta-World has {', '.join(task_names())}")
        self._seed = seed
        self._expert: Any = ENV_POLICY_MAP[name]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Of Gymnasium, about spaces that nobody uses here.
            tasks = metaworld.MT1(name, seed=seed)
            self._variations = tasks.train_tasks
            self._env: Any = tasks.train_classes[name]()
        self._camera = SceneCamera(self._env.model, (WIDTH, HEIGHT), FIELD_OF_VIEW)
        self._video: SceneCamera | None = None
        model = self._env.model
        # One more than there are: the last, -1, is no geom.
        self._is_robot = np.append(model.body_rootid[model.geom_bodyid] == model.body("base").id, False)
        self._info = pinhole(WIDTH, HEIGHT, _horizontal(FIELD_OF_VIEW))
        self.reset(0)

    def reset(self, episode: int) -> None:
        """See `TaskWorld`."""
        self._env.set_task(self._variations[episode % len(self._variations)])
        self._observation = self._env.reset()[0]
        self._drawn: tuple[Image, NDArray[np.float32], NDArray[np.bool_]] | None = None
        self._target = np.array(self._observation[TARGET], np.float64)
        moved = np.random.default_rng((self._seed, episode)).uniform(-MOVED, MOVED, (2, 3))
        self._view = Viewpoint(POSITION + moved[0], LOOK_AT + moved[1])

    def look(self, rng: np.random.Generator) -> RgbdImage:
        """See `TaskWorld`. The robot's own body has no depth, as behind the self-filter of a real robot."""
        if self._drawn is None:
            data, view = self._env.data, self._view
            is_robot = self._is_robot[self._camera.geoms(data, view)].astype(np.uint8)
            padded = cv2.dilate(is_robot, np.ones((PADDING, PADDING), np.uint8)) > 0
            self._drawn = self._camera.color(data, view), self._camera.depth(data, view), padded
        color, depth, is_filtered = self._drawn
        measured = np.where(is_filtered, np.uint16(0), measured_depth(depth, rng))
        return RgbdImage(color, measured, self._info, optical_pose(self._view))

    def target(self) -> Position:
        """See `TaskWorld`."""
        return self._target.copy()

    def act(self, point: Position, watch: Watch | None = None) -> bool:
        """See `TaskWorld`. Where the object moves, the point that stands for it does, too: nobody looks again."""
        offset = point - self._target
        expert = self._expert()
        for step in range(self._env.max_path_length):
            if watch is not None and step % PICTURE_STEPS == 0:
                watch(self._picture())
            # A copy: some experts change what they are shown.
            perceived = np.array(self._observation, np.float64)
            perceived[TARGET] += offset
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Of experts that ask for more than an action can be.
                action = np.clip(expert.get_action(perceived), -1, 1)
            self._drawn = None
            self._observation, _, terminated, truncated, info = self._env.step(action)
            if info["success"]:
                return True
            if terminated or truncated:
                break
        return False

    def close(self) -> None:
        """See `TaskWorld`."""
        self._camera.close()
        if self._video is not None:
            self._video.close()
        self._env.close()

    def _picture(self) -> Image:
        if self._video is None:
            self._video = SceneCamera(self._env.model, VIDEO_SIZE, FIELD_OF_VIEW, shadows=False)
        return self._video.color(self._env.data, self._view)


def task_names() -> list[str]:
    """Of all tasks, without the version."""
    return [name.removesuffix("-v3") for name in ENV_POLICY_MAP]


def _horizontal(vertical: float) -> float:
    return math.degrees(2 * math.atan(math.tan(math.radians(vertical) / 2) * WIDTH / HEIGHT))


def _reset_welds(env: Any) -> None:
    """Fastens the hand to the body that moves it, as Meta-World does: relative pose and torque scale of a weld."""
    data = np.zeros(mujoco.mjNEQDATA)
    data[[6, 10]] = -1, 5
    env.model.eq_data[env.model.eq_type == mujoco.mjtEq.mjEQ_WELD] = data


# Meta-World 3 writes the 11 numbers that an equality had before MuJoCo 4, and fails on its 12.
if mujoco.mjNEQDATA > 11:
    setattr(SawyerMocapBase, "reset_mocap_welds", _reset_welds)  # noqa: B010
