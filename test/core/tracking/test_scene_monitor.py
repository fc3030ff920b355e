"""Another scene and a motion are told from noise, flicker and shake."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from hotspot_core.data.synthetic.clip import make_image
from hotspot_core.tracking.scene_monitor import SceneChange, SceneMonitor

CELL = 8 / 224
Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def scenes() -> list[Picture]:
    """Four synthetic scenes of 480 x 640 pixels."""
    images = (make_image(np.random.default_rng(seed)).image for seed in range(4))
    return [np.asarray(cv2.resize(image, (640, 480)), np.uint8) for image in images]


def shifted(image: Picture, x: float, y: float) -> Picture:
    matrix = np.array([[1, 0, x], [0, 1, y]], np.float64)
    return np.asarray(cv2.warpAffine(image, matrix, image.shape[1::-1], borderMode=cv2.BORDER_REFLECT))


def after(reference: Picture, image: Picture) -> SceneChange:
    monitor = SceneMonitor()
    assert monitor.update(reference, CELL) is SceneChange.OTHER
    return monitor.update(image, CELL)


def test_noise_flicker_and_shake_are_no_change(scenes: list[Picture]) -> None:
    rng = np.random.default_rng(0)
    for scene in scenes:
        for brightness in (0.85, 1.0, 1.15):
            noisy = shifted(scene, *rng.normal(0, 2, 2)) * brightness + rng.normal(0, 8, scene.shape)
            assert after(scene, noisy.clip(0, 255).astype(np.uint8)) is SceneChange.NONE


def test_a_shift_of_more_than_a_cell_is_a_motion(scenes: list[Picture]) -> None:
    """To any side; less is none. A motion is told once: the image is the new reference. Far motion of a picture full of
    detail may be another scene."""
    for scene in scenes:
        for x, y in ((30, 0), (-30, 0), (0, 30), (25, -25)):
            assert after(scene, shifted(scene, x, y)) is SceneChange.MOVED
        assert after(scene, shifted(scene, 0, 60)) is not SceneChange.NONE
        for x, y in ((8, 0), (0, -8)):
            assert after(scene, shifted(scene, x, y)) is SceneChange.NONE
    monitor = SceneMonitor()
    monitor.update(scenes[0], CELL)
    assert monitor.update(shifted(scenes[0], 40, 0), CELL) is SceneChange.MOVED
    assert monitor.update(shifted(scenes[0], 40, 0), CELL) is SceneChange.NONE


def test_slow_motion_adds_up(scenes: list[Picture]) -> None:
    monitor = SceneMonitor()
    seen = [monitor.update(shifted(scenes[0], 5 * step, 0), CELL) for step in range(12)]
    assert seen.count(SceneChange.MOVED) == 2
    assert seen[1:].count(SceneChange.OTHER) == 0


def test_other_scenes_are_other_scenes(scenes: list[Picture]) -> None:
    for index, scene in enumerate(scenes):
        assert after(scene, scenes[(index + 1) % len(scenes)]) is SceneChange.OTHER
    assert after(scenes[0], scenes[0][:400]) is SceneChange.OTHER


def test_pictures_of_noise_are_other_pictures() -> None:
    """Though all of them are the same grey in the mean."""
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 256, (2, 480, 640, 3), dtype=np.uint8)
    assert after(first, second) is SceneChange.OTHER
    assert after(first, first) is SceneChange.NONE


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 2000), (2000, 3)])
def test_any_picture_can_be_looked_at(size: tuple[int, int]) -> None:
    """Of one pixel, very long, black."""
    black = np.zeros((*size, 3), np.uint8)
    assert after(black, black) is SceneChange.NONE
