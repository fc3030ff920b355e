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

from hotspot_core.benchmarks.cases import (
    Stage,
    Timing,
    compare,
    loop_cost,
    network_cost,
    pictures,
    time_loop,
    time_predictor,
    time_stages,
)
from hotspot_core.benchmarks.machine import copy_ceiling, gemm_ceiling, machine_name
from hotspot_core.benchmarks.report import plot, show
from hotspot_core.benchmarks.startup import time_start
from hotspot_core.errors import select_names
from hotspot_core.export import export
from hotspot_core.inference.network import HotspotNetwork
from hotspot_core.inference.precision import DTYPES, select_precision, supported_precisions
from hotspot_core.inference.predictor import HotspotPredictor
from hotspot_core.model.checkpoint import load_model, save_model, select_device
from hotspot_core.model.hotspot_model import HotspotModel
from hotspot_core.model.presets import PRESETS, build_model
from hotspot_core.utils.command_line import parser, run

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
        "start_up": [],
    }
    with Progress(console=console) as progress:
        for name, model in models.items():
            _measure(name, model, given, precisions, results, progress)
        task = progress.add_task("start-up", total=len(precisions))
        for precision in precisions:
            seconds = time_start(given.checkpoint or "default", str(device), precision)
            results["start_up"].append({"precision": precision, "seconds": seconds})
            progress.advance(task)
        if given.output is not None:
            _sweep(models, given, precisions, device, results, progress)
    show(results, console)
    if given.output is not None:
        given.output.mkdir(parents=True, exist_ok=True)
        (given.output / "benchmark.json").write_text(json.dumps(results, indent=1))
        written = ["benchmark.json", *plot(results, given.output)]
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
        flops = loop_cost(model, images[0], count).flops
        results["cases"].append(_case((name, "fp32", "plain loop", count, 1), timing, flops, loops, results))
        progress.advance(task)
    for backend, precision in runtimes:
        with tempfile.TemporaryDirectory() as folder:
            predictor = _predictor(model, backend, precision, Path(folder))
            network = HotspotNetwork(model, DTYPES[precision], None if backend == "torch" else "direct")
            for count in given.actions:
                flops = network_cost(network, images[0], count).flops
                for batch in given.batches:
                    timing = time_predictor(predictor, images, count, batch, given.seconds)
                    case = (name, precision, backend, count, batch)
                    results["cases"].append(_case(case, timing, flops, loops, results))
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
    case: tuple[str, str, str, int, int],
    timing: Timing,
    flops: int,
    loops: dict[int, float],
    results: dict[str, Any],
) -> dict[str, Any]:
    model, precision, backend, actions, batch = case
    return {
        "model": model,
        "precision": precision,
        "backend": backend,
        "actions": actions,
        "batch": batch,
        **dataclasses.asdict(timing),
        "images_per_second": batch / timing.median,
        "flops_per_image": flops,
        "of_gemm_ceiling": batch * flops / timing.median / results["gemm_flops"][precision],
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
    task = progress.add_task("sweeps", total=len(models) * len(precisions) * (len(ACTION_COUNTS) + len(IMAGE_SIDES)))
    for name, model in models.items():
        config = {field.name: getattr(model.config, field.name) for field in dataclasses.fields(model.config)}
        config["actions"] = tuple(f"action {index}" for index in range(max(ACTION_COUNTS)))
        points = [("cost_against_actions", config["input_size"], count) for count in ACTION_COUNTS]
        points += [("cost_against_image_side", side, given.actions[0]) for side in IMAGE_SIDES]
        for precision in precisions:
            for key, side, count in points:
                resized = build_model(**{**config, "input_size": side}).to(device).eval()
                predictor = HotspotPredictor(resized, precision=precision)
                timing = time_predictor(predictor, pictures(3, side, side), count, 1, given.seconds / 3)
                entry = {"model": name, "precision": precision, "actions": count, "side": side}
                results[key].append({**entry, "median": timing.median})
                progress.advance(task)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _numbers(text: str) -> list[int]:
    try:
        numbers = [int(number) for number in text.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: give whole numbers, such as 7,20") from error
    if min(numbers) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: give numbers of at least 1")
    return numbers


if __name__ == "__main__":
    sys.exit(run(main))
