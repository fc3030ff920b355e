"""The report as one HTML page that holds all it needs: no network, no scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from html import escape
from typing import Any

from hotspot_core.evaluation.comparison import METRICS, Comparison, Row
from hotspot_core.evaluation.protocol import Protocol
from hotspot_core.evaluation.report.charts import KINDS, dot_chart
from hotspot_core.evaluation.report.pictures import Example, Gallery, as_data_uri
from hotspot_core.evaluation.report.style import STYLE
from hotspot_core.evaluation.report.tables import NONE, counted, mean_and_error, paper_figures

SUPERVISION: Mapping[str, str] = {
    "none": "nothing",
    "action labels": "action labels of clips",
    "saliency maps": "maps, without actions",
    "action maps": "maps of each action",
    "external": "unknown: made elsewhere",
}


def page(
    comparisons: Sequence[Comparison],
    galleries: Mapping[str, Gallery | None],
    protocol: Protocol,
    provenance: Mapping[str, Any],
) -> str:
    """The whole page.

    Args:
        galleries: comparison -> its pictures, None where there are none.
        provenance: what is told at the end, such as version, command and date.
    """
    methods = len({row.name for comparison in comparisons for row in comparison.rows})
    sections = [_section(comparison, galleries.get(comparison.name)) for comparison in comparisons]
    sets = ", ".join(comparison.name for comparison in comparisons)
    contents = "".join(f'<a href="#{_anchor(comparison)}">{escape(comparison.name)}</a>' for comparison in comparisons)
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Interaction hotspots: evaluation on {escape(sets)}</title><style>{STYLE}</style></head><body>"
        f"<header><p class='eyebrow'>hotspot_core evaluation</p><h1>Where does each action happen?</h1>"
        f"<p>{methods} {'method' if methods == 1 else 'methods'}, one protocol, on {escape(sets)}.</p>"
        f'<nav>{contents}<a href="#protocol">Protocol and provenance</a></nav></header><main>'
        f"{''.join(sections)}{_closing(comparisons, protocol, provenance)}</main></body></html>\n"
    )


def _section(comparison: Comparison, gallery: Gallery | None) -> str:
    charts = "".join(
        f"<h3>Per {key}</h3>{_legend(comparison)}{_charts(comparison, key)}"
        for key in ("action", "object")
        if len({getattr(item, key) for row in comparison.rows for item in row.evaluation.items}) > 1
    )
    return (
        f'<section id="{_anchor(comparison)}"><h2>{escape(comparison.name)}</h2>{_headline(comparison)}'
        f"{_table(comparison)}{_differences(comparison)}{charts}{_gallery(comparison, gallery)}</section>"
    )


def _anchor(comparison: Comparison) -> str:
    return "set-" + "".join(c if c.isalnum() else "-" for c in comparison.name)


def _headline(comparison: Comparison) -> str:
    row = next(row for row in comparison.rows if row.name == comparison.reference)
    kld = row.evaluation.summary["kld"]
    found = [by["kld"] for by in comparison.differences.values() if "kld" in by]
    better, worse = sum(d.low > 0 for d in found), sum(d.high < 0 for d in found)
    verdict = (
        f" By KLD it is better than {better} of the {len(found)} other methods and worse than {worse}, where the "
        "95 % interval of the difference leaves out 0."
        if found
        else ""
    )
    return (
        f"<p class='lead'><b>{escape(row.name)}</b>: KLD {mean_and_error(kld)} over {counted(row)} items.{verdict}</p>"
    )


def _table(comparison: Comparison) -> str:
    best = {metric: comparison.best(metric) for metric in METRICS}
    paper = ["kld", "sim", "auc_judd"]
    heads = "".join(f"<th>{title} <i>{'↑' if up else '↓'}</i></th>" for title, up in METRICS.values())
    papers = "".join(f'<th class="paper">{METRICS[metric][0]}</th>' for metric in paper)
    body = "".join(_table_row(comparison, row, best, paper) for row in comparison.rows)
    return (
        '<div class="scroll"><table><thead><tr><td></td>'
        f'<th colspan="{len(METRICS)}">here: mean ± standard error, best in bold</th>'
        f'<th class="paper" colspan="{len(paper)}">in the paper: OPRA, EPIC</th><td></td></tr>'
        f'<tr><th class="name">method</th>{heads}{papers}<th class="count">items</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
        "<p class='note'>The paper's figures are for its own data"
        f"{', novel objects' if comparison.novel else ''}; they stand here for orientation, not as a target.</p>"
    )


def _table_row(comparison: Comparison, row: Row, best: Mapping[str, set[str]], paper: Sequence[str]) -> str:
    cells = []
    for metric, summary in row.evaluation.summary.items():
        mean, _, error = mean_and_error(summary).partition(" ± ")
        text = f"{mean}<small>± {error}</small>" if error else mean
        cells.append(f'<td class="best">{text}</td>' if row.name in best[metric] else f"<td>{text}</td>")
    papers = [paper_figures(row, metric, comparison.novel).split(" · ") for metric in paper]
    figures = "".join(f'<td class="paper">{"<br>".join(values)}</td>' for values in papers)
    mark = ' class="reference"' if row.name == comparison.reference else ""
    return (
        f'<tr{mark}><th class="name"><span class="swatch {KINDS[row.supervision]}"></span>{escape(row.name)}</th>'
        f'{"".join(cells)}{figures}<td class="count">{escape(counted(row))}</td></tr>'
    )


def _differences(comparison: Comparison) -> str:
    if not comparison.differences:
        return ""
    lines = []
    for name, by in comparison.differences.items():
        cells = []
        for metric, (_, higher) in METRICS.items():
            difference = by.get(metric)
            if difference is None:
                cells.append(f"<td>{NONE}</td>")
                continue
            kind = (
                ""
                if not difference.significant
                else (" class='good'" if (difference.mean > 0) == higher else " class='bad'")
            )
            cells.append(
                f"<td{kind}>{difference.mean:+.3f}<small> {difference.low:+.3f} … {difference.high:+.3f}</small></td>"
            )
        lines.append(f"<tr><th class='name'>{escape(name)}</th>{''.join(cells)}</tr>")
    heads = "".join(f"<th>{title} <i>{'↑' if up else '↓'}</i></th>" for title, up in METRICS.values())
    return (
        f"<details><summary>Differences from {escape(comparison.reference)}, with 95 % intervals</summary>"
        f'<div class="scroll"><table><thead><tr><th class="name">method</th>{heads}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div><p class='note'>Paired bootstrap over images, on the items that "
        "both methods have. Green is better than the reference, red worse; no colour: the interval holds 0.</p>"
        "</details>"
    )


def _legend(comparison: Comparison) -> str:
    kinds = dict.fromkeys(row.supervision for row in comparison.rows)
    items = "".join(f'<li><span class="swatch {KINDS[kind]}"></span>{SUPERVISION[kind]}</li>' for kind in kinds)
    return (
        f'<ul class="legend"><li class="first">learned from</li>{items}<li>◆ {escape(comparison.reference)}</li></ul>'
    )


def _charts(comparison: Comparison, key: str) -> str:
    parts = []
    for metric, (title, higher) in METRICS.items():
        direction = "higher is better" if higher else "lower is better"
        chart = dot_chart(comparison, key, metric)
        if chart:
            shown = " open" if metric == "kld" else ""
            parts.append(
                f"<details{shown}><summary>{title} <small>{direction}</small></summary>"
                f'<div class="scroll">{chart}</div></details>'
            )
    return "".join(parts)


def _gallery(comparison: Comparison, gallery: Gallery | None) -> str:
    if gallery is None:
        return "<p class='note'>No pictures: the images are not here, or none were asked for.</p>"
    heads = "".join(
        f"<th>{escape(example.item.action)}<small>{escape(example.item.object)}</small></th>"
        for example in gallery.spread
    )
    rows = [_picture_row("ground truth", [_image(example.truth, "ground truth") for example in gallery.spread])]
    for row in comparison.rows:
        shown = [
            _image(example.maps[row.name], row.name) if row.name in example.maps else f"<td>{NONE}</td>"
            for example in gallery.spread
        ]
        rows.append(_picture_row(row.name, shown))
    return (
        f"<h3>What they see</h3><p class='note'>Stills from the best to the worst for {escape(comparison.reference)}, "
        "evenly spread. Brighter is stronger; each map is scaled by its own maximum.</p>"
        f'<div class="scroll"><table class="pictures"><thead><tr><th class="name"></th>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
        f"<h3>Best and worst of {escape(comparison.reference)}</h3><div class='pairs'>"
        f"{''.join(_pair(example, comparison.reference, 'best') for example in gallery.best)}"
        f"{''.join(_pair(example, comparison.reference, 'worst') for example in gallery.worst)}</div>"
    )


def _picture_row(name: str, cells: Sequence[str]) -> str:
    return f"<tr><th class='name'>{escape(name)}</th>{''.join(cells)}</tr>"


def _image(picture: Any, name: str) -> str:
    return f'<td><img src="{as_data_uri(picture)}" alt="{escape(name)}"></td>'


def _pair(example: Example, reference: str, kind: str) -> str:
    item = example.item
    drawn = example.maps.get(reference)
    second = f'<img src="{as_data_uri(drawn)}" alt="{escape(reference)}">' if drawn is not None else ""
    return (
        f'<figure class="{kind}"><div><img src="{as_data_uri(example.truth)}" alt="ground truth">{second}</div>'
        f"<figcaption><b>{kind}</b> {escape(item.action)}, {escape(item.object)}: KLD {item.scores['kld']:.2f}"
        f"<small>{escape(item.image.name)}</small></figcaption></figure>"
    )


def _closing(comparisons: Sequence[Comparison], protocol: Protocol, provenance: Mapping[str, Any]) -> str:
    constants = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in asdict(protocol).items())
    told = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in provenance.items()
    )
    sources = "".join(
        f"<tr><th>{escape(comparison.name)}</th><td>{escape(comparison.source)}</td></tr>" for comparison in comparisons
    )
    rows = {row.name: row for comparison in comparisons for row in comparison.rows}
    methods = "".join(
        f"<tr><th>{escape(row.name)}</th><td>learned from {SUPERVISION[row.supervision]}"
        f"{f'; {escape(row.provenance)}' if row.provenance else ''}</td></tr>"
        for row in rows.values()
    )
    return (
        '<section id="protocol"><h2>Protocol and provenance</h2><p>Ground truth: one at each annotated point, a '
        "Gaussian blur with an odd kernel of √(H·W) / kernel_ratio pixels, sum one. Both maps go to the grid; the "
        "prediction is divided by its maximum and blurred. KLD and SIM compare distributions, AUC-J and NSS rank the "
        "cells above a threshold of the ground truth, the hit rate asks whether the strongest peak lies near an "
        "annotated point. "
        "What a metric is not defined for is skipped and counted.</p>"
        f"<div class='columns'><table class='facts'>{constants}</table>"
        f"<table class='facts'>{told}{sources}</table></div>"
        f"<h3>Methods</h3><table class='facts'>{methods}</table></section>"
    )
