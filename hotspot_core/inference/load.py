"""The runtime that fits a model."""

from __future__ import annotations

from pathlib import Path

import torch

from hotspot_core.checkpoint import load_model, select_device
from hotspot_core.inference.runtime import Runtime, TorchRuntime
from hotspot_core.model.hotspot_model import HotspotModel

ONNX, PACKAGE = ".onnx", ".pt2"


def load_runtime(
    model: HotspotModel | str | Path, device: str | torch.device | None = None, precision: str = "fp32"
) -> Runtime:
    """What runs a model or a file; see `HotspotPredictor` for the arguments and errors."""
    if not isinstance(model, HotspotModel):
        model = load_model(model, device)
    elif device is not None:
        model = model.to(select_device(device))
    model.eval()
    if next(model.parameters()).device.type != "cuda":
        return TorchRuntime(model, precision)
    from hotspot_core.inference.cuda import CudaRuntime

    return CudaRuntime(model, precision)
