"""How long a new process takes to its first prediction."""

from __future__ import annotations

import subprocess
import sys
import time

# Prints the clock that all processes of a machine share, after each step.
PROGRAM = """
import sys, time
now = lambda: print(time.monotonic(), flush=True)
import numpy, hotspot_core
now()
predictor = hotspot_core.HotspotPredictor(sys.argv[1], sys.argv[2], precision=sys.argv[3])
now()
predictor.predict(numpy.full((480, 640, 3), 128, numpy.uint8))
now()
"""
STEPS = ("python and imports", "torch and model", "first prediction")


def time_start(checkpoint: str, device: str, precision: str) -> dict[str, float]:
    """Seconds of each step from the start of a process, and their sum, `ready`.

    Args:
        checkpoint: a file, or "default".
        device, precision: see `HotspotPredictor`.
    """
    began = time.monotonic()
    command = [sys.executable, "-c", PROGRAM, checkpoint, device, precision]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    times = [began, *map(float, printed.split())]
    steps = {step: after - before for step, before, after in zip(STEPS, times, times[1:], strict=False)}
    return {**steps, "ready": times[-1] - began}
