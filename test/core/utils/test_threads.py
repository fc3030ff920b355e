"""How threads wait is said before the libraries are loaded."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from hotspot_core.utils.threads import KEPT_PRIMITIVES, SPIN_COUNT, SPINS, WAITING, thread_count

PRINT = "import os; print(os.environ.get('GOMP_SPINCOUNT'))"
PREDICT = "hotspot_core.HotspotPredictor('default', 'cpu', runtime='pytorch')"


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A process without settings of its own but these."""
    unset = (*WAITING, KEPT_PRIMITIVES, "OMP_NUM_THREADS")
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env={**kept, **environment}, check=True, capture_output=True, text=True)


def test_what_nobody_set_is_set_and_what_somebody_set_stays() -> None:
    assert run(f"import hotspot_core; {PRINT}").stdout.strip() == str(SPINS)
    assert run(f"import hotspot_core; {PRINT}", GOMP_SPINCOUNT="7").stdout.strip() == "7"
    assert run(f"import hotspot_core; {PRINT}", OMP_WAIT_POLICY="ACTIVE").stdout.strip() == "None"


def test_too_late_is_said_once() -> None:
    """PyTorch before this library: one warning at the first predictor, none in the right order, nor where the
    environment says how to wait, nor with a single thread."""
    late = f"import torch, hotspot_core; {PREDICT}; {PREDICT}"
    threads = {"OMP_NUM_THREADS": "2"}
    assert run(late, **threads).stderr.count("torch was imported before hotspot_core") == 1
    assert "imported before" not in run(f"import hotspot_core, torch; {PREDICT}", **threads).stderr
    assert "imported before" not in run(late, **threads, **{SPIN_COUNT: "1000"}).stderr
    assert "imported before" not in run(late, OMP_NUM_THREADS="1").stderr


def test_threads_are_those_that_the_user_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    """OMP_NUM_THREADS, its first number where it is a list; the cores of this process where it says nothing."""
    for text, expected in [("3", 3), ("2,1", 2), ("", None), ("many", None), ("0", None)]:
        monkeypatch.setenv("OMP_NUM_THREADS", text)
        assert thread_count() == (expected or len(os.sched_getaffinity(0)))
