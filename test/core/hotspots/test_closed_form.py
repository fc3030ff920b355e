"""Eq. 4 in closed form is Eq. 4."""

from __future__ import annotations

import copy

import pytest
import torch
from oracle import hotspots

from hotspot_core import HotspotModel, InputError, OutOfMemoryError, interaction_hotspots
from hotspot_core.hotspots import closed_form as mapping

DEVICES = [
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")),
]


def relative_error(value: torch.Tensor, expected: torch.Tensor) -> float:
    """Largest deviation, relative to the largest value of each map or row."""
    largest = expected.abs().flatten(2).amax(dim=2) if expected.ndim == 4 else expected.abs().amax(dim=1)
    deviation = (value - expected).abs()
    deviation = deviation.flatten(2).amax(dim=2) if expected.ndim == 4 else deviation.amax(dim=1)
    return float((deviation / largest).max())


@pytest.mark.parametrize("device", DEVICES)
def test_maps_equal_automatic_differentiation(model: HotspotModel, device: str) -> None:
    """1. Two images, not square, four actions out of order. 2. Maps and logits equal the oracle's to 1e-4.

    The oracle computes in float64: an LSTM of random weights is saturated, and the rounding of automatic
    differentiation in float32 is then larger than that of the closed form.
    """
    on_device = copy.deepcopy(model).to(device)
    images = torch.randn(2, 3, 64, 48, generator=torch.Generator().manual_seed(0)).to(device)
    actions = ["lift", "open", "press", "pull"]
    result = interaction_hotspots(on_device, images, actions)
    maps, logits = hotspots(on_device.double(), images.double(), actions)
    assert result.actions == tuple(actions)
    assert result.maps.shape == (2, 4, 8, 6)
    assert result.maps.dtype == result.logits.dtype == torch.float32
    assert result.maps.min() >= 0
    assert result.maps.amax(dim=(2, 3)).min() > 0
    assert relative_error(result.maps, maps) < 1e-4
    assert relative_error(result.logits, logits) < 1e-4


def test_every_action_and_any_chunk_size(robot: HotspotModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """All actions at once, and one at a time because memory allows no more, give the same maps."""
    images = torch.randn(2, 3, 64, 64)
    together = interaction_hotspots(robot, images)
    assert together.actions == robot.actions
    monkeypatch.setattr(mapping, "CHUNK_BYTES", 1)
    torch.testing.assert_close(interaction_hotspots(robot, images).maps, together.maps)


def test_chunks_shrink_until_the_memory_suffices(robot: HotspotModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """1. Memory runs out with more than two actions at once: chunks are halved, the maps stay the same. 2. It runs out
    with a single one: one line says so. 3. Other errors are not taken for lack of memory."""
    features = torch.rand(1, robot.backbone.channels, 8, 8)
    expected = mapping.hotspots_from_features(robot, features).maps
    gradients = mapping.ClosedFormHotspots._gradients
    tried = []

    def scarce(self: mapping.ClosedFormHotspots, encoding: mapping.Encoding, factors: torch.Tensor) -> torch.Tensor:
        tried.append(factors.shape[1])
        if factors.shape[1] > limit:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes")
        return gradients(self, encoding, factors)

    monkeypatch.setattr(mapping.ClosedFormHotspots, "_gradients", scarce)
    limit = 2
    torch.testing.assert_close(mapping.hotspots_from_features(robot, features).maps, expected)
    assert tried[0] == 7
    assert max(tried[-4:]) <= 2
    limit = 0
    with pytest.raises(OutOfMemoryError, match="too little memory for one action's maps of 1 images on a 8x8 grid"):
        mapping.hotspots_from_features(robot, features)
    monkeypatch.setattr(mapping.ClosedFormHotspots, "_gradients", lambda *_: torch.zeros(1) @ torch.zeros(2))
    with pytest.raises(RuntimeError, match="size"):
        mapping.hotspots_from_features(robot, features)


def test_dead_channels_give_no_nan(robot: HotspotModel) -> None:
    """A channel that is 0 everywhere has no defined slope of its norm: it counts as 0."""
    features = torch.rand(1, robot.backbone.channels, 4, 4)
    last = robot.anticipation.blocks()[-1].normalization
    kept = last.bias.data.clone()
    last.bias.data[::2] = -1e6
    result = mapping.hotspots_from_features(robot, features)
    last.bias.data = kept
    assert result.maps.isfinite().all()
    assert result.maps.max() > 0


def test_wrong_input_is_named(robot: HotspotModel) -> None:
    """Training mode, a wrong shape and a mistyped action are each refused with what to do."""
    images = torch.zeros(1, 3, 64, 64)
    with pytest.raises(InputError, match="unknown action 'opne': did you mean 'open'"):
        interaction_hotspots(robot, images, ["opne"])
    for wrong in (images[..., :60], images[:0], images[:, :, :0]):
        with pytest.raises(InputError, match="multiples of 8"):
            interaction_hotspots(robot, wrong, ["open"])
    with pytest.raises(InputError, match=r"images of type torch\.uint8: give normalized floats"):
        interaction_hotspots(robot, images.to(torch.uint8))
    robot.train()
    with pytest.raises(InputError, match=r"call model\.eval"):
        interaction_hotspots(robot, images)
    robot.eval()
