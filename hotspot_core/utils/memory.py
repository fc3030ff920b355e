"""Memory: how the C library treats what was freed, and what it means that none is left."""

from __future__ import annotations

import ctypes
import functools

# Parameters of glibc's mallopt(3), and the largest values that it takes for them.
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
LARGEST_TRIM, LARGEST_MMAP = 2**31 - 1, 2**30
# How PyTorch's allocators for the CPU and for CUDA, cuDNN and ONNX Runtime say it.
_OUT_OF_MEMORY = ("allocate memory", "out of memory", "CUDNN_STATUS_ALLOC_FAILED", "Failed to allocate")


@functools.cache
def keep_freed_memory() -> None:
    """Lets the process keep what a frame or a training step frees, as the next one needs just as much.

    By default glibc hands large blocks back to the kernel, and getting them again costs a page fault for every 4 KB:
    a tenth to a fifth of a frame's time, and half of a training step's. Does nothing with other C libraries.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(TRIM_THRESHOLD, LARGEST_TRIM)
    mallopt(MMAP_THRESHOLD, LARGEST_MMAP)


def return_freed_memory() -> None:
    """Gives the system what was freed between things in use. Does nothing with other C libraries than glibc."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):
        return


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of PyTorch, ONNX Runtime or Python says that memory has run out."""
    return isinstance(error, MemoryError) or any(words in str(error) for words in _OUT_OF_MEMORY)
