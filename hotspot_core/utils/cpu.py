"""What this computer's processor is and can do, as the system tells."""

from __future__ import annotations

import functools
from pathlib import Path

# Instructions of x86 that compute in bfloat16, as Linux names them.
BF16_UNITS = ("amx_bf16", "avx512_bf16")
_CPU_INFO = Path("/proc/cpuinfo")


@functools.cache
def _first_processor() -> dict[str, str]:
    """The properties of the first processor; empty where the system is not Linux."""
    try:
        text = _CPU_INFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    lines = (line.partition(":") for line in text.partition("\n\n")[0].splitlines())
    return {name.strip(): value.strip() for name, _, value in lines}


def cpu_name() -> str:
    """The processor's name; empty where it is not known."""
    return _first_processor().get("model name", "")


def cpu_flags() -> frozenset[str]:
    """Names of the instruction sets that the processor has and the system lets programs use; empty if not known."""
    return frozenset(_first_processor().get("flags", "").split())


def has_bf16_units() -> bool:
    """Whether the processor computes in bfloat16 by itself; where it does not, that is emulated, and slow."""
    return not cpu_flags().isdisjoint(BF16_UNITS)
