"""Faults and load against a real node in its own process: `python test/ros/reliability.py [check ...] [--quick]`.

Prints the figures of docs/notes/reliability.md. `--quick` runs each check shortly, as the tests do.

    fuzz       malformed images, depth images and calibrations of every kind, with a good image among them
    endurance  frames whose size and encoding change all the time: memory must not grow
    overload   60 images of 1920x1080 a second: the newest wins, latency stays bounded, every drop is counted
    overhead   what everything but the model costs, by the node's own diagnostics
    start      seconds from the start of the node's process to its first hotspots, while a camera publishes
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from domain import claim_domain
from harness import TIMEOUT, Client, NodeProcess, photo
from sensor_msgs.msg import CameraInfo, Image

from hotspot_core.hotspots.peaks import find_peaks
from hotspot_core.hotspots.regions import network_input_size
from hotspot_core.inference.pixels import resize
from hotspot_core.inference.predictor import HotspotPredictor
from hotspot_core.model.checkpoint import save_model
from hotspot_core.model.presets import build_model
from hotspot_ros.conversions.images import ENCODINGS, encode_image
from hotspot_ros.msg import HotspotArray

SIZES = [(48, 64), (120, 160), (90, 160), (480, 640)]
CYCLE = ("rgb8", "bgr8", "mono8", "rgba8")
# The figures are those of the installed executable; the tests save its start.
FORKED = __name__ != "__main__"


def quick_checkpoint(folder: Path) -> Path:
    """A model with a small input and random weights: the checks are of the node, not of the network."""
    path = folder / "quick.safetensors"
    save_model(path, build_model("robot", ("open", "pull"), input_size=64))
    return path


class Observer(Client):
    """A client that reads the node's diagnostics, and knows when each of its images was sent."""

    def __init__(self, namespace: str) -> None:
        super().__init__(namespace)
        self.status: dict[str, dict[str, str]] = {}
        self.latencies: list[float] = []
        self._name = f"{namespace.lstrip('/')}/hotspots"
        self._sent: dict[str, float] = {}
        self.depth = self.create_publisher(Image, "depth", 1)
        self.info = self.create_publisher(CameraInfo, "camera_info", 1)
        self.create_subscription(DiagnosticArray, "/diagnostics", self._on_diagnostics, 10)

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name.startswith(self._name):
                self.status[status.name.removeprefix(f"{self._name}: ")] = {v.key: v.value for v in status.values}

    def _on_hotspots(self, message: HotspotArray) -> None:
        super()._on_hotspots(message)
        if message.header.frame_id in self._sent:
            self.latencies.append(time.perf_counter() - self._sent.pop(message.header.frame_id))

    def send(self, message: Image) -> None:
        self._sent[message.header.frame_id] = time.perf_counter()
        self.camera.publish(message)

    def good(self, number: int) -> None:
        """Sends an image and waits for its hotspots."""
        message = encode_image(photo(seed=number % 5), self.header(f"good_{number}"))
        self.send(message)
        self.wait(lambda: f"good_{number}" in self.received)

    def count(self, name: str) -> int:
        """A figure of the camera in the next diagnostics."""
        self.status.clear()
        self.wait(lambda: "camera" in self.status and "model" in self.status)
        return int(self.status["camera"][name])

    def memory(self) -> float:
        """Megabytes that the node's process holds."""
        self.status.clear()
        self.wait(lambda: "model" in self.status)
        return float(self.status["model"]["memory (MB)"])


@dataclass
class Damage:
    """Makes malformed messages of every kind, the same ones for the same seed."""

    seed: int = 0
    kinds: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)

    def image(self, client: Client) -> Image:
        """An image that is wrong in one way or in several; some are wrong in nothing that matters."""
        message = encode_image(photo(*self._pick(SIZES[:3])), client.header("damaged"))
        for _ in range(self._random.integers(1, 4)):
            change = self._pick([self._size, self._step, self._encoding, self._data, self._stamp, self._order])
            self.kinds[change.__name__.lstrip("_")] = self.kinds.get(change.__name__.lstrip("_"), 0) + 1
            change(message)
        return message

    def depth(self, client: Client) -> Image:
        """A depth image of NaN, infinities, zeros or noise, or as malformed as `image`."""
        values = np.full(self._pick(SIZES[:3]), self._pick([np.nan, np.inf, -np.inf, 0.0, -1.0, 1e30]), np.float32)
        values[self._random.random(values.shape) < 0.3] = self._pick([np.nan, 1.0, 1e-30])
        message = encode_image(values, client.header("damaged"))
        for _ in range(self._random.integers(0, 3)):
            self._pick([self._size, self._step, self._encoding, self._data, self._stamp, self._order])(message)
        return message

    def info(self, client: Client) -> CameraInfo:
        """A calibration of odd numbers."""
        message = CameraInfo(header=client.header("damaged"), distortion_model=self._pick(["plumb_bob", "", "wrong"]))
        odd = [0.0, 1.0, 500.0, -1.0, np.nan, np.inf, 1e300]
        message.k, message.p = self._random.choice(odd, 9), self._random.choice(odd, 12)
        message.d = self._random.choice(odd, self._random.integers(0, 9)).tolist()
        message.height, message.width = (int(n) for n in self._random.choice([0, 48, 2**32 - 1], 2))
        message.binning_x = int(self._pick([0, 1, 2, 2**32 - 1]))
        return message

    def _pick(self, choices: Any) -> Any:
        return choices[self._random.integers(len(choices))]

    def _size(self, message: Image) -> None:
        side = int(self._pick([0, 1, 2, 3, 47, 65, 2**16, 2**31, 2**32 - 1]))
        setattr(message, self._pick(["height", "width"]), side)

    def _step(self, message: Image) -> None:
        message.step = int(self._pick([0, 1, 7, message.step + 1, 2**31, 2**32 - 1]))

    def _encoding(self, message: Image) -> None:
        message.encoding = self._pick(["", "rgb", "yuv999", "32FC1", "16UC1", "\u00e9", "x" * 5000, *ENCODINGS])

    def _data(self, message: Image) -> None:
        size = int(self._pick([0, 1, 17, len(message.data) // 2, len(message.data) + 1]))
        message.data = self._random.integers(0, 256, size, np.uint8).tobytes()

    def _stamp(self, message: Image) -> None:
        message.header.stamp.sec = int(self._pick([-(2**31), -1, 0, 2**31 - 1]))
        message.header.stamp.nanosec = int(self._pick([0, 10**9, 2**32 - 1]))

    def _order(self, message: Image) -> None:
        message.is_bigendian = int(self._pick([1, 255]))


def fuzz(count: int, seed: int = 0) -> dict[str, Any]:
    """`count` malformed messages, after every fiftieth a good image, which must be answered."""
    damage = Damage(seed)
    with folder() as path, NodeProcess("fuzzed", FORKED, model=quick_checkpoint(path), depth="true") as node:
        with Observer(node.namespace) as client:
            answered = 0
            for number in range(count):
                kind = number % 10
                if kind == 8:
                    client.depth.publish(damage.depth(client))
                elif kind == 9:
                    client.info.publish(damage.info(client))
                else:
                    client.camera.publish(damage.image(client))
                # Not faster than they are looked at, or most would be overwritten unseen.
                client.spin_for(0.004)
                if number % 50 == 49:
                    client.good(number)
                    answered += 1
            refused, failed = client.count("frames dropped: decode error"), client.count("frames dropped: failed")
            code, _ = node.stop()
        return {
            "messages": count,
            "by kind of damage": damage.kinds,
            "refused images": refused,
            "failed inferences": failed,
            "good images answered": f"{answered} of {count // 50}",
            "exit code": code,
            "tracebacks": node.output().count("Traceback"),
        }


def endurance(frames: int, sizes: Sequence[tuple[int, int]] = SIZES) -> dict[str, Any]:
    """Frames one after the other, whose size and encoding change all the time; memory after a tenth, or after
    one of each kind, and at the end."""
    with (
        folder() as path,
        NodeProcess("enduring", FORKED, model=quick_checkpoint(path)) as node,
        Observer(node.namespace) as client,
    ):
        images = [photo(*size) for size in sizes]
        # Not before each size has come in each encoding: buffers grow until then.
        first = max(frames // 10, len(sizes) * len(CYCLE))
        began, early, sent = time.monotonic(), 0.0, 0
        for number in range(frames):
            image, encoding = images[number % len(images)], CYCLE[number // len(images) % len(CYCLE)]
            pixels = image if encoding in ("rgb8", "bgr8") else image[..., 0]
            if encoding == "rgba8":
                pixels = np.ascontiguousarray(np.dstack([image, image[..., :1]]).reshape(image.shape[0], -1))
            message = encode_image(pixels, client.header("frame"))
            if encoding == "rgba8":
                message.width = image.shape[1]
            message.encoding = encoding
            client.received.clear()
            client.send(message)
            client.wait(lambda: "frame" in client.received)
            sent += len(message.data)
            if number == first:
                early, sent = client.memory(), 0
        seconds = time.monotonic() - began
        # A result is published before it is counted, and diagnostics that came earlier may still be on their way.
        processed, deadline = 0, time.monotonic() + TIMEOUT
        while processed < frames and time.monotonic() < deadline:
            processed = client.count("frames processed")
        return {
            "frames": frames,
            "processed": processed,
            "memory after a tenth (MB)": early,
            "memory at the end (MB)": client.memory(),
            "images sent in between (MB)": round(sent / 2**20),
            "frames per second": round(frames / seconds, 1),
        }


def overload(seconds: float, rate: float = 60.0, size: tuple[int, int] = (1080, 1920)) -> dict[str, Any]:
    """Images faster than the node works; afterwards every one of them must be accounted for."""
    with NodeProcess("overloaded", FORKED) as node, Observer(node.namespace) as client:
        image = encode_image(photo(*size), client.header("first"))
        client.send(image)
        client.wait(lambda: "first" in client.received)
        client.latencies.clear()
        sent, began = 1, time.monotonic()
        while time.monotonic() < began + seconds:
            image.header = client.header(f"frame_{sent}")
            client.send(image)
            sent += 1
            while (left := began + sent / rate - time.monotonic()) > 0:
                rclpy.spin_once(client, timeout_sec=left)
        took = time.monotonic() - began
        image.header = client.header("last")
        client.send(image)
        client.wait(lambda: "last" in client.received)
        sent += 1
        camera = dict(client.status["camera"]) if client.count("frames received") else {}
        dropped = {k.removeprefix("frames dropped: "): int(v) for k, v in camera.items() if "dropped" in k and v != "0"}
        milliseconds = 1000 * np.array(client.latencies)
        return {
            "sent": sent,
            "sent per second": round((sent - 2) / took, 1),
            "received": int(camera["frames received"]),
            "processed": int(camera["frames processed"]),
            "dropped": dropped,
            "unaccounted for": sent - int(camera["frames processed"]) - sum(dropped.values()),
            "latency at a subscriber in another process p50, p99, most (ms)": [
                round(float(v), 1) for v in np.percentile(milliseconds, [50, 99, 100])
            ],
            "inference p50 (ms)": float(camera["inference p50 (ms)"]),
        }


def overhead(frames: int) -> dict[str, Any]:
    """Medians per frame of what is not the model, at two sizes: decode and message by the node's diagnostics, resizing
    and peaks, which belong to the predictor, measured in this process."""
    found: dict[str, Any] = {}
    for height, width in ((480, 640), (1080, 1920)):
        with NodeProcess(f"measured_{height}", FORKED) as node, Observer(node.namespace) as client:
            for number in range(frames):
                client.received.clear()
                client.send(encode_image(photo(height, width, seed=number % 3), client.header("frame")))
                client.wait(lambda: "frame" in client.received)
            client.count("frames processed")
            camera = client.status["camera"]
            steps = {step: float(camera[f"{step} p50 (ms)"]) for step in ("decode", "message")}
            inference = float(camera["inference p50 (ms)"])
        steps |= resize_and_peaks(photo(height, width))
        found[f"{width}x{height}"] = {
            **steps,
            "overhead (ms)": round(sum(steps.values()), 2),
            "inference, resize and peaks included (ms)": inference,
            "latency at a subscriber in another process p50 (ms)": round(1000 * float(np.median(client.latencies)), 1),
        }
    return found


def start(times: int) -> dict[str, Any]:
    """Seconds from the start of a process to the first hotspots of the bundled model, while a camera publishes."""
    found = []
    for number in range(times):
        client = Observer(f"/started_{number}")
        began = time.monotonic()
        node = NodeProcess(f"started_{number}", FORKED)
        try:
            while not client.received:
                client.camera.publish(encode_image(photo(480, 640), client.header("frame")))
                client.spin_for(0.05)
                assert time.monotonic() < began + TIMEOUT, node.output()
            found.append(round(time.monotonic() - began, 2))
        finally:
            node.stop()
            client.destroy_node()
    return {"first hotspots after (s)": found}


def resize_and_peaks(image: np.ndarray) -> dict[str, float]:
    """Milliseconds of the predictor's work around the network, for all actions of the bundled model."""
    prediction = HotspotPredictor(device="cpu").predict(image)
    size = network_input_size(image.shape[:2], 224, 8)
    return {
        "resize": milliseconds_of(lambda: resize(image, size)),
        "peaks": milliseconds_of(lambda: [find_peaks(heatmap) for heatmap in prediction.heatmaps]),
    }


def milliseconds_of(work: Callable[[], object]) -> float:
    times = []
    for _ in range(50):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return round(1000 * float(np.median(times)), 3)


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


QUICK: dict[str, Callable[[], dict[str, Any]]] = {
    "fuzz": lambda: fuzz(200),
    "endurance": lambda: endurance(200),
    "overload": lambda: overload(2.0),
    "overhead": lambda: overhead(20),
    "start": lambda: start(1),
}
LONG: dict[str, Callable[[], dict[str, Any]]] = {
    "fuzz": lambda: fuzz(5000),
    "endurance": lambda: endurance(30_000),
    "overload": lambda: overload(30.0),
    "overhead": lambda: overhead(300),
    "start": lambda: start(5),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checks", nargs="*", choices=[[], *LONG], help="all of them, if none is named")
    parser.add_argument("--quick", action="store_true", help="a short run of each")
    options = parser.parse_args()
    claim_domain()
    rclpy.init()
    for name in options.checks or LONG:
        print(f"## {name}", flush=True)
        for key, value in (QUICK if options.quick else LONG)[name]().items():
            print(f"{key}: {value}", flush=True)
    rclpy.try_shutdown()


if __name__ == "__main__":
    main()
