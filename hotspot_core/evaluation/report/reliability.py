"""Reliability diagrams: what a method says is probable against how often it is true; the template draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hotspot_core.evaluation.affordance import Bin, point_reliability, reliability
from hotspot_core.evaluation.comparison import Row
from hotspot_core.evaluation.report.charts import KINDS

SIDE, MARGIN = 220, 34
# Radii in pixels of the dot of a bin that holds nothing and of one that holds all.
SMALLEST_DOT, LARGEST_DOT = 2.0, 12.0


@dataclass(frozen=True)
class BinDot:
    """A bin: its place and radius in pixels, and the text for a pointer over it."""

    x: float
    y: float
    radius: float
    title: str


@dataclass(frozen=True)
class Diagram:
    """A method's bins over the unit square; dots on the diagonal are what a calibrated method has."""

    title: str
    kind: str
    dots: tuple[BinDot, ...]
    side: int = SIDE
    margin: int = MARGIN


def diagrams(rows: Sequence[Row]) -> tuple[Diagram, ...]:
    """Of every method that states them: of its scores, and of its points' probabilities."""
    drawn = []
    for row in rows:
        judged = row.evaluation.judged
        for what, bins in (("scores", reliability(judged)), ("points", point_reliability(judged))):
            if bins:
                drawn.append(Diagram(f"{row.name}: {what}", KINDS[row.supervision], _dots(bins)))
    return tuple(drawn)


def _dots(bins: Sequence[Bin]) -> tuple[BinDot, ...]:
    total = sum(one.size for one in bins)
    return tuple(
        BinDot(
            MARGIN + SIDE * one.probability,
            SIDE * (1 - one.frequency) + MARGIN / 2,
            SMALLEST_DOT + (LARGEST_DOT - SMALLEST_DOT) * (one.size / total) ** 0.5,
            f"stated {one.probability:.2f}, true in {one.frequency:.2f} of {one.size}",
        )
        for one in bins
    )
