"""A comparison for a terminal; the files have the standard errors, too."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table

from hotspot_core.evaluation.affordance import AFFORDANCE_METRICS
from hotspot_core.evaluation.comparison import METRICS, REGION_METRICS, Comparison
from hotspot_core.evaluation.report.tables import NONE, counted, published_rows


def console_tables(comparison: Comparison) -> list[Table]:
    """The means: of the metrics of single maps and, where they were asked for, of regions and of affordances."""
    tables = [_table(comparison, METRICS)]
    tables[0].add_column("items")
    for row, cells in zip(comparison.rows, _cells(comparison, METRICS), strict=True):
        tables[0].add_row(row.name, *cells, counted(row))
    for name, figures in published_rows(comparison):
        tables[0].add_row(f"[italic]{name}[/italic]", *figures[: len(METRICS)], "")
    for more in (REGION_METRICS, AFFORDANCE_METRICS):
        if set(more) <= set(comparison.metrics):
            tables.append(_table(comparison, more))
            for row, cells in zip(comparison.rows, _cells(comparison, more), strict=True):
                tables[-1].add_row(row.name, *cells)
    return tables


def _table(comparison: Comparison, metrics: Mapping[str, tuple[str, bool]]) -> Table:
    table = Table(title=comparison.name)
    table.add_column("method")
    for title, higher in metrics.values():
        table.add_column(f"{title} {'↑' if higher else '↓'}", justify="right")
    return table


def _cells(comparison: Comparison, metrics: Mapping[str, tuple[str, bool]]) -> list[list[str]]:
    """A line for each row, the best in bold."""
    best = {metric: comparison.best(metric) for metric in metrics}
    lines = []
    for row in comparison.rows:
        summaries = [(metric, row.summary.get(metric)) for metric in metrics]
        texts = {m: f"{summary.mean:.3f}" if summary is not None and summary.n else NONE for m, summary in summaries}
        lines.append([f"[bold]{text}[/bold]" if row.name in best[m] else text for m, text in texts.items()])
    return lines
