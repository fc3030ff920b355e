"""Charts of one dot per method and group, with its standard error: where everything lies; the template draws it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from hotspot_core.evaluation.comparison import METRICS, Comparison, Row
from hotspot_core.evaluation.summary import Summary

# Class of the color of each kind of method, as the page's style names them.
KINDS: Mapping[str, str] = {
    "none": "k-none",
    "action labels": "k-labels",
    "saliency maps": "k-saliency",
    "action maps": "k-maps",
    "external": "k-external",
}
LABEL, PLOT, LINE = 150, 560, 26
# Groups in a chart; those with most items come first.
MAX_GROUPS = 24


@dataclass(frozen=True)
class Dot:
    """A method's mean: the places of the mean and of the ends of its error bar, and the text for a pointer over it."""

    kind: str
    strong: bool
    left: float
    x: float
    right: float
    title: str


@dataclass(frozen=True)
class Group:
    """An action or object: its line, its number of items and its dots."""

    label: str
    size: int
    y: float
    dots: tuple[Dot, ...]


@dataclass(frozen=True)
class Tick:
    """A number of the axis."""

    x: float
    label: str


@dataclass(frozen=True)
class Chart:
    """Means of a metric per "action" or "object" (`key`), a line for each, a dot for each method; in pixels."""

    title: str
    direction: str
    key: str
    height: int
    ticks: tuple[Tick, ...]
    groups: tuple[Group, ...]
    notes: tuple[str, ...]
    width: int = LABEL + PLOT + 20
    label_x: int = LABEL - 10


def dot_chart(comparison: Comparison, key: str, metric: str) -> Chart | None:
    """The chart of a metric per "action" or "object"; None where no group has it."""
    by_row = {row.name: row.evaluation.by(key) for row in comparison.rows}
    sizes: dict[str, int] = {}
    for by in by_row.values():
        for group, summaries in by.items():
            sizes[group] = max(sizes.get(group, 0), summaries[metric].n)
    names = sorted(sizes, key=lambda group: (-sizes[group], group))[:MAX_GROUPS]
    names = [group for group in names if sizes[group]]
    if not names:
        return None
    shown = [by[group][metric] for by in by_row.values() for group in names if group in by]
    low, high = _limits(shown, metric)
    rows = sorted(comparison.rows, key=lambda row: row.name == comparison.reference)
    groups = []
    for index, name in enumerate(names):
        means = [(row, by_row[row.name].get(name, {}).get(metric)) for row in rows]
        dots = tuple(
            _dot(row, mean, low, high, row.name == comparison.reference) for row, mean in means if mean and mean.n
        )
        label = name if len(name) <= 20 else f"…{name[-19:]}"
        groups.append(Group(label, sizes[name], LINE * index + LINE / 2 + 4, dots))
    hidden = len(sizes) - len(names)
    notes = [f"{hidden} {key}s with fewer items are not shown."] if hidden > 0 else []
    if any(summary.mean > high for summary in shown):
        notes.append("Dots at the right end lie beyond it.")
    title, higher = METRICS[metric]
    direction = "higher" if higher else "lower"
    ticks = tuple(_ticks(low, high))
    return Chart(title, direction, key, LINE * len(names) + 40, ticks, tuple(groups), tuple(notes))


def _limits(summaries: Sequence[Summary], metric: str) -> tuple[float, float]:
    """Of the axis; methods that are far off must not leave all others without room, so they are drawn at its end."""
    means = sorted(summary.mean for summary in summaries if summary.n)
    if metric in ("sim", "auc_judd", "pointing_game"):
        return 0.0, 1.0
    far = means[int(0.75 * (len(means) - 1))] * 2
    return min(0.0, means[0]), max(min(means[-1], far), means[0] + 1e-6)


def _ticks(low: float, high: float) -> list[Tick]:
    step = _round_step((high - low) / 6)
    places = range(ceil(low / step), floor(high / step) + 1)
    return [Tick(LABEL + PLOT * (index * step - low) / (high - low), f"{index * step:.4g}") for index in places]


def _round_step(minimum: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is not less."""
    power = 10.0 ** floor(log10(minimum))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= minimum * (1 - 1e-9))


def _dot(row: Row, summary: Summary, low: float, high: float, strong: bool) -> Dot:
    def place(value: float) -> float:
        return LABEL + PLOT * min(max((value - low) / (high - low), 0.0), 1.0)

    left, middle, right = (place(summary.mean + k * summary.standard_error) for k in (-1, 0, 1))
    title = f"{row.name}: {summary.mean:.3f} ± {summary.standard_error:.3f} (n {summary.n})"
    return Dot(KINDS[row.supervision], strong, left, middle, right, title)
