"""Exports: a model as one static graph in a file, image -> scores and maps."""

from __future__ import annotations

import dataclasses
import json
import logging
import shutil
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
import torch._inductor
from torch import Tensor, nn

from hotspot_core.errors import InputError, select_names
from hotspot_core.hotspots.prediction import Image
from hotspot_core.hotspots.regions import SHORTEST_SIDE, network_input_size
from hotspot_core.inference.agreement import Agreement
from hotspot_core.inference.exported import ExportedRuntime
from hotspot_core.inference.network import HotspotNetwork
from hotspot_core.inference.onnx_runtime import OnnxRuntime
from hotspot_core.inference.package import PackageRuntime
from hotspot_core.inference.pixels import resize
from hotspot_core.inference.runtimes import is_installed
from hotspot_core.media.images import images_in, read_image
from hotspot_core.model.checkpoint import load_model, select_device
from hotspot_core.model.checkpoint_info import FORMAT_VERSION, CheckpointInfo, read_info
from hotspot_core.model.export_format import EXPORT_VERSION, EXPORTS, METADATA_KEY, ONNX, PACKAGE_ENTRY, output_names
from hotspot_core.model.hotspot_model import HotspotModel, scores_of
from hotspot_core.model.hub import names_hub
from hotspot_core.utils.cpu import has_bf16_units
from hotspot_core.utils.files import atomic_write

OPSET = 18
# Along a side of the grid, of exports that take any size.
MOST_CELLS = 1000
# Largest deviation from PyTorch: of scores, and of maps relative to their L2 norm. (Not cell by cell: rounding in
# another order flips the ReLU of a value that is almost 0 now and then, which moves a few cells by more.)
TOLERANCE = 1e-3
# In bfloat16: median and lowest correlation of maps, and fraction of maps whose strongest peak lies within one cell.
MIN_MEDIAN_CORRELATION, MIN_CORRELATION, MIN_SAME_PEAK = 0.99, 0.9, 0.85
# Images of a folder that an export is checked on.
CHECKED_IMAGES = 50
# Of noise, in place of photos; and of either in float32.
NOISE_IMAGES, EXACT_IMAGES = 8, 2


@dataclass(frozen=True)
class ExportConfig:
    """What is exported.

    Attributes:
        output: a path that ends in .onnx or .pt2.
        checkpoint: a .safetensors file or "default".
        actions: names of the actions that the export has maps of; None or none for all.
        actions_are_an_input: take indices of actions as a second input instead.
        batch: number of images; None for any.
        image_hw: height and width of the images that it will get, which fixes the network's input: images of other
            shapes can still be predicted, but are distorted. None for any, or, of a .pt2 package, for square ones.
        device: that a .pt2 package is compiled for.
        photos: a folder of images that the export is checked on; None for noise.
    """

    output: Path
    checkpoint: str | Path = "default"
    actions: Sequence[str] | None = None
    actions_are_an_input: bool = False
    batch: int | None = 1
    image_hw: tuple[int, int] | None = None
    device: str = "cpu"
    photos: Path | None = None


class Deviations(NamedTuple):
    """How an export deviates from PyTorch in a runtime.

    Attributes:
        runtime, precision: of the export.
        scores: the largest deviation of a score, or of a place.
        maps: of the maps.
    """

    runtime: str
    precision: str
    scores: float
    maps: Agreement

    def check(self) -> None:
        """Raises InputError where it is too large."""
        maps = self.maps
        if self.precision == "fp32":
            if self.scores <= TOLERANCE and maps.norm_error <= TOLERANCE:
                return
            reason = f"by {self.scores:.1e} (scores) and {maps.norm_error:.1e} (maps), more than {TOLERANCE}"
        else:
            median, lowest, same = maps.median_correlation, maps.correlation, maps.same_peak
            if median >= MIN_MEDIAN_CORRELATION and lowest >= MIN_CORRELATION and same >= MIN_SAME_PEAK:
                return
            reason = (
                f"in {self.precision} (correlation of maps {median:.3f}, lowest {lowest:.3f}, peaks within a cell in "
                f"{same:.0%}, where {MIN_MEDIAN_CORRELATION}, {MIN_CORRELATION} and {MIN_SAME_PEAK:.0%} are asked for)"
            )
        raise InputError(
            f"the export deviates from PyTorch in {self.runtime} {reason}: it was not kept; try the other format or "
            "another version of PyTorch"
        )


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
        self.config = model.config
        indices = torch.tensor(list(baked or []), device=next(model.parameters()).device, dtype=torch.long)
        self.register_buffer("actions", indices)

    def forward(self, image: Tensor, actions: Tensor | None = None) -> tuple[Tensor, ...]:
        encoding = self.network.encode(image)
        scores = scores_of(encoding.logits, self.config.scores)
        if self.baked:
            scores = scores[:, self.actions]
        indices = self.actions if actions is None else actions
        maps = self.network.mapping.all_at_once(encoding, indices)
        has_places = self.config.place_channels > 0
        return (scores, maps, encoding.cells[:, indices].sigmoid()) if has_places else (scores, maps)


def export(config: ExportConfig) -> list[Deviations]:
    """Writes an export and holds it to PyTorch, in every runtime and precision that is installed and runs it here.

    Returns:
        One entry for each.

    Raises:
        InputError: an argument cannot be used, a package is missing, the file cannot be written, or the export
            deviates by more than `Deviations.check` allows.
    """
    output = config.output
    if not hasattr(torch._inductor, "aoti_compile_and_package"):
        raise InputError(
            f"exporting needs PyTorch 2.6 or later, this is {torch.__version__}: pip install --upgrade torch"
        )
    if names_hub(output):
        raise InputError("exports go to a file first: then put it into a repository with python -m hotspot_core.share")
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
    any_size = config.image_hw is None and output.suffix == ONNX
    # Of two lengths, so that nothing takes one for the other.
    size = network_input_size(config.image_hw or ((3, 4) if any_size else (side, side)), side, stride)
    description = _describe(info, names, config, None if any_size else size, target, model)
    checked = _checked_images(config, size)
    images = torch.from_numpy(np.stack([checked[0]] * (config.batch or 2))).to(target)
    example = (images, torch.arange(min(2, len(names)), device=target)) if baked is None else (images,)
    shapes = _dynamic_shapes(example, config.batch is None, stride if any_size else None)
    with atomic_write(output) as partial:
        write = _write_onnx if output.suffix == ONNX else _write_package
        write(graph, example, shapes, partial, json.dumps(description))
        deviations = [_deviations(graph, runtime, _enough(checked, runtime)) for runtime in _runtimes(partial)]
        for one in deviations:
            # Maps of weights that nothing was learned by are ragged: rounding to bfloat16 moves their peaks.
            if info.trained or one.precision == "fp32":
                one.check()
    return deviations


def _describe(
    info: CheckpointInfo,
    names: Sequence[str],
    config: ExportConfig,
    size: tuple[int, int] | None,
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
            "checkpoint": info.sha256,
            "device": device.type,
            "batch": config.batch,
            "size": size,
            "actions_are_an_input": config.actions_are_an_input,
            "stride": model.backbone.stride,
            "first_cell_center": model.backbone.first_cell_center,
        },
    }


def _dynamic_shapes(
    example: tuple[Tensor, ...], any_batch: bool, any_multiple_of: int | None
) -> tuple[dict[int, Any], ...]:
    image: dict[int, Any] = {0: torch.export.Dim("batch", min=1)} if any_batch else {}
    if any_multiple_of is not None:
        smallest = SHORTEST_SIDE // any_multiple_of
        for dimension, name in ((1, "rows"), (2, "columns")):
            image[dimension] = any_multiple_of * torch.export.Dim(name, min=smallest, max=MOST_CELLS)
    if len(example) == 1:
        return (image,)
    return image, {0: torch.export.Dim("actions", min=1)} if len(example[1]) > 1 else {}


def _write_onnx(graph: HotspotGraph, example: tuple[Tensor, ...], shapes: Any, path: Path, description: str) -> None:
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
            output_names=list(output_names(graph.config)),
            dynamic_shapes=shapes,
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    _forget_where_it_was_made(model)
    entry = model.metadata_props.add()
    entry.key, entry.value = METADATA_KEY, description
    onnx.save(model, path)


def _forget_where_it_was_made(model: Any) -> None:
    """Removes what the exporter notes at every node: stack traces with the paths of this computer."""
    del model.metadata_props[:]
    for graph in (model.graph, *model.functions):
        del graph.metadata_props[:]
        for part in (*graph.node, *graph.value_info):
            del part.metadata_props[:]
    for value in (*model.graph.input, *model.graph.output, *model.graph.initializer):
        del value.metadata_props[:]


def _write_package(graph: nn.Module, example: tuple[Tensor, ...], shapes: Any, path: Path, description: str) -> None:
    if not any(shutil.which(compiler) for compiler in ("c++", "g++", "clang++")):
        raise InputError("a .pt2 package is compiled with a C++ compiler: install g++ ('sudo apt install g++')")
    program = torch.export.export(graph, example, dynamic_shapes=shapes)
    torch._inductor.aoti_compile_and_package(program, package_path=str(path))
    with zipfile.ZipFile(path, "a") as archive:
        folder = archive.namelist()[0].split("/")[0]
        archive.writestr(f"{folder}/{PACKAGE_ENTRY}", description)


def _runtimes(path: Path) -> Iterator[ExportedRuntime]:
    """Everything that runs the file on this computer's CPU, or, of a package, on the device that it is compiled for."""
    if path.suffix != ONNX:
        yield PackageRuntime(path)
        return
    yield OnnxRuntime(path, "cpu")
    if is_installed("openvino"):
        from hotspot_core.inference.openvino_runtime import OpenVinoRuntime

        for precision in ("fp32", "bf16") if has_bf16_units() else ("fp32",):
            yield OpenVinoRuntime(path, "cpu", precision)


def _deviations(graph: HotspotGraph, runtime: ExportedRuntime, images: Sequence[Image]) -> Deviations:
    """Of what a runtime says of images from what PyTorch says."""
    device = graph.actions.device
    indices = list(range(len(runtime.config.actions)))
    of_scores, of_maps = 0.0, Agreement()
    for image in images:
        pixels = image[None]
        scores, maps, places = runtime.maps(runtime.encode(pixels), indices)
        with torch.inference_mode():
            inputs = () if graph.baked else (torch.tensor(indices, device=device),)
            outputs = graph(torch.from_numpy(pixels).to(device), *inputs)
        expected_scores, expected_maps, *expected_places = (output.cpu().numpy() for output in outputs)
        probabilities = [scores - expected_scores, *(places - expected for expected in expected_places)]
        of_scores = max(of_scores, *(float(np.abs(one).max()) for one in probabilities))
        of_maps.add(maps[0], expected_maps[0])
    return Deviations(runtime.name, runtime.precision, of_scores, of_maps)


def _enough(images: list[Image], runtime: ExportedRuntime) -> list[Image]:
    """Fractions of smaller formats need more than a few maps; in float32, the more there are, the likelier rounding
    flips a ReLU of one."""
    return images[:EXACT_IMAGES] if runtime.precision == "fp32" else images


def _checked_images(config: ExportConfig, size: tuple[int, int]) -> list[Image]:
    """Photos, resized, or blurred noise: something at every scale."""
    if config.photos is not None:
        paths = images_in(config.photos)[:CHECKED_IMAGES]
        if not paths:
            raise InputError(f"folder {str(config.photos)!r} has no images to check the export on")
        return [resize(read_image(path), size) for path in paths]
    return [_noise(np.random.default_rng(seed), size) for seed in range(NOISE_IMAGES)]


def _noise(generator: np.random.Generator, size: tuple[int, int]) -> Image:
    image = generator.normal(0, 60, (*size, 3)) + 128
    for sigma in (2, 8, 32):
        image += sigma * 2 * cv2.GaussianBlur(generator.normal(0, 60, image.shape), (0, 0), sigma)
    return np.asarray(image.clip(0, 255), np.uint8)
