"""SIGTERM and Ctrl-C end a run between two steps, once its state is saved."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """A signal has ended a run.

    Attributes:
        number: of the signal.
    """

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number


class SaveOnSignal(Callback):
    """Writes Lightning's checkpoint after the step in which a signal comes, in all processes of a run at the same step,
    and ends the run with `Stopped`.

    A step is never left in its middle, as a part of the weights would be new. After an epoch's last step, its
    validation and its own checkpoint come first. A second Ctrl-C ends the run at once, from its last checkpoint. To be
    the last of the callbacks, as their state is saved, too.

    Args:
        path: the file; None to save nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._received = 0
        self._before: dict[int, Any] = {}

    def on_train_start(self, trainer: lightning.Trainer, _: lightning.LightningModule) -> None:
        # Lightning's own handlers would end processes one by one, at different steps.
        self._received = signal.SIGTERM if trainer.received_sigterm else 0
        self._before = {number: signal.signal(number, self._on_signal) for number in SIGNALS}

    def on_train_batch_end(
        self, trainer: lightning.Trainer, _: lightning.LightningModule, outputs: Any, batch: Any, batch_index: int
    ) -> None:
        done = batch_index + 1
        # Gradients that are being accumulated are in no checkpoint, and the end of an epoch has its own.
        if done % trainer.accumulate_grad_batches or done >= trainer.num_training_batches:
            return
        number = self._agreed(trainer)
        if number:
            if self.path is not None:
                trainer.save_checkpoint(self.path)
            self._stop(trainer, number, f"step {trainer.global_step}, in epoch {trainer.current_epoch}")

    def on_train_epoch_start(self, trainer: lightning.Trainer, _: lightning.LightningModule) -> None:
        number = self._agreed(trainer)
        if number:
            self._stop(trainer, number, f"step {trainer.global_step}, the end of epoch {trainer.current_epoch - 1}")

    def teardown(self, trainer: lightning.Trainer, module: lightning.LightningModule, stage: str) -> None:
        self._restore()

    def on_exception(self, trainer: lightning.Trainer, _: lightning.LightningModule, reason: BaseException) -> None:
        self._restore()

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        if self._received == signal.SIGINT == number:
            raise KeyboardInterrupt
        self._received = number
        name = signal.Signals(number).name
        print(f"{name}: the run ends after this step, or this epoch's validation", file=sys.stderr, flush=True)

    def _agreed(self, trainer: lightning.Trainer) -> int:
        """The signal that any of the processes has got, in all of them; 0 for none."""
        if trainer.world_size == 1:
            return self._received
        received = torch.tensor(self._received, device=trainer.strategy.root_device)
        return int(trainer.strategy.reduce(received, reduce_op="max"))

    def _stop(self, trainer: lightning.Trainer, number: int, where: str) -> None:
        if self.path is None or not self.path.is_file():
            message = f"{signal.Signals(number).name}: ended after {where}; nothing is saved, as checkpoints are off"
        else:
            message = f"{signal.Signals(number).name}: saved {str(self.path)!r} after {where}; go on with --resume"
        raise Stopped(number, message)

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}
