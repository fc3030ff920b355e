"""Rendered clips: the joint moves, the hand is there, and nothing else is told."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_core.data.rendered.clip import render_clip
from hotspot_core.data.rendered.renderer import Renderer
from hotspot_core.data.rendered.still import Setting
from hotspot_core.data.rendered.world import ACTIONS


@pytest.mark.parametrize("action", ACTIONS)
def test_clip(renderer: Renderer, action: str) -> None:
    """A hand comes and does the action: the joint moves (but for hold), and frames change where the part is."""
    clip = render_clip(np.random.default_rng(5), renderer, Setting(120, 120), action)
    assert clip.action == action
    assert clip.frames.dtype == np.uint8
    assert clip.frames.shape[1:] == (120, 120, 3)
    assert (clip.travel > 0.001) == (action != "hold" or clip.travel > 0)
    assert clip.region.any()
    change = np.abs(clip.frames[-1].astype(int) - clip.frames[0]).mean(2)
    assert change[clip.region].mean() > 3
    assert action in clip.inactive.annotated.points


def test_same_seed_same_clip(renderer: Renderer) -> None:
    """A seed gives the same frames again."""
    first, second = (render_clip(np.random.default_rng(8), renderer, Setting(96, 96), "open") for _ in range(2))
    assert np.array_equal(first.frames, second.frames)
    assert np.array_equal(first.inactive.image, second.inactive.image)
