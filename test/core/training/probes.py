"""Callbacks that a run in another process takes: they end it, or say what it did."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from lightning.pytorch.callbacks import Callback


class TerminateAfter(Callback):
    """Sends a signal to this process, and to its workers where it is for the group, during a batch.

    Args:
        batches: after how many whole batches.
        number: of the signal.
        rank: of the process that gets it.
        group: whether all processes of the group get it, as by a terminal's Ctrl-C.
    """

    def __init__(self, batches: int, number: int = 15, rank: int = 0, group: bool = False) -> None:
        self.batches, self.number, self.rank, self.group = batches, number, rank, group

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if trainer.global_step == self.batches and trainer.global_rank == self.rank:
            if self.group:
                os.killpg(os.getpgid(0), self.number)
            else:
                os.kill(os.getpid(), self.number)


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
