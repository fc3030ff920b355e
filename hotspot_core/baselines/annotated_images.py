"""The PyTorch dataset that the compared networks learn from: augmented stills with the maps of their actions."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from hotspot_core.baselines.demonstrations import MEAN, STD, Demonstrations
from hotspot_core.data.annotations import Annotation, AnnotationSet
from hotspot_core.data.augmentation import Augmentation, View, random_view
from hotspot_core.data.dataset import normalized
from hotspot_core.data.heatmaps import ground_truth, resize_maps
from hotspot_core.data.keypoint_images import GRID, points_in_view, whole_view
from hotspot_core.data.readers.agd20k import MapAnnotation, read_map
from hotspot_core.errors import InputError

AUGMENTATION = Augmentation(scale=(0.5, 1.0), brightness=0.2, contrast=0.2, saturation=0.2)


class AnnotatedImages(Dataset[dict[str, Any]]):
    """One item per image and action; each draw crops, flips and recolours the still, and its map with it.

    Args:
        annotations: their entries are merged; those without points are left out.
        size: side S of the stills in pixels, which are squeezed into squares.
        demonstrations: where clips are wanted, too.

    An item is the part of a `Batch` (see `HeatmapNetwork`) that belongs to one image and action.

    Raises:
        InputError: no entry has points, images are missing, or no clip shows an action.
    """

    def __init__(self, annotations: AnnotationSet, size: int, demonstrations: Demonstrations | None = None) -> None:
        merged = annotations.merged()
        self.entries = [e for e in merged.entries if len(e.points) or isinstance(e, MapAnnotation)]
        if not self.entries:
            raise InputError(f"{annotations.path}: no entry has points: nothing to learn from")
        missing = annotations.missing_images()
        if missing:
            raise InputError(f"{annotations.path}: {len(missing)} images are missing, first {missing[0]}")
        self.actions = annotations.actions
        self.size = size
        self.demonstrations = demonstrations
        if demonstrations is not None:
            for entry in {entry.action: entry for entry in self.entries}.values():
                demonstrations.choose(entry)

    @property
    def labels(self) -> list[str]:
        """The action of each item."""
        return [entry.action for entry in self.entries]

    def mean_target(self) -> Tensor:
        """(grid, grid) mean of all targets, not augmented."""
        return torch.from_numpy(np.mean([_target(entry, None) for entry in self.entries], axis=0))

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, index: int) -> dict[str, Any]:
        # PyTorch seeds its generator anew in every worker, from the generator of the loader.
        rng = np.random.default_rng(int(torch.randint(2**62, ())))
        entry = self.entries[index]
        image = entry.read_image()
        view = random_view(rng, image.shape[:2], self.size, AUGMENTATION)
        target = _target(entry, view, image.shape[:2])
        if not target.any():
            view = whole_view(view, image.shape[:2])
            target = _target(entry, view, image.shape[:2])
        item: dict[str, Any] = {
            "image": normalized(view.apply(image)[None], MEAN, STD)[0],
            "target": torch.from_numpy(target),
            "action": self.actions.index(entry.action),
        }
        if self.demonstrations is not None:
            item["frames"], item["length"] = self.demonstrations.frames(self.demonstrations.choose(entry, rng))
        return item


def squeezed(image: NDArray[np.uint8], size_hw: tuple[int, int]) -> Tensor:
    """A whole image (H, W, 3) as (3, *size_hw), ImageNet-normalised."""
    shrinks = image.shape[0] > size_hw[0] or image.shape[1] > size_hw[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized = np.asarray(cv2.resize(image, size_hw[::-1], interpolation=how), np.uint8)
    return normalized(resized[None], MEAN, STD)[0]


def _target(entry: Annotation, view: View | None, image_hw: tuple[int, ...] = ()) -> NDArray[np.float32]:
    """(grid, grid) ground truth of sum 1 of what a view shows of the still, 0 where it shows no point."""
    if isinstance(entry, MapAnnotation):
        return _map_target(read_map(entry.heatmap), view, image_hw)
    if view is None:
        return ground_truth(entry.points, entry.size_hw, GRID)
    return ground_truth(points_in_view(entry, view, image_hw), (view.size, view.size), GRID)


def _map_target(heatmap: NDArray[np.float64], view: View | None, image_hw: tuple[int, ...]) -> NDArray[np.float32]:
    if view is not None:
        x, y, width, height = view.box
        heatmap = resize_maps(heatmap, image_hw)[y : y + height, x : x + width]
        heatmap = heatmap[:, ::-1] if view.flip else heatmap
    small = np.asarray(cv2.resize(np.ascontiguousarray(heatmap), (GRID, GRID), interpolation=cv2.INTER_AREA))
    return np.asarray(small / max(float(small.sum()), 1e-30), np.float32)
