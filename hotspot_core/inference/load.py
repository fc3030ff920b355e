"""The runtime that fits a model."""

from __future__ import annotations

from pathlib import Path

import torch

from hotspot_core.errors import InputError
from hotspot_core.inference.runtime import Runtime, TorchRuntime
from hotspot_core.model.checkpoint import load_model, resolve_checkpoint, select_device
from hotspot_core.model.export_format import EXPORTS, ONNX
from hotspot_core.model.hotspot_model import HotspotModel


def load_runtime(
    model: HotspotModel | str | Path, device: str | torch.device | None = None, precision: str = "fp32"
) -> Runtime:
    """What runs a model or a file; see `HotspotPredictor` for the arguments and errors."""
    if not isinstance(model, HotspotModel):
        path = resolve_checkpoint(model)
        if path.suffix in EXPORTS:
            return _load_export(path, device, precision)
        model = load_model(path, device)
    elif device is not None:
        model = model.to(select_device(device))
    model.eval()
    if next(model.parameters()).device.type != "cuda":
        return TorchRuntime(model, precision)
    from hotspot_core.inference.cuda import CudaRuntime

    return CudaRuntime(model, precision)


def _load_export(path: Path, device: str | torch.device | None, precision: str) -> Runtime:
    if precision not in ("fp32", "auto"):
        raise InputError(
            f"precision {precision!r} of {str(path)!r}: exports compute in float32 (TensorRT in float16 where it can); "
            "use 'fp32' or 'auto', or the checkpoint itself"
        )
    # Imported here: ONNX Runtime and PyTorch's compiler are only needed for exports.
    from hotspot_core.inference.exported import OnnxRuntime, PackageRuntime

    return OnnxRuntime(path, device) if path.suffix == ONNX else PackageRuntime(path, device)
