"""Published weights: files of the layout that the authors distribute are made here, and their networks computed in
another way than ours."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from torch.nn import functional

from hotspot_core.baselines.published.deepgaze import PublishedDeepGazeI
from hotspot_core.baselines.published.egogaze import PublishedEgoGaze
from hotspot_core.baselines.published.files import is_published, published_method
from hotspot_core.baselines.published.mlnet import PublishedMLNet, enlarged, letterboxed, pooled, without_bars
from hotspot_core.errors import InputError

CPU = torch.device("cpu")
VGG = (64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512)
Arrays = NDArray[np.float32]


def picture(height: int = 70, width: int = 110) -> NDArray[np.uint8]:
    """A smooth picture, so that resizing it is no matter of taste."""
    small = np.random.default_rng(3).integers(0, 256, (6, 9, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC))


# EgoGaze ------------------------------------------------------------------------------------------------------------


def _convolution(state: dict[str, torch.Tensor], name: str, inputs: int, outputs: int, side: int = 3) -> None:
    deviation = (2 / (inputs * side * side)) ** 0.5
    state[f"{name}.weight"] = torch.randn(outputs, inputs, side, side) * deviation
    state[f"{name}.bias"] = torch.randn(outputs) * 0.1


def _statistics(state: dict[str, torch.Tensor], name: str, width: int) -> None:
    state[f"{name}.weight"] = torch.rand(width) + 0.5
    state[f"{name}.bias"] = torch.randn(width) * 0.1
    state[f"{name}.running_mean"] = torch.randn(width) * 0.1
    state[f"{name}.running_var"] = torch.rand(width) + 0.5


def write_egogaze(folder: Path) -> Path:
    """spatial.pth.tar and late.pth.tar, with numbers of layers as in the authors' code, and what training leaves."""
    torch.manual_seed(0)
    spatial: dict[str, torch.Tensor] = {}
    index, channels = 0, 3
    for width in VGG:
        if isinstance(width, str):
            index += 1
            continue
        _convolution(spatial, f"features.{index}", channels, width)
        _statistics(spatial, f"features.{index + 1}", width)
        index, channels = index + 3, width
    for place, width in zip(
        (0, 2, 4, 7, 9, 11, 14, 16, 18, 21, 23, 26, 28), (512,) * 6 + (256,) * 3 + (128,) * 2 + (64,) * 2, strict=True
    ):
        _convolution(spatial, f"decoder.{place}", channels, width)
        channels = width
    _convolution(spatial, "decoder.30", 64, 1, side=1)
    late: dict[str, torch.Tensor] = {}
    for place, inputs, width in ((0, 2, 32), (3, 32, 32), (6, 32, 8)):
        _convolution(late, f"fusion.{place}", inputs, width)
        _statistics(late, f"fusion.{place + 1}", width)
    _convolution(late, "fusion.9", 8, 1, side=1)
    training = {"epoch": 7, "arch": "rgb", "auc": torch.tensor(0.9)}
    torch.save({"state_dict": spatial, **training}, folder / "spatial.pth.tar")
    torch.save({"state_dict": late, **training}, folder / "late.pth.tar")
    return folder / "spatial.pth.tar"


def _normalized(values: torch.Tensor, state: dict[str, torch.Tensor], name: str) -> torch.Tensor:
    scale = state[f"{name}.weight"] / (state[f"{name}.running_var"] + 1e-5).sqrt()
    shift = state[f"{name}.bias"] - state[f"{name}.running_mean"] * scale
    return values * scale[:, None, None] + shift[:, None, None]


def _same(values: torch.Tensor, state: dict[str, torch.Tensor], name: str) -> torch.Tensor:
    """A convolution of (C, h, w) as a matrix product."""
    weight, bias = state[f"{name}.weight"], state[f"{name}.bias"]
    side = weight.shape[-1]
    columns = functional.unfold(values[None], side, padding=side // 2)[0]
    return (weight.flatten(1) @ columns + bias[:, None]).view(-1, *values.shape[1:])


def their_egogaze(folder: Path, image: NDArray[np.uint8], size: int) -> Arrays:
    """The single-image way of the authors' repository, typed from its description."""
    spatial, late = (
        torch.load(folder / f"{name}.pth.tar", weights_only=True)["state_dict"] for name in ("spatial", "late")
    )
    x = torch.from_numpy(cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), (size, size))).float() / 255
    x = ((x - torch.tensor([0.485, 0.456, 0.406])) / torch.tensor([0.229, 0.224, 0.225])).permute(2, 0, 1)
    index = 0
    for width in VGG:
        if width == "M":
            x, index = x.unfold(1, 2, 2).unfold(2, 2, 2).amax((3, 4)), index + 1
            continue
        x = _normalized(_same(x, spatial, f"features.{index}"), spatial, f"features.{index + 1}").clamp_min(0)
        index += 3
    features = x
    for group in ((0, 2, 4), (7, 9, 11), (14, 16, 18), (21, 23), (26, 28)):
        x = x if group[0] == 0 else x.repeat_interleave(2, 1).repeat_interleave(2, 2)
        for place in group:
            x = _same(x, spatial, f"decoder.{place}").clamp_min(0)
    saliency = 1 / (1 + (-_same(x, spatial, "decoder.30")).exp())
    bits = np.floor(saliency[0].numpy() * 255)
    row, column = (float((bits * np.arange(size).reshape(shape)).sum() / bits.sum()) for shape in ((-1, 1), (1, -1)))
    cells = size // 16
    r, c = (min(max(int(place // 16), 1), cells - 2) for place in (row, column))
    weights = features[:, r - 1 : r + 2, c - 1 : c + 2].flatten(1).mean(1)
    attention = torch.einsum("c,chw->hw", weights, features)
    attention = (attention - attention.min()) / (attention - attention.min()).max()
    large = functional.interpolate(attention[None, None], (size, size), mode="bilinear", align_corners=False)[0]
    x = torch.cat([saliency, large])
    for place in (0, 3, 6):
        x = _normalized(_same(x, late, f"fusion.{place}"), late, f"fusion.{place + 1}").clamp_min(0)
    return np.asarray((1 / (1 + (-_same(x, late, "fusion.9")).exp()))[0].numpy())


@pytest.fixture(scope="module")
def egogaze(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_egogaze(tmp_path_factory.mktemp("egogaze"))


def test_egogaze_computes_what_its_authors_code_does(egogaze: Path) -> None:
    """Its map is that of an independent forward pass, from files of the published layout."""
    found = PublishedEgoGaze(egogaze, CPU, size=64).saliency(picture())
    expected = their_egogaze(egogaze.parent, picture(), 64)
    assert found.shape == (64, 64)
    assert expected.std() > 1e-3
    assert np.abs(found - expected).max() < 1e-4


def test_egogaze_loads_by_its_files_name(egogaze: Path, tmp_path: Path) -> None:
    """1. spatial.pth.tar is recognized, with its other half beside it. 2. Without that, or with another network's
    state, it is refused, and what is wrong named."""
    assert is_published(egogaze)
    method = published_method(egogaze, CPU)
    assert method.name == "EgoGaze"
    assert method.setting == "people's gaze: the authors' weights, 224x224 px"
    assert "late.pth.tar" in method.provenance
    contents = torch.load(egogaze, weights_only=True)
    torch.save(contents, tmp_path / "spatial.pth.tar")
    with pytest.raises(InputError, match=r"late\.pth\.tar, is not in the same folder"):
        published_method(tmp_path / "spatial.pth.tar", CPU)
    torch.save(contents, tmp_path / "late.pth.tar")
    with pytest.raises(InputError, match=r"is not EgoGaze's late\.pth\.tar: it lacks fusion\.0\.weight"):
        published_method(tmp_path / "spatial.pth.tar", CPU)


@pytest.mark.parametrize(
    ("name", "contents", "told"),
    [
        ("late.pth.tar", {"state_dict": {"fusion.0.weight": 0}}, r"name spatial\.pth\.tar, beside which it lies"),
        ("sp.pth.tar", {"state_dict": {"features_s.0.weight": 0}}, "module with optical flow"),
        ("ckpt_E_20.pth", {"net": {"h0": 0}, "epoch": 20}, r"python -m hotspot_core\.convert"),
        ("egogaze.pth", {"heatmaps": 0, "keys": []}, "score it with --predictions NAME=FILE"),
        (
            "deepgaze2e.pth",
            {"models.0.finalizers.0.gauss.sigma": 0},
            "weights of a later DeepGaze than I: run its authors' code",
        ),
        ("salgan.pth", {"uconv5_3.weight": 0}, r"name the authors' gen_modelWeights0090\.npz"),
        ("resnet.pth", {"layer1.0.conv1.weight": 0}, "of no system that is known here"),
    ],
)
def test_files_of_other_systems_get_the_right_hint(tmp_path: Path, name: str, contents: Any, told: str) -> None:
    """By what is in them: what they are, and what to do."""

    def tensors(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: tensors(item) for key, item in value.items()}
        return torch.zeros(1) if value == 0 else value

    torch.save(tensors(contents), tmp_path / name)
    with pytest.raises(InputError, match=told):
        published_method(tmp_path / name, CPU)


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    """A file that would run a command is refused, and runs nothing."""
    ran = tmp_path / "ran"
    for name in ("spatial.pth.tar", "mlnet_salicon_weights.pkl", "deepgaze1.pth"):
        (tmp_path / name).write_bytes(f"cos\nsystem\n(S'touch {ran}'\ntR.".encode())
        with pytest.raises(InputError):
            published_method(tmp_path / name, CPU)
    assert not ran.exists()


# MLNet --------------------------------------------------------------------------------------------------------------

PRIOR = (1, 2)


def write_mlnet(path: Path, whole: bool = False) -> tuple[list[Arrays], Arrays]:
    """An HDF5 file as Keras 1 writes it: of the weights, or of the whole model; for images of 80x160."""
    h5py = pytest.importorskip("h5py", reason="the extra 'hdf5' is not installed")
    rng = np.random.default_rng(0)
    widths = [3, *(width for width in VGG if isinstance(width, int))]
    shapes: list[tuple[int, ...]] = [(out, before, 3, 3) for before, out in pairwise(widths)]
    shapes += [(64, 1280, 3, 3), (1, 64, 1, 1)]
    arrays: list[Arrays] = []
    for shape in shapes:
        deviation = (2 / np.prod(shape[1:])) ** 0.5
        arrays += [
            (rng.standard_normal(shape) * deviation).astype(np.float32),
            (rng.random(shape[0]) * 0.1).astype(np.float32),
        ]
    prior = (rng.standard_normal(PRIOR) * 0.3).astype(np.float32)
    with h5py.File(path, "w") as file:
        root = file.create_group("model_weights") if whole else file
        layers: dict[str, dict[str, Arrays]] = {"input_1": {}}
        for k in range(len(shapes)):
            name = f"convolution2d_{k + 1}"
            layers[name] = {f"{name}_W": arrays[2 * k], f"{name}_b": arrays[2 * k + 1]}
            if k in (1, 3, 6, 9):
                layers[f"maxpooling2d_{k}"] = {}
        layers["eltwiseproduct_1"] = {"eltwiseproduct_1_W": prior}
        layers["activation_1"] = {}
        root.attrs["layer_names"] = [name.encode() for name in layers]
        for name, weights in layers.items():
            group = root.create_group(name)
            group.attrs["weight_names"] = [key.encode() for key in weights]
            for key, value in weights.items():
                group.create_dataset(key, data=value)
    return arrays, prior


def _true_convolution(values: Arrays, weight: Arrays, bias: Arrays) -> Arrays:
    """(C, h, w), the kernel turned: sum over (dy, dx) of w[dy, dx] x[y - dy, x - dx] around the center."""
    side = weight.shape[-1]
    reach = side // 2
    padded = np.pad(values, ((0, 0), (reach, reach), (reach, reach)))
    result = np.zeros((len(weight), *values.shape[1:]), np.float32)
    for dy in range(side):
        for dx in range(side):
            part = padded[:, side - 1 - dy :, side - 1 - dx :][:, : values.shape[1], : values.shape[2]]
            result += np.tensordot(weight[:, :, dy, dx], part, 1).astype(np.float32)
    return np.maximum(result + bias[:, None, None], 0)


def _keras_pooling(values: Arrays, stride: int) -> Arrays:
    padded = np.pad(values, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    windows = sliding_window_view(padded, (2, 2), axis=(1, 2)).max((3, 4))[:, ::stride, ::stride]
    return np.asarray(windows[:, : -(-values.shape[1] // stride), : -(-values.shape[2] // stride)])


def _theano_upsampling(prior: Arrays) -> Arrays:
    """Linear between values at 4, 14, 24 ..., the last ones repeated at the borders."""

    def line(values: Arrays) -> Arrays:
        places = np.arange(-1, len(values) + 1) * 10 + 4
        wide = np.concatenate([values[:1], values, values[-1:]])
        return np.asarray(np.interp(np.arange(10 * len(values)), places, wide), np.float32)

    return np.apply_along_axis(line, 1, np.apply_along_axis(line, 0, prior))


def _layers(arrays: list[Arrays]) -> Iterator[tuple[Arrays, Arrays]]:
    return iter(list(zip(arrays[::2], arrays[1::2], strict=True)))


@pytest.mark.parametrize("whole", [False, True])
def test_mlnet_computes_what_keras_on_theano_did(tmp_path: Path, whole: bool) -> None:
    """From the HDF5 file to the map over the image: that of an independent forward pass in NumPy."""
    path = tmp_path / "mlnet_salicon_weights.pkl"
    arrays, prior = write_mlnet(path, whole)
    method = published_method(path, CPU)
    assert isinstance(method, PublishedMLNet)
    assert method.name == "MLNet"
    assert "160x80 px" in method.setting
    image = picture(80, 160)
    if whole:
        assert np.isfinite(method.saliency(image)).all()
        return
    x = image[:, :, ::-1].astype(np.float32).transpose(2, 0, 1) - np.array([103.939, 116.779, 123.68]).reshape(3, 1, 1)
    x = x.astype(np.float32)
    layers = _layers(arrays)
    levels: list[Arrays] = []
    for width in VGG:
        if width == "M":
            x = _keras_pooling(x, 1 if len(levels) == 3 else 2)
            levels.append(x)
        else:
            x = _true_convolution(x, *next(layers))
    features = np.concatenate([levels[2], levels[3], x])
    for weight, bias in layers:
        features = _true_convolution(features, weight, bias)
    expected = np.maximum(features[0] * _theano_upsampling(1 + prior), 0)
    found = method.saliency(image)
    assert found.shape == (80, 160)
    whole_map = cv2.resize(expected, (160, 80))
    assert whole_map.std() > 0
    assert np.abs(found - whole_map).max() < 2e-4 * whole_map.max()


def test_its_pooling_and_prior_are_those_of_theano() -> None:
    """1. Windows begin one cell before. 2. The enlarged prior has its values at 4, 14 ..., and they are kept."""
    values = torch.arange(16.0).view(1, 1, 4, 4)
    assert pooled(values, 2)[0, 0].tolist() == [[0, 2], [8, 10]]
    assert pooled(values, 1)[0, 0].tolist() == values[0, 0].tolist()
    prior = torch.tensor([[[[1.0, 2.0], [3.0, 5.0]]]])
    large = enlarged(prior)[0, 0]
    assert large.shape == (20, 20)
    assert [large[4, 4], large[4, 14], large[14, 4], large[14, 14]] == pytest.approx([1, 2, 3, 5])
    assert np.allclose(large.numpy(), _theano_upsampling(prior[0, 0].numpy()), atol=1e-5)


@pytest.mark.parametrize("size_hw", [(60, 200), (200, 60), (80, 160), (9, 30)])
def test_the_map_is_cut_out_of_the_bars(size_hw: tuple[int, int]) -> None:
    """Where the image is in the black frame, and there alone, the map that is cut out is taken from."""
    white = np.full((*size_hw, 3), 255, np.uint8)
    framed = letterboxed(white, (80, 160))
    assert framed.shape == (80, 160, 3)
    inside = without_bars(framed[:, :, 0].astype(np.float32), size_hw)
    assert inside.shape == size_hw
    assert inside.mean() > 0.9 * 255


def test_other_hdf5_files_are_named(tmp_path: Path) -> None:
    """Of another network, or of no layers at all."""
    h5py = pytest.importorskip("h5py", reason="the extra 'hdf5' is not installed")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = np.zeros(3)
    with pytest.raises(InputError, match="no HDF5 file of Keras' layers"):
        published_method(tmp_path / "other.h5", CPU)
    write_mlnet(tmp_path / "less.h5")
    with h5py.File(tmp_path / "less.h5", "a") as file:
        names = [name if isinstance(name, bytes) else name.encode() for name in file.attrs["layer_names"]]
        assert b"convolution2d_3" in names
        file.attrs["layer_names"] = [name for name in names if name != b"convolution2d_3"]
    with pytest.raises(InputError, match="14 convolutions: MLNet has 15"):
        published_method(tmp_path / "less.h5", CPU)


# DeepGaze I ---------------------------------------------------------------------------------------------------------


def write_deepgaze(folder: Path) -> Path:
    """deepgaze1.pth with its authors' names, AlexNet's classifier (in small) among them."""
    torch.manual_seed(1)
    state: dict[str, torch.Tensor] = {}
    for place, inputs, width, side in (
        (0, 3, 64, 11),
        (3, 64, 192, 5),
        (6, 192, 384, 3),
        (8, 384, 256, 3),
        (10, 256, 256, 3),
    ):
        _convolution(state, f"features.features.1.features.{place}", inputs, width, side)
    state["features.features.1.classifier.1.weight"] = torch.zeros(4, 4)
    state["readout_network.conv0.weight"] = torch.randn(1, 256, 1, 1) * 0.05
    state["finalizer.gauss.sigma"] = torch.tensor(1.7)
    state["finalizer.center_bias_weight"] = torch.tensor([0.8])
    torch.save(state, folder / "deepgaze1.pth")
    return folder / "deepgaze1.pth"


def their_deepgaze(path: Path, image: NDArray[np.uint8], bias: NDArray[np.float64]) -> NDArray[np.float64]:
    """The log density of an image that needs no resizing, typed from the description in NumPy and matrix products."""
    state = torch.load(path, weights_only=True)
    rgb = (image / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    x = torch.from_numpy(rgb[::2, ::2].transpose(2, 0, 1).copy()).float()
    for place, stride, padding in ((0, 4, 2), (3, 1, 2), (6, 1, 1), (8, 1, 1), (10, 1, 1)):
        weight, offset = (state[f"features.features.1.features.{place}.{name}"] for name in ("weight", "bias"))
        side = weight.shape[-1]
        padded = functional.pad(x, (padding,) * 4)
        windows = padded.unfold(1, side, stride).unfold(2, side, stride)
        x = torch.einsum("ochw,cyxhw->oyx", weight, windows) + offset[:, None, None]
        if place != 10:
            x = x.clamp_min(0)
        if place in (0, 3):
            x = x.unfold(1, 3, 2).unfold(2, 3, 2).amax((3, 4))
    height, width = image.shape[:2]

    def nearest(values: NDArray[np.float64], rows: int, columns: int) -> NDArray[np.float64]:
        r = np.arange(rows) * values.shape[0] // rows
        return values[r][:, np.arange(columns) * values.shape[1] // columns]

    features = np.stack([nearest(channel, height // 8, width // 8) for channel in x.numpy()])
    readout = np.tensordot(state["readout_network.conv0.weight"][0, :, 0, 0].numpy(), features, 1)
    small_bias = bias[::4, ::4]
    scores = nearest(readout, *small_bias.shape)
    sigma, reach = 1.7, 6
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    for axis in (0, 1):
        pad = [(reach, reach) if axis == a else (0, 0) for a in (0, 1)]
        around = sliding_window_view(np.pad(scores, pad, mode="edge"), 2 * reach + 1, axis=axis)
        scores = np.asarray(around @ (kernel / kernel.sum()))
    large = nearest(scores + 0.8 * small_bias, height, width)
    return np.asarray(large - np.log(np.exp(large - large.max()).sum()) - large.max())


@pytest.mark.parametrize("with_bias", [True, False])
def test_deepgaze_computes_what_its_authors_code_does(tmp_path: Path, with_bias: bool) -> None:
    """From files of the published layout: the log density is that of an independent forward pass; without the file of
    the center bias that is uniform, and the table says so."""
    path = write_deepgaze(tmp_path)
    image = picture(128, 160)
    bias = np.zeros((128, 160))
    if with_bias:
        bias = -((np.indices((128, 160)) - np.array([64, 80]).reshape(2, 1, 1)) ** 2).sum(0) / 800.0
        np.save(tmp_path / "centerbias_mit1003.npy", bias)
    bias = bias - np.log(np.exp(bias).sum())
    method = published_method(path, CPU)
    assert ("without center bias" in method.setting) != with_bias
    found = PublishedDeepGazeI(path, CPU, side=160).saliency(image)
    assert found.shape == (128, 160)
    assert found.sum() == pytest.approx(1, abs=1e-4)
    expected = their_deepgaze(path, image, bias)
    assert expected.std() > 0.1
    assert np.abs(np.log(found) - expected).max() < 1e-3
