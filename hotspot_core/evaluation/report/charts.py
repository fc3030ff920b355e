"""Charts as SVG: one dot per method and group, with its standard error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10

from hotspot_core.evaluation.comparison import METRICS, Comparison
from hotspot_core.evaluation.summary import Summary

# Class of the colour of each kind of method, as the page's style names them.
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


def dot_chart(comparison: Comparison, key: str, metric: str) -> str:
    """Means of a metric per "action" or "object", a line for each, a dot for each method."""
    by_row = {row.name: row.evaluation.by(key) for row in comparison.rows}
    sizes = {
        group: max(by[group][metric].n for by in by_row.values() if group in by)
        for by in by_row.values()
        for group in by
    }
    groups = sorted(sizes, key=lambda group: (-sizes[group], group))[:MAX_GROUPS]
    groups = [group for group in groups if sizes[group]]
    if not groups:
        return ""
    low, high = _limits([by[group][metric] for by in by_row.values() for group in groups if group in by], metric)
    height = LINE * len(groups) + 40
    parts = [
        f'<svg viewBox="0 0 {LABEL + PLOT + 20} {height}" role="img" aria-label="{METRICS[metric][0]} per {key}">',
        *_axis(low, high, height),
    ]
    for index, group in enumerate(groups):
        y = LINE * index + LINE / 2 + 4
        label = group if len(group) <= 20 else f"…{group[-19:]}"
        parts.append(
            f'<text x="{LABEL - 10}" y="{y + 4:.0f}" text-anchor="end">{escape(label)} '
            f'<tspan class="n">{sizes[group]}</tspan></text>'
        )
        for row in sorted(comparison.rows, key=lambda row: row.name == comparison.reference):
            summary = by_row[row.name].get(group, {}).get(metric)
            if summary is not None and summary.n:
                strong = row.name == comparison.reference
                parts.append(_dot(row.name, KINDS[row.supervision], summary, y, low, high, strong))
    hidden = len(sizes) - len(groups)
    notes = [f"{hidden} {key}s with fewer items are not shown."] if hidden > 0 else []
    if any(by[group][metric].mean > high for by in by_row.values() for group in groups if group in by):
        notes.append("Dots at the right end lie beyond it.")
    note = f'<p class="note">{" ".join(notes)}</p>' if notes else ""
    return "".join([*parts, "</svg>", note])


def _limits(summaries: Sequence[Summary], metric: str) -> tuple[float, float]:
    """Of the axis; methods that are far off must not leave all others without room, so they are drawn at its end."""
    means = sorted(summary.mean for summary in summaries if summary.n)
    if metric in ("sim", "auc_judd", "pointing_game"):
        return 0.0, 1.0
    far = means[int(0.75 * (len(means) - 1))] * 2
    return min(0.0, means[0]), max(min(means[-1], far), means[0] + 1e-6)


def _axis(low: float, high: float, height: int) -> list[str]:
    step = _round_step((high - low) / 6)
    parts = []
    for index in range(ceil(low / step), floor(high / step) + 1):
        x = LABEL + PLOT * (index * step - low) / (high - low)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height - 28}"/>')
        parts.append(f'<text class="tick" x="{x:.1f}" y="{height - 10}" text-anchor="middle">{index * step:.4g}</text>')
    return parts


def _round_step(least: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is not less."""
    power = 10.0 ** floor(log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))


def _dot(name: str, kind: str, summary: Summary, y: float, low: float, high: float, strong: bool) -> str:
    def place(value: float) -> float:
        return LABEL + PLOT * min(max((value - low) / (high - low), 0.0), 1.0)

    left, middle, right = (place(summary.mean + k * summary.standard_error) for k in (-1, 0, 1))
    title = f"<title>{escape(name)}: {summary.mean:.3f} ± {summary.standard_error:.3f} (n {summary.n})</title>"
    bar = f'<line class="bar" x1="{left:.1f}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
    if strong:
        turned = f'transform="rotate(45 {middle:.1f} {y:.1f})"'
        mark = f'<rect x="{middle - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" {turned}/>'
    else:
        mark = f'<circle cx="{middle:.1f}" cy="{y:.1f}" r="4.5"/>'
    return f'<g class="{kind}{" strong" if strong else ""}">{title}{bar}{mark}</g>'
