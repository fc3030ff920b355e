"""From a heatmap to interaction points: local maxima with sub-cell precision."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray


class Peak(NamedTuple):
    """A local maximum: column and row on the grid, (0, 0) at the center of the first cell; value in [0, 1]."""

    column: float
    row: float
    value: float


def find_peaks(
    heatmap: NDArray[np.float32], max_peaks: int = 3, threshold: float = 0.3, distance: int = 2
) -> list[Peak]:
    """The strongest local maxima of a heatmap, strongest first.

    Eq. 4 is ragged from cell to cell, so maxima are sought on a copy smoothed with a 3x3 binomial kernel and divided
    by its maximum, and are refined to sub-cell precision with a parabola through the neighbours on either axis.

    Args:
        heatmap: (h, w) float32, >= 0.
        max_peaks: largest number of peaks.
        threshold: smallest value of a peak, relative to the strongest.
        distance: a peak is the largest value within so many cells on either axis.

    Returns:
        At most `max_peaks` peaks; none for a map that is 0 everywhere.
    """
    blurred = cv2.GaussianBlur(heatmap, (3, 3), 0, borderType=cv2.BORDER_REPLICATE)
    strongest = float(blurred.max())
    if max_peaks == 0 or not strongest > 0:
        return []
    smooth: NDArray[np.float32] = np.asarray(blurred / strongest, np.float32)
    window = np.ones((2 * distance + 1, 2 * distance + 1), np.uint8)
    is_peak = (smooth >= cv2.dilate(smooth, window)) & (smooth >= threshold)
    rows, columns = np.nonzero(is_peak)
    peaks: list[Peak] = []
    for index in np.argsort(-smooth[rows, columns], kind="stable"):
        row, column = int(rows[index]), int(columns[index])
        # Equal neighbours on a plateau are all local maxima: keep the first.
        if all(abs(p.row - row) > distance or abs(p.column - column) > distance for p in peaks):
            peaks.append(_refined(smooth, row, column))
        if len(peaks) == max_peaks:
            break
    return peaks


def _refined(heatmap: NDArray[np.float32], row: int, column: int) -> Peak:
    return Peak(
        column + _parabola_vertex(heatmap[row], column),
        row + _parabola_vertex(heatmap[:, column], row),
        float(heatmap[row, column]),
    )


def _parabola_vertex(values: NDArray[np.float32], index: int) -> float:
    """Offset in [-0.5, 0.5] of the vertex of the parabola through a maximum and its neighbours; 0 at a border."""
    if index == 0 or index == len(values) - 1:
        return 0.0
    before, here, after = (float(v) for v in values[index - 1 : index + 2])
    curvature = before - 2 * here + after
    return 0.5 * (before - after) / curvature if curvature < 0 else 0.0
