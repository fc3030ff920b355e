"""What happens around the training steps: what is kept, measured, drawn and saved, and when a run has to end."""

from __future__ import annotations

import copy
import sys
import time
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback, WeightAveraging
from torch import Tensor

from hotspot_core.data.replacements import Failures
from hotspot_core.errors import InputError
from hotspot_core.hotspots.overlay import draw_overlay
from hotspot_core.inference.predictor import HotspotPredictor
from hotspot_core.media.images import read_image
from hotspot_core.model.checkpoint import save_model
from hotspot_core.model.hotspot_model import HotspotModel
from hotspot_core.training.affordance_training import AffordanceTraining
from hotspot_core.training.clip_data import ClipData
from hotspot_core.training.hotspot_training import HotspotTraining
from hotspot_core.training.log_pictures import log_picture, takes_pictures
from hotspot_core.training.resumable_data import ResumableData

GO_ON = "the last checkpoint is intact: make room and go on with --resume"


class KeepPooledFrames(Callback):
    """Lets the data keep what a frozen backbone computes, where its option `cache` asks for it."""

    def setup(self, trainer: lightning.Trainer, module: lightning.LightningModule, stage: str) -> None:
        """Before any loader is made; the model comes to its device a little earlier for it."""
        data = trainer.datamodule  # type: ignore[attr-defined]
        assert isinstance(data, ClipData)
        if stage == "fit":
            if data.hparams["cache"] is not None and module.hparams["warmup_epochs"] > 0:
                raise InputError(
                    "model.warmup_epochs trains the backbone, which data.cache needs frozen: use one of them"
                )
            data.use_cache(_training(module).model.to(trainer.strategy.root_device))


class MeasureLoading(Callback):
    """Logs, per epoch, samples per second and the fraction of the time in which the device waited for the loader."""

    def __init__(self) -> None:
        self._waited = self._since = self._start = 0.0
        self._samples = 0

    def on_train_start(self, trainer: lightning.Trainer, _: lightning.LightningModule) -> None:
        self._since = self._start = time.perf_counter()

    def on_train_epoch_start(self, trainer: lightning.Trainer, _: lightning.LightningModule) -> None:
        self._waited, self._samples = 0.0, 0
        self._start = self._since = time.perf_counter()

    def on_train_batch_start(
        self, trainer: lightning.Trainer, _: lightning.LightningModule, batch: dict[str, Tensor], batch_index: int
    ) -> None:
        self._waited += time.perf_counter() - self._since
        self._samples += len(next(iter(batch.values()))) * trainer.world_size

    def on_train_batch_end(
        self, trainer: lightning.Trainer, _: lightning.LightningModule, outputs: Any, batch: Any, batch_index: int
    ) -> None:
        self._since = time.perf_counter()

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        # Validation runs within an epoch of Lightning's, but after its last batch.
        seconds = max(self._since - self._start, 1e-9)
        module.log("train/samples_per_second", self._samples / seconds, prog_bar=True, sync_dist=False)
        module.log("train/waiting_for_data", self._waited / seconds, sync_dist=False)


class CountReplacements(Callback):
    """Logs how many clips and images failed and were replaced so far, and says it at the end of a run."""

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        replaced = sum(one.replaced for one in self._failures(trainer))
        module.log("train/replaced", float(replaced), sync_dist=True, reduce_fx="sum")

    def on_train_end(self, trainer: lightning.Trainer, _: lightning.LightningModule) -> None:
        for one in self._failures(trainer):
            if one.failed:
                text = f"{one.failed} {one.noun}s failed and were replaced, {one.replaced} times in all: see above"
                print(text, file=sys.stderr)

    @staticmethod
    def _failures(trainer: lightning.Trainer) -> list[Failures]:
        data = trainer.datamodule  # type: ignore[attr-defined]
        assert isinstance(data, ResumableData)
        return data.failures()


class DrawHotspots(Callback):
    """Shows loggers that take pictures the hotspots of the first validation images after each epoch.

    Args:
        max_images: number of images.
    """

    def __init__(self, max_images: int = 8) -> None:
        self.max_images = max_images

    def on_validation_epoch_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        data = trainer.datamodule  # type: ignore[attr-defined]
        loggers = [logger for logger in trainer.loggers if takes_pictures(logger)]
        if trainer.sanity_checking or data.validation is None or not loggers or not trainer.is_global_zero:
            return
        predictor = HotspotPredictor(_training(module).model)
        actions = {entry.image: entry.action for entry in data.validation.entries}
        for index, (path, action) in enumerate(list(actions.items())[: self.max_images]):
            try:
                image = read_image(path)
            except InputError as error:
                print(f"not drawn: {error}", file=sys.stderr)
                continue
            drawn = draw_overlay(image, predictor.predict(image, [action], points_per_action=1))
            for logger in loggers:
                log_picture(logger, f"hotspots/{index}", drawn, trainer.global_step)


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

    Where the run averages its weights (one of Lightning's callbacks does it), the average is written.

    Args:
        path: the file.
        configuration: what the run was started with.
    """

    def __init__(self, path: Path, configuration: dict[str, Any]) -> None:
        self.path = path
        self.configuration = configuration

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        if not trainer.is_global_zero:
            return
        results = {name: float(value) for name, value in trainer.callback_metrics.items()}
        training = {
            "epochs": trainer.current_epoch + 1,
            "steps": trainer.global_step,
            "results": results,
            "configuration": self.configuration,
        }
        try:
            save_model(self.path, _model_to_keep(trainer, module), training)
        except InputError as error:
            raise InputError(f"{error}; {GO_ON}") from error


def _model_to_keep(trainer: lightning.Trainer, module: lightning.LightningModule) -> HotspotModel:
    """The model, with the weights that an averaging callback would put into a checkpoint where there is one."""
    averaging = [callback for callback in trainer.callbacks if isinstance(callback, WeightAveraging)]  # type: ignore[attr-defined]
    if not averaging:
        return _training(module).model
    checkpoint: dict[str, Any] = {"state_dict": module.state_dict()}
    for callback in averaging:
        callback.on_save_checkpoint(trainer, module, checkpoint)
    averaged = copy.deepcopy(_training(module).model)
    prefix = "model."
    averaged.load_state_dict(
        {name.removeprefix(prefix): v for name, v in checkpoint["state_dict"].items() if name.startswith(prefix)}
    )
    return averaged


def _training(module: torch.nn.Module) -> HotspotTraining | AffordanceTraining:
    assert isinstance(module, HotspotTraining | AffordanceTraining)
    return module
