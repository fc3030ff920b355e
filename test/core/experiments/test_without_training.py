"""What the commands of this package do where the extra `train` is not installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Modules of the extra, hidden from the import system.
HIDDEN = ("lightning", "jsonargparse", "torchmetrics", "tensorboard", "matplotlib")
RUN = f"""
import runpy, sys
sys.modules.update(dict.fromkeys({HIDDEN}))
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
COMMANDS = {
    "train_baseline": ("mlnet", "--annotations", "none.json", "--output", "out/mlnet.safetensors"),
    "study": ("--output", "out"),
    "table": ("--output", "out"),
}


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", RUN, *arguments]
    return subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, text=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_shown_and_the_missing_extra_is_one_line(name: str, tmp_path: Path) -> None:
    """1. The help needs none of it. 2. A run ends with one line that names what to install, before it writes."""
    module = f"hotspot_core.experiments.{name}"
    shown = run(tmp_path, module, "--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert f"python -m {module}" in shown.stdout
    ended = run(tmp_path, module, *COMMANDS[name])
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith("error: the module '")
    assert line.endswith("is not installed: pip install '.[train]' in the repository")
    assert list(tmp_path.iterdir()) == []
