"""A whole evaluation: methods on sets of annotated images, compared, and reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hotspot_core.data.annotations import AnnotationSet
from hotspot_core.data.readers.registry import read_annotated_images
from hotspot_core.errors import check_number
from hotspot_core.evaluation.comparison import Comparison, Row, compare, evaluate_methods, over_splits
from hotspot_core.evaluation.hotspots import READ_OUTS
from hotspot_core.evaluation.kept import KeptEvaluations
from hotspot_core.evaluation.method import Method
from hotspot_core.evaluation.protocol import Protocol
from hotspot_core.evaluation.report.pictures import Gallery, draw_gallery
from hotspot_core.evaluation.report.writer import provenance_of, write_report

# The annotated images, the number of the split or None -> the methods to score on them.
MethodFactory = Callable[[AnnotationSet, int | None], Sequence[Method]]
# Stands for the number of the split in paths.
SPLIT = "{split}"


@dataclass(frozen=True)
class EvaluationConfig:
    """What is scored, and how.

    Attributes:
        sets: name -> source of annotated images, see `read_annotated_images`; "{split}" in it is a split's number.
        protocol: its constants.
        actions, objects: only these; empty for all.
        per_annotation: score every annotation, not one per image and action.
        skip_missing: count missing images and predictions instead of raising.
        affordance: also ask for actions that an image does not afford, see `hotspot_core.evaluation.affordance`.
        splits: mean over this many splits; 0 for none.
        reference: method that the others are compared with; None for interaction hotspots, or else the first.
        resamples: of the bootstrap, 0 for none.
        seed: of the bootstrap.
        output: folder of the report; None for none.
        examples: images in the report's grid of pictures, 0 for none.
        regions: whether to show the metrics of regions.
        every_pair: whether to compare every two methods.
        progress: whether to show progress bars.

    Raises:
        InputError: a number is out of its range.
    """

    sets: Mapping[str, str]
    protocol: Protocol = field(default_factory=Protocol)
    actions: Sequence[str] = ()
    objects: Sequence[str] = ()
    per_annotation: bool = False
    skip_missing: bool = False
    affordance: bool = False
    splits: int = 0
    reference: str | None = None
    resamples: int = 10_000
    seed: int = 0
    output: Path | None = None
    examples: int = 6
    regions: bool = False
    every_pair: bool = False
    progress: bool = True

    def __post_init__(self) -> None:
        numbers = {"bootstrap resamples": self.resamples, "bootstrap seed": self.seed}
        for name, value in {**numbers, "splits": self.splits, "examples": self.examples}.items():
            check_number(name, value, 0, whole=True)


@dataclass(frozen=True)
class EvaluationRun:
    """What an evaluation came to: one comparison per set, its pictures or None, and the report's files."""

    comparisons: tuple[Comparison, ...]
    galleries: Mapping[str, Gallery | None]
    files: tuple[Path, ...]


def run_evaluation(
    config: EvaluationConfig,
    methods: MethodFactory,
    command: str,
    report: Callable[[Comparison], None] | None = None,
) -> EvaluationRun:
    """Score the methods on every set and, where there is an output folder, write the report. Until then, each
    evaluation that is done is kept in that folder, and an interrupted run that is repeated goes on from there.

    Args:
        methods: makes the methods for each set.
        command: what was asked for, for the report.
        report: takes each set's comparison once it is there.

    Raises:
        InputError: bad input; the text names it.
    """
    comparisons: list[Comparison] = []
    galleries: dict[str, Gallery | None] = {}
    for name, source in config.sets.items():
        comparison, galleries[name] = _evaluate_set(config, name, source, methods)
        comparisons.append(comparison)
        if report is not None:
            report(comparison)
    files: list[Path] = []
    if config.output is not None:
        provenance = provenance_of(command)
        provenance["ground truth"] = "per annotation" if config.per_annotation else "merged per image and action"
        files = write_report(config.output, comparisons, galleries, config.protocol, provenance)
        KeptEvaluations(config.output).discard()
    return EvaluationRun(tuple(comparisons), galleries, tuple(files))


def of_split(source: str, split: int | None) -> str:
    """A source or path with the number of the split in it."""
    return source if split is None else source.replace(SPLIT, str(split))


def _evaluate_set(
    config: EvaluationConfig, name: str, source: str, factory: MethodFactory
) -> tuple[Comparison, Gallery | None]:
    splits: list[int | None] = [*range(config.splits)] if config.splits else [None]
    parts: list[list[Row]] = []
    first: tuple[Sequence[Method], AnnotationSet] | None = None
    for split in splits:
        annotations = read_annotated_images(of_split(source, split))
        if config.actions or config.objects:
            annotations = annotations.selected(config.actions, config.objects)
        methods = factory(annotations, split)
        rows = evaluate_methods(
            methods,
            annotations,
            config.protocol,
            merge=not config.per_annotation,
            skip_missing=config.skip_missing,
            affordance=config.affordance,
            progress=config.progress,
            kept=None if config.output is None else KeptEvaluations(config.output),
        )
        parts.append(rows)
        first = first or (methods, annotations)
    assert first is not None
    methods, annotations = first
    reference = config.reference or _reference(methods)
    rows = over_splits(parts) if config.splits else parts[0]
    comparison = compare(
        name, source, rows, reference, config.resamples, config.seed, annotations, config.regions, config.every_pair
    )
    if config.output is None:
        return comparison, None
    shown = compare(name, source, parts[0], reference, resamples=0)
    return comparison, draw_gallery(shown, methods, annotations, config.protocol, config.examples)


def _reference(methods: Sequence[Method]) -> str:
    return next((method.name for method in methods if READ_OUTS["hotspots"] in method.name), methods[0].name)
