"""The memory of CUDA devices, as far as PyTorch is in use: it is never imported for it."""

from __future__ import annotations

import sys


def gpu_memory(device: str) -> int | None:
    """Bytes in use by this process's tensors on a CUDA device; None of another device or runtime."""
    torch = sys.modules.get("torch")
    if torch is None or not device.startswith("cuda"):
        return None
    return int(torch.cuda.memory_allocated(device))


def release_gpu_memory() -> None:
    """Gives back what PyTorch keeps for later."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
