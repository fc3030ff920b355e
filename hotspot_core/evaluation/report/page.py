"""The report as one HTML page that holds all it needs: no network, no scripts. The templates lay it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from hotspot_core.evaluation.bootstrap import Difference
from hotspot_core.evaluation.comparison import METRICS, Comparison, Row
from hotspot_core.evaluation.protocol import Protocol
from hotspot_core.evaluation.report.charts import KINDS, Chart, dot_chart
from hotspot_core.evaluation.report.pictures import Gallery, as_data_uri
from hotspot_core.evaluation.report.reliability import Diagram, diagrams
from hotspot_core.evaluation.report.tables import NONE, counted, learned_from, mean_and_error, published_rows

SUPERVISION: Mapping[str, str] = {
    "none": "nothing",
    "action labels": "action labels of clips",
    "saliency maps": "maps, without actions",
    "action maps": "maps of each action",
    "external": "unknown: made elsewhere",
}


@dataclass(frozen=True)
class Heading:
    """A metric's title, and which way is better."""

    title: str
    arrow: str


@dataclass(frozen=True)
class Cell:
    """A mean with its error, "" for none, and whether it is the best of its column."""

    mean: str
    error: str
    best: bool


@dataclass(frozen=True)
class DifferenceCell:
    """A difference from the reference with its interval; `kind` is "good", "bad" or ""."""

    mean: str
    interval: str = ""
    kind: str = ""


@dataclass(frozen=True)
class TableRow:
    """A method: the class of its color, what the table says of it, its cells, and its number of items."""

    name: str
    kind: str
    learned_from: str
    cells: tuple[Cell, ...]
    count: str


@dataclass(frozen=True)
class Headline:
    """The reference in one sentence: over how many of the others its KLD is better, or worse."""

    kld: str
    items: str
    others: int
    better: int
    worse: int


@dataclass(frozen=True)
class Section:
    """All that the template shows of one set of images."""

    comparison: Comparison
    anchor: str
    headline: Headline
    metrics: tuple[Heading, ...]
    compared: tuple[Heading, ...]
    rows: tuple[TableRow, ...]
    published: tuple[tuple[str, list[str]], ...]
    differences: Mapping[str, tuple[DifferenceCell, ...]]
    charts: Mapping[str, tuple[Chart, ...]]
    kinds: tuple[str, ...]
    reliability: tuple[Diagram, ...]
    gallery: Gallery | None


def page(
    comparisons: Sequence[Comparison],
    galleries: Mapping[str, Gallery | None],
    protocol: Protocol,
    provenance: Mapping[str, Any],
) -> str:
    """The whole page.

    Args:
        galleries: comparison -> its pictures, None where there are none.
        provenance: what stands at the end, such as version, command and date.
    """
    rows = {row.name: row for comparison in comparisons for row in comparison.rows}
    return (
        _environment()
        .get_template("page.html")
        .render(
            sections=[_section(comparison, galleries.get(comparison.name)) for comparison in comparisons],
            sets=", ".join(comparison.name for comparison in comparisons),
            methods=list(rows.values()),
            affordance=any(row.evaluation.affordance for row in rows.values()),
            constants=asdict(protocol),
            provenance=provenance,
            supervision=SUPERVISION,
            kinds=KINDS,
            none_text=NONE,
            zip=zip,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("hotspot_core.evaluation.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_uri"] = as_data_uri
    return environment


def _section(comparison: Comparison, gallery: Gallery | None) -> Section:
    return Section(
        comparison,
        anchor="set-" + "".join(c if c.isalnum() else "-" for c in comparison.name),
        headline=_headline(comparison),
        metrics=_headings(comparison.metrics),
        compared=_headings(METRICS),
        rows=tuple(_table_row(comparison, row) for row in comparison.rows),
        published=tuple(published_rows(comparison)),
        differences={name: _differences(by) for name, by in comparison.differences.items()},
        charts=_charts(comparison),
        kinds=tuple(dict.fromkeys(row.supervision for row in comparison.rows)),
        reliability=diagrams(comparison.rows),
        gallery=gallery,
    )


def _headings(metrics: Mapping[str, tuple[str, bool]]) -> tuple[Heading, ...]:
    return tuple(Heading(title, "↑" if higher else "↓") for title, higher in metrics.values())


def _headline(comparison: Comparison) -> Headline:
    row = next(row for row in comparison.rows if row.name == comparison.reference)
    differences = [by["kld"] for by in comparison.differences.values() if "kld" in by]
    better, worse = sum(d.low > 0 for d in differences), sum(d.high < 0 for d in differences)
    return Headline(mean_and_error(row.summary["kld"]), counted(row), len(differences), better, worse)


def _table_row(comparison: Comparison, row: Row) -> TableRow:
    cells = []
    for metric in comparison.metrics:
        text = mean_and_error(row.summary[metric]) if metric in row.summary else NONE
        mean, _, error = text.partition(" ± ")
        cells.append(Cell(mean, error, row.name in comparison.best(metric)))
    return TableRow(row.name, KINDS[row.supervision], learned_from(row), tuple(cells), counted(row))


def _differences(by: Mapping[str, Difference]) -> tuple[DifferenceCell, ...]:
    cells = []
    for metric, (_, higher) in METRICS.items():
        difference = by.get(metric)
        if difference is None:
            cells.append(DifferenceCell(NONE))
            continue
        kind = ("good" if (difference.mean > 0) == higher else "bad") if difference.significant else ""
        interval = f"{difference.low:+.3f} … {difference.high:+.3f}"
        cells.append(DifferenceCell(f"{difference.mean:+.3f}", interval, kind))
    return tuple(cells)


def _charts(comparison: Comparison) -> dict[str, tuple[Chart, ...]]:
    """Per "action", "object" and "size", where there are several: a chart for each metric."""
    charts = {}
    for key in ("action", "object", "size"):
        if len({getattr(item, key) for row in comparison.rows for item in row.evaluation.items}) > 1:
            drawn = (dot_chart(comparison, key, metric) for metric in METRICS)
            charts[key] = tuple(chart for chart in drawn if chart is not None)
    return charts
