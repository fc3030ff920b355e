"""The Lightning data module: clips to learn from, annotated stills to watch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import lightning
import torch
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler

from hotspot_core.data.annotations import AnnotationSet, read_annotations
from hotspot_core.data.clips import check_clips, read_clip_table
from hotspot_core.data.dataset import ClipDataset, StillDataset, class_balanced_weights
from hotspot_core.errors import InputError, select_names


class ClipData(lightning.LightningDataModule):
    """Clips of one or several clip tables, sampled so that every action comes equally often.

    Args:
        train: clip tables (CSV: clip, start, stop, action, object, inactive_image).
        validation: annotation file (JSON) of stills whose heatmaps are scored after each epoch; null for none.
        actions: names of the actions to learn, in the order of the logits; null for all that occur.
        batch_size: clips per step and device.
        frames, fps: frames per clip, and the rate at which they are sampled.
        size: side of the crops in pixels.
        augmentation: `paper` (resize, crop, flip) or `strong` (also scale, colour, blur).
        negatives: also give the still of another object, for the triplet loss.
        workers: processes that decode.
        most_broken: share of clips that may be missing or broken before the run is refused.
        seed: of the sampling and the augmentation.
    """

    def __init__(
        self,
        train: list[Path],
        validation: Path | None = None,
        actions: list[str] | None = None,
        batch_size: int = 128,
        frames: int = 8,
        fps: float = 5.0,
        size: int = 224,
        augmentation: Literal["paper", "strong"] = "paper",
        negatives: bool = False,
        workers: int = 2,
        most_broken: float = 0.05,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.save_hyperparameters(logger=False)
        clips = [clip for table in train for clip in read_clip_table(table)]
        occurring = sorted({clip.action for clip in clips})
        self.actions = list(select_names("action", actions, occurring))
        self.clips = [clip for clip in clips if clip.action in self.actions]
        self.objects = sorted({clip.object for clip in self.clips})
        if not self.clips:
            raise InputError(f"no clip in {', '.join(map(str, train))} shows one of {', '.join(self.actions)}")

    def setup(self, stage: str) -> None:
        options = self.hparams
        if stage == "fit":
            self.clips = check_clips(self.clips, options["most_broken"], options["workers"], options["fps"])
            self.train_set = ClipDataset(
                self.clips,
                self.actions,
                objects=self.objects,
                frames=options["frames"],
                fps=options["fps"],
                size=options["size"],
                augmentation=options["augmentation"],
                negatives=options["negatives"],
                seed=options["seed"],
            )
        if options["validation"] is not None:
            self.validation_set = StillDataset(_of_actions(options["validation"], self.actions), options["size"])

    def train_dataloader(self) -> DataLoader[dict[str, Any]]:
        options = self.hparams
        epoch = self.trainer.current_epoch if self.trainer else 0
        self.train_set.set_epoch(epoch)
        weights = class_balanced_weights(self.train_set.labels).tolist()
        generator = torch.Generator().manual_seed(options["seed"] + epoch)
        sampler = WeightedRandomSampler(weights, len(weights), generator=generator)
        return self._loader(self.train_set, sampler=sampler, drop_last=len(self.clips) >= options["batch_size"])

    def val_dataloader(self) -> list[DataLoader[dict[str, Any]]]:
        if self.hparams["validation"] is None:
            return []
        return [self._loader(self.validation_set)]

    def _loader(self, dataset: Dataset[dict[str, Any]], **options: Any) -> DataLoader[dict[str, Any]]:
        return DataLoader(dataset, self.hparams["batch_size"], num_workers=self.hparams["workers"], **options)


def _of_actions(path: Path, actions: list[str]) -> AnnotationSet:
    """The entries of an annotation file whose actions the model learns, with the model's indices."""
    annotations = read_annotations(path)
    shared = [name for name in actions if name in annotations.actions]
    if not shared:
        raise InputError(f"{path} annotates {', '.join(annotations.actions)}: none of {', '.join(actions)}")
    return replace(annotations.selected(shared), actions=tuple(actions))
