"""Images with annotated keypoints, or maps, for training: varied pictures with the ground truth of a map."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from hotspot_core.data.annotations import Annotation, AnnotationSet
from hotspot_core.data.augmentation import Augmentation, Image, policy, random_view
from hotspot_core.data.heatmaps import Heatmap
from hotspot_core.data.targets import GRID, is_annotated, target_in_view, whole_view
from hotspot_core.errors import InputError

# Crops that show no annotated place are drawn anew so many times, then the whole picture is taken.
TRIES = 3


class KeypointImages:
    """Annotated images, drawn by action.

    Args:
        annotations: their entries are merged; those without points or a map are left out.
        augmentation: a policy, or its name.

    Attributes:
        entries: what can be drawn for each action.

    Raises:
        InputError: no entry has points or a map.
    """

    def __init__(self, annotations: Iterable[AnnotationSet], augmentation: Augmentation | str = "paper") -> None:
        self.augmentation = policy(augmentation)
        self.entries: dict[str, list[Annotation]] = {}
        for file in annotations:
            annotated = [entry for entry in file.merged().entries if is_annotated(entry)]
            if not annotated:
                raise InputError(f"{file.path}: no entry has points or a map: there is nothing to learn")
            for entry in annotated:
                self.entries.setdefault(entry.action, []).append(entry)

    def draw(self, action: str, rng: np.random.Generator, size: int) -> tuple[Image, Heatmap]:
        """A varied image, (size, size, 3) uint8 RGB, and where the action happens on it, (GRID, GRID) of sum 1.

        Both are 0 everywhere where no image is annotated with the action.

        Raises:
            InputError: the image or its map cannot be read, or is not the one that was annotated.
        """
        entries = self.entries.get(action, [])
        if not entries:
            return np.zeros((size, size, 3), np.uint8), np.zeros((GRID, GRID), np.float32)
        entry = entries[int(rng.integers(len(entries)))]
        image = entry.read_image()
        for _ in range(TRIES):
            view = random_view(rng, image.shape[:2], size, self.augmentation, may_blur=True)
            place = target_in_view(entry, view, image.shape[:2])
            if place.any():
                break
        else:
            view = whole_view(view, image.shape[:2])
            place = target_in_view(entry, view, image.shape[:2])
        return view.apply(image), place
