"""What happens around the training steps: a bad loss ends the run, and the model that ships is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor

from hotspot_core.checkpoint import save_model
from hotspot_core.errors import InputError
from hotspot_core.training.hotspot_training import HotspotTraining


class StopOnNaN(Callback):
    """Ends a run whose loss is not finite, before the weights are spoiled."""

    def on_before_backward(self, trainer: lightning.Trainer, _: lightning.LightningModule, loss: Tensor) -> None:
        if not torch.isfinite(loss):
            raise InputError(
                f"the loss became {loss.item()} at step {trainer.global_step}; the last checkpoint is intact: resume "
                "with a lower --model.learning_rate or in another precision"
            )


class SaveModel(Callback):
    """Writes the model as a .safetensors file after every epoch, with its provenance.

    Args:
        path: the file.
        configuration: what the run was started with.
    """

    def __init__(self, path: Path, configuration: dict[str, Any]) -> None:
        self.path = path
        self.configuration = configuration

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        assert isinstance(module, HotspotTraining)
        if not trainer.is_global_zero:
            return
        results = {name: float(value) for name, value in trainer.callback_metrics.items()}
        training = {
            "epochs": trainer.current_epoch + 1,
            "steps": trainer.global_step,
            "results": results,
            "configuration": self.configuration,
        }
        save_model(self.path, module.model, training)
