"""Several methods on the same images: their evaluations, and how sure the differences are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property, partial
from itertools import combinations
from typing import Any

from hotspot_core.data.annotations import AnnotationSet
from hotspot_core.errors import InputError
from hotspot_core.evaluation.affordance import AFFORDANCE_METRICS
from hotspot_core.evaluation.bootstrap import Difference, paired_bootstrap
from hotspot_core.evaluation.kept import KeptEvaluations, identity
from hotspot_core.evaluation.method import Method, Supervision
from hotspot_core.evaluation.protocol import Protocol
from hotspot_core.evaluation.published import PublishedFigures, published
from hotspot_core.evaluation.results import Evaluation
from hotspot_core.evaluation.scoring import evaluate
from hotspot_core.evaluation.summary import Summary

# Metric of single items -> its heading, and whether higher is better.
METRICS: Mapping[str, tuple[str, bool]] = {
    "kld": ("KLD", False),
    "sim": ("SIM", True),
    "auc_judd": ("AUC-J", True),
    "nss": ("NSS", True),
    "pointing_game": ("Pointing game", True),
}


# Of regions, and of the three strongest points; shown where they are asked for.
REGION_METRICS: Mapping[str, tuple[str, bool]] = {
    "iou_25": ("IoU at .25", True),
    "iou_50": ("IoU at .5", True),
    "iou_75": ("IoU at .75", True),
    "top_3": ("Top 3", True),
}


@dataclass(frozen=True)
class Row:
    """One method on one set of images."""

    name: str
    supervision: Supervision
    provenance: str
    evaluation: Evaluation
    setting: str = ""

    @cached_property
    def summary(self) -> dict[str, Summary]:
        """Metric -> its summary, of items and, where they were asked for, of affordances."""
        return {**self.evaluation.summary, **self.evaluation.affordance}


@dataclass(frozen=True)
class Comparison:
    """Methods on one set of images.

    Attributes:
        name: of the set.
        source: the file or folder that it was read from.
        rows: in the order of the table.
        reference: name of the row that the others are compared with.
        differences: row -> metric -> the row minus the reference; only rows that share items with it.
        benchmark: see `AnnotationSet`.
        held_out: whether its objects are those that the benchmark holds out of training.
        regions: whether the metrics of regions are shown.
        pairs: every two rows -> metric -> the first minus the second; empty if not asked for.
    """

    name: str
    source: str
    rows: tuple[Row, ...]
    reference: str
    differences: Mapping[str, Mapping[str, Difference]]
    benchmark: str = ""
    held_out: bool = False
    regions: bool = False
    pairs: Mapping[tuple[str, str], Mapping[str, Difference]] = field(default_factory=dict)

    @property
    def novel(self) -> bool:
        """Whether the objects are novel, as the data set or the name says."""
        return self.held_out or "novel" in self.name.lower()

    @property
    def published(self) -> PublishedFigures | None:
        """What papers publish for this very data set; None for data of our own."""
        return published(self.benchmark, self.novel)

    @property
    def metrics(self) -> Mapping[str, tuple[str, bool]]:
        """The metrics that are shown -> heading, and whether higher is better."""
        regions = REGION_METRICS if self.regions else {}
        judged = AFFORDANCE_METRICS if any(row.evaluation.affordance for row in self.rows) else {}
        return {**METRICS, **regions, **judged}

    def best(self, metric: str) -> set[str]:
        """The rows with the best mean, as far as three digits tell."""
        means = {row.name: round(row.summary[metric].mean, 3) for row in self.rows if metric in row.summary}
        defined = [value for value in means.values() if value == value]
        if not defined:
            return set()
        winner = max(defined) if self.metrics[metric][1] else min(defined)
        return {name for name, value in means.items() if value == winner}

    def as_json(self) -> dict[str, Any]:
        """All of it for a JSON file."""
        return {
            "name": self.name,
            "source": self.source,
            "reference": self.reference,
            "methods": {
                row.name: {
                    "supervision": row.supervision,
                    "setting": row.setting,
                    "provenance": row.provenance,
                    **row.evaluation.as_json(),
                    "minus_reference": {
                        metric: asdict(value) for metric, value in self.differences.get(row.name, {}).items()
                    },
                }
                for row in self.rows
            },
        }


def evaluate_methods(
    methods: Sequence[Method],
    annotations: AnnotationSet,
    protocol: Protocol,
    *,
    merge: bool = True,
    skip_missing: bool = False,
    affordance: bool = False,
    progress: bool = False,
    kept: KeptEvaluations | None = None,
) -> list[Row]:
    """Every method on the same images.

    Args:
        kept: where each evaluation is kept as soon as it is done, and taken from where it was; None for nowhere.

    Raises:
        InputError: two methods of one name, or see `evaluate`.
    """
    names = [method.name for method in methods]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"two methods are called {twice[0]!r}: name them, as in --checkpoint NAME=FILE")
    rows = []
    for method in methods:
        make = partial(
            evaluate,
            method,
            annotations,
            protocol,
            merge=merge,
            images=method.needs_images,
            skip_missing=skip_missing,
            affordance=affordance,
            progress=method.name if progress else None,
        )
        # Maps made elsewhere are many files, which nothing tells from what they were, and are scored quickly.
        if kept is None or method.supervision == "external":
            evaluation = make()
        else:
            key = identity(method, annotations, protocol, merge=merge, missing=skip_missing, affordance=affordance)
            evaluation = kept.once(method.name, key, protocol, make)
        rows.append(Row(method.name, method.supervision, method.provenance, evaluation, method.setting))
    return rows


def over_splits(parts: Sequence[Sequence[Row]]) -> list[Row]:
    """The rows of several disjoint splits as rows of their mean."""
    rows = []
    for same in zip(*parts, strict=True):
        evaluations = tuple(row.evaluation for row in same)
        whole = Evaluation(
            tuple(item for part in evaluations for item in part.items),
            tuple(path for part in evaluations for path in part.missing),
            evaluations[0].protocol,
            tuple(name for part in evaluations for name in part.unpredicted),
            tuple(one for part in evaluations for one in part.judged),
            evaluations,
        )
        provenance = "; ".join(dict.fromkeys(row.provenance for row in same))
        rows.append(Row(same[0].name, same[0].supervision, provenance, whole, same[0].setting))
    return rows


def compare(
    name: str,
    source: str,
    rows: Sequence[Row],
    reference: str,
    resamples: int = 10_000,
    seed: int = 0,
    annotations: AnnotationSet | None = None,
    regions: bool = False,
    every_pair: bool = False,
) -> Comparison:
    """Rows with the paired bootstrap of each against the reference; 0 resamples for none.

    Args:
        annotations: what was scored, for the figures that are published for it.
        regions: whether to show the metrics of regions.
        every_pair: whether to compare every two rows, too.

    Raises:
        InputError: no row has the reference's name.
    """
    chosen = [row for row in rows if row.name == reference]
    if not chosen:
        raise InputError(f"no method {reference!r} to compare with: there are {', '.join(row.name for row in rows)}")
    differences: dict[str, dict[str, Difference]] = {}
    for row in rows:
        if row.name == reference or not resamples:
            continue
        found = _differences(row, chosen[0], resamples, seed)
        if found:
            differences[row.name] = found
    pairs = {}
    if every_pair and resamples:
        pairs = {(a.name, b.name): _differences(a, b, resamples, seed) for a, b in combinations(rows, 2)}
    benchmark, held_out = (annotations.benchmark, annotations.novel) if annotations else ("", False)
    return Comparison(name, source, tuple(rows), reference, differences, benchmark, held_out, regions, pairs)


def _differences(first: Row, second: Row, resamples: int, seed: int) -> dict[str, Difference]:
    """Metric -> the first row minus the second; without those that are not defined for common items."""
    found = {}
    for metric in METRICS:
        with suppress(InputError):  # nothing in common, or the metric is not defined: there is no difference to show
            found[metric] = paired_bootstrap(first.evaluation, second.evaluation, metric, resamples, seed)
    return found
