"""All measurements of a benchmark: cases, stages, agreement, start-up, sweeps."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
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
from hotspot_core.benchmarks.startup import time_start
from hotspot_core.errors import check_number, select_names
from hotspot_core.inference.export import ExportConfig, export
from hotspot_core.inference.network import HotspotNetwork
from hotspot_core.inference.precision import DTYPES, select_precision, supported_precisions
from hotspot_core.inference.predictor import HotspotPredictor
from hotspot_core.model.checkpoint import load_model, save_model, select_device
from hotspot_core.model.hotspot_model import HotspotModel
from hotspot_core.model.presets import PRESETS, build_model

# Of what `export` makes: the file's suffix and the runtime.
EXPORTED = {"onnx": (".onnx", "onnxruntime"), "openvino": (".onnx", "openvino"), "package": (".pt2", "aotinductor")}
BACKENDS = ("torch", *EXPORTED)
IMAGES = 8
# Of the two plots.
ACTION_COUNTS = (1, 2, 5, 10, 20, 40)
IMAGE_SIDES = (128, 160, 192, 224, 288, 352, 448)


@dataclass(frozen=True)
class BenchmarkConfig:
    """What is measured.

    Attributes:
        presets: names of the models, with random weights.
        checkpoint: a model that is measured instead, as for `HotspotPredictor`.
        precisions: None for all that the device has.
        backends: "torch", and "onnx", "openvino" and "package" for what `export` makes.
        actions, batches: numbers of actions and of images at once; every pair is a case.
        device: None for the best one.
        seconds: per case.
        baseline: whether the plain loop is measured, and the agreement with it.
        sweeps: whether cost is measured against the number of actions and against the image's size.

    Raises:
        InputError: a number is out of its range.
    """

    presets: Sequence[str] = ("robot",)
    checkpoint: str | None = None
    precisions: Sequence[str] | None = None
    backends: Sequence[str] = ("torch",)
    actions: Sequence[int] = (7, 20)
    batches: Sequence[int] = (1,)
    device: str | None = None
    seconds: float = 3.0
    baseline: bool = True
    sweeps: bool = False

    def __post_init__(self) -> None:
        check_number("seconds per case", self.seconds, 0, above=True)
        for name, counts in (("actions", self.actions), ("batches", self.batches)):
            for count in counts:
                check_number(name, count, 1, whole=True)


class Benchmark:
    """A benchmark whose configuration is checked.

    Args:
        config: what is measured.
        progress: where bars are shown.

    Attributes:
        results: what has been measured so far; of JSON's types alone.

    Raises:
        InputError: a name, the device or the checkpoint cannot be used.
    """

    def __init__(self, config: BenchmarkConfig, progress: Progress) -> None:
        self.config, self.progress = config, progress
        self.device = select_device(config.device)
        self.precisions = tuple(config.precisions or supported_precisions(self.device))
        for precision in self.precisions:
            select_precision(precision, self.device)
        select_names("backend", config.backends, BACKENDS)
        select_names("preset", config.presets, tuple(PRESETS))
        self.actions, self.models = self._models()
        self.results: dict[str, Any] = {"machine": machine_name(self.device), "torch": torch.__version__}

    def run(self) -> dict[str, Any]:
        """Measures everything; `results`."""
        ceilings = {name: gemm_ceiling(self.device, DTYPES[name]) for name in {*self.precisions, "fp32"}}
        self.results.update(copy_bytes_per_second=copy_ceiling(self.device), gemm_flops=ceilings)
        for key in ("cases", "stages", "agreement", "cost_against_actions", "cost_against_image_side", "start_up"):
            self.results[key] = []
        for name, model in self.models.items():
            self._measure(name, model)
        task = self.progress.add_task("start-up", total=len(self.precisions))
        for precision in self.precisions:
            seconds = time_start(self.config.checkpoint or "default", str(self.device), precision)
            self.results["start_up"].append({"precision": precision, "seconds": seconds})
            self.progress.advance(task)
        if self.config.sweeps:
            for name, model in self.models.items():
                self._sweep(name, model)
        return self.results

    def _models(self) -> tuple[list[int], dict[str, HotspotModel]]:
        """Numbers of actions that can be measured, and the models by name."""
        config = self.config
        if config.checkpoint:
            model = load_model(config.checkpoint, self.device)
            counts = sorted({min(count, len(model.actions)) for count in config.actions})
            return counts, {Path(config.checkpoint).stem: model}
        torch.manual_seed(0)
        names = [f"action {index}" for index in range(max(config.actions))]
        models = {preset: build_model(preset, names).to(self.device).eval() for preset in config.presets}
        return list(config.actions), models

    def _measure(self, name: str, model: HotspotModel) -> None:
        """All cases, the stages and the agreement of one model."""
        config, side = self.config, model.config.input_size
        images = pictures(IMAGES, side, side)
        several = [backend for backend in config.backends if backend in ("torch", "openvino")]
        runtimes = [(backend, precision) for backend in several for precision in self.precisions]
        runtimes += [(backend, "fp32") for backend in config.backends if backend not in several]
        steps = len(runtimes) * len(self.actions) * len(config.batches) + len(self.precisions)
        steps += (len(self.precisions) + len(self.actions)) * config.baseline
        task = self.progress.add_task(name, total=steps)
        loops: dict[int, float] = {}
        for count in self.actions if config.baseline else []:
            timing = time_loop(model, images, count, config.seconds)
            loops[count] = timing.median
            flops = loop_cost(model, images[0], count).flops
            self._add_case((name, "fp32", "plain loop", count, 1), timing, flops, loops)
            self.progress.advance(task)
        for backend, precision in runtimes:
            with tempfile.TemporaryDirectory() as folder:
                predictor = _predictor(model, backend, precision, Path(folder))
                network = HotspotNetwork(model, DTYPES[precision], None if backend == "torch" else "direct")
                for count in self.actions:
                    flops = network_cost(network, images[0], count).flops
                    for batch in config.batches:
                        timing = time_predictor(predictor, images, count, batch, config.seconds)
                        self._add_case((name, precision, backend, count, batch), timing, flops, loops)
                        self.progress.advance(task)
        for precision in self.precisions:
            network = HotspotNetwork(model, DTYPES[precision])
            for stage in time_stages(network, images[0], self.actions[0]):
                self._add_stage(name, precision, stage)
            self.progress.advance(task)
            if config.baseline:
                agreement = compare(model, network, images, self.actions[0])
                entry = {
                    **{"model": name, "precision": precision, "maps": agreement.maps},
                    "relative_error": agreement.largest_error,
                    "correlation": agreement.correlation,
                    "same_peak": agreement.same_peak,
                }
                self.results["agreement"].append(entry)
                self.progress.advance(task)

    def _add_case(
        self, case: tuple[str, str, str, int, int], timing: Timing, flops: int, loops: dict[int, float]
    ) -> None:
        model, precision, backend, actions, batch = case
        entry = {
            "model": model,
            "precision": precision,
            "backend": backend,
            "actions": actions,
            "batch": batch,
            **dataclasses.asdict(timing),
            "images_per_second": batch / timing.median,
            "flops_per_image": flops,
            "of_gemm_ceiling": batch * flops / timing.median / self.results["gemm_flops"][precision],
            "times_the_loop": batch * loops[actions] / timing.median if actions in loops else None,
        }
        self.results["cases"].append(entry)

    def _add_stage(self, model: str, precision: str, stage: Stage) -> None:
        bandwidth = self.results["copy_bytes_per_second"]
        entry = {
            "model": model,
            "precision": precision,
            **dataclasses.asdict(stage),
            "of_gemm_ceiling": stage.flops / stage.seconds / self.results["gemm_flops"][precision],
            "of_copy_ceiling": None if stage.bytes is None else stage.bytes / stage.seconds / bandwidth,
        }
        self.results["stages"].append(entry)

    def _sweep(self, name: str, model: HotspotModel) -> None:
        """Cost against the number of actions and the image's size, of a model like this with random weights."""
        fields = {field.name: getattr(model.config, field.name) for field in dataclasses.fields(model.config)}
        fields["actions"] = tuple(f"action {index}" for index in range(max(ACTION_COUNTS)))
        points = [("cost_against_actions", model.config.input_size, count) for count in ACTION_COUNTS]
        points += [("cost_against_image_side", side, self.actions[0]) for side in IMAGE_SIDES]
        task = self.progress.add_task(f"{name}: sweeps", total=len(points) * len(self.precisions))
        for precision in self.precisions:
            for key, side, count in points:
                resized = build_model(**{**fields, "input_size": side}).to(self.device).eval()
                predictor = HotspotPredictor(resized, precision=precision)
                timing = time_predictor(predictor, pictures(3, side, side), count, 1, self.config.seconds / 3)
                entry = {"model": name, "precision": precision, "actions": count, "side": side}
                self.results[key].append({**entry, "median": timing.median})
                self.progress.advance(task)


def _predictor(model: HotspotModel, backend: str, precision: str, folder: Path) -> HotspotPredictor:
    if backend == "torch":
        return HotspotPredictor(model, precision=precision)
    suffix, runtime = EXPORTED[backend]
    checkpoint, exported = folder / "model.safetensors", folder / f"model{suffix}"
    save_model(checkpoint, model)
    device = next(model.parameters()).device.type
    # A package that is compiled takes any batch; the actions are an input, so that one file serves all cases.
    export(ExportConfig(exported, checkpoint, actions_are_an_input=True, batch=None, device=device))
    return HotspotPredictor(exported, device, precision, runtime)
