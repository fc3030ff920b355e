"""The table as Markdown and CSV, and all scores as JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from hotspot_core.evaluation.bootstrap import holm
from hotspot_core.evaluation.comparison import METRICS, Comparison, Row
from hotspot_core.evaluation.protocol import Protocol
from hotspot_core.evaluation.summary import Summary

# Stands where there is no number.
NONE = "-"


def markdown(comparisons: Sequence[Comparison], protocol: Protocol) -> str:
    """All comparisons as Markdown, the best of each column in bold, published figures for the same data below."""
    parts = [_table(comparison) for comparison in comparisons]
    return "\n\n".join([*parts, f"Protocol: {protocol}.", ""])


def comma_separated(comparisons: Sequence[Comparison]) -> str:
    """One line per set, method and metric."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [
            "data",
            "method",
            "supervision",
            "setting",
            "metric",
            "mean",
            "standard_error",
            "n",
            "skipped",
            "minus_reference",
            "low",
            "high",
            "p",
        ]
    )
    for comparison in comparisons:
        for row in comparison.rows:
            for metric, summary in row.summary.items():
                difference = comparison.differences.get(row.name, {}).get(metric)
                values = [difference.mean, difference.low, difference.high, difference.p] if difference else [""] * 4
                writer.writerow(
                    [
                        comparison.name,
                        row.name,
                        row.supervision,
                        row.setting,
                        metric,
                        *asdict(summary).values(),
                        *values,
                    ]
                )
    return text.getvalue()


def breakdown(comparisons: Sequence[Comparison]) -> str:
    """CSV: one line per set, method, kind of group ("action", "object", "size"), group and metric."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["data", "method", "by", "group", "metric", "mean", "standard_error", "n", "skipped"])
    for comparison in comparisons:
        for row in comparison.rows:
            for key in ("action", "object", "size"):
                for group, summary in row.evaluation.by(key).items():
                    for metric, value in summary.items():
                        writer.writerow([comparison.name, row.name, key, group, metric, *asdict(value).values()])
    return text.getvalue()


def pairs(comparisons: Sequence[Comparison]) -> str:
    """CSV: every two methods with their difference per metric, its interval, p, and p after Holm's correction for the
    number of pairs."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["data", "method", "other", "metric", "difference", "low", "high", "p", "p_holm", "n"])
    for comparison in comparisons:
        for metric in METRICS:
            found = {names: by[metric] for names, by in comparison.pairs.items() if metric in by}
            corrected = holm([difference.p for difference in found.values()])
            for (names, one), p in zip(found.items(), corrected, strict=True):
                writer.writerow([comparison.name, *names, metric, one.mean, one.low, one.high, one.p, p, one.n])
    return text.getvalue()


def scores_json(comparisons: Sequence[Comparison], protocol: Protocol, provenance: dict[str, Any]) -> str:
    """Everything, down to single items."""
    document = {
        "provenance": provenance,
        "protocol": asdict(protocol),
        "comparisons": [comparison.as_json() for comparison in comparisons],
    }
    return json.dumps(document, indent=1, allow_nan=False)


def mean_and_error(summary: Summary) -> str:
    """As in "1.234 ± 0.012"."""
    return f"{summary.mean:.3f} ± {summary.standard_error:.3f}" if summary.n else NONE


def counted(row: Row) -> str:
    """How many items, and what is not among them."""
    summary = row.evaluation.summary
    text = f"{summary['kld'].n + summary['kld'].skipped}"
    skipped = [f"{METRICS[name][0]} {summary[name].skipped}" for name in METRICS if summary[name].skipped]
    if skipped:
        text += f" (undefined: {', '.join(skipped)})"
    if row.evaluation.missing:
        text += f", {len(row.evaluation.missing)} images missing"
    if row.evaluation.unpredicted:
        text += f", {len(row.evaluation.unpredicted)} not predicted"
    return text


def learned_from(row: Row) -> str:
    """The kind of supervision, and what else the table says of the method."""
    return "; ".join(filter(None, ["" if row.supervision == "none" else row.supervision, row.setting]))


def published_rows(comparison: Comparison) -> list[tuple[str, list[str]]]:
    """What papers publish for this data set, each with a cell per metric; none for data of our own."""
    figures = comparison.published
    if figures is None:
        return []
    named = {f"{name}, published": figures.of(name) for name in figures.rows}
    return [
        (name, [f"{values[metric]:.3f}" if metric in values else NONE for metric in comparison.metrics])
        for name, values in named.items()
    ]


def _table(comparison: Comparison) -> str:
    best = {metric: comparison.best(metric) for metric in comparison.metrics}
    headings = [f"{title} {'↑' if higher else '↓'}" for title, higher in comparison.metrics.values()]
    lines = [
        f"### {comparison.name}",
        "",
        "| " + " | ".join(["method", "learns from", *headings, "items"]) + " |",
        "|---" * 2 + "|---:" * len(headings) + "|---|",
    ]
    for row in comparison.rows:
        cells = []
        for metric in comparison.metrics:
            text = mean_and_error(row.summary[metric]) if metric in row.summary else NONE
            cells.append(f"**{text}**" if row.name in best[metric] else text)
        lines.append("| " + " | ".join([row.name, learned_from(row), *cells, counted(row)]) + " |")
    lines += [
        "| " + " | ".join([f"*{name}*", "", *(f"*{cell}*" for cell in cells), ""]) + " |"
        for name, cells in published_rows(comparison)
    ]
    lines += ["", f"Means ± standard errors over {_kind(comparison)}.{_source(comparison)}"]
    return "\n".join(lines)


def _source(comparison: Comparison) -> str:
    return f" Published figures: {comparison.published.source}." if comparison.published else ""


def _kind(comparison: Comparison) -> str:
    splits = comparison.rows[0].evaluation.splits
    return f"the means of {len(splits)} disjoint splits" if splits else "items"
