"""Baselines: their definitions, and that they do what they are there for."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from hotspot_core.baselines.saliency import (
    BASELINES,
    center,
    center_untruncated,
    fine_grained,
    spectral_residual,
    uniform,
)

PHOTO = np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)


@pytest.mark.parametrize("name", BASELINES)
def test_contract(name: str) -> None:
    """One finite map >= 0 per action, with something in it, also for a black image."""
    for image in (PHOTO, np.zeros((60, 90, 3), np.uint8)):
        maps = BASELINES[name](image, ["open", "close"])
        assert maps.shape[0] == 2
        assert maps.dtype == np.float32
        assert np.isfinite(maps).all()
        assert maps.min() >= 0
        assert maps.max() > 0
    assert BASELINES[name](PHOTO, []).shape[0] == 0


def test_center_is_cut_off() -> None:
    """The published baseline: half of its peak 28 pixels from the middle, 0 outside the middle 112 of 224."""
    heatmap = center(PHOTO, ["open"])[0]
    assert heatmap.shape == (224, 224)
    assert heatmap[111, 111] == 1
    assert heatmap[111, 111 + 28] == pytest.approx(0.5)
    assert heatmap[111 + 28, 111 - 28] == pytest.approx(0.25)
    inside = np.zeros((224, 224), bool)
    inside[56:168, 56:168] = True
    assert (heatmap[inside] > 0).all()
    assert heatmap[~inside].max() == 0


def test_center_untruncated_is_symmetric() -> None:
    """The same width, nowhere 0, the same from all sides."""
    heatmap = center_untruncated(PHOTO, ["open"])[0]
    assert heatmap.min() > 0
    np.testing.assert_array_equal(heatmap, heatmap[::-1, ::-1])
    assert heatmap[111, 111 + 28] / heatmap[111, 111] == pytest.approx(0.5, abs=0.03)


def test_uniform_is_flat() -> None:
    """One value."""
    assert np.ptp(uniform(PHOTO, ["open"])) == 0


def test_spectral_residual_finds_the_odd_one_out() -> None:
    """One circle among a grid of squares, wherever it is, gets the strongest answer."""
    for row, column in ((1, 5), (4, 2)):
        image = np.full((256, 256, 3), 200, np.uint8)
        for i in range(6):
            for j in range(6):
                image[40 * i + 20 : 40 * i + 32, 40 * j + 20 : 40 * j + 32] = 90
        y, x = 40 * row + 26, 40 * column + 26
        image[y - 14 : y + 14, x - 14 : x + 14] = 200
        rows, columns = np.mgrid[:256, :256]
        image[np.hypot(rows - y, columns - x) < 13] = 20
        heatmap = spectral_residual(image, ["open"])[0]
        peak = np.array(np.unravel_index(heatmap.argmax(), heatmap.shape)) * 4 + 2
        assert np.abs(peak - [y, x]).max() < 20


def test_fine_grained_is_its_definition() -> None:
    """A pixel's surround, written out: the mean of the others within reach, cut at the border, on the blurred picture;
    bright and dark differences, each divided by its maximum."""
    image = np.random.default_rng(3).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    gray = cv2.GaussianBlur(cv2.GaussianBlur(gray, (3, 3), 0), (3, 3), 0).astype(np.float64)
    bright, dark = np.zeros(gray.shape), np.zeros(gray.shape)
    for reach in (12, 24, 48, 28, 56, 112):
        for y, x in np.ndindex(*gray.shape):
            around = gray[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1]
            difference = gray[y, x] - (around.sum() - gray[y, x]) / (around.size - 1)
            (bright if difference > 0 else dark)[y, x] += abs(difference)
    expected = bright / bright.max() + dark / dark.max()
    np.testing.assert_allclose(fine_grained(image, ["open"])[0], expected, atol=1e-5)


@pytest.mark.skipif(not hasattr(cv2, "saliency"), reason="this OpenCV has no saliency module (opencv-contrib)")
def test_fine_grained_is_opencvs() -> None:
    """The same ranks as OpenCV's implementation, which keeps whole numbers."""
    saliency: Any = cv2.saliency  # type: ignore[attr-defined]
    theirs = saliency.StaticSaliencyFineGrained_create().computeSaliency(PHOTO[..., ::-1].copy())[1]
    assert np.corrcoef(theirs.ravel(), fine_grained(PHOTO, ["open"])[0].ravel())[0, 1] > 0.98
