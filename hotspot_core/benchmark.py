"""Measures how fast the models run here and how close that is to the machine: `python -m hotspot_core.benchmark`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from hotspot_core.benchmarks.cases import Stage, Timing, compare, pictures, time_loop, time_predictor, time_stages
from hotspot_core.benchmarks.machine import copy_ceiling, gemm_ceiling, machine_name
from hotspot_core.checkpoint import load_model, save_model, select_device
from hotspot_core.command import parser, run
from hotspot_core.errors import InputError, select_names
from hotspot_core.export import export
from hotspot_core.inference.network import HotspotNetwork
from hotspot_core.inference.precision import DTYPES, select_precision, supported_precisions
from hotspot_core.model.hotspot_model import HotspotModel
from hotspot_core.model.presets import PRESETS, build_model
from hotspot_core.predictor import HotspotPredictor

BACKENDS = ("torch", "onnx", "package")
SUFFIXES = {"onnx": ".onnx", "package": ".pt2"}
IMAGES = 8
# Of the tables, in characters, where they do not go to a terminal.
WIDTH = 120
# Of the two plots.
ACTION_COUNTS = (1, 2, 5, 10, 20, 40)
IMAGE_SIDES = (128, 160, 192, 224, 288, 352, 448)

EXAMPLES = """\
  python -m hotspot_core.benchmark                                  preset robot, a minute
  python -m hotspot_core.benchmark --presets robot,paper --actions 7,20,125 --output benchmark/
  python -m hotspot_core.benchmark --checkpoint default             agreement on trained weights
  python -m hotspot_core.benchmark --backends torch,onnx,package    also what `export` makes
  python -m hotspot_core.benchmark --device cuda --precisions bf16,fp16 --batches 1,8
"""


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    given = _arguments(arguments)
    device = select_device(given.device)
    precisions = given.precisions or list(supported_precisions(device))
    for precision in precisions:
        select_precision(precision, device)
    select_names("backend", given.backends, BACKENDS)
    models = _models(given, device)
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    results: dict[str, Any] = {
        "machine": machine_name(device),
        "torch": torch.__version__,
        "copy_bytes_per_second": copy_ceiling(device),
        "gemm_flops": {name: gemm_ceiling(device, DTYPES[name]) for name in {*precisions, "fp32"}},
        "cases": [],
        "stages": [],
        "agreement": [],
        "cost_against_actions": [],
        "cost_against_image_side": [],
    }
    with Progress(console=console) as progress:
        for name, model in models.items():
            _measure(name, model, given, precisions, results, progress)
        if given.output is not None:
            _sweep(models, given, precisions, device, results, progress)
    _print(results, console)
    if given.output is not None:
        given.output.mkdir(parents=True, exist_ok=True)
        (given.output / "benchmark.json").write_text(json.dumps(results, indent=1))
        written = ["benchmark.json", *_plots(results, given.output)]
        console.print(f"wrote {', '.join(written)} to {given.output}")


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    command = parser("benchmark", "Measure speed, memory, closeness to the machine's limits and agreement.", EXAMPLES)
    command.add_argument("--presets", type=_names, default=["robot"], help=f"of {', '.join(PRESETS)} (robot)")
    command.add_argument("--checkpoint", help="measure this model instead of presets with random weights, or 'default'")
    command.add_argument("--precisions", type=_names, help="of fp32, bf16, fp16 (all that the device has)")
    command.add_argument("--backends", type=_names, default=["torch"], help=f"of {', '.join(BACKENDS)} (torch)")
    command.add_argument("--actions", type=_numbers, default=[7, 20], help="numbers of actions (7,20)")
    command.add_argument("--batches", type=_numbers, default=[1], help="numbers of images at once (1)")
    command.add_argument("--device", help="cpu, cuda, cuda:N (the best one)")
    command.add_argument("--seconds", type=float, default=3.0, help="per case (3)")
    command.add_argument(
        "--no-baseline", action="store_true", help="leave out the plain loop and the agreement with it"
    )
    command.add_argument("--output", type=Path, help="folder for benchmark.json and, with matplotlib, two plots")
    return command.parse_args(arguments)


def _models(given: argparse.Namespace, device: torch.device) -> dict[str, HotspotModel]:
    if given.checkpoint:
        model = load_model(given.checkpoint, device)
        given.actions = sorted({min(count, len(model.actions)) for count in given.actions})
        return {Path(given.checkpoint).stem: model}
    torch.manual_seed(0)
    names = [f"action {index}" for index in range(max(given.actions))]
    select_names("preset", given.presets, tuple(PRESETS))
    return {preset: build_model(preset, names).to(device).eval() for preset in given.presets}


def _measure(
    name: str,
    model: HotspotModel,
    given: argparse.Namespace,
    precisions: list[str],
    results: dict[str, Any],
    progress: Progress,
) -> None:
    """All cases of one model, added to the results."""
    side = model.config.input_size
    images = pictures(IMAGES, side, side)
    runtimes = [("torch", precision) for precision in precisions if "torch" in given.backends]
    runtimes += [(backend, "fp32") for backend in given.backends if backend != "torch"]
    steps = len(runtimes) * len(given.actions) * len(given.batches) + len(precisions) * (2 - given.no_baseline)
    steps += 0 if given.no_baseline else len(given.actions)
    task = progress.add_task(name, total=steps)
    loops: dict[int, float] = {}
    for count in [] if given.no_baseline else given.actions:
        timing = time_loop(model, images, count, given.seconds)
        loops[count] = timing.median
        results["cases"].append(_case(name, "fp32", "plain loop", count, 1, timing, loops))
        progress.advance(task)
    for backend, precision in runtimes:
        with tempfile.TemporaryDirectory() as folder:
            predictor = _predictor(model, backend, precision, Path(folder))
            for count in given.actions:
                for batch in given.batches:
                    timing = time_predictor(predictor, images, count, batch, given.seconds)
                    results["cases"].append(_case(name, precision, backend, count, batch, timing, loops))
                    progress.advance(task)
    for precision in precisions:
        network = HotspotNetwork(model, DTYPES[precision])
        stages = time_stages(network, images[0], given.actions[0])
        results["stages"] += [_stage(name, precision, stage, results) for stage in stages]
        progress.advance(task)
        if not given.no_baseline:
            agreement = compare(model, network, images, given.actions[0])
            results["agreement"].append({"model": name, "precision": precision, **dataclasses.asdict(agreement)})
            progress.advance(task)


def _predictor(model: HotspotModel, backend: str, precision: str, folder: Path) -> HotspotPredictor:
    if backend == "torch":
        return HotspotPredictor(model, precision=precision)
    checkpoint, exported = folder / "model.safetensors", folder / f"model{SUFFIXES[backend]}"
    save_model(checkpoint, model)
    device = next(model.parameters()).device.type
    # A package that is compiled takes any batch; the actions are an input, so that one file serves all cases.
    export(checkpoint, exported, actions_are_an_input=True, batch=None, device=device)
    return HotspotPredictor(exported, device)


def _case(
    model: str, precision: str, backend: str, actions: int, batch: int, timing: Timing, loops: dict[int, float]
) -> dict[str, Any]:
    return {
        "model": model,
        "precision": precision,
        "backend": backend,
        "actions": actions,
        "batch": batch,
        **dataclasses.asdict(timing),
        "images_per_second": batch / timing.median,
        "times_the_loop": batch * loops[actions] / timing.median if actions in loops else None,
    }


def _stage(model: str, precision: str, stage: Stage, results: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": model,
        "precision": precision,
        **dataclasses.asdict(stage),
        "of_gemm_ceiling": stage.flops / stage.seconds / results["gemm_flops"][precision],
        "of_copy_ceiling": stage.bytes / stage.seconds / results["copy_bytes_per_second"],
    }


def _sweep(
    models: dict[str, HotspotModel],
    given: argparse.Namespace,
    precisions: list[str],
    device: torch.device,
    results: dict[str, Any],
    progress: Progress,
) -> None:
    """Cost against the number of actions and the image's size, of each model with random weights."""
    sides = [(side, max(given.actions[0], 1)) for side in IMAGE_SIDES]
    seconds = given.seconds / 3
    task = progress.add_task("sweeps", total=len(models) * len(precisions) * (len(ACTION_COUNTS) + len(sides)))
    for name, model in models.items():
        config = {f.name: getattr(model.config, f.name) for f in dataclasses.fields(model.config)}
        preset = config.pop("preset")
        config["actions"] = tuple(f"action {index}" for index in range(max(ACTION_COUNTS)))
        for precision in precisions:
            for side, count in [(config["input_size"], count) for count in ACTION_COUNTS] + sides:
                resized = build_model(preset, **{**config, "input_size": side}).to(device).eval()
                predictor = HotspotPredictor(resized, precision=precision)
                timing = time_predictor(predictor, pictures(3, side, side), count, 1, seconds)
                entry = {"model": name, "precision": precision, "actions": count, "side": side, "median": timing.median}
                by_actions = (side, count) not in sides or count in ACTION_COUNTS
                results["cost_against_actions" if by_actions else "cost_against_image_side"].append(entry)
                progress.advance(task)


def _print(results: dict[str, Any], console: Console) -> None:
    gemm = ", ".join(f"{name} {flops / 1e9:.0f}" for name, flops in sorted(results["gemm_flops"].items()))
    console.print(f"{results['machine']}; PyTorch {results['torch']}")
    console.print(f"ceilings: GEMM {gemm} GFLOP/s; copy {results['copy_bytes_per_second'] / 1e9:.1f} GB/s")
    table = _table("From uint8 RGB to points", "model", "precision", "backend", "actions", "batch")
    for column in ("median ms", "p99 ms", "images/s", "peak MB", "x loop"):
        table.add_column(column, justify="right")
    for case in results["cases"]:
        ratio = case["times_the_loop"]
        table.add_row(
            *(str(case[key]) for key in ("model", "precision", "backend", "actions", "batch")),
            f"{case['median'] * 1e3:.1f}",
            f"{case['p99'] * 1e3:.1f}",
            f"{case['images_per_second']:.2f}",
            f"{case['memory'] / 1e6:.0f}",
            "" if ratio is None else f"{ratio:.1f}",
        )
    console.print(table)
    table = _table("Stages, one image, least time", "model", "precision", "stage")
    for column in ("GFLOP", "MB", "ms", "GFLOP/s", "of GEMM", "of copy"):
        table.add_column(column, justify="right")
    for stage in results["stages"]:
        table.add_row(
            *(stage[key] for key in ("model", "precision", "name")),
            f"{stage['flops'] / 1e9:.2f}",
            f"{stage['bytes'] / 1e6:.0f}",
            f"{stage['seconds'] * 1e3:.1f}",
            f"{stage['flops'] / stage['seconds'] / 1e9:.0f}",
            f"{stage['of_gemm_ceiling']:.0%}",
            f"{stage['of_copy_ceiling']:.0%}",
        )
    console.print(table)
    if results["agreement"]:
        table = _table("Agreement with the plain loop in fp32", "model", "precision", "maps")
        for column in ("largest error", "least correlation", "peak within a cell"):
            table.add_column(column, justify="right")
        for row in results["agreement"]:
            numbers = f"{row['relative_error']:.1e}", f"{row['correlation']:.5f}", f"{row['same_peak']:.1%}"
            table.add_row(row["model"], row["precision"], str(row["maps"]), *numbers)
        console.print(table)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column)
    return table


def _plots(results: dict[str, Any], folder: Path) -> list[str]:
    """Names of the plots that were written; none without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return []
    names = []
    for key, variable, label in (
        ("cost_against_actions", "actions", "number of actions"),
        ("cost_against_image_side", "side", "side of the network's input in pixels"),
    ):
        figure = Figure(figsize=(6, 4), layout="constrained")
        axes = figure.add_subplot()
        for model, precision in dict.fromkeys((entry["model"], entry["precision"]) for entry in results[key]):
            line = [e for e in results[key] if (e["model"], e["precision"]) == (model, precision)]
            axes.plot(
                [e[variable] for e in line], [e["median"] * 1e3 for e in line], "o-", label=f"{model}, {precision}"
            )
        axes.set_xlabel(label)
        axes.set_ylabel("ms per image, median")
        axes.set_ylim(bottom=0)
        axes.set_title(results["machine"], fontsize=8)
        axes.grid(alpha=0.3)
        axes.legend()
        figure.savefig(folder / f"{key}.png", dpi=120)
        names.append(f"{key}.png")
    return names


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _numbers(text: str) -> list[int]:
    try:
        numbers = [int(number) for number in text.split(",")]
    except ValueError as error:
        raise InputError(f"{text!r}: give whole numbers, such as 7,20") from error
    if min(numbers) < 1:
        raise InputError(f"{text!r}: give numbers of at least 1")
    return numbers


if __name__ == "__main__":
    sys.exit(run(main))
