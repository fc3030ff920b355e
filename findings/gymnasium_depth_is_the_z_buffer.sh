#!/usr/bin/env bash
# Gymnasium's MuJoCo environments: render_mode="depth_array" gives the z-buffer, not distances.
#
# Guess:   the depth image of a simulated camera is in metres, as mujoco.Renderer with enable_depth_rendering() gives it
#          on the very same scene; or it says that it is not.
# Happens: the values are OpenGL's depth buffer, 0 at the near plane and 1 at the far one, in float32, and hyperbolic
#          in the distance: with MuJoCo's usual planes and an extent of 1 m, all beyond 0.5 m lies above 0.98. It takes the model's
#          znear, zfar and extent to convert: near = znear * extent, far = zfar * extent, near / (1 - d * (1 - near / far)).
# Hurt:    who makes point clouds or learns from such depth: everything is a curved wall "one metre" away, without any
#          warning, and clipping or scaling to a depth camera's range keeps it all.
# Seen:    Gymnasium 1.2.3 and 1.4.0 with MuJoCo 3.5.0. Needs OpenGL without a window (EGL; Debian: libegl1
#          libgl1-mesa-dri).
# Source:  gymnasium/envs/mujoco/mujoco_rendering.py (OffScreenViewer.render), mujoco/renderer.py (Renderer.render).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv venv
cat >scene.xml <<'XML'
<mujoco>
  <visual><map znear="0.01" zfar="50"/></visual>
  <statistic extent="1" center="0 0 0"/>
  <worldbody>
    <light pos="0 0 4"/>
    <geom type="box" size="3 3 0.1" pos="0 0 -0.1"/>
    <body pos="1 1 0.2"><joint name="turn" type="hinge"/><geom type="sphere" size="0.1"/></body>
    <camera name="above" pos="0 0 2" xyaxes="1 0 0 0 1 0"/>
  </worldbody>
  <actuator><motor joint="turn" gear="1"/></actuator>
</mujoco>
XML
cat >look.py <<'PY'
import sys
from importlib.metadata import version

import gymnasium
import mujoco
import numpy as np
from gymnasium.envs.mujoco import MujocoEnv


class Scene(MujocoEnv):
    metadata = {"render_modes": ["human", "rgb_array", "depth_array", "rgbd_tuple"], "render_fps": 50}

    def __init__(self):
        space = gymnasium.spaces.Box(-np.inf, np.inf, (2,))
        super().__init__(
            f"{sys.path[0]}/scene.xml", 10, space, render_mode="depth_array", camera_name="above", width=64, height=64
        )

    def reset_model(self):
        self.set_state(self.init_qpos, self.init_qvel)
        return np.zeros(2)


env = Scene()
env.reset()
buffer = float(np.asarray(env.render())[32, 32])
renderer = mujoco.Renderer(env.model, 64, 64)
renderer.enable_depth_rendering()
renderer.update_scene(env.data, "above")
metres = float(renderer.render()[32, 32])
extent, planes = env.model.stat.extent, env.model.vis.map
near, far = planes.znear * extent, planes.zfar * extent
converted = near / (1 - buffer * (1 - near / far))
print(f"Gymnasium {version('gymnasium')}, MuJoCo {version('mujoco')}: a floor at 2 m")
print(f"  depth_array {buffer:.4f}; mujoco.Renderer {metres:.4f}; depth_array converted {converted:.3f}")
assert abs(metres - 2) < 0.01
assert 0.99 < buffer < 1, "Gymnasium's depth is not the z-buffer any more"
assert abs(converted - 2) < 0.05
PY
for gymnasium in 1.2.3 1.4.0; do
  venv/bin/pip install --quiet "gymnasium==$gymnasium" mujoco==3.5.0 imageio==2.37.0 packaging
  MUJOCO_GL=egl venv/bin/python look.py
done
