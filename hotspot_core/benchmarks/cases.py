"""One measurement each: a predictor end to end, the plain loop, the stages, the agreement of two ways."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch

from hotspot_core.benchmarks.baseline import backward_per_action
from hotspot_core.benchmarks.counting import Cost, cost_of
from hotspot_core.benchmarks.machine import best_time, peak_memory, reset_peak_memory
from hotspot_core.hotspots.prediction import Image
from hotspot_core.inference.agreement import Agreement
from hotspot_core.inference.network import HotspotNetwork
from hotspot_core.inference.predictor import HotspotPredictor
from hotspot_core.model.hotspot_model import HotspotModel

MIN_RUNS, MAX_RUNS = 3, 500
# A call of so many seconds needs no second warm-up.
WARM_UPS, LONG = 2, 1.0


@dataclass(frozen=True)
class Timing:
    """Seconds per call: median, 99th percentile and minimum of `runs`; peak memory in bytes."""

    median: float
    p99: float
    minimum: float
    runs: int
    memory: float


@dataclass(frozen=True)
class Stage:
    """A part of a frame: FLOPs and bytes (see `Cost`) that it takes, and its shortest time in seconds."""

    name: str
    flops: int
    bytes: int | None
    seconds: float


def pictures(count: int, height: int, width: int) -> list[Image]:
    """Blurred noise, no two alike."""
    generator = np.random.default_rng(0)
    result = []
    for _ in range(count):
        noise = generator.normal(0, 60, (height, width, 3)).astype(np.float32)
        picture = 128 + noise + 12 * cv2.GaussianBlur(noise, (0, 0), 6) + 50 * cv2.GaussianBlur(noise, (0, 0), 25)
        result.append(picture.clip(0, 255).astype(np.uint8))
    return result


def time_calls(call: Callable[[int], Any], device: torch.device, seconds: float) -> Timing:
    """Calls with 0, 1, 2 ... for about so many seconds, after warming up; each call must wait for its result."""
    for warm_up in range(WARM_UPS):
        start = time.perf_counter()
        call(warm_up)
        if time.perf_counter() - start > LONG:
            break
    reset_peak_memory(device)
    times: list[float] = []
    while len(times) < MIN_RUNS or (sum(times) < seconds and len(times) < MAX_RUNS):
        start = time.perf_counter()
        call(len(times))
        times.append(time.perf_counter() - start)
    return Timing(float(np.median(times)), float(np.quantile(times, 0.99)), min(times), len(times), peak_memory(device))


def time_predictor(
    predictor: HotspotPredictor, images: list[Image], actions: int, batch: int, seconds: float
) -> Timing:
    """From uint8 RGB to points; images change from call to call."""
    names = predictor.actions[:actions]

    def call(index: int) -> None:
        chosen = [images[(index * batch + i) % len(images)] for i in range(batch)]
        predictor.predict(chosen[0] if batch == 1 else chosen, names)

    return time_calls(call, torch_device(predictor.device), seconds)


def torch_device(name: str) -> torch.device:
    """Where PyTorch measures what runs on a device of any runtime."""
    return torch.device(name if name.startswith("cuda") else "cpu")


def time_loop(model: HotspotModel, images: list[Image], actions: int, seconds: float) -> Timing:
    """The plain loop in float32, from normalized tensors to maps."""
    inputs = [normalized(model, image) for image in images]

    def call(index: int) -> None:
        backward_per_action(model, inputs[index % len(inputs)], actions).cpu()

    return time_calls(call, inputs[0].device, seconds)


def normalized(model: HotspotModel, image: Image) -> torch.Tensor:
    """(1, 3, H, W) on the model's device, of an image of the network's size."""
    device = next(model.parameters()).device
    mean, std = (torch.tensor(v, device=device) * 255 for v in (model.config.mean, model.config.std))
    return ((torch.from_numpy(image)[None].to(device) - mean) / std).permute(0, 3, 1, 2).contiguous()


def time_stages(network: HotspotNetwork, image: Image, actions: int) -> list[Stage]:
    """Backbone, F_ant with pooling and LSTM, and the maps of some actions."""
    device = network.mean.device
    pixels = torch.from_numpy(image)[None].to(device)
    with torch.inference_mode():
        inputs = network.normalized(pixels)
        features = network.backbone(inputs)
        encoding = network.mapping.encode(features)
        indices = torch.arange(actions, device=device)
        parts: list[tuple[str, Callable[[], Any]]] = [
            ("backbone", lambda: network.backbone(inputs)),
            ("F_ant forwards", lambda: network.mapping.encode(features)),
            (f"F_ant backwards, {actions} actions", lambda: network.maps(encoding, indices)),
        ]
        times = [best_time(call, device) for _, call in parts]
    with torch.no_grad():
        inputs, features = inputs.clone(), features.clone()
        encoding, indices = network.mapping.encode(features), indices.clone()
        costs = [cost_of(call) for _, call in parts]
    return [
        Stage(name, cost.flops, cost.bytes, seconds)
        for (name, _), cost, seconds in zip(parts, costs, times, strict=True)
    ]


def loop_cost(model: HotspotModel, image: Image, actions: int) -> Cost:
    """Of the plain loop."""
    return cost_of(lambda: backward_per_action(model, normalized(model, image), actions))


def network_cost(network: HotspotNetwork, image: Image, actions: int) -> Cost:
    """Of one image, from pixels to maps."""
    pixels = torch.from_numpy(image)[None].to(network.mean.device)
    indices = torch.arange(actions, device=pixels.device)
    return cost_of(lambda: network.maps(network.encode(pixels), indices))


def compare(model: HotspotModel, network: HotspotNetwork, images: list[Image], actions: int) -> Agreement:
    """A network's maps against the plain loop's."""
    agreement = Agreement()
    for image in images:
        expected = backward_per_action(model, normalized(model, image), actions).cpu().numpy()
        with torch.inference_mode():
            pixels = torch.from_numpy(image)[None].to(network.mean.device)
            indices = torch.arange(actions, device=pixels.device)
            agreement.add(network.maps(network.encode(pixels), indices)[0].cpu().numpy(), expected)
    return agreement
