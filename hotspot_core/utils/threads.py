"""How many threads compute, and what they do while they wait for each other.

OpenMP's threads of PyTorch, by default, spin for milliseconds at every barrier. On a computer that does nothing else
that is the fastest way; where other programs want the cores, a thread then spins while the one that it waits for has no
core to run on, and a frame takes many times its share of the processor.
"""

from __future__ import annotations

import os

# How often a thread of GNU's OpenMP looks for the end of a barrier before it goes to sleep: see docs/performance.md.
SPIN_COUNT = 1000
# oneDNN keeps what it has prepared for each shape of input: this many, each with memory of its own.
PRIMITIVES = 128
# Of which variables one says that somebody has decided how threads wait.
WAITING = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")


def thread_count() -> int:
    """Threads that a model may use: OMP_NUM_THREADS where it is a number, else the cores of this process."""
    text = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    if text.isdecimal() and int(text) > 0:
        return int(text)
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1
