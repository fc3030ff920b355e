"""Stills on which the places of actions are marked, for training: varied pictures with the ground truth of a map."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from hotspot_core.data.annotations import Annotation, AnnotationSet
from hotspot_core.data.augmentation import Augmentation, Box, Image, View, policy, random_view
from hotspot_core.data.heatmaps import Heatmap, ground_truth
from hotspot_core.errors import InputError

# Cells per side of the ground truth, as in the evaluation.
GRID = 28
# Crops that show no marked place are drawn anew so many times, then the whole picture is taken.
TRIES = 3


class KeypointImages:
    """Annotated stills, drawn by action.

    Args:
        annotations: their entries are merged; those without points are left out.
        augmentation: a policy, or its name.

    Attributes:
        entries: what can be drawn for each action.

    Raises:
        InputError: no entry has points.
    """

    def __init__(self, annotations: Iterable[AnnotationSet], augmentation: Augmentation | str = "paper") -> None:
        self.augmentation = policy(augmentation)
        self.entries: dict[str, list[Annotation]] = {}
        for file in annotations:
            keypoints = [entry for entry in file.merged().entries if len(entry.points)]
            if not keypoints:
                raise InputError(f"{file.path}: no entry has points: nothing is marked")
            for entry in keypoints:
                self.entries.setdefault(entry.action, []).append(entry)

    def draw(self, action: str, rng: np.random.Generator, size: int) -> tuple[Image, Heatmap]:
        """A varied still, (size, size, 3) uint8 RGB, and where the action happens on it, (GRID, GRID) of sum 1.

        Both are 0 everywhere where no still is marked with the action.

        Raises:
            InputError: the still cannot be read, or is not the one that was annotated.
        """
        entries = self.entries.get(action, [])
        if not entries:
            return np.zeros((size, size, 3), np.uint8), np.zeros((GRID, GRID), np.float32)
        entry = entries[int(rng.integers(len(entries)))]
        image = entry.read_image()
        for _ in range(TRIES):
            view = random_view(rng, image.shape[:2], size, self.augmentation, still=True)
            points = points_in_view(entry, view, image.shape[:2])
            if len(points):
                break
        else:
            view = whole_view(view, image.shape[:2])
            points = points_in_view(entry, view, image.shape[:2])
        return view.apply(image), ground_truth(points, (size, size), GRID)


def points_in_view(entry: Annotation, view: View, image_hw: tuple[int, ...]) -> NDArray[np.float64]:
    """The points of an entry that a view of its image, of that height and width, shows: (P, 2) x, y in its pixels."""
    scale = np.array([image_hw[1] / entry.size_hw[1], image_hw[0] / entry.size_hw[0]])
    box = view.box
    points = (entry.points * scale - [box.x, box.y]) * view.size / [box.width, box.height]
    points = points[((points >= 0) & (points < view.size)).all(axis=1)]
    return np.column_stack([view.size - 1e-6 - points[:, 0], points[:, 1]]) if view.flip else points


def whole_view(view: View, image_hw: tuple[int, ...]) -> View:
    """The same view of the whole image."""
    return View(Box(0, 0, image_hw[1], image_hw[0]), view.size, view.flip, view.colors, view.blur_sigma)
