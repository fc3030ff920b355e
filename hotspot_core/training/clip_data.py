"""The Lightning data module: clips to learn from, annotated images to watch."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import torch
from torch.utils.data import DataLoader, Dataset

from hotspot_core.data.annotations import AnnotationSet
from hotspot_core.data.clips import action_names, check_clips
from hotspot_core.data.dataset import AnnotatedImageDataset, ClipDataset
from hotspot_core.data.keypoint_images import KeypointImages
from hotspot_core.data.readers.registry import TABLE, read_annotated_images, read_clips
from hotspot_core.data.replacements import Failures
from hotspot_core.errors import InputError, check_number, select_names
from hotspot_core.model.hotspot_model import HotspotModel
from hotspot_core.training.inactive_features import InactiveFeaturesCache
from hotspot_core.training.pooled_frames import PooledClipDataset, PooledFramesCache
from hotspot_core.training.resumable_data import ResumableData
from hotspot_core.training.sampler import ClassBalancedBatches
from hotspot_core.utils.processes import leave_signals_to_parent

# Of pictures, in pixels: a cell of the coarsest backbone.
MIN_SIZE = 32


class ClipData(ResumableData):
    """Clips and annotated images of a data set, sampled so that every action comes equally often.

    Args:
        kind: `table` for clip tables of any videos, `opra`, `epic` or `agd20k` for those data sets as they are
            released, `lerobot` for one of LeRobot (names of `hotspot_core.data.readers.registry`).
        train: with `table`, the clip table, or a list of several (CSV: clip, start, stop, action, object,
            inactive_image).
        root: of a released data set, its folder.
        annotations: with `opra` and `epic`, the annotations.json that the paper's authors distribute; with `epic`, also
            EPIC_train_action_labels.csv or EPIC_100_train.csv; with `lerobot`, a table of verbs (CSV: verb, action).
        cameras: with `lerobot`, the cameras whose videos are clips; null for all.
        episodes: with `lerobot`, numbers and ranges of episodes, as 0:80,90; null for all.
        validation: annotated images whose heatmaps are scored after each epoch: an annotation file (JSON), or another
            source that the registry reads, as `agd20k:AGD20K/Seen`; null for the data set's own test images, or for
            none with `table`.
        keypoints: images with annotated keypoints or maps to learn from too, see `model.map_weight`: annotation files
            or sources as above; of a data set with splits the training one.
        keypoint_augmentation: of these images, see `augmentation`.
        first_epochs: curriculum: for each clip table the epoch from which on it is used; null for all from the start.
        actions: names of the actions to learn, in the order of the logits; null for all that occur.
        batch_size: clips per step and device.
        frames, fps: frames per clip, and the rate at which they are sampled.
        size: side of the crops in pixels.
        augmentation: `flip` (no crop of a square), `paper` (resize, crop, flip) or `strong` (scale, color, blur too).
        clip_views: number of different views of each clip's frames over the epochs; null for a new one in each.
        inactive_views: likewise of its inactive image, whose features are then kept, too (with a cache): some 0.5 MB
            a view at 160 pixels in bfloat16, 1 MB at 224; null for a new one in each epoch.
        cache: folder in which the pooled frames of all views are kept, so that no clip is decoded twice; needs a frozen
            backbone and clip_views.
        negatives: also give an inactive image of another object, for the triplet loss.
        workers: processes that decode.
        max_broken_fraction: fraction of clips that may be missing or broken before the run is refused.
        seed: of the sampling and the augmentation.

    Raises:
        InputError: a number is out of its range, or a table or source cannot be read or used.
    """

    def __init__(
        self,
        kind: str = TABLE,
        train: list[Path] | Path | None = None,
        root: Path | None = None,
        annotations: Path | None = None,
        cameras: list[str] | None = None,
        episodes: str | int | None = None,
        validation: str | None = None,
        keypoints: list[str] | None = None,
        keypoint_augmentation: Literal["flip", "paper", "strong", "wild"] = "paper",
        first_epochs: list[int] | None = None,
        actions: list[str] | None = None,
        batch_size: int = 128,
        frames: int = 8,
        fps: float = 5.0,
        size: int = 224,
        augmentation: Literal["flip", "paper", "strong", "wild"] = "paper",
        clip_views: int | None = None,
        inactive_views: int | None = None,
        cache: Path | None = None,
        negatives: bool = False,
        workers: int = 2,
        max_broken_fraction: float = 0.05,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.save_hyperparameters(logger=False)
        check_loading(self.hparams)
        check_number("data.frames", frames, 1, whole=True)
        check_number("data.fps", fps, 0, above=True)
        if clip_views is not None:
            check_number("data.clip_views", clip_views, 1, whole=True)
        if inactive_views is not None:
            check_number("data.inactive_views", inactive_views, 1, whole=True)
        tables = [train] if isinstance(train, str | Path) else train or []
        ranges = None if episodes is None else str(episodes)
        source = read_clips(kind, [Path(table) for table in tables], root, annotations, cameras or (), ranges)
        watched = source.validation if validation is None else read_annotated_images(validation)
        first_epochs = first_epochs or [0] * len(source.tables)
        if len(first_epochs) != len(source.tables) or min(first_epochs) != 0:
            raise InputError(
                f"data.first_epochs {first_epochs}: give one epoch for each of {len(source.tables)} clip tables, 0 for "
                "at least one of them"
            )
        occurring = action_names([clip for table in source.tables for clip in table])
        self.actions = list(select_names("action", actions, occurring))
        self.tables = [[clip for clip in table if clip.action in self.actions] for table in source.tables]
        self.first_epochs = first_epochs
        self.objects = sorted({clip.object for table in self.tables for clip in table})
        if not self.objects:
            raise InputError(f"no clip shows one of {', '.join(self.actions)}")
        if not any(table and epoch == 0 for table, epoch in zip(self.tables, first_epochs, strict=True)):
            raise InputError(
                f"data.first_epochs {first_epochs}: no clip of {', '.join(self.actions)} is used in epoch 0"
            )
        self.inactive_images = source.inactive_images
        self.validation = None if watched is None else _of_actions(watched, self.actions)
        self.keypoints = [_of_actions(read_annotated_images(file, "train"), self.actions) for file in keypoints or []]
        self.has_keypoints = bool(self.keypoints)
        self._afforded: dict[Path, set[str]] = {}

    def setup(self, stage: str) -> None:
        options = self.hparams
        checks = options["max_broken_fraction"], options["workers"]
        if stage == "fit":
            kept = [check_clips(table, *checks, options["fps"]) for table in self.tables if table]
            keypoints = [usable(file, *checks) for file in self.keypoints]
            self.clips = ClipDataset(
                [clip for table in kept for clip in table],
                self.actions,
                objects=self.objects,
                inactive_images=self.inactive_images,
                keypoints=KeypointImages(keypoints, options["keypoint_augmentation"]) if keypoints else None,
                **{name: options[name] for name in _DATASET_OPTIONS},
            )
            epochs = [epoch for epoch, table in zip(self.first_epochs, self.tables, strict=True) if table]
            self._starts = [epoch for epoch, table in zip(epochs, kept, strict=True) for _ in table]
            self.train_set: Dataset[dict[str, Any]] = self.clips
        if self.validation is not None:
            self.validation = usable(self.validation, *checks)
            self.validation_set = AnnotatedImageDataset(self.validation, options["size"])
            for entry in self.validation.entries:
                self._afforded.setdefault(entry.image, set()).add(entry.action)

    def failures(self) -> list[Failures]:
        watched = [self.validation_set.failures] if self.validation is not None else []
        return [self.clips.replacements.failures, *watched]

    def not_afforded(self, image: Path) -> tuple[str, ...]:
        """The actions that an image for validation is known not to afford."""
        assert self.validation is not None
        afforded = self._afforded.get(image, set())
        return tuple(name for name in self.validation.judged(image, ()) if name not in afforded)

    def use_cache(self, model: HotspotModel) -> None:
        """Takes the clips' pooled frames, and the features of the views of their inactive images, from the cache from
        now on; the first process computes what is missing.

        Raises:
            InputError: see `PooledFramesCache` and `InactiveFeaturesCache`.
        """
        options, trainer = self.hparams, self.trainer
        if options["cache"] is None:
            return
        assert trainer is not None
        where = Path(options["cache"]), model, self.clips, trainer.precision_plugin
        frames = PooledFramesCache(*where)
        features = InactiveFeaturesCache(*where) if options["inactive_views"] else None
        for cache in (frames, features):
            if cache is not None and trainer.is_global_zero and not cache.path.is_file():
                cache.write(options["workers"])
        trainer.strategy.barrier("cache")
        self.train_set = PooledClipDataset(self.clips, frames.read(), None if features is None else features.read())

    def train_dataloader(self) -> DataLoader[dict[str, Any]]:
        """The batches of the trainer's current epoch, from where an interrupted run left it; one loader per epoch."""
        options, trainer = self.hparams, self.trainer
        assert trainer is not None
        self.clips.set_epoch(trainer.current_epoch)
        batches = ClassBalancedBatches(
            self.clips.labels,
            self._starts,
            options["batch_size"],
            seed=options["seed"],
            epoch=trainer.current_epoch,
            rank=trainer.global_rank,
            processes=trainer.world_size,
        )
        batches.skipped = self.batches_done(trainer.current_epoch)
        return self._loader(self.train_set, batch_sampler=batches)

    def val_dataloader(self) -> list[DataLoader[dict[str, Any]]]:
        if self.validation is None:
            return []
        return [self._loader(self.validation_set, batch_size=min(32, self.hparams["batch_size"]))]

    def _loader(self, dataset: Dataset[dict[str, Any]], **options: Any) -> DataLoader[dict[str, Any]]:
        workers, pinned = self.hparams["workers"], torch.cuda.is_available()
        return DataLoader(
            dataset, num_workers=workers, pin_memory=pinned, worker_init_fn=leave_signals_to_parent, **options
        )


_DATASET_OPTIONS = ("frames", "fps", "size", "augmentation", "clip_views", "inactive_views", "negatives", "seed")


def check_loading(options: Mapping[str, Any]) -> None:
    """InputError where one of the options that all data modules have is out of its range."""
    check_number("data.batch_size", options["batch_size"], 1, whole=True)
    check_number("data.size", options["size"], MIN_SIZE, whole=True)
    check_number("data.workers", options["workers"], 0, whole=True)
    check_number("data.max_broken_fraction", options["max_broken_fraction"], 0, 1)
    check_number("data.seed", options["seed"], 0, whole=True)


def usable(annotations: AnnotationSet, max_broken_fraction: float, workers: int) -> AnnotationSet:
    """The entries whose images can be read; the others are reported once, and too many of them refused."""
    broken = annotations.broken_images(workers)
    if not broken:
        return annotations
    kept = annotations.where(lambda entry: entry.image not in broken)
    kept = replace(kept, empty=tuple(one for one in annotations.empty if one.image not in broken))
    summary, first = f"{annotations.path}: {len(broken)} images are missing or broken", next(iter(broken.values()))
    before, after = (len(one.entries) + len(one.empty) for one in (annotations, kept))
    if before - after > max_broken_fraction * before:
        raise InputError(
            f"{summary}, for more than {max_broken_fraction:.0%} of the entries (data.max_broken_fraction), first "
            f"{first}"
        )
    print(f"{summary} and left out, first {first}", file=sys.stderr)
    return kept


def _of_actions(annotations: AnnotationSet, actions: list[str]) -> AnnotationSet:
    """The entries whose actions the model learns, with the model's indices."""
    shared = [name for name in actions if name in annotations.actions]
    if not shared:
        annotated = ", ".join(annotations.actions)
        raise InputError(f"{annotations.path} annotates {annotated}: none of {', '.join(actions)}")
    chosen = annotations.selected(shared)
    # Of actions that the file does not know, nothing is known on its images.
    looked_for = {entry.image: frozenset(chosen.judged(entry.image, ())) for entry in chosen.entries}
    return replace(chosen, actions=tuple(actions), complete=looked_for)
