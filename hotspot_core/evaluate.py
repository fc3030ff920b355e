"""`python -m hotspot_core.evaluate`: scores methods on annotated images and writes a report.

Any number of methods, one protocol: interaction hotspots and LSTM+Grad-CAM read out of a model, the networks of
`python -m hotspot_core.experiments.train_baseline`, baselines that need no training, and maps made elsewhere.
Ctrl-C and SIGTERM keep what is done: the same command goes on from there.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

from rich.console import Console

from hotspot_core.errors import InputError
from hotspot_core.utils import command_line
from hotspot_core.utils.command_line import comma_list

with command_line.extras(__name__, "torch"):
    from hotspot_core.baselines.methods import METHODS, MethodsConfig, Named
    from hotspot_core.data.annotations import AnnotationSet
    from hotspot_core.data.readers.registry import SOURCES, protocol_name
    from hotspot_core.evaluation.comparison import Comparison
    from hotspot_core.evaluation.external import ExternalPredictions
    from hotspot_core.evaluation.kept import KeptEvaluations
    from hotspot_core.evaluation.method import Method
    from hotspot_core.evaluation.metrics import Normalization, Ties
    from hotspot_core.evaluation.protocol import PROTOCOLS, Layout, Protocol
    from hotspot_core.evaluation.report.console import console_tables
    from hotspot_core.evaluation.run import EvaluationConfig, run_evaluation

EXAMPLES = """\
  python -m hotspot_core.evaluate --annotations data/synthetic/test_seen.json --output report
  python -m hotspot_core.evaluate --annotations seen=s.json novel=n.json --checkpoint a.safetensors b.onnx
  python -m hotspot_core.evaluate --annotations kitchen.json --affordance --precision bf16 --methods hotspots
  python -m hotspot_core.evaluate --annotations agd20k:AGD20K/Seen --predictions mine=maps.npz
  python -m hotspot_core.evaluate --annotations release:data/opra/output --output table_1   # the authors' own maps
  python -m hotspot_core.evaluate --annotations opra:OPRA --methods center,center_untruncated --per-annotation
  python -m hotspot_core.evaluate --annotations 'novel=novel/split_{split}/test.json' --splits 3 \\
      --checkpoint 'runs/split_{split}/model.safetensors' --output report
"""


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    result = command_line.parser("evaluate", __doc__ or "", EXAMPLES)
    add = result.add_argument
    add("--annotations", nargs="+", required=True, metavar="[NAME=]SOURCE", help=f"annotated images: {SOURCES}")
    add("--output", type=Path, help="folder for table.md, table.csv, scores.json and report.html")
    add(
        "--methods",
        type=comma_list,
        default=[],
        help=f"by comma, of {', '.join(METHODS)} (default: all; of a model hotspots, "
        "of a clip classifier that was trained alone grad_cam and eq4)",
    )
    add(
        "--checkpoint",
        nargs="+",
        default=[],
        metavar="[NAME=]FILE",
        help="hotspot models (.safetensors, .onnx, .pt2, also hf://owner/name), networks, published weights (EgoGaze's "
        "spatial.pth.tar, MLNet's HDF5 file, DeepGaze I's .pth, SalGAN's .npz)",
    )
    add("--predictions", nargs="+", default=[], metavar="NAME=FOLDER_OR_NPZ_OR_PTH", help="maps made elsewhere")
    add("--clips", nargs="+", default=[], metavar="TABLE", help="clips of the very images, for Demo2Vec")
    add("--actions", type=comma_list, default=[], help="only these actions, by comma")
    add("--objects", type=comma_list, default=[], help="only these objects, by comma")
    add("--affordance", action="store_true", help="also score actions that an image does not afford")
    add("--regions", action="store_true", help="also show IoU at thresholds and hits of the three strongest points")
    add("--pairs", action="store_true", help="compare every two methods, in pairs.csv")
    add("--per-annotation", action="store_true", help="score every annotation, not one per image and action")
    add("--skip-missing", action="store_true", help="count missing images and predictions instead of stopping")
    add("--splits", type=int, default=0, help="mean over this many splits, {split} in paths being their number")
    add("--reference", help="method that the others are compared with (default: interaction hotspots)")
    add("--bootstrap", type=int, default=10_000, help="resamples, 0 for none (default %(default)s)")
    add("--seed", type=int, default=0, help="of the bootstrap (default %(default)s)")
    add("--examples", type=int, default=6, help="images in the grid of pictures, 0 for none (default %(default)s)")
    add("--device", default="auto", help="auto, cpu, cuda (default %(default)s)")
    add("--precision", default="fp32", help="of hotspots: fp32, bf16, fp16, auto (default %(default)s)")
    add("--quiet", action="store_true", help="no progress bars")
    group = result.add_argument_group("protocol", "the constants of the evaluation; all are printed with the table")
    constant = group.add_argument
    constant("--protocol", choices=tuple(PROTOCOLS), help="which to start from (default: that of the data set)")
    constant("--kernel-ratio", type=float, help="of the ground truth's blur: the larger the narrower")
    constant("--intermediate-size", type=int, help="side to which the ground truth goes first, 0 for none")
    constant("--grid", type=int, help="cells per side")
    constant("--blur", type=int, help="of the prediction, in cells, odd; 1 for none")
    constant("--threshold", type=float, help="of the positives of AUC-J")
    constant("--nss-threshold", type=float, help="of the positives of NSS")
    constant("--ties", choices=get_args(Ties), help="equal values in AUC-J: exact, or the authors' jitter")
    constant("--normalize", choices=get_args(Normalization), help="the prediction, by its maximum or its range")
    constant("--eps", type=float, help="keeps KLD and SIM finite")
    constant(
        "--read-out", choices=get_args(Layout), help="hotspots as published on a robot, or as the authors' code does"
    )
    constant("--pointing-tolerance", type=float, help="of the pointing game, relative to the longer side")
    return result


def protocol_of(options: argparse.Namespace) -> Protocol:
    """The named protocol, or that of the data sets, with the constants that the options change.

    Raises:
        InputError: a constant is out of its range, or the sets have protocols of their own that differ.
    """
    names = {protocol_name(_named(text).source) for text in options.annotations}
    if options.protocol is None and len(names) > 1:
        raise InputError(f"the sets have the protocols {', '.join(sorted(names))}: choose one with --protocol")
    values = {field.name: getattr(options, field.name) for field in fields(Protocol)}
    changes: dict[str, Any] = {name: value for name, value in values.items() if value is not None}
    if changes.get("intermediate_size") == 0:
        changes["intermediate_size"] = None
    return replace(PROTOCOLS[options.protocol or names.pop()], **changes)


def evaluation_of(options: argparse.Namespace) -> EvaluationConfig:
    """The evaluation that the options ask for.

    Raises:
        InputError: two sets of one name, or a constant out of its range.
    """
    sets: dict[str, str] = {}
    for text in options.annotations:
        named = _named(text)
        name = named.name or Path(named.source).stem
        if name in sets:
            raise InputError(f"two sets are called {name!r}: name them, as in --annotations NAME={named.source}")
        sets[name] = named.source
    return EvaluationConfig(
        sets,
        protocol_of(options),
        actions=options.actions,
        objects=options.objects,
        per_annotation=options.per_annotation,
        skip_missing=options.skip_missing,
        affordance=options.affordance,
        splits=options.splits,
        reference=options.reference,
        resamples=options.bootstrap,
        seed=options.seed,
        output=options.output,
        examples=options.examples,
        regions=options.regions,
        every_pair=options.pairs,
        progress=not options.quiet,
    )


def methods_of(options: argparse.Namespace) -> MethodsConfig:
    """The methods that the options name."""
    return MethodsConfig(
        options.methods,
        [_named(text) for text in options.checkpoint],
        [_named(text) for text in options.predictions],
        options.clips,
        options.device,
        options.precision,
        protocol_of(options).read_out,
    )


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    options = parser().parse_args(arguments)
    config, methods = evaluation_of(options), methods_of(options)
    console = Console()

    def build(annotations: AnnotationSet, split: int | None) -> Sequence[Method]:
        built = methods.build(annotations, split)
        if split is not None:
            print(f"split {split}: {len(annotations)} entries of {', '.join(annotations.objects)}")
        for method in built:
            if isinstance(method, ExternalPredictions) and method.unused:
                text = f"{len(method.unused)} predictions belong to no entry, first {method.unused[0]}"
                print(f"{method.name}: {text}", file=sys.stderr)
        return built

    def show(comparison: Comparison) -> None:
        for table in console_tables(comparison):
            console.print(table)

    command = shlex.join(["python", "-m", "hotspot_core.evaluate", *(sys.argv[1:] if arguments is None else arguments)])
    try:
        with command_line.interrupted_by_sigterm():
            result = run_evaluation(config, build, command, show)
    except KeyboardInterrupt:
        print(f"interrupted: {_kept(config.output)}", file=sys.stderr)
        raise
    console.print(f"protocol: {config.protocol}", highlight=False)
    if result.files:
        print(f"{config.output}: {', '.join(path.name for path in result.files)}")


def _kept(output: Path | None) -> str:
    """What is left of an interrupted run."""
    if output is None:
        return "nothing is kept; with --output, what is done is kept for the next run"
    kept = KeptEvaluations(output)
    if not len(kept):
        return "no method was done yet"
    return f"{len(kept)} evaluations (a method on a set) are kept in {kept.folder}; the same command goes on from there"


def _named(text: str) -> Named:
    """NAME=SOURCE as both; no name where there is no "=", or only in the path itself."""
    name, separator, source = text.partition("=")
    return Named(source, name) if separator and source and "/" not in name else Named(text)


if __name__ == "__main__":
    sys.exit(command_line.run(main))
