"""The PyTorch dataset that the compared networks learn from: augmented images with the maps of their actions."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from hotspot_core.baselines.demonstrations import MEAN, STD, Demonstrations
from hotspot_core.data.annotations import AnnotationSet
from hotspot_core.data.augmentation import Augmentation, random_view
from hotspot_core.data.dataset import normalized
from hotspot_core.data.replacements import Failures, first_readable
from hotspot_core.data.targets import is_annotated, target, target_in_view, whole_view
from hotspot_core.errors import InputError

AUGMENTATION = Augmentation(scale=(0.5, 1.0), brightness=0.2, contrast=0.2, saturation=0.2)


class AnnotatedImages(Dataset[dict[str, Any]]):
    """One item per image and action; each draw crops, flips and recolors the image, and its map with it. An image that
    cannot be read is replaced by the next one, and reported.

    Args:
        annotations: their entries are merged; those without points or a map are left out.
        size: side S in pixels of the squares that images are resized to.
        demonstrations: where the network looks at clips, too; images without one of their own are left out.

    An item is the part of a `Batch` (see `HeatmapNetwork`) that belongs to one image and action.

    Raises:
        InputError: no entry has points or a map, images are missing, or no clip shows an action.
    """

    def __init__(self, annotations: AnnotationSet, size: int, demonstrations: Demonstrations | None = None) -> None:
        merged = annotations.merged()
        self.entries = [entry for entry in merged.entries if is_annotated(entry)]
        if not self.entries:
            raise InputError(f"{annotations.path}: no entry has points or a map: there is nothing to learn")
        missing = annotations.missing_images()
        if missing:
            raise InputError(f"{annotations.path}: {len(missing)} images are missing, first {missing[0]}")
        self.failures = Failures(len(self.entries), "image")
        self.actions = annotations.actions
        self.size = size
        self.demonstrations = demonstrations
        if demonstrations is not None:
            shown = [entry for entry in self.entries if demonstrations.of(entry)]
            if not shown:
                demonstrations.choose(self.entries[0])
            self.entries = shown

    @property
    def labels(self) -> list[str]:
        """The action of each item."""
        return [entry.action for entry in self.entries]

    def mean_target(self) -> Tensor:
        """(grid, grid) mean of all targets, not augmented."""
        return torch.from_numpy(np.mean([target(entry) for entry in self.entries], axis=0))

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return first_readable(index, len(self), self._item, self.failures)

    def _item(self, index: int) -> dict[str, Any]:
        # PyTorch seeds its generator anew in every worker, from the generator of the loader.
        rng = np.random.default_rng(int(torch.randint(2**62, ())))
        entry = self.entries[index]
        image = entry.read_image()
        view = random_view(rng, image.shape[:2], self.size, AUGMENTATION)
        place = target_in_view(entry, view, image.shape[:2])
        if not place.any():
            view = whole_view(view, image.shape[:2])
            place = target_in_view(entry, view, image.shape[:2])
        item: dict[str, Any] = {
            "image": normalized(view.apply(image)[None], MEAN, STD)[0],
            "target": torch.from_numpy(place),
            "action": self.actions.index(entry.action),
        }
        if self.demonstrations is not None:
            item["frames"], item["length"] = self.demonstrations.frames(self.demonstrations.choose(entry, rng))
        return item
