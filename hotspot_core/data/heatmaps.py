"""Ground-truth heatmaps from annotated points."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from hotspot_core.errors import InputError

Heatmap = NDArray[np.float32]


def heatmap_from_points(points_xy: ArrayLike, size_hw: Sequence[int], kernel_ratio: float = 3.0) -> Heatmap:
    """The heatmap of an image's annotated points, as OPRA and the paper compute it.

    Each point adds 1 to the pixel that contains it; a Gaussian with a kernel of int(sqrt(H * W) / kernel_ratio)
    pixels, one more where that is even, blurs the result (OpenCV's standard deviation for that kernel, image mirrored
    at its borders); the sum is brought to 1.

    Args:
        points_xy: (P, 2) pixel coordinates from the image's top-left corner; what lies outside moves to the border.
        size_hw: height and width of the image in pixels.
        kernel_ratio: the larger, the narrower the blur. Published numbers use 3, and change much with it.

    Returns:
        (H, W) float32 that sums to 1, or 0 everywhere where there is no point.

    Raises:
        InputError: points of another shape, not finite, or an empty image.
    """
    points = np.asarray(points_xy, np.float64).reshape(-1, 2) if np.size(points_xy) == 0 else np.asarray(points_xy)
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise InputError(f"points of shape {points.shape}: give a (P, 2) array of finite x, y")
    height, width = size_hw
    if height < 1 or width < 1 or kernel_ratio <= 0:
        raise InputError(f"image of {height}x{width} and kernel ratio {kernel_ratio}: all must be positive")
    columns = np.clip(points[:, 0].astype(np.int64), 0, width - 1)
    rows = np.clip(points[:, 1].astype(np.int64), 0, height - 1)
    heatmap = np.zeros((height, width), np.float32)
    np.add.at(heatmap, (rows, columns), 1.0)
    kernel = int(np.sqrt(height * width) / kernel_ratio)
    kernel += 1 - kernel % 2
    heatmap = np.asarray(cv2.GaussianBlur(heatmap, (kernel, kernel), 0), np.float32)
    total = heatmap.sum()
    return heatmap / total if total > 0 else heatmap


def resize_maps(maps: NDArray[np.floating], size_hw: Sequence[int]) -> NDArray[np.float64]:
    """Maps (..., h, w) -> (..., *size_hw): bilinear over the pixels' areas (`align_corners=False`), no antialiasing."""
    exact: NDArray[np.float64] = np.asarray(maps, np.float64)
    if exact.shape[-2:] == tuple(size_hw):
        return exact
    stack = torch.from_numpy(np.ascontiguousarray(exact)).reshape(-1, 1, *exact.shape[-2:])
    resized = torch.nn.functional.interpolate(stack, tuple(size_hw), mode="bilinear", align_corners=False)
    return np.asarray(resized.numpy().reshape(*exact.shape[:-2], *size_hw))


def ground_truth(
    points_xy: ArrayLike,
    size_hw: Sequence[int],
    grid: int = 28,
    kernel_ratio: float = 3.0,
    intermediate_size: int | None = 224,
) -> Heatmap:
    """The heatmap of points on the evaluation grid, through the same steps as for published numbers.

    Args:
        points_xy, size_hw, kernel_ratio: see `heatmap_from_points`.
        grid: cells per side.
        intermediate_size: side in pixels to which the heatmap is resized before the grid; None to leave that step out.

    Returns:
        (grid, grid) float32 that sums to 1, or 0 everywhere where there is no point.
    """
    heatmap: NDArray[np.floating] = heatmap_from_points(points_xy, size_hw, kernel_ratio)
    if intermediate_size is not None:
        heatmap = resize_maps(heatmap, (intermediate_size, intermediate_size))
    heatmap = resize_maps(heatmap, (grid, grid))
    total = heatmap.sum()
    return (heatmap / total if total > 0 else heatmap).astype(np.float32)
