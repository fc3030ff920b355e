"""What the simulated depth sensor makes of the true depth."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_ros.simulation.rgbd import RANGE, measured_depth


@pytest.mark.parametrize("metres", [0.4, 1.0, 2.0])
def test_a_plane_has_the_noise_of_the_paper(metres: float) -> None:
    """Unbiased; its standard deviation is that of Nguyen et al. and of whole millimetres; few pixels are lost."""
    measured = measured_depth(np.full((200, 300), metres, np.float32), np.random.default_rng(0))
    assert measured.dtype == np.uint16
    valid = measured[measured > 0] / 1000
    assert 0.99 < valid.size / measured.size < 1
    deviation = np.hypot(0.0012 + 0.0019 * (metres - 0.4) ** 2, 0.001 / np.sqrt(12))
    assert valid.mean() == pytest.approx(metres, abs=1e-4)
    assert valid.std() == pytest.approx(deviation, rel=0.03)


def test_holes_are_at_edges_and_not_on_slanted_surfaces() -> None:
    """1. A wall that is 8 mm farther with every column loses as little as one that faces the camera. 2. Of the pixels
    beside a step half are lost, of those away from it next to none."""
    slanted = np.tile(np.linspace(0.5, 2.9, 300, dtype=np.float32), (200, 1))
    assert (measured_depth(slanted, np.random.default_rng(0)) == 0).mean() < 0.01

    step = np.full((200, 300), 1.0, np.float32)
    step[:, 150:] = 2.0
    lost = measured_depth(step, np.random.default_rng(0)) == 0
    assert lost[:, 149:151].mean() == pytest.approx(0.5, abs=0.08)
    assert lost[:, :140].mean() < 0.01
    assert lost[:, 160:].mean() < 0.01


def test_nothing_is_measured_out_of_range() -> None:
    near, far = RANGE
    for metres in (near / 2, far + 1):
        assert not measured_depth(np.full((8, 8), metres, np.float32), np.random.default_rng(0)).any()


def test_the_same_generator_gives_the_same_noise() -> None:
    depth = np.full((8, 8), 1.0, np.float32)
    first, again, other = (measured_depth(depth, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
