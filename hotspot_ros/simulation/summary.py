"""What the outcomes of a run say: success by task and method, and by how far off the point was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hotspot_ros.simulation.methods import METHODS, Role, of_role
from hotspot_ros.simulation.results import EpisodeOutcome

# Ends of the classes of errors in metres.
ERRORS = (0.01, 0.02, 0.03, 0.05, 0.1)


@dataclass(frozen=True)
class Rate:
    """How many of so many episodes were done."""

    done: int
    episodes: int

    @property
    def value(self) -> float:
        """From 0 to 1; NaN of none."""
        return self.done / self.episodes if self.episodes else float("nan")

    def __str__(self) -> str:
        return f"{self.value:.2f}" if self.episodes else "-"


class LoopSummary:
    """Of outcomes in any order."""

    def __init__(self, outcomes: Sequence[EpisodeOutcome]) -> None:
        self.outcomes = outcomes
        self.tasks = tuple(dict.fromkeys(outcome.task for outcome in outcomes))
        found = {outcome.method for outcome in outcomes}
        self.methods = tuple(name for name in METHODS if name in found)

    def methods_of(self, *roles: Role) -> tuple[str, ...]:
        """Those of some roles that there are outcomes of."""
        return tuple(name for name in of_role(*roles) if name in self.methods)

    def rate(self, method: str, task: str) -> Rate:
        """Success of a method in a task."""
        return _rate(self._of(method, task))

    def mean(self, method: str) -> float:
        """Success of a method, every task having the same weight."""
        return float(np.mean([self.rate(method, task).value for task in self.tasks]))

    def deviation(self, method: str) -> float:
        """The standard error of `mean`, of episodes that are drawn anew for the same tasks."""
        rates = [self.rate(method, task) for task in self.tasks]
        variances = [rate.value * (1 - rate.value) / max(rate.episodes - 1, 1) for rate in rates]
        return float(np.sqrt(np.sum(variances)) / len(self.tasks))

    def median_error(self, method: str, task: str | None = None) -> float:
        """In metres, of the episodes in which there was a point; NaN where there was none."""
        errors = [each.error for each in self._of(method, task) if each.error is not None]
        return float(np.median(errors)) if errors else float("nan")

    def by_error(self, method: str) -> list[tuple[str, Rate]]:
        """Success by how far off the point was, and where there was none."""
        outcomes = self._of(method, None)
        edges = (0.0, *ERRORS, float("inf"))
        classes = []
        for low, high in pairwise(edges):
            name = f"{100 * low:g} to {100 * high:g} cm" if high < float("inf") else f"over {100 * low:g} cm"
            classes.append((name, _rate([o for o in outcomes if o.error is not None and low <= o.error < high])))
        return [*classes, ("no point", _rate([o for o in outcomes if o.error is None]))]

    def verdict(self, method: str) -> str:
        """A method against the truth and the best of the naive ones, in a sentence."""
        ours, truth = self.mean(method), self.mean("truth")
        naive = max(self.methods_of(Role.NAIVE), key=self.mean)
        times = f"{ours / self.mean(naive):.1f} times" if self.mean(naive) else "beyond"
        return (
            f"{method}: {ours:.2f}, {ours / truth if truth else float('nan'):.2f} of the truth's {truth:.2f} and "
            f"{times} the best naive one's, {naive}, {self.mean(naive):.2f}"
        )

    def failures(self, method: str, far: float = 0.03) -> str:
        """Why the episodes of a method failed that the truth did, in a sentence."""
        able = {(o.task, o.episode) for o in self._of("truth", None) if o.success}
        failed = [o for o in self._of(method, None) if not o.success]
        missed = [o for o in failed if (o.task, o.episode) in able]
        none = sum(o.error is None for o in missed)
        off = sum(o.error is not None and o.error >= far for o in missed)
        return (
            f"{method} failed {len(failed)} times, {len(failed) - len(missed)} of them where the truth fails, too; of "
            f"the other {len(missed)}, {none} had no point, {off} one that was {100 * far:g} cm or more off and "
            f"{len(missed) - none - off} one that was nearer"
        )

    def _of(self, method: str, task: str | None) -> list[EpisodeOutcome]:
        return [o for o in self.outcomes if o.method == method and task in (None, o.task)]


def _rate(outcomes: Sequence[EpisodeOutcome]) -> Rate:
    return Rate(sum(outcome.success for outcome in outcomes), len(outcomes))


def success_table(summary: LoopSummary) -> list[list[str]]:
    """Rows of cells: success of every method by task, the median error of ours, means and their standard errors."""
    methods, ours = summary.methods_of(Role.TRUTH, Role.OURS, Role.NAIVE), summary.methods_of(Role.OURS)
    rows = [["task", *methods, *(f"error of {name}, cm" for name in ours)]]
    for task in summary.tasks:
        errors = [_centimetres(summary.median_error(name, task)) for name in ours]
        rows.append([task, *(str(summary.rate(method, task)) for method in methods), *errors])
    means = [f"{summary.mean(method):.2f} ± {summary.deviation(method):.2f}" for method in methods]
    return [*rows, ["mean", *means, *(_centimetres(summary.median_error(name)) for name in ours)]]


def tolerance_table(summary: LoopSummary) -> list[list[str]]:
    """Rows of cells: how much the controller of each task forgives."""
    methods = summary.methods_of(Role.TRUTH, Role.OFF)
    rows = [[task, *(str(summary.rate(method, task)) for method in methods)] for task in summary.tasks]
    return [["task", *methods], *rows, ["mean", *(f"{summary.mean(method):.2f}" for method in methods)]]


def error_table(summary: LoopSummary) -> list[list[str]]:
    """Rows of cells: success and number of episodes by how far off the point was."""
    methods = summary.methods_of(Role.OURS, Role.NAIVE)
    columns = [summary.by_error(method) for method in methods]
    rows = [["the point was off by", *methods]]
    for cells in zip(*columns, strict=True):
        rows.append([cells[0][0], *(f"{rate} of {rate.episodes}" for _, rate in cells)])
    return rows


def tables(summary: LoopSummary) -> list[list[list[str]]]:
    """All three."""
    return [success_table(summary), tolerance_table(summary), error_table(summary)]


def markdown(summary: LoopSummary) -> str:
    """The tables and sentences for a page."""
    first, *others = map(_markdown, tables(summary))
    return "\n\n".join([first, *sentences(summary), *others])


def sentences(summary: LoopSummary) -> list[str]:
    """How ours compare, and why they fail."""
    found = [
        sentence
        for name in summary.methods_of(Role.OURS)
        for sentence in (summary.verdict(name), summary.failures(name))
    ]
    return [f"{sentence[0].upper()}{sentence[1:]}." for sentence in found]


def _markdown(rows: list[list[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], f"|---|{'---:|' * (len(rows[0]) - 1)}", *lines[1:]])


def _centimetres(metres: float) -> str:
    return "-" if np.isnan(metres) else f"{100 * metres:.1f}"
