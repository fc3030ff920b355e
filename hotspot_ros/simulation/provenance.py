"""When, with what code and on what machine outcomes came about."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import hotspot_core
from hotspot_core.utils.cpu import cpu_name


@dataclass(frozen=True)
class Provenance:
    """Of the last outcomes of a run.

    Attributes:
        date: in UTC, as 2026-11-27.
        commit: of this package, with "-dirty" where files were changed since; empty outside of a repository.
        machine: the processor and the number of its cores.
    """

    date: str
    commit: str
    machine: str

    def __str__(self) -> str:
        commit = f", commit {self.commit}" if self.commit else ""
        return f"{self.date}{commit}, on {self.machine}"


def provenance() -> Provenance:
    """Of now and here."""
    machine = f"{cpu_name() or platform.machine()}, {os.cpu_count()} cores"
    return Provenance(datetime.now(timezone.utc).date().isoformat(), _commit(), machine)


def _commit() -> str:
    folder = Path(hotspot_core.__file__).parent
    try:
        # Of the folder's own repository, not of one that an environment happens to be in.
        command = ["git", "-C", str(folder), "ls-files", "--error-unmatch", "__init__.py"]
        subprocess.run(command, check=True, capture_output=True, timeout=10)
        command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--exclude", "*"]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
