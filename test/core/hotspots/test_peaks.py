"""Peaks: sub-cell precision, order, plateaus, nothing from nothing."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_core.hotspots.peaks import find_peaks


def blob(column: float, row: float, height: float = 1.0, spread: float = 1.5) -> np.ndarray:
    rows, columns = np.mgrid[:28, :28]
    return (height * np.exp(-((columns - column) ** 2 + (rows - row) ** 2) / (2 * spread**2))).astype(np.float32)


@pytest.mark.parametrize(("column", "row"), [(10.0, 5.0), (10.3, 5.4), (3.75, 20.5), (24.1, 24.9)])
def test_sub_cell_precision(column: float, row: float) -> None:
    """The peak of a smooth blob is found to a tenth of a cell."""
    (peak,) = find_peaks(blob(column, row))
    assert peak.column == pytest.approx(column, abs=0.1)
    assert peak.row == pytest.approx(row, abs=0.1)
    assert peak.value == pytest.approx(1.0)


def test_strongest_first_and_limits() -> None:
    """Three blobs come in the order of height; `most`, `lowest` and `distance` each take some away."""
    heatmap = blob(5, 5, 0.6) + blob(20, 8, 1.0) + blob(12, 22, 0.8)
    peaks = find_peaks(heatmap)
    assert [(round(p.column), round(p.row)) for p in peaks] == [(20, 8), (12, 22), (5, 5)]
    assert [p.value for p in peaks] == sorted((p.value for p in peaks), reverse=True)
    assert len(find_peaks(heatmap, max_peaks=2)) == 2
    assert len(find_peaks(heatmap, threshold=0.7)) == 2
    assert len(find_peaks(heatmap, distance=27)) == 1
    assert find_peaks(heatmap, max_peaks=0) == []


def test_a_plateau_is_one_peak() -> None:
    """Equal neighbours give one point, not many."""
    heatmap = np.zeros((28, 28), np.float32)
    heatmap[10:13, 10:13] = 1
    assert len(find_peaks(heatmap)) == 1


def test_an_empty_map_has_no_peaks() -> None:
    """A map without heat gives no point rather than an invented one."""
    assert find_peaks(np.zeros((28, 28), np.float32)) == []
