"""Ground-truth maps of annotated images, as wholes and in training's views, from points or from annotated maps."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hotspot_core.data.annotations import Annotation, MapAnnotation
from hotspot_core.data.augmentation import Box, View
from hotspot_core.data.heatmaps import Heatmap, ground_truth, resize_maps

# Cells per side of the ground truth, as in the evaluation.
GRID = 28


def is_annotated(entry: Annotation) -> bool:
    """Whether an entry says where its action happens: it has points, or a map."""
    return len(entry.points) > 0 or isinstance(entry, MapAnnotation)


def target(
    entry: Annotation, grid: int = GRID, kernel_ratio: float = 3.0, intermediate_size: int | None = 224
) -> Heatmap:
    """(grid, grid) ground truth of sum 1 of a whole image, or 0 everywhere where there are no points; see
    `ground_truth`. An annotated map is only resized.

    Raises:
        InputError: the map cannot be read.
    """
    if isinstance(entry, MapAnnotation):
        heatmap = resize_maps(entry.read_map(), (grid, grid))
        return (heatmap / max(float(heatmap.sum()), 1e-30)).astype(np.float32)
    return ground_truth(entry.points, entry.size_hw, grid, kernel_ratio, intermediate_size)


def target_in_view(entry: Annotation, view: View, image_hw: tuple[int, ...]) -> Heatmap:
    """(GRID, GRID) ground truth of sum 1 of what a view of the entry's image, of that height and width, shows; 0
    everywhere where it shows no annotated place.

    Raises:
        InputError: the map cannot be read.
    """
    if not isinstance(entry, MapAnnotation):
        return ground_truth(points_in_view(entry, view, image_hw), (view.size, view.size), GRID)
    x, y, width, height = view.box
    heatmap = resize_maps(entry.read_map(), image_hw)[y : y + height, x : x + width]
    heatmap = np.ascontiguousarray(heatmap[:, ::-1] if view.flip else heatmap)
    small = np.asarray(cv2.resize(heatmap, (GRID, GRID), interpolation=cv2.INTER_AREA))
    return np.asarray(small / max(float(small.sum()), 1e-30), np.float32)


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
