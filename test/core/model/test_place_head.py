"""The place head: one logit for every cell and action, in whatever way the model runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import ACTIONS, randomize_statistics

from hotspot_core import HotspotModel, HotspotPredictor, InputError, build_model, load_model, save_model
from hotspot_core.hotspots.closed_form import ClosedFormHotspots
from hotspot_core.hotspots.trainable import trainable_hotspots


@pytest.fixture(scope="module")
def placed() -> HotspotModel:
    """Preset `robot` with a place head; probabilities of all sizes."""
    torch.manual_seed(3)
    model = randomize_statistics(build_model("robot", ACTIONS, scores="independent", place_channels=16))
    assert model.places is not None
    with torch.no_grad():
        model.places.output.weight.mul_(4)
    return model


def test_cells_are_the_same_wherever_they_are_computed(placed: HotspotModel) -> None:
    """1. The model's own head, the prepared model in float32, and the form that is learned from agree, and so do scores
    that count the most probable cell. 2. In bfloat16 they are close."""
    features = placed.backbone(torch.randn(2, 3, 64, 96)).detach()
    assert placed.places is not None
    expected = placed.places(features)
    assert expected.shape == (2, len(ACTIONS), 8, 12)
    prepared = ClosedFormHotspots(placed, torch.float32, "direct").encode(features)
    learned = trainable_hotspots(placed, features, torch.tensor([0]))
    torch.testing.assert_close(prepared.cells, expected)
    torch.testing.assert_close(learned.cells, expected)
    torch.testing.assert_close(learned.logits, prepared.logits, rtol=1e-4, atol=1e-4)
    assert placed.affordance is not None
    pooled = placed.pool(placed.anticipation(features))
    without = torch.nn.functional.linear(pooled, placed.affordance.weight, placed.affordance.bias)
    torch.testing.assert_close(prepared.logits - without, expected.amax(dim=(2, 3)), rtol=1e-3, atol=1e-3)
    coarse = ClosedFormHotspots(placed, torch.bfloat16, "direct").encode(features.bfloat16())
    assert float((coarse.cells - expected).abs().max()) < 0.05 * float(expected.abs().max())


def test_heatmaps_are_weighted_with_places(placed: HotspotModel, tmp_path: Path) -> None:
    """1. The published heatmap is the root of Eq. 4 times the head's probabilities. 2. Without calibration the
    probability of a point is that of its cell. 3. With it, it is the logistic function of place, value and score, also
    of a model that was saved and loaded."""
    image = np.random.default_rng(0).integers(0, 255, (120, 160, 3)).astype(np.uint8)
    plain = HotspotPredictor(placed).predict(image)
    assert plain.maps is not None
    assert plain.places is not None
    assert not plain.calibrated
    weighted = np.sqrt(plain.maps / plain.maps.max(axis=(1, 2), keepdims=True)) * plain.places
    np.testing.assert_allclose(plain.heatmaps, weighted / weighted.max(axis=(1, 2), keepdims=True), rtol=1e-4)
    for point in plain.points:
        near = plain.places[plain.actions.index(point.action)]
        assert np.isclose(near, point.probability, atol=1e-6).any()
    model = HotspotModel(replace(placed.config, point_calibration=(0.5, 1.0, 0.0, -1.0)))
    model.load_state_dict(placed.state_dict())
    save_model(tmp_path / "calibrated.safetensors", model.eval())
    loaded = load_model(tmp_path / "calibrated.safetensors", "cpu")
    assert loaded.config.point_calibration == (0.5, 1.0, 0.0, -1.0)
    calibrated = HotspotPredictor(loaded).predict([image, image])[1]
    assert calibrated.calibrated
    for before, after in zip(plain.points, calibrated.points, strict=True):
        odds = (before.probability / (1 - before.probability)) ** 0.5 * before.value * np.exp(-1)
        assert after.probability == pytest.approx(odds / (1 + odds), rel=1e-3)
    kept = calibrated.above(0.0, 0.2)
    assert [p for p in calibrated.points if p.probability >= 0.2] == kept.points
    assert kept.actions == calibrated.actions


def test_a_place_head_needs_independent_scores() -> None:
    """A softmax over actions has no place for it."""
    with pytest.raises(InputError, match="needs scores 'independent'"):
        build_model("robot", ["open"], place_channels=8)
