"""Draws a compiled scene: picture, ids of parts, depth."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from hotspot_core.data.rendered.poses import Floats
from hotspot_core.utils.opengl import no_opengl

NEAR, FAR = 0.02, 40.0

# MuJoCo cameras look along -z with y up; optical frames have z forward and y down.
OPTICAL = np.diag([1.0, -1.0, -1.0])


@dataclass(frozen=True)
class CameraView:
    """A pinhole camera: pose in the world (4, 4), optical frame (x right, y down, z forward); vertical opening angle in
    radians; width and height in pixels."""

    pose: Floats
    fov: float
    width: int
    height: int

    @property
    def focal(self) -> float:
        """Focal length in pixels, of both axes; the principal point is the center."""
        return self.height / 2 / float(np.tan(self.fov / 2))

    def thumbnail(self, width: int) -> CameraView:
        """The same view, at most that wide in pixels."""
        width = min(width, self.width)
        return CameraView(self.pose, self.fov, width, max(1, self.height * width // self.width))

    def points(self, depth: NDArray[np.float32], rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Floats:
        """The positions (N, 3) in the world of pixels, given by row and column, of a depth image in meters."""
        z = depth[rows, columns].astype(float)
        x = (columns + 0.5 - self.width / 2) / self.focal * z
        y = (rows + 0.5 - self.height / 2) / self.focal * z
        return np.stack([x, y, z], 1) @ self.pose[:3, :3].T + self.pose[:3, 3]


class Renderer:
    """An OpenGL context that draws scenes, one after the other, up to a size in pixels.

    Raises:
        InputError: there is no OpenGL that works.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        try:
            self._gl = mujoco.GLContext(width, height)
            self._gl.make_current()
        except Exception as error:  # PyOpenGL, EGL and OSMesa raise errors of many kinds.
            raise no_opengl(error) from None
        self._context: mujoco.MjrContext | None = None

    def load(self, model: mujoco.MjModel) -> mujoco.MjData:
        """Take a scene, whose joints are then moved in the returned data (call `mujoco.mj_kinematics` after that)."""
        self._gl.make_current()
        if self._context is not None:
            self._context.free()
        self.model = model
        self.data = mujoco.MjData(model)
        mujoco.mj_forward(model, self.data)
        self._context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_50)
        self._context.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZEROFAR
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        self._scene = mujoco.MjvScene(model, model.ngeom + 20)
        self._option, self._perturb = mujoco.MjvOption(), mujoco.MjvPerturb()
        self._camera = mujoco.MjvCamera()
        self._camera.type, self._camera.fixedcamid = mujoco.mjtCamera.mjCAMERA_FIXED, 0
        return self.data

    def _update(self, view: CameraView) -> None:
        self._gl.make_current()
        self.data.cam_xpos[0] = view.pose[:3, 3]
        self.data.cam_xmat[0] = (view.pose[:3, :3] @ OPTICAL).ravel()
        self.model.cam_fovy[0] = np.degrees(view.fov)
        mujoco.mjv_updateScene(
            self.model, self.data, self._option, self._perturb, self._camera, mujoco.mjtCatBit.mjCAT_ALL, self._scene
        )

    def image(self, view: CameraView) -> NDArray[np.uint8]:
        """The picture, (H, W, 3) uint8 RGB."""
        self._update(view)
        flags = self._scene.flags
        flags[mujoco.mjtRndFlag.mjRND_SEGMENT] = flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = 0
        flags[mujoco.mjtRndFlag.mjRND_SHADOW] = flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = 1
        rectangle = mujoco.MjrRect(0, 0, view.width, view.height)
        pixels = np.empty((view.height, view.width, 3), np.uint8)
        mujoco.mjr_render(rectangle, self._scene, self._context)
        mujoco.mjr_readPixels(pixels, None, rectangle, self._context)
        return np.ascontiguousarray(pixels[::-1])

    def truth(self, view: CameraView) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """The id of the part in each pixel, 0 for none, (H, W) uint8; depth in meters, 0 for none, (H, W) float32."""
        self._update(view)
        flags = self._scene.flags
        flags[mujoco.mjtRndFlag.mjRND_SEGMENT] = flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = 1
        rectangle = mujoco.MjrRect(0, 0, view.width, view.height)
        pixels = np.empty((view.height, view.width, 3), np.uint8)
        buffer = np.empty((view.height, view.width), np.float32)
        mujoco.mjr_render(rectangle, self._scene, self._context)
        mujoco.mjr_readPixels(pixels, buffer, rectangle, self._context)
        bytes_ = pixels[::-1].astype(np.int32)
        drawn = bytes_[..., 0] + (bytes_[..., 1] << 8) + (bytes_[..., 2] << 16)
        parts = np.zeros(self._scene.ngeom + 1, np.uint8)
        for geom in self._scene.geoms[: self._scene.ngeom]:
            if geom.objtype == mujoco.mjtObj.mjOBJ_GEOM and geom.segid >= 0:
                parts[geom.segid + 1] = int(self.model.geom_user[geom.objid, 0])
        z = buffer[::-1].astype(np.float64)
        # MuJoCo's depth buffer is reversed: 1 at the near plane, 0 at the far one.
        depth = NEAR * FAR / (NEAR + z * (FAR - NEAR))
        depth[drawn == 0] = 0
        return parts[drawn.clip(0, len(parts) - 1)], depth.astype(np.float32)

    def close(self) -> None:
        """Free the context."""
        self._gl.make_current()
        if self._context is not None:
            self._context.free()
        self._gl.free()


def new_spec(width: int, height: int) -> mujoco.MjSpec:
    """A specification with a camera and a buffer of that size, ready for a scene."""
    spec = mujoco.MjSpec()
    spec.stat.extent = 1.0
    spec.visual.map.znear, spec.visual.map.zfar = NEAR, FAR
    spec.visual.map.shadowclip = 4.0
    spec.visual.global_.offwidth, spec.visual.global_.offheight = width, height
    spec.visual.quality.shadowsize = 1024
    spec.visual.quality.offsamples = 4
    spec.worldbody.add_camera(name="camera", pos=[0, -2, 1])
    return spec
