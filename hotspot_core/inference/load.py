"""The runtime that fits a model."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from hotspot_core.errors import InputError
from hotspot_core.inference.model_info import ModelInfo
from hotspot_core.inference.runtime import Runtime, TorchRuntime
from hotspot_core.model.checkpoint import CheckpointInfo, load_model, read_info, resolve_checkpoint, select_device
from hotspot_core.model.export_format import EXPORTS, ONNX
from hotspot_core.model.hotspot_model import HotspotModel

if TYPE_CHECKING:
    from hotspot_core.inference.exported import ExportedRuntime


def load_runtime(
    model: HotspotModel | str | Path, device: str | torch.device | None = None, precision: str = "fp32"
) -> tuple[Runtime, ModelInfo]:
    """What runs a model or a file, and what is known of it; see `HotspotPredictor` for the arguments and errors."""
    runtime: Runtime
    if isinstance(model, HotspotModel):
        checkpoint = CheckpointInfo(None, model.config, {}, {})
        runtime = _load_torch(model if device is None else model.to(select_device(device)), precision)
    else:
        path = resolve_checkpoint(model)
        if path.suffix in EXPORTS:
            runtime = exported = _load_export(path, device, precision)
            checkpoint = exported.checkpoint
        else:
            checkpoint = read_info(path)
            runtime = _load_torch(load_model(path, device), precision)
    description = {field.name: getattr(checkpoint, field.name) for field in dataclasses.fields(checkpoint)}
    return runtime, ModelInfo(**description, runtime=runtime.name, device=runtime.device, precision=runtime.precision)


def _load_torch(model: HotspotModel, precision: str) -> Runtime:
    model.eval()
    if next(model.parameters()).device.type != "cuda":
        return TorchRuntime(model, precision)
    from hotspot_core.inference.cuda import CudaRuntime

    return CudaRuntime(model, precision)


def _load_export(path: Path, device: str | torch.device | None, precision: str) -> ExportedRuntime:
    if precision not in ("fp32", "auto"):
        raise InputError(
            f"precision {precision!r} of {str(path)!r}: exports compute in float32 (TensorRT in float16 where it can); "
            "use 'fp32' or 'auto', or the checkpoint itself"
        )
    # Imported here: ONNX Runtime and PyTorch's compiler are only needed for exports.
    from hotspot_core.inference.exported import OnnxRuntime, PackageRuntime

    return OnnxRuntime(path, device) if path.suffix == ONNX else PackageRuntime(path, device)
