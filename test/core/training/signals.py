"""A callback that ends its own run as a cluster's scheduler would."""

from __future__ import annotations

import os
import signal
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
