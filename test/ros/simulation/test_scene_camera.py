"""A camera in a MuJoCo scene sees things where its pose and calibration say."""

from __future__ import annotations

from collections.abc import Iterator

import mujoco
import numpy as np
import pytest

from hotspot_core.errors import InputError
from hotspot_ros.player.calibration import pinhole
from hotspot_ros.positions.camera_model import camera_model
from hotspot_ros.simulation.scene_camera import SceneCamera, Viewpoint, optical_pose

# A red ball of 2 cm on a table, a green site beside it, which marks a goal.
SCENE = """<mujoco><worldbody>
  <light pos="0 0 3"/>
  <geom name="table" type="plane" size="2 2 .1" rgba=".5 .5 .5 1"/>
  <geom name="ball" type="sphere" size=".02" pos=".1 .3 .02" rgba="1 0 0 1"/>
  <site name="goal" type="sphere" size=".05" pos="-.1 .3 .05" rgba="0 1 0 1"/>
</worldbody></mujoco>"""
SIZE, FIELD_OF_VIEW = (160, 120), 42.0
VIEW = Viewpoint(np.array([0.6, -0.1, 0.7]), np.array([0.0, 0.35, 0.0]))


@pytest.fixture(scope="module")
def scene() -> Iterator[tuple[SceneCamera, mujoco.MjData]]:
    model = mujoco.MjModel.from_xml_string(SCENE)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    try:
        camera = SceneCamera(model, SIZE, FIELD_OF_VIEW)
    except InputError as error:
        pytest.skip(str(error))
    yield camera, data
    camera.close()


def test_pixels_lie_where_the_pose_says(scene: tuple[SceneCamera, mujoco.MjData]) -> None:
    """1. Every pixel of the table, by its depth and the pinhole's ray brought to the world, has the height 0. 2. Those
    of the ball have its distance from its middle. So picture, depth, calibration and pose belong together."""
    camera, data = scene
    depth, geoms = camera.depth(data, VIEW), camera.geoms(data, VIEW)
    width, height = SIZE
    across = np.degrees(2 * np.arctan(np.tan(np.radians(FIELD_OF_VIEW / 2)) * width / height))
    lens = camera_model(pinhole(width, height, across), (height, width))
    assert lens is not None
    pose = optical_pose(VIEW)

    def world(geom: str) -> np.ndarray:
        rows, columns = np.nonzero(geoms == data.model.geom(geom).id)
        rays = lens.rays(np.stack([columns, rows], axis=1).astype(float))
        return (depth[rows, columns, None] * rays) @ pose[:3, :3].T + pose[:3, 3]

    assert np.abs(world("table")[:, 2]).max() < 2e-3
    ball = world("ball")
    assert len(ball) > 10
    assert np.median(np.linalg.norm(ball - [0.1, 0.3, 0.02], axis=1)) == pytest.approx(0.02, abs=2e-3)


def test_marks_of_goals_are_not_seen(scene: tuple[SceneCamera, mujoco.MjData]) -> None:
    """There is red in the picture, and no green."""
    camera, data = scene
    color = camera.color(data, VIEW).astype(int)
    assert color.shape == (120, 160, 3)
    assert (color[..., 0] > color[..., 1] + 50).any()
    assert not (color[..., 1] > color[..., 0] + 50).any()
