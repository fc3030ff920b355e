"""Callbacks that a run in another process takes: they end it, or say what it did."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from lightning.pytorch.callbacks import Callback


class TerminateAfter(Callback):
    """Sends SIGTERM to this process during a batch.

    Args:
        batches: after how many whole batches.
    """

    def __init__(self, batches: int) -> None:
        self.batches = batches

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if trainer.global_step == self.batches:
            os.kill(os.getpid(), signal.SIGTERM)


class RecordLosses(Callback):
    """Appends the classifier's loss of every batch to a file of each process.

    Args:
        folder: of the files, which are named by the process's rank.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        with (self.folder / str(trainer.global_rank)).open("a") as file:
            file.write(f"{float(trainer.callback_metrics['train/cls']):.9g}\n")
