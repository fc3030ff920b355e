"""Tasks of Meta-World as worlds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from hotspot_core.errors import InputError
from hotspot_ros.positions.camera_model import camera_model
from hotspot_ros.simulation.meta_world import MetaWorld, task_names
from hotspot_ros.simulation.rgbd import RgbdImage
from hotspot_ros.simulation.tasks import ACTIONS, DEFAULT_TASKS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world() -> Iterator[MetaWorld]:
    try:
        made = MetaWorld("button-press", seed=0)
    except InputError as error:
        pytest.skip(str(error))
    yield made
    made.close()


def surface(seen: RgbdImage) -> np.ndarray:
    """What has depth, (N, 3) in the base frame."""
    lens = camera_model(seen.info, (seen.depth.shape[0], seen.depth.shape[1]))
    assert lens is not None
    rows, columns = np.nonzero(seen.depth)
    rays = lens.rays(np.stack([columns, rows], axis=1).astype(float))
    return (seen.depth[rows, columns, None] / 1000 * rays) @ seen.pose[:3, :3].T + seen.pose[:3, 3]


def test_the_expert_succeeds_with_the_truth_and_fails_far_off_it(world: MetaWorld) -> None:
    """1. With the true point the button is pressed, and pictures of it were shown. 2. The same episode again, with a
    point 15 cm beside it: it is not."""
    world.reset(0)
    pictures: list[np.ndarray] = []
    assert world.act(world.target(), pictures.append)
    assert len(pictures) > 5
    assert (pictures[0] != pictures[-1]).any()
    world.reset(0)
    assert not world.act(world.target() + np.array([0.15, 0.0, 0.0]))


def test_episodes_can_be_begun_again(world: MetaWorld) -> None:
    """The same number gives the same scene, seen from the same place; another one others."""

    def begin(episode: int) -> tuple[np.ndarray, RgbdImage]:
        world.reset(episode)
        return world.target(), world.look(np.random.default_rng(0))

    target, seen = begin(3)
    other_target, other = begin(4)
    again_target, again = begin(3)
    assert np.array_equal(target, again_target)
    assert np.array_equal(seen.depth, again.depth)
    assert np.array_equal(seen.pose, again.pose)
    assert not np.array_equal(target, other_target)
    assert not np.array_equal(seen.pose, other.pose)


def test_the_camera_sees_the_button_and_not_the_robot(world: MetaWorld) -> None:
    """1. Within 1 cm of what the expert would be told there is a measured surface. 2. None is within 1 cm of the
    middle of a finger, which is in the picture all the same."""
    world.reset(1)
    seen = world.look(np.random.default_rng(0))
    points = surface(seen)
    assert np.linalg.norm(points - world.target(), axis=1).min() < 0.01
    finger = world._env.data.body("rightclaw").xpos
    assert np.linalg.norm(points - finger, axis=1).min() > 0.01
    in_camera = seen.pose[:3, :3].T @ (finger - seen.pose[:3, 3])
    column, row, _ = np.array(seen.info.k).reshape(3, 3) @ (in_camera / in_camera[2])
    assert 0 <= column < 640
    assert 0 <= row < 480
    assert seen.depth[round(row), round(column)] == 0


def test_every_task_exists() -> None:
    """The tables name tasks of Meta-World; one that it lacks is one line."""
    assert set(ACTIONS) <= set(task_names())
    assert set(DEFAULT_TASKS) <= set(ACTIONS)
    assert len(DEFAULT_TASKS) >= 12
    with pytest.raises(InputError, match="unknown task 'door-opn': Meta-World has assembly, "):
        MetaWorld("door-opn", seed=0)
