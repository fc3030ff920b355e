"""Runs of the training command on a dozen drawn clips, in this process and in others."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from hotspot_core import train
from hotspot_core.data.synthetic import __main__ as synthetic

SMALL = """
model: {preset: robot, learning_rate: 1.0e-3}
data: {batch_size: 4, frames: 2, fps: 2, size: 32, workers: 0}
trainer: {accelerator: cpu, max_epochs: 3, enable_progress_bar: false, enable_model_summary: false}
"""


def write_small_set(folder: Path) -> list[str]:
    """Draws twelve clips and a few annotated images; the arguments of a run on them."""
    synthetic.main([str(folder / "set"), "--clips", "12", "--stills", "3", "--size", "48", "--workers", "1"])
    (folder / "small.yaml").write_text(SMALL)
    return [
        "--config",
        str(folder / "small.yaml"),
        "--data.train",
        f"[{folder / 'set' / 'train.csv'}]",
        "--data.validation",
        str(folder / "set" / "val.json"),
    ]


def start(arguments: Sequence[str], **options: Any) -> subprocess.Popen[str]:
    """Starts the training command in another process, which can import the tests' own callbacks."""
    # One thread: on pictures of 32 pixels more of them only wait for each other.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-m", "hotspot_core.train", "fit", *arguments]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **options
    )


def run_elsewhere(arguments: Sequence[str], status: int = 0) -> str:
    """Runs the training command in another process to its end; what it says on the standard error output."""
    process = start(arguments)
    errors = process.communicate()[1]
    assert process.returncode == status, errors
    return str(errors)


def run(arguments: Sequence[str]) -> None:
    """Runs the training command in this process, as `start` does: the weights are the same, without another start."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        train.main(["fit", *arguments])
    finally:
        torch.set_num_threads(threads)


def record(folder: Path) -> list[str]:
    """Options that let a run write down its losses."""
    return ["--trainer.callbacks+=training.probes.RecordLosses", f"--trainer.callbacks.folder={folder}"]


def recorded(folder: Path) -> list[list[float]]:
    """The losses of each process's batches."""
    return [[float(line) for line in file.read_text().split()] for file in sorted(folder.iterdir())]
