"""Processes that work for another one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
from multiprocessing import get_context
from threading import Event
from hotspot_core.utils.processes import end_with_parent

def work(_):
    print("working", flush=True)
    Event().wait(60)
    print("outlived its parent", flush=True)

if __name__ == "__main__":
    with get_context("spawn").Pool(2, end_with_parent) as pool:
        pool.map(work, range(2), chunksize=1)
"""


def test_workers_end_with_a_killed_parent(tmp_path: Path) -> None:
    """Workers with long work are gone after their parent was killed: the last closes the pipe, and says nothing."""
    script = tmp_path / "parent.py"
    script.write_text(SCRIPT)
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert [parent.stdout.readline() for _ in range(2)] == [b"working\n"] * 2
        parent.kill()
        assert parent.stdout.read() == b""
