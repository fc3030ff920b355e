"""The Lightning data module of images with the places of all their actions."""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch.utils.data import DataLoader

from hotspot_core.data.affordance_images import AffordanceImages, check_examples
from hotspot_core.data.readers.registry import read_annotated_images
from hotspot_core.data.replacements import Failures
from hotspot_core.errors import check_number
from hotspot_core.training.clip_data import check_loading, usable
from hotspot_core.training.resumable_data import RemainingItems, ResumableData
from hotspot_core.utils.processes import leave_signals_to_parent


class AffordanceData(ResumableData):
    """Images of several sets, drawn by weight; what is drawn depends on the seed and the epoch alone.

    Args:
        keypoints: annotation files, or other sources that `hotspot_core.data.readers.registry` reads.
        weights: how often images come from each of them, relative to the others; null for equally often.
        actions: names of the actions to learn, in the order of the logits.
        images_per_epoch: that many views are drawn.
        batch_size: per step and device.
        size: side of the pictures in pixels.
        augmentation: see `ClipData`.
        workers: processes that decode.
        max_broken_fraction: fraction of a set's entries that may be missing or broken before the run is refused.
        seed: of all draws.

    Raises:
        InputError: a number is out of its range, a source cannot be read, or has no place of one of the actions.
    """

    def __init__(
        self,
        keypoints: list[str],
        actions: list[str],
        weights: list[float] | None = None,
        images_per_epoch: int = 4000,
        batch_size: int = 16,
        size: int = 224,
        augmentation: Literal["flip", "paper", "strong", "wild"] = "strong",
        workers: int = 2,
        max_broken_fraction: float = 0.05,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.save_hyperparameters(logger=False)
        check_loading(self.hparams)
        check_number("data.images_per_epoch", images_per_epoch, batch_size, whole=True)
        self.actions = list(actions)
        self.sets = [read_annotated_images(source, "train") for source in keypoints]
        check_examples(self.sets, self.actions)

    def setup(self, stage: str) -> None:
        options = self.hparams
        usable_sets = [usable(one, options["max_broken_fraction"], options["workers"]) for one in self.sets]
        self.images = AffordanceImages(
            usable_sets,
            self.actions,
            options["images_per_epoch"],
            options["weights"],
            options["size"],
            options["augmentation"],
            options["seed"],
        )

    def failures(self) -> list[Failures]:
        return [self.images.failures]

    def train_dataloader(self) -> DataLoader[dict[str, Any]]:
        """The batches of the trainer's current epoch, from where an interrupted run left it; one loader per epoch."""
        options, trainer = self.hparams, self.trainer
        assert trainer is not None
        self.images.set_epoch(trainer.current_epoch)
        own = range(trainer.global_rank, len(self.images), trainer.world_size)
        skipped = self.batches_done(trainer.current_epoch) * options["batch_size"]
        return DataLoader(
            self.images,
            options["batch_size"],
            sampler=RemainingItems(own, skipped),
            num_workers=options["workers"],
            pin_memory=torch.cuda.is_available(),
            drop_last=True,
            worker_init_fn=leave_signals_to_parent,
        )
