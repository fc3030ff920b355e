"""The machine's name and its own limits, measured in the run that they are compared with."""

from __future__ import annotations

import os
import platform
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from hotspot_core.utils.cpu import BF16_UNITS, cpu_flags, cpu_name

GEMM_SIDE = {"cpu": 2048, "cuda": 8192}
COPY_BYTES = 2**28


def machine_name(device: torch.device) -> str:
    """Processor, its cores in use and the matrix units that matter here; on CUDA the GPU's name."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    name = cpu_name() or platform.processor()
    units = [unit for unit in (*BF16_UNITS, "avx512f", "avx2") if unit in cpu_flags()]
    return f"{name}, {torch.get_num_threads()} threads of {os.cpu_count()}, {units[0] if units else 'no AVX2'}"


def synchronize(device: torch.device) -> None:
    """Waits until a device has done what it was asked for."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def best_time(function: Callable[[], Any], device: torch.device, repeats: int = 5) -> float:
    """Seconds of the fastest of some runs, after one that does not count."""
    best = float("inf")
    for run in range(repeats + 1):
        synchronize(device)
        start = time.perf_counter()
        function()
        synchronize(device)
        if run:
            best = min(best, time.perf_counter() - start)
    return best


def gemm_ceiling(device: torch.device, dtype: torch.dtype) -> float:
    """FLOP/s of a large square matrix product."""
    side = GEMM_SIDE[device.type]
    a, b = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    return 2 * side**3 / best_time(lambda: a @ b, device)


def copy_ceiling(device: torch.device) -> float:
    """Bytes read and written per second by a large copy."""
    source = torch.ones(COPY_BYTES, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return 2 * COPY_BYTES / best_time(lambda: target.copy_(source), device)


def reset_peak_memory(device: torch.device) -> None:
    """From here on `peak_memory` counts anew, where the system allows it."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    elif os.access("/proc/self/clear_refs", os.W_OK):
        Path("/proc/self/clear_refs").write_text("5")


def peak_memory(device: torch.device) -> float:
    """Bytes: on CUDA those of tensors, else the process's largest resident set."""
    if device.type == "cuda":
        return float(torch.cuda.max_memory_allocated(device))
    status = Path("/proc/self/status")
    for line in status.read_text().splitlines() if status.exists() else []:
        if line.startswith("VmHWM:"):
            return float(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0
