"""How maps of one way to compute them agree with those of another."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from hotspot_core.hotspots.peaks import find_peaks
from hotspot_core.inference.runtime import Floats


@dataclass
class Agreement:
    """Of maps that are added one image after another; those that are 0 everywhere in the reference are left out.

    Attributes:
        maps: number of maps compared.
        largest_error: largest deviation of a cell, relative to its map's largest value.
        norm_error: largest deviation of a map, relative to its L2 norm.
        correlations: Pearson's, of each map.
        same_peaks: number of maps whose strongest peak lies within one cell.
    """

    maps: int = 0
    largest_error: float = 0.0
    norm_error: float = 0.0
    correlations: list[float] = field(default_factory=list)
    same_peaks: int = 0

    def add(self, maps: Floats, reference: Floats) -> None:
        """Maps (A, h, w) of an image."""
        for value, expected in zip(maps, reference, strict=True):
            if not expected.max() > 0:
                continue
            self.maps += 1
            difference = value - expected
            self.largest_error = max(self.largest_error, float(np.abs(difference).max() / expected.max()))
            self.norm_error = max(self.norm_error, float(np.linalg.norm(difference) / np.linalg.norm(expected)))
            self.correlations.append(_correlation(value, expected))
            self.same_peaks += _same_peak(value, expected)

    @property
    def correlation(self) -> float:
        """The lowest; NaN without maps."""
        return min(self.correlations, default=float("nan"))

    @property
    def median_correlation(self) -> float:
        return float(np.median(self.correlations)) if self.correlations else float("nan")

    @property
    def same_peak(self) -> float:
        """Fraction of the maps; NaN without maps."""
        return self.same_peaks / self.maps if self.maps else float("nan")


def _correlation(value: Floats, expected: Floats) -> float:
    """0 where one of them is the same everywhere, which has none."""
    if value.std() == 0 or expected.std() == 0:
        return 0.0
    return float(np.corrcoef(value.ravel(), expected.ravel())[0, 1])


def _same_peak(value: Floats, expected: Floats) -> bool:
    peaks, (expected_peak, *_) = find_peaks(value, 1), find_peaks(expected, 1)
    if not peaks:
        return False
    peak = peaks[0]
    return max(abs(peak.column - expected_peak.column), abs(peak.row - expected_peak.row)) <= 1
