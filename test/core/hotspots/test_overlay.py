"""Pictures of predictions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hotspot_core import HotspotModel, HotspotPredictor
from hotspot_core.hotspots.overlay import action_color, draw_overlay, draw_panels, draw_strip


@pytest.fixture(scope="module")
def predictor(robot: HotspotModel) -> HotspotPredictor:
    return HotspotPredictor(robot)


def photo(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_an_action_keeps_its_color(predictor: HotspotPredictor) -> None:
    """1. Black images, predictions of all actions. 2. Where an action is shown alone, in an overlay and in a strip, its
    legend has the colour that it has among all."""
    black = np.zeros((240, 320, 3), np.uint8)
    everything = predictor.predict(black)
    for index, action in enumerate(everything.actions):
        alone = predictor.predict(black, [action])
        red, green, blue = (round(255 * level) for level in action_color(index))
        for picture in (draw_overlay(black, alone), draw_strip([black], [alone])):
            assert (picture[:40, :20] == (red, green, blue)).all(axis=2).any()


@pytest.mark.parametrize("height", [120, 360, 1080])
def test_rows_of_the_legend_leave_each_other_whole(predictor: HotspotPredictor, height: int) -> None:
    """The legend of all actions on white, without heat or points, begins with exactly the row of the first alone."""
    white = np.full((height, height, 3), 255, np.uint8)
    prediction = predictor.predict(white)
    empty = replace(prediction, heatmaps=np.zeros_like(prediction.heatmaps), points=[])
    first = replace(empty, actions=empty.actions[:1], scores=empty.scores[:1], heatmaps=empty.heatmaps[:1])
    alone, together = draw_overlay(white, first), draw_overlay(white, empty)
    end = int(np.flatnonzero((alone != 255).any(axis=(1, 2)))[-1]) + 1
    width = int(np.flatnonzero((alone != 255).any(axis=(0, 2)))[-1]) + 1
    assert (together[:end, :width] == alone[:end, :width]).all()
    assert (together[end, :width] != 255).any()


@pytest.mark.parametrize("size", [(240, 320), (24, 16), (1080, 1920)])
def test_pictures(predictor: HotspotPredictor, size: tuple[int, int]) -> None:
    """An overlay has the image's size, shows heat, and can carry a note; the sheet has a panel per action."""
    image = photo(*size)
    prediction = predictor.predict(image, ["open", "pull"])
    overlay = draw_overlay(image, prediction)
    assert overlay.shape == image.shape
    assert overlay.dtype == np.uint8
    assert (overlay != image).any()
    assert (draw_overlay(image, prediction, "untrained") != overlay).any()
    height = round(size[0] * 90 / size[1])
    assert draw_panels(image, prediction, panel_width=90).shape == (height, 3 * 90, 3)
    assert (draw_overlay(image, prediction.above(1.1)) == image).all()
