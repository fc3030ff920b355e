"""The table as Markdown and CSV, and all scores as JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from hotspot_core.evaluation.comparison import METRICS, Comparison, Row
from hotspot_core.evaluation.protocol import Protocol
from hotspot_core.evaluation.published import published
from hotspot_core.evaluation.summary import Summary

# Stands where there is no number.
NONE = "-"


def markdown(comparisons: Sequence[Comparison], protocol: Protocol) -> str:
    """All comparisons as Markdown, the best of each column in bold, the paper's figures (OPRA · EPIC) behind."""
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
                    [comparison.name, row.name, row.supervision, metric, *asdict(summary).values(), *values]
                )
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
    skipped = [f"{METRICS[name][0]} {value.skipped}" for name, value in summary.items() if value.skipped]
    if skipped:
        text += f" (undefined: {', '.join(skipped)})"
    if row.evaluation.missing:
        text += f", {len(row.evaluation.missing)} images missing"
    if row.evaluation.unpredicted:
        text += f", {len(row.evaluation.unpredicted)} not predicted"
    return text


def paper_figures(row: Row, metric: str, novel: bool) -> str:
    """The paper's, OPRA · EPIC; "" where it has none."""
    values = published(row.name, metric, novel)
    return " · ".join(NONE if value is None else f"{value:.3f}" for value in values) if any(values) else ""


def _table(comparison: Comparison) -> str:
    best = {metric: comparison.best(metric) for metric in comparison.metrics}
    headings = [f"{title} {'↑' if higher else '↓'}" for title, higher in comparison.metrics.values()]
    paper = ["paper KLD", "paper SIM", "paper AUC-J"]
    lines = [
        f"### {comparison.name}",
        "",
        "| " + " | ".join(["method", "learns from", *headings, *paper, "items"]) + " |",
        "|---" * 2 + "|---:" * (len(headings) + len(paper)) + "|---|",
    ]
    for row in comparison.rows:
        cells = []
        for metric in comparison.metrics:
            text = mean_and_error(row.summary[metric]) if metric in row.summary else NONE
            cells.append(f"**{text}**" if row.name in best[metric] else text)
        figures = [paper_figures(row, metric, comparison.novel) for metric in ("kld", "sim", "auc_judd")]
        learns = "" if row.supervision == "none" else row.supervision
        lines.append("| " + " | ".join([row.name, learns, *cells, *figures, counted(row)]) + " |")
    lines += [
        "",
        f"Means ± standard errors over {_kind(comparison)}. The paper's figures are for OPRA · EPIC-Kitchens.",
    ]
    return "\n".join(lines)


def _kind(comparison: Comparison) -> str:
    splits = comparison.rows[0].evaluation.splits
    return f"the means of {len(splits)} disjoint splits" if splits else "items"
