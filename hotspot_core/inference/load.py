"""The runtime that fits a model."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from hotspot_core.errors import InputError
from hotspot_core.inference.model_info import ModelInfo
from hotspot_core.inference.runtime import Runtime
from hotspot_core.inference.runtimes import select_runtime
from hotspot_core.model.checkpoint_info import CheckpointInfo, read_info

if TYPE_CHECKING:
    import torch

    from hotspot_core.inference.exported import ExportedRuntime
    from hotspot_core.model.hotspot_model import HotspotModel


def load_runtime(
    model: HotspotModel | str | Path,
    device: str | torch.device | None = None,
    precision: str = "fp32",
    runtime: str = "auto",
    download: bool = True,
) -> tuple[Runtime, ModelInfo]:
    """What runs a model or a file, and what is known of it; see `HotspotPredictor` for the arguments and errors."""
    name = None if device is None else str(device)
    if not isinstance(model, (str, Path)):
        if runtime not in ("auto", "pytorch"):
            raise InputError(f"runtime {runtime!r} of a model in memory: save and export it, and give the .onnx file")
        loaded = _load_torch(model, name, precision)
        checkpoint = CheckpointInfo(None, model.config, {}, {})
        return loaded, _info(checkpoint, loaded)
    chosen, path = select_runtime(model, name, precision, runtime, download)
    if chosen == "pytorch":
        from hotspot_core.model.checkpoint import load_model

        checkpoint = read_info(path)
        loaded = _load_torch(load_model(path, name), None, precision)
        return loaded, _info(checkpoint, loaded)
    exported = _load_export(chosen, path, name, precision)
    return exported, _info(exported.checkpoint, exported)


def _info(checkpoint: CheckpointInfo, runtime: Runtime) -> ModelInfo:
    description = {field.name: getattr(checkpoint, field.name) for field in dataclasses.fields(checkpoint)}
    return ModelInfo(**description, runtime=runtime.name, device=runtime.device, precision=runtime.precision)


def _load_torch(model: HotspotModel, device: str | None, precision: str) -> Runtime:
    # Imported here, like the others: what an export runs on needs no PyTorch, and its import takes seconds.
    from hotspot_core.model.checkpoint import select_device

    if device is not None:
        model = model.to(select_device(device))
    model.eval()
    if next(model.parameters()).device.type != "cuda":
        from hotspot_core.inference.pytorch import TorchRuntime

        return TorchRuntime(model, precision)
    from hotspot_core.inference.cuda import CudaRuntime

    return CudaRuntime(model, precision)


def _load_export(runtime: str, path: Path, device: str | None, precision: str) -> ExportedRuntime:
    if runtime == "openvino":
        from hotspot_core.inference.openvino_runtime import OpenVinoRuntime

        return OpenVinoRuntime(path, device, precision)
    if runtime == "onnxruntime":
        from hotspot_core.inference.onnx_runtime import OnnxRuntime

        return OnnxRuntime(path, device, precision)
    from hotspot_core.inference.package import PackageRuntime

    return PackageRuntime(path, device, precision)
