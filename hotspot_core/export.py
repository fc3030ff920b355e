"""Exports a model as one static graph, image -> scores and maps: `python -m hotspot_core.export`."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import logging
import shutil
import sys
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch._inductor
from torch import Tensor, nn

from hotspot_core.errors import InputError, select_names
from hotspot_core.hotspots.regions import network_input_size
from hotspot_core.inference.network import HotspotNetwork
from hotspot_core.model.checkpoint import FORMAT_VERSION, CheckpointInfo, load_model, read_info, select_device
from hotspot_core.model.export_format import (
    EXPORT_VERSION,
    EXPORTS,
    METADATA_KEY,
    ONNX,
    PACKAGE_ENTRY,
    read_export,
)
from hotspot_core.model.hotspot_model import HotspotModel
from hotspot_core.utils.command_line import parser, run

OPSET = 18
# Largest deviation from PyTorch: of scores, and of maps relative to their L2 norm. (Not cell by cell: rounding in
# another order flips the ReLU of a value that is almost 0 now and then, which moves a few cells by more.)
TOLERANCE = 1e-3

EXAMPLES = """\
  python -m hotspot_core.export hotspots.onnx                                 the bundled model, all its actions
  python -m hotspot_core.export hotspots.onnx --actions open,pull             maps of these two only, baked in
  python -m hotspot_core.export hotspots.onnx --actions-input --batch dynamic
  python -m hotspot_core.export hotspots.pt2 --model opra.safetensors --image-size 480x640
  hotspot_node --ros-args -p model:=hotspots.onnx                             and the node runs it
"""


class HotspotGraph(nn.Module):
    """The static graph.

    Inputs: `image` (B, H, W, 3) uint8 RGB and, unless actions are baked in, `actions` (A,) int64, indices.
    Outputs: `scores` (B, A') softmax over all actions of the model, of the baked actions or else of all; `maps`
    (B, A, h, w) float32, Eq. 4, not normalised.
    """

    actions: Tensor

    def __init__(self, model: HotspotModel, baked: Sequence[int] | None) -> None:
        super().__init__()
        self.network = HotspotNetwork(model, torch.float32, "direct")
        # TensorRT has no float64.
        self.network.mapping.gate_dtype = torch.float32
        self.baked = baked is not None
        indices = torch.tensor(list(baked or []), device=next(model.parameters()).device, dtype=torch.long)
        self.register_buffer("actions", indices)

    def forward(self, image: Tensor, actions: Tensor | None = None) -> tuple[Tensor, Tensor]:
        encoding = self.network.encode(image)
        scores = encoding.logits.softmax(dim=1)
        if self.baked:
            scores = scores[:, self.actions]
        maps = self.network.mapping.all_at_once(encoding, self.actions if actions is None else actions)
        return scores, maps


def export(
    source: str | Path,
    output: Path,
    actions: Sequence[str] | None = None,
    actions_are_an_input: bool = False,
    batch: int | None = 1,
    image_hw: tuple[int, int] | None = None,
    device: str = "cpu",
) -> tuple[float, float]:
    """Writes an export and holds it to PyTorch.

    Args:
        source: a .safetensors file or "default".
        output: a path that ends in .onnx or .pt2.
        actions: names of the actions that the export has maps of; None for all.
        actions_are_an_input: take indices of actions as a second input instead.
        batch: number of images; None for any.
        image_hw: height and width of the images that it will get, which fixes the network's input; None for square
            ones. Images of other shapes can still be predicted, but are distorted.
        device: that a .pt2 package is compiled for.

    Returns:
        The largest deviation of its scores, and of its maps relative to their norm.

    Raises:
        InputError: an argument cannot be used, a package is missing, the file cannot be written, or the export
            deviates by more than 1e-3.
    """
    if not hasattr(torch._inductor, "aoti_compile_and_package"):
        raise InputError(
            f"exporting needs PyTorch 2.6 or later, this is {torch.__version__}: pip install --upgrade torch"
        )
    if output.suffix not in EXPORTS:
        raise InputError(f"output {str(output)!r}: its name must end in {' or '.join(EXPORTS)}")
    info = read_info(source)
    if actions_are_an_input and actions:
        raise InputError("actions are either baked in (--actions) or an input (--actions-input)")
    names = select_names("action", actions, info.config.actions)
    target = select_device(device if output.suffix != ONNX else "cpu")
    model = load_model(source, target)
    baked = None if actions_are_an_input else [model.actions.index(name) for name in names]
    graph = HotspotGraph(model, baked).eval().requires_grad_(False)
    side, stride = model.config.input_size, model.backbone.stride
    size = network_input_size(image_hw or (side, side), side, stride)
    description = _describe(info, names, baked is None, batch, size, target, model)
    images = torch.from_numpy(_test_images(batch or 2, size)).to(target)
    example = (images, torch.arange(min(2, len(names)), device=target)) if baked is None else (images,)
    partial = output.with_name(f".partial-{output.name}")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        write = _write_onnx if output.suffix == ONNX else _write_package
        write(graph, example, batch is None, partial, json.dumps(description))
        deviations = _deviations(graph, partial, images, len(model.actions))
        if not max(deviations) <= TOLERANCE:
            raise InputError(
                f"the export deviates from PyTorch by {deviations[0]:.1e} (scores) and {deviations[1]:.1e} (maps), "
                f"more than {TOLERANCE}: it was not kept; try the other format or another version of PyTorch"
            )
        partial.replace(output)
    except OSError as error:
        raise InputError(f"output {str(output)!r} cannot be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()
    return deviations


def _describe(
    info: CheckpointInfo,
    names: Sequence[str],
    actions_are_an_input: bool,
    batch: int | None,
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
            "batch": batch,
            "size": size,
            "actions_are_an_input": actions_are_an_input,
            "stride": model.backbone.stride,
            "first_cell_center": model.backbone.first_cell_center,
        },
    }


def _dynamic_shapes(example: tuple[Tensor, ...], any_batch: bool) -> tuple[dict[int, Any], ...]:
    image: dict[int, Any] = {0: torch.export.Dim("batch", min=1)} if any_batch else {}
    if len(example) == 1:
        return (image,)
    return image, {0: torch.export.Dim("actions", min=1)} if len(example[1]) > 1 else {}


def _write_onnx(graph: nn.Module, example: tuple[Tensor, ...], any_batch: bool, path: Path, description: str) -> None:
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
            output_names=["scores", "maps"],
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


def _deviations(graph: HotspotGraph, path: Path, images: Tensor, actions: int) -> tuple[float, float]:
    """Of what the file says of images from what PyTorch says."""
    from hotspot_core.inference.exported import OnnxRuntime, PackageRuntime

    described = read_export(path)["export"]
    runtime = OnnxRuntime(path, "cpu") if path.suffix == ONNX else PackageRuntime(path)
    indices = list(range(actions if described["actions_are_an_input"] else len(graph.actions)))
    got_scores, got_maps = runtime.maps(runtime.encode(images.cpu().numpy()), indices)
    with torch.inference_mode():
        inputs = () if graph.baked else (torch.tensor(indices, device=images.device),)
        scores, maps = (output.cpu().numpy() for output in graph(images, *inputs))
    norms = np.linalg.norm(maps, axis=(2, 3)).clip(np.finfo(np.float32).tiny)
    return float(np.abs(got_scores - scores).max()), float((np.linalg.norm(got_maps - maps, axis=(2, 3)) / norms).max())


def _test_images(count: int, size: tuple[int, int]) -> np.ndarray:
    """Blurred noise: something at every scale."""
    import cv2

    generator = np.random.default_rng(0)
    images = [generator.normal(0, 60, (*size, 3)) + 128 for _ in range(count)]
    for image in images:
        for sigma in (2, 8, 32):
            image += sigma * 2 * cv2.GaussianBlur(generator.normal(0, 60, image.shape), (0, 0), sigma)
    return np.stack(images).clip(0, 255).astype(np.uint8)


def _size(text: str) -> tuple[int, int]:
    height, _, width = text.partition("x")
    if not (height.isdigit() and width.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r}: give HEIGHTxWIDTH, such as 480x640")
    return int(height), int(width)


def _batch(text: str) -> int | None:
    if text != "dynamic" and not (text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r}: give a number of images, or 'dynamic'")
    return None if text == "dynamic" else int(text)


def main(arguments: list[str] | None = None) -> None:
    """The command; see `export`."""
    command = parser("export", "Export a model as one static graph and hold it to PyTorch.", EXAMPLES)
    command.add_argument("output", type=Path, help=".onnx for ONNX Runtime and TensorRT, .pt2 for PyTorch alone")
    command.add_argument("--model", default="default", help=".safetensors checkpoint (the bundled model)")
    command.add_argument("--actions", default="", help="comma-separated names whose maps are baked in (all)")
    command.add_argument("--actions-input", action="store_true", help="take the actions' indices as an input instead")
    command.add_argument("--batch", type=_batch, default=1, help="number of images, or 'dynamic' (1)")
    command.add_argument("--image-size", type=_size, help="HEIGHTxWIDTH of the images it will get (square ones)")
    command.add_argument("--device", default="cpu", help="that a .pt2 package is compiled for (cpu)")
    given = command.parse_args(arguments)
    actions = [name.strip() for name in given.actions.split(",") if name.strip()]
    scores, maps = export(
        given.model, given.output, actions, given.actions_input, given.batch, given.image_size, given.device
    )
    size = given.output.stat().st_size / 1e6
    print(f"{given.output}: {size:.1f} MB; differs from PyTorch by {scores:.1e} in scores, {maps:.1e} in maps")


if __name__ == "__main__":
    sys.exit(run(main))
