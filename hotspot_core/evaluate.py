"""`python -m hotspot_core.evaluate`: scores methods on annotated stills and writes a report.

Any number of methods, one protocol: interaction hotspots and LSTM+Grad-CAM read out of a model, the networks of
`python -m hotspot_core.experiments.train_baseline`, baselines that need no training, and maps made elsewhere.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

from rich.console import Console
from rich.table import Table

from hotspot_core.baselines.learned import LearnedMethod, is_network
from hotspot_core.baselines.untrained import TITLES, UntrainedMethod
from hotspot_core.data.annotations import AnnotationSet
from hotspot_core.data.clips import read_clip_table
from hotspot_core.data.readers.annotated_images import KINDS, read_annotated_images
from hotspot_core.errors import InputError, select_names
from hotspot_core.evaluation.comparison import METRICS, Comparison, compare, evaluate_methods, over_splits
from hotspot_core.evaluation.external import ExternalPredictions
from hotspot_core.evaluation.hotspots import READ_OUTS, ReadOut, hotspot_methods
from hotspot_core.evaluation.method import Method
from hotspot_core.evaluation.metrics import Normalization, Ties
from hotspot_core.evaluation.protocol import PROTOCOLS, Protocol
from hotspot_core.evaluation.report.pictures import Gallery, draw_gallery
from hotspot_core.evaluation.report.tables import counted
from hotspot_core.evaluation.report.writer import provenance_of, write_report
from hotspot_core.model.checkpoint import select_device
from hotspot_core.utils import command_line

METHODS = (*TITLES, *READ_OUTS)
EXAMPLES = """\
  python -m hotspot_core.evaluate --annotations data/synthetic/test_seen.json --output report
  python -m hotspot_core.evaluate --annotations seen=s.json novel=n.json --checkpoint a.safetensors b.safetensors
  python -m hotspot_core.evaluate --annotations agd20k:AGD20K/Seen --protocol agd20k --predictions mine=maps.npz
  python -m hotspot_core.evaluate --annotations opra:OPRA --methods center,center_untruncated --per-annotation
  python -m hotspot_core.evaluate --annotations 'novel=novel/split_{split}/test.json' --splits 3 \\
      --checkpoint 'runs/split_{split}/model.safetensors' --output report
"""


def methods_for(options: argparse.Namespace, annotations: AnnotationSet, split: int | None) -> list[Method]:
    """The methods that the options name, in the order of the paper's table.

    Raises:
        InputError: one cannot be used; the text says why.
    """
    chosen = select_names("method", _names(options.methods), METHODS)
    device = select_device(options.device)
    clips = read_clip_table(_of_split(options.clips, split)) if options.clips else None
    methods: list[Method] = [UntrainedMethod(key) for key in chosen if key in TITLES]
    read_outs: list[ReadOut] = [key for key in READ_OUTS if key in chosen]
    models: list[Method] = []
    networks: list[Method] = []
    for text in options.checkpoint or (["default"] if read_outs else []):
        name, source = _named(text)
        path = _of_split(source, split)
        if is_network(path):
            networks.append(LearnedMethod(path, name, device, clips))
        else:
            models += hotspot_methods(path, read_outs, device, name)
            if not options.methods:
                read_outs = ["hotspots"]
    methods += [*models, *sorted(networks, key=lambda method: method.supervision != "saliency maps")]
    for text in options.predictions:
        name, source = _named(text)
        if name is None:
            raise InputError(f"--predictions {text}: give NAME=FOLDER or NAME=FILE.npz")
        external = ExternalPredictions(name, _of_split(source, split), annotations)
        if external.unused:
            print(
                f"{name}: {len(external.unused)} predictions belong to no entry, first {external.unused[0]}",
                file=sys.stderr,
            )
        methods.append(external)
    if not methods:
        raise InputError("no methods: name some with --methods, --checkpoint or --predictions")
    return methods


def stills_for(options: argparse.Namespace, source: str, split: int | None) -> AnnotationSet:
    """The annotated stills of a source, as far as the options choose them.

    Raises:
        InputError: they cannot be read, or an action or object is unknown.
    """
    annotations = read_annotated_images(_of_split(source, split))
    if options.actions or options.objects:
        annotations = annotations.selected(_names(options.actions), _names(options.objects))
    return annotations


def protocol_for(options: argparse.Namespace) -> Protocol:
    """The named protocol with the constants that the options change.

    Raises:
        InputError: a constant is out of its range.
    """
    given = {field.name: getattr(options, field.name) for field in fields(Protocol)}
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if changes.get("intermediate_size") == 0:
        changes["intermediate_size"] = None
    protocol = replace(PROTOCOLS[options.protocol], **changes)
    for name in ("kernel_ratio", "grid", "blur", "eps"):
        if getattr(protocol, name) <= 0:
            raise InputError(f"--{name.replace('_', '-')} {getattr(protocol, name)}: give a positive number")
    if protocol.blur % 2 == 0:
        raise InputError(f"--blur {protocol.blur}: give an odd number of cells, or 1 for none")
    return protocol


def evaluate_set(
    options: argparse.Namespace, name: str, source: str, protocol: Protocol
) -> tuple[Comparison, Gallery | None]:
    """One set of stills with all methods, and its pictures."""
    splits: list[int | None] = list(range(options.splits)) if options.splits else [None]
    parts, first = [], None
    for split in splits:
        annotations = stills_for(options, source, split)
        methods = methods_for(options, annotations, split)
        if split is not None:
            print(f"{name}, split {split}: {len(annotations)} entries of {', '.join(annotations.objects)}")
        parts.append(
            evaluate_methods(
                methods,
                annotations,
                protocol,
                merge=not options.per_annotation,
                skip_missing=options.skip_missing,
                progress=not options.quiet,
            )
        )
        first = first or (methods, annotations)
    assert first is not None
    methods, annotations = first
    reference = options.reference or next((m.name for m in methods if READ_OUTS["hotspots"] in m.name), methods[0].name)
    rows = over_splits(parts) if options.splits else parts[0]
    comparison = compare(name, source, rows, reference, options.bootstrap, options.seed)
    if not options.output:
        return comparison, None
    shown = compare(name, source, parts[0], reference, resamples=0)
    return comparison, draw_gallery(shown, methods, annotations, protocol, options.examples)


def printed(comparison: Comparison) -> Table:
    """The means for a terminal; the files have the standard errors, too."""
    table = Table(title=comparison.name)
    table.add_column("method", no_wrap=True)
    for title, higher in METRICS.values():
        table.add_column(f"{title} {'↑' if higher else '↓'}", justify="right", no_wrap=True)
    table.add_column("items")
    best = {metric: comparison.best(metric) for metric in METRICS}
    for row in comparison.rows:
        means = {metric: f"{summary.mean:.3f}" for metric, summary in row.evaluation.summary.items()}
        cells = [f"[bold]{text}[/bold]" if row.name in best[metric] else text for metric, text in means.items()]
        table.add_row(row.name, *cells, counted(row))
    return table


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    result = command_line.parser("evaluate", __doc__ or "", EXAMPLES)
    add = result.add_argument
    add("--annotations", nargs="+", required=True, metavar="[NAME=]SOURCE", help=f"stills: {KINDS}")
    add("--output", type=Path, help="folder for table.md, table.csv, scores.json and report.html")
    add("--methods", default="", help=f"by comma, of {', '.join(METHODS)} (default: all, of further models hotspots)")
    add("--checkpoint", nargs="+", default=[], metavar="[NAME=]FILE", help="hotspot models, networks, SalGAN's .npz")
    add("--predictions", nargs="+", default=[], metavar="NAME=FOLDER_OR_NPZ", help="maps made elsewhere")
    add("--clips", help="clip table of demonstrations, for Demo2Vec")
    add("--actions", default="", help="only these actions, by comma")
    add("--objects", default="", help="only these objects, by comma")
    add("--per-annotation", action="store_true", help="score every annotation, not one per image and action")
    add("--skip-missing", action="store_true", help="count missing images and predictions instead of stopping")
    add("--splits", type=int, default=0, help="mean over this many splits, {split} in paths being their number")
    add("--reference", help="method that the others are compared with (default: interaction hotspots)")
    add("--bootstrap", type=int, default=10_000, help="resamples, 0 for none (default %(default)s)")
    add("--seed", type=int, default=0, help="of the bootstrap (default %(default)s)")
    add("--examples", type=int, default=6, help="stills in the grid of pictures, 0 for none (default %(default)s)")
    add("--device", default="auto", help="auto, cpu, cuda (default %(default)s)")
    add("--quiet", action="store_true", help="no progress bars")
    group = result.add_argument_group("protocol", "the constants of the evaluation; all are printed with the table")
    constant = group.add_argument
    constant("--protocol", choices=tuple(PROTOCOLS), default="paper", help="which to start from (default %(default)s)")
    constant("--kernel-ratio", type=float, help="of the ground truth's blur: the larger the narrower")
    constant("--intermediate-size", type=int, help="side to which the ground truth goes first, 0 for none")
    constant("--grid", type=int, help="cells per side")
    constant("--blur", type=int, help="of the prediction, in cells, odd; 1 for none")
    constant("--threshold", type=float, help="of the positives of AUC-J")
    constant("--nss-threshold", type=float, help="of the positives of NSS")
    constant("--ties", choices=get_args(Ties), help="equal values in AUC-J: exact, or the authors' jitter")
    constant("--normalize", choices=get_args(Normalization), help="the prediction, by its maximum or its range")
    constant("--eps", type=float, help="keeps KLD and SIM finite")
    constant("--pointing-tolerance", type=float, help="of the hit rate, relative to the longer side")
    return result


def run(options: argparse.Namespace, told: str) -> tuple[list[Comparison], dict[str, Gallery | None]]:
    """Evaluate, print and, where there is an output folder, write the report.

    Args:
        told: the command, for the report.

    Raises:
        InputError: bad input; the text names it.
    """
    protocol = protocol_for(options)
    console = Console()
    comparisons: list[Comparison] = []
    galleries: dict[str, Gallery | None] = {}
    for text in options.annotations:
        name, source = _named(text)
        name = name or Path(source).stem
        if name in galleries:
            raise InputError(f"two sets are called {name!r}: name them, as in --annotations NAME={source}")
        comparison, galleries[name] = evaluate_set(options, name, source, protocol)
        comparisons.append(comparison)
        console.print(printed(comparison))
    console.print(f"protocol: {protocol}", highlight=False)
    if options.output:
        provenance = provenance_of(told)
        provenance["ground truth"] = "per annotation" if options.per_annotation else "merged per image and action"
        paths = write_report(options.output, comparisons, galleries, protocol, provenance)
        print(f"{options.output}: {', '.join(path.name for path in paths)}")
    return comparisons, galleries


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    given = arguments if arguments is not None else sys.argv[1:]
    run(parser().parse_args(arguments), shlex.join(["python", "-m", "hotspot_core.evaluate", *given]))


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _named(text: str) -> tuple[str | None, str]:
    """NAME=SOURCE as both; no name where there is no "=", or only in the path itself."""
    name, separator, source = text.partition("=")
    return (name, source) if separator and source and "/" not in name else (None, text)


def _of_split(text: str, split: int | None) -> str:
    return text if split is None else text.replace("{split}", str(split))


if __name__ == "__main__":
    sys.exit(command_line.run(main))
