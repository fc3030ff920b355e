"""A pinhole camera in a MuJoCo scene."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from hotspot_core.hotspots.prediction import Image
from hotspot_core.utils.opengl import no_opengl

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Viewpoint:
    """Where a camera stands and what is in the middle of its picture, (3,) metres each, in the world's frame (z up)."""

    position: Floats
    look_at: Floats


class SceneCamera:
    """Draws a scene without its sites, which mark goals and are not there for a robot's camera.

    Args:
        size: width and height in pixels.
        field_of_view: vertical, in degrees.
        shadows: whether there are any; they take most of the time.

    Raises:
        InputError: there is no OpenGL that works.
    """

    def __init__(
        self, model: mujoco.MjModel, size: tuple[int, int], field_of_view: float, shadows: bool = True
    ) -> None:
        width, height = size
        settings = model.vis.global_
        settings.fovy, settings.offwidth, settings.offheight = field_of_view, width, height
        try:
            self._renderer = mujoco.Renderer(model, height, width)
        except Exception as error:  # PyOpenGL, EGL and OSMesa raise errors of many kinds.
            raise no_opengl(error) from None
        self._renderer.scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = shadows
        self._option = mujoco.MjvOption()
        self._option.sitegroup[:] = 0

    def color(self, data: mujoco.MjData, view: Viewpoint) -> Image:
        """(H, W, 3) uint8 RGB."""
        self._update(data, view)
        return np.array(self._renderer.render(), np.uint8)

    def depth(self, data: mujoco.MjData, view: Viewpoint) -> NDArray[np.float32]:
        """(H, W) metres along the optical axis."""
        self._update(data, view)
        self._renderer.enable_depth_rendering()
        try:
            return np.array(self._renderer.render(), np.float32)
        finally:
            self._renderer.disable_depth_rendering()

    def geoms(self, data: mujoco.MjData, view: Viewpoint) -> NDArray[np.int32]:
        """(H, W) the number of the geom that each pixel shows, -1 for none."""
        self._update(data, view)
        self._renderer.enable_segmentation_rendering()
        try:
            drawn = np.array(self._renderer.render(), np.int32)
        finally:
            self._renderer.disable_segmentation_rendering()
        return np.where(drawn[..., 1] == mujoco.mjtObj.mjOBJ_GEOM, drawn[..., 0], np.int32(-1))

    def close(self) -> None:
        """Frees the OpenGL context."""
        self._renderer.close()

    def _update(self, data: mujoco.MjData, view: Viewpoint) -> None:
        offset = view.look_at - view.position
        camera = mujoco.MjvCamera()
        camera.lookat[:] = view.look_at
        camera.distance = float(np.linalg.norm(offset))
        camera.azimuth = float(np.degrees(np.arctan2(offset[1], offset[0])))
        camera.elevation = float(np.degrees(np.arcsin(offset[2] / camera.distance)))
        self._renderer.update_scene(data, camera, self._option)


def optical_pose(view: Viewpoint) -> Floats:
    """(4, 4) of the optical frame (x right, y down, z forward) of an upright camera, in the world."""
    forward = view.look_at - view.position
    forward = forward / np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(forward, right), forward], axis=1)
    pose[:3, 3] = view.position
    return pose
