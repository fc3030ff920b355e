"""How many threads compute, and what they do while they wait for each other.

OpenMP's threads of PyTorch, by default, spin for milliseconds at every barrier. On a computer that does nothing else
that is the fastest way; where other programs want the cores, a thread then spins while the one that it waits for has no
core to run on, and a frame takes many times its share of the processor.
"""

from __future__ import annotations

import os
import sys
import warnings

# How often a thread of GNU's OpenMP looks for the end of a barrier before it goes to sleep. docs/performance.md has the
# figures: fewer cost an idle computer up to a third of its speed, more cost a busy one its share.
SPIN_COUNT = "GOMP_SPINCOUNT"
SPINS = 10_000
# With which variables one has decided how threads wait.
WAITING = (SPIN_COUNT, "OMP_WAIT_POLICY")
# oneDNN keeps what it has prepared for each shape of input: so many of them, each with memory of its own.
KEPT_PRIMITIVES = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
PRIMITIVES = 128

_settings = {"too late": False}


def share_cores() -> None:
    """Lets the threads of PyTorch, where it is imported later, sleep soon while they wait, and bounds oneDNN's memory.

    Both libraries read this from the environment while they are loaded. What the user has set there stays.
    """
    if not any(name in os.environ for name in WAITING):
        os.environ[SPIN_COUNT] = str(SPINS)
        _settings["too late"] = "torch" in sys.modules
    os.environ.setdefault(KEPT_PRIMITIVES, str(PRIMITIVES))


def warn_if_too_late() -> None:
    """Says, once, that threads will spin because PyTorch was imported before this library."""
    if _settings["too late"] and thread_count() > 1:
        _settings["too late"] = False
        warnings.warn(
            "torch was imported before hotspot_core, so that its threads spin while they wait for each other: beside "
            "other busy programs predictions take many times as long; import hotspot_core first, or set "
            f"{SPIN_COUNT}={SPINS} in the environment",
            RuntimeWarning,
            stacklevel=2,
        )


def thread_count() -> int:
    """Threads that a model may use: OMP_NUM_THREADS where it is a number, else the cores of this process."""
    text = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    if text.isdecimal() and int(text) > 0:
        return int(text)
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1
