"""Number formats by name, and what a device can do with them."""

from __future__ import annotations

import torch

from hotspot_core.errors import InputError, select_names
from hotspot_core.utils.cpu import has_bf16_units

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def select_precision(precision: str, device: torch.device) -> torch.dtype:
    """The type to compute in.

    Args:
        precision: "fp32", "bf16", "fp16" (CUDA only), or "auto": the fastest that the device has units for.

    Raises:
        InputError: an unknown name, or a format that the device would have to emulate.
    """
    select_names("precision", [precision], ("auto", *DTYPES))
    supported = supported_precisions(device)
    if precision == "auto":
        return DTYPES[supported[-1]]
    if precision not in supported:
        raise InputError(
            f"precision {precision!r} is not supported by {_describe(device)}: use {', '.join(supported)} or 'auto'"
        )
    return DTYPES[precision]


def precision_name(dtype: torch.dtype) -> str:
    """The name of a type that `select_precision` gives."""
    return next(name for name, one in DTYPES.items() if one == dtype)


def supported_precisions(device: torch.device) -> tuple[str, ...]:
    """Names of the formats that a device computes in natively, the preferred one last."""
    if device.type == "cuda":
        recent = torch.cuda.get_device_capability(device)[0] >= 8
        return ("fp32", "fp16", "bf16") if recent else ("fp32", "fp16")
    return ("fp32", "bf16") if _cpu_has_bf16() else ("fp32",)


def _cpu_has_bf16() -> bool:
    """PyTorch reaches the units through oneDNN, which it calls MKL-DNN."""
    return torch.backends.mkldnn.is_available() and has_bf16_units()


def _describe(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return "this CPU, which has no bfloat16 units" if not _cpu_has_bf16() else "CPUs"
