"""Coefficients of distortion in numbers that their models do not have."""

from __future__ import annotations

import numpy as np
import pytest
from depth_scene import Lens

from hotspot_core.errors import InputError
from hotspot_ros.positions.camera_model import camera_model

PIXELS = np.array([[100.0, 80.0], [320.0, 240.0], [500.0, 400.0]])
PLUMB_BOB = [-0.28, 0.09, 0.0011, -0.0007, -0.012]
RATIONAL = [0.3, -0.1, 0.0008, -0.0006, 0.02, 0.5, -0.1, 0.01]
EQUIDISTANT = [-0.02, 0.006, -0.003, 0.0005]


def rays(model: str, coefficients: list[float]) -> np.ndarray:
    camera = camera_model(Lens(model, coefficients).info(), (480, 640))
    assert camera is not None
    return camera.rays(PIXELS)


@pytest.mark.parametrize(
    ("model", "coefficients", "zeros"),
    [
        ("plumb_bob", PLUMB_BOB, (1, 3, 7, 9)),
        ("plumb_bob", PLUMB_BOB[:4], (0, 1, 4)),
        ("rational_polynomial", RATIONAL, (1, 4, 6)),
        ("equidistant", EQUIDISTANT, (1, 4)),
        ("fisheye", EQUIDISTANT, (1,)),
    ],
)
def test_zeros_at_the_end_mean_nothing(model: str, coefficients: list[float], zeros: tuple[int, ...]) -> None:
    """A depth camera sends plumb_bob with eight numbers, the last three 0: the rays are those of the first five."""
    for count in zeros:
        np.testing.assert_allclose(rays(model, [*coefficients, *[0.0] * count]), rays(model, coefficients), atol=1e-9)


@pytest.mark.parametrize(
    ("model", "coefficients"),
    [
        ("plumb_bob", RATIONAL),
        ("equidistant", PLUMB_BOB),
        ("plumb_bob", [0.1] * 4 + [np.nan] * 4),
        ("plumb_bob", [0.1] * 3),
    ],
)
def test_numbers_that_mean_something_are_neither_dropped_nor_made_up(model: str, coefficients: list[float]) -> None:
    with pytest.raises(InputError, match="does not fit"):
        rays(model, coefficients)
