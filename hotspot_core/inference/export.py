"""Exports: a model as one static graph in a file, image -> scores and maps."""

from __future__ import annotations

import dataclasses
import json
import logging
import shutil
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
import torch._inductor
from torch import Tensor, nn

from hotspot_core.errors import InputError, select_names
from hotspot_core.hotspots.regions import network_input_size
from hotspot_core.inference.exported import OnnxRuntime, PackageRuntime
from hotspot_core.inference.network import HotspotNetwork
from hotspot_core.model.checkpoint import FORMAT_VERSION, CheckpointInfo, load_model, read_info, select_device
from hotspot_core.model.export_format import EXPORT_VERSION, EXPORTS, METADATA_KEY, ONNX, PACKAGE_ENTRY
from hotspot_core.model.hotspot_model import HotspotModel, scores_of
from hotspot_core.utils.files import atomic_write

OPSET = 18
# Largest deviation from PyTorch: of scores, and of maps relative to their L2 norm. (Not cell by cell: rounding in
# another order flips the ReLU of a value that is almost 0 now and then, which moves a few cells by more.)
TOLERANCE = 1e-3


@dataclass(frozen=True)
class ExportConfig:
    """What is exported.

    Attributes:
        output: a path that ends in .onnx or .pt2.
        checkpoint: a .safetensors file or "default".
        actions: names of the actions that the export has maps of; None or none for all.
        actions_are_an_input: take indices of actions as a second input instead.
        batch: number of images; None for any.
        image_hw: height and width of the images that it will get, which fixes the network's input; None for square
            ones. Images of other shapes can still be predicted, but are distorted.
        device: that a .pt2 package is compiled for.
    """

    output: Path
    checkpoint: str | Path = "default"
    actions: Sequence[str] | None = None
    actions_are_an_input: bool = False
    batch: int | None = 1
    image_hw: tuple[int, int] | None = None
    device: str = "cpu"


class Deviations(NamedTuple):
    """The largest deviation of an export from PyTorch: of its scores and places, and of its maps relative to their
    norm."""

    scores: float
    maps: float


class HotspotGraph(nn.Module):
    """The static graph.

    Inputs: `image` (B, H, W, 3) uint8 RGB and, unless actions are baked in, `actions` (A,) int64, indices.
    Outputs: `scores` (B, A') in [0, 1] as the model's configuration says, of the baked actions or else of all;
    `maps` (B, A, h, w) float32, Eq. 4, not normalized; of a model with a place head `places` (B, A, h, w) in [0, 1].
    """

    actions: Tensor

    def __init__(self, model: HotspotModel, baked: Sequence[int] | None) -> None:
        super().__init__()
        self.network = HotspotNetwork(model, torch.float32, "direct")
        # TensorRT has no float64.
        self.network.mapping.gate_dtype = torch.float32
        self.baked = baked is not None
        self.kind = model.config.scores
        self.has_places = model.config.place_channels > 0
        indices = torch.tensor(list(baked or []), device=next(model.parameters()).device, dtype=torch.long)
        self.register_buffer("actions", indices)

    def forward(self, image: Tensor, actions: Tensor | None = None) -> tuple[Tensor, ...]:
        encoding = self.network.encode(image)
        scores = scores_of(encoding.logits, self.kind)
        if self.baked:
            scores = scores[:, self.actions]
        indices = self.actions if actions is None else actions
        maps = self.network.mapping.all_at_once(encoding, indices)
        return (scores, maps, encoding.cells[:, indices].sigmoid()) if self.has_places else (scores, maps)


def export(config: ExportConfig) -> Deviations:
    """Writes an export and holds it to PyTorch.

    Raises:
        InputError: an argument cannot be used, a package is missing, the file cannot be written, or the export
            deviates by more than 1e-3.
    """
    output = config.output
    if not hasattr(torch._inductor, "aoti_compile_and_package"):
        raise InputError(
            f"exporting needs PyTorch 2.6 or later, this is {torch.__version__}: pip install --upgrade torch"
        )
    if output.suffix not in EXPORTS:
        raise InputError(f"output {str(output)!r}: its name must end in {' or '.join(EXPORTS)}")
    info = read_info(config.checkpoint)
    if config.actions_are_an_input and config.actions:
        raise InputError("actions are either baked in (--actions) or an input (--actions-input)")
    names = select_names("action", config.actions, info.actions)
    target = select_device(config.device if output.suffix != ONNX else "cpu")
    model = load_model(config.checkpoint, target)
    baked = None if config.actions_are_an_input else [model.actions.index(name) for name in names]
    graph = HotspotGraph(model, baked).eval().requires_grad_(False)
    side, stride = model.config.input_size, model.backbone.stride
    size = network_input_size(config.image_hw or (side, side), side, stride)
    description = _describe(info, names, config, size, target, model)
    images = torch.from_numpy(_test_images(config.batch or 2, size)).to(target)
    example = (images, torch.arange(min(2, len(names)), device=target)) if baked is None else (images,)
    with atomic_write(output) as partial:
        write = _write_onnx if output.suffix == ONNX else _write_package
        write(graph, example, config.batch is None, partial, json.dumps(description))
        deviations = _deviations(graph, partial, images, len(model.actions))
        if not max(deviations) <= TOLERANCE:
            raise InputError(
                f"the export deviates from PyTorch by {deviations.scores:.1e} (scores) and {deviations.maps:.1e} "
                f"(maps), more than {TOLERANCE}: it was not kept; try the other format or another version of PyTorch"
            )
    return deviations


def _describe(
    info: CheckpointInfo,
    names: Sequence[str],
    config: ExportConfig,
    size: tuple[int, int],
    device: torch.device,
    model: HotspotModel,
) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "config": dataclasses.asdict(dataclasses.replace(info.config, actions=tuple(names))),
        "training": info.training,
        "data_licenses": info.data_licenses,
        "export": {
            "format_version": EXPORT_VERSION,
            "torch": torch.__version__,
            "device": device.type,
            "batch": config.batch,
            "size": size,
            "actions_are_an_input": config.actions_are_an_input,
            "stride": model.backbone.stride,
            "first_cell_center": model.backbone.first_cell_center,
        },
    }


def _dynamic_shapes(example: tuple[Tensor, ...], any_batch: bool) -> tuple[dict[int, Any], ...]:
    image: dict[int, Any] = {0: torch.export.Dim("batch", min=1)} if any_batch else {}
    if len(example) == 1:
        return (image,)
    return image, {0: torch.export.Dim("actions", min=1)} if len(example[1]) > 1 else {}


def _write_onnx(
    graph: HotspotGraph, example: tuple[Tensor, ...], any_batch: bool, path: Path, description: str
) -> None:
    try:
        import onnx
        import onnxruntime  # noqa: F401 - for the check
        import onnxscript  # noqa: F401 - the exporter's
    except ImportError as error:
        raise InputError(f"{error.name} is not installed: pip install {error.name}") from error
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            graph,
            example,
            dynamo=True,
            opset_version=OPSET,
            input_names=["image", "actions"][: len(example)],
            output_names=["scores", "maps", *(["places"] if graph.has_places else [])],
            dynamic_shapes=_dynamic_shapes(example, any_batch),
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    entry = model.metadata_props.add()
    entry.key, entry.value = METADATA_KEY, description
    onnx.save(model, path)


def _write_package(
    graph: nn.Module, example: tuple[Tensor, ...], any_batch: bool, path: Path, description: str
) -> None:
    if not any(shutil.which(compiler) for compiler in ("c++", "g++", "clang++")):
        raise InputError("a .pt2 package is compiled with a C++ compiler: install g++ ('sudo apt install g++')")
    program = torch.export.export(graph, example, dynamic_shapes=_dynamic_shapes(example, any_batch))
    torch._inductor.aoti_compile_and_package(program, package_path=str(path))
    with zipfile.ZipFile(path, "a") as archive:
        folder = archive.namelist()[0].split("/")[0]
        archive.writestr(f"{folder}/{PACKAGE_ENTRY}", description)


def _deviations(graph: HotspotGraph, path: Path, images: Tensor, actions: int) -> Deviations:
    """Of what the file says of images from what PyTorch says."""
    runtime = OnnxRuntime(path, "cpu") if path.suffix == ONNX else PackageRuntime(path)
    indices = list(range(len(graph.actions) if graph.baked else actions))
    exported = runtime.maps(runtime.encode(images.cpu().numpy()), indices)
    with torch.inference_mode():
        inputs = () if graph.baked else (torch.tensor(indices, device=images.device),)
        scores, maps, *places = (output.cpu().numpy() for output in graph(images, *inputs))
    norms = np.linalg.norm(maps, axis=(2, 3)).clip(np.finfo(np.float32).tiny)
    of_maps = np.linalg.norm(exported.maps - maps, axis=(2, 3)) / norms
    probabilities = [np.abs(exported.scores - scores), *(np.abs(exported.places - one) for one in places)]
    return Deviations(max(float(one.max()) for one in probabilities), float(of_maps.max()))


def _test_images(count: int, size: tuple[int, int]) -> np.ndarray:
    """Blurred noise: something at every scale."""
    generator = np.random.default_rng(0)
    images = [generator.normal(0, 60, (*size, 3)) + 128 for _ in range(count)]
    for image in images:
        for sigma in (2, 8, 32):
            image += sigma * 2 * cv2.GaussianBlur(generator.normal(0, 60, image.shape), (0, 0), sigma)
    return np.stack(images).clip(0, 255).astype(np.uint8)
