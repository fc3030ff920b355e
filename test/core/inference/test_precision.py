"""Number formats: what a device lacks is refused, what it has keeps the maps."""

from __future__ import annotations

import copy
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from hotspot_core import HotspotModel, HotspotPredictor, InputError, interaction_hotspots, load_model
from hotspot_core.inference import precision
from hotspot_core.inference.cuda import CudaRuntime
from hotspot_core.inference.network import HotspotNetwork
from hotspot_core.inference.pytorch import TorchRuntime
from hotspot_core.media.images import read_image

CPU = torch.device("cpu")
EXAMPLE = Path(__file__).parents[3] / "docs" / "example.jpg"
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")


def pixels(count: int = 2, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 64, 96, 3), dtype=np.uint8)


@torch.no_grad()
@pytest.mark.parametrize("preset", ["robot", "narrow_paper", pytest.param("paper", marks=pytest.mark.slow)])
def test_bf16_keeps_the_maps(preset: str, request: pytest.FixtureRequest) -> None:
    """In bfloat16, emulated where the CPU has none, every map correlates with that of float32 to 0.99 or better: of the
    bundled model on a photo, and of random weights of preset `paper`, narrow and whole, on noise. Those run Winograd's
    algorithm, whose bfloat16 is the coarsest."""
    if preset == "robot":
        model, size = load_model("default", "cpu"), (224, 224)
        images = torch.from_numpy(cv2.resize(read_image(EXAMPLE), size, interpolation=cv2.INTER_AREA))[None]
    else:
        model, images = request.getfixturevalue(preset), torch.from_numpy(pixels(1))
    expected, maps = (
        network.maps(network.encode(images), torch.arange(7)).flatten(2)
        for network in (
            HotspotNetwork(model, torch.float32, "direct"),
            HotspotNetwork(model, torch.bfloat16),
        )
    )
    for value, reference in zip(maps.flatten(0, 1), expected.flatten(0, 1), strict=True):
        assert torch.corrcoef(torch.stack([value, reference]))[0, 1] > 0.99


@torch.no_grad()
def test_the_network_is_the_mapping(model: HotspotModel) -> None:
    """Pixels through the prepared network in float32 give the maps and logits of `interaction_hotspots`."""
    images = torch.from_numpy(pixels(1))
    network = HotspotNetwork(model)
    encoding = network.encode(images)
    expected = interaction_hotspots(model, network.normalized(images), ["lift", "open"])
    maps = network.maps(encoding, torch.tensor([6, 0]))
    torch.testing.assert_close(encoding.logits, expected.logits)
    error = (maps - expected.maps).flatten(2).norm(dim=2) / expected.maps.flatten(2).norm(dim=2)
    assert float(error.max()) < 1e-4


def test_unsupported_precision_is_named(robot: HotspotModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """float16 on a CPU, bfloat16 on a CPU without units for it, and a mistyped name, each with the remedy."""
    monkeypatch.setattr(precision, "_cpu_has_bf16", lambda: True)
    with pytest.raises(InputError, match=r"'fp16' is not supported by CPUs.* use fp32"):
        HotspotPredictor(robot, precision="fp16")
    assert precision.select_precision("auto", CPU) == torch.bfloat16
    monkeypatch.setattr(precision, "_cpu_has_bf16", lambda: False)
    assert precision.select_precision("auto", CPU) == torch.float32
    with pytest.raises(InputError, match=r"'bf16' is not supported by this CPU.*use fp32 or 'auto'"):
        HotspotPredictor(robot, precision="bf16")
    with pytest.raises(InputError, match="did you mean 'bf16'"):
        HotspotPredictor(robot, precision="bf6")


@needs_cuda
def test_a_kept_encoding_outlives_others(model: HotspotModel) -> None:
    """An encoding that is kept gives the same scores and maps after another image of its shape was encoded."""
    gpu = CudaRuntime(copy.deepcopy(model).cuda())
    kept = gpu.encode(pixels(1, 0), keep=True)
    before = gpu.maps(kept, [0, 1])
    gpu.maps(gpu.encode(pixels(1, 1)), [0, 1])
    after = gpu.maps(kept, [0, 1])
    values = gpu.scores(kept), after.scores, after.maps
    for value, expected in zip(values, (before.scores, before.scores, before.maps), strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-3, atol=1e-6)


@needs_cuda
@pytest.mark.parametrize("name", ["fp32", "bf16", "fp16"])
def test_cuda_graphs_give_what_the_cpu_gives(model: HotspotModel, name: str) -> None:
    """1. Recorded graphs, replayed for other images, other actions and another shape. 2. Each result is the CPU's."""
    cpu, gpu = TorchRuntime(model), CudaRuntime(copy.deepcopy(model).cuda(), name)
    for images, indices in [
        (pixels(1, 0), [0, 3]),
        (pixels(1, 1), [5, 6]),
        (pixels(2, 2), [0, 1, 2]),
        (pixels(1, 3), [2, 4]),
    ]:
        scores, maps, _ = gpu.maps(gpu.encode(images), indices)
        expected_scores, expected, _ = cpu.maps(cpu.encode(images), indices)
        np.testing.assert_allclose(scores, expected_scores, atol=1e-4 if name == "fp32" else 0.05)
        flat, reference = maps.reshape(-1, 96), expected.reshape(-1, 96)
        for value, wanted in zip(flat, reference, strict=True):
            assert np.corrcoef(value, wanted)[0, 1] > (0.9999 if name == "fp32" else 0.99)
