"""`python -m hotspot_ros.demo [INPUT]`: the real node in its own process, images over DDS, overlays on disk."""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import rclpy
from rclpy.node import Node
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from hotspot_core.errors import InputError
from hotspot_core.hotspots.overlay import draw_panels
from hotspot_core.hotspots.prediction import Image as Pixels
from hotspot_core.media.images import images_in
from hotspot_core.media.sources import unique_names
from hotspot_core.media.writers import check_inputs_survive, write_picture
from hotspot_core.utils.files import make_folder
from hotspot_ros.conversions.images import encode_image
from hotspot_ros.conversions.messages import prediction
from hotspot_ros.msg import HotspotArray, HotspotLabels
from hotspot_ros.player.sources import open_source
from hotspot_ros.ros.qos import input_qos, latched_qos, output_qos

MAX_VIDEO_FRAMES = 60
START_TIMEOUT = 60.0
RESULT_TIMEOUT = 30.0
END_TIMEOUT = 10.0
# Frames and rate of the stream on which latency is measured.
STREAM_FRAMES, STREAM_RATE = 50, 10.0


def read_input(name: str) -> list[tuple[str, Pixels]]:
    """Named images from a photo, a folder of photos or a video (frames spread evenly over it); drawn without a name.

    Raises:
        InputError: the source does not exist, holds nothing that can be read, or never ends.
    """
    source = open_source(name)
    if not source.ends or source.length is None:
        reason = "is a webcam" if not source.ends else "does not say how many frames it has"
        raise InputError(f"{name!r} {reason}: give a photo, a folder of photos or a video")
    count = min(source.length, MAX_VIDEO_FRAMES) if source.moves else source.length
    chosen = set(np.linspace(0, source.length - 1, count).round().astype(int).tolist())
    frames = track(source.frames(), "Reading images", total=source.length, transient=True)
    pictures = [(frame.name, frame.image) for index, frame in enumerate(frames) if index in chosen]
    names = unique_names(name for name, _ in pictures)
    return [(name, pixels) for name, (_, pixels) in zip(names, pictures, strict=True)]


@contextlib.contextmanager
def running_node(model: str) -> Iterator[subprocess.Popen[bytes]]:
    """The node as a process of its own group, ended by SIGINT as Ctrl-C would, or killed where that does not help."""
    executable = shutil.which("hotspot_node")
    if executable is None:
        raise InputError("hotspot_node is not on the PATH: run 'source env.sh' first")
    process = subprocess.Popen([executable, "--ros-args", "-p", f"model:={model}"], start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=END_TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class DemoCamera(Node):
    """Publishes images as a camera does, and collects the hotspots that come back for them.

    Attributes:
        results: stamp in nanoseconds -> (message, seconds from publishing to receiving).
    """

    def __init__(self) -> None:
        super().__init__("demo_camera")
        self.results: dict[int, tuple[HotspotArray, float]] = {}
        self.labels: HotspotLabels | None = None
        self._sent: dict[int, float] = {}
        self._publisher = self.create_publisher(Image, "image", input_qos("reliable"))
        self._subscription = self.create_subscription(HotspotArray, "hotspots", self._on_hotspots, output_qos())
        self.create_subscription(HotspotLabels, "hotspots/labels", self._on_labels, latched_qos())

    def send(self, image: Pixels) -> int:
        """Publishes an image; its stamp in nanoseconds identifies the result."""
        now = self.get_clock().now()
        message = encode_image(image, Header(stamp=now.to_msg(), frame_id="demo_camera_optical_frame"))
        self._sent[now.nanoseconds] = time.perf_counter()
        self._publisher.publish(message)
        return int(now.nanoseconds)

    def connected(self) -> bool:
        """Whether the node listens to us, we to it, and its labels are here."""
        ends = self._publisher.get_subscription_count(), self.count_publishers(self._subscription.topic_name)
        return all(ends) and self.labels is not None

    def _on_hotspots(self, message: HotspotArray) -> None:
        stamp = message.header.stamp.sec * 10**9 + message.header.stamp.nanosec
        self.results[stamp] = message, time.perf_counter() - self._sent[stamp]

    def _on_labels(self, message: HotspotLabels) -> None:
        self.labels = message


def wait_for_node(camera: DemoCamera, process: subprocess.Popen[bytes]) -> None:
    """Spins until the node is ready; InputError where it ends or does not come."""
    deadline = time.monotonic() + START_TIMEOUT
    while not camera.connected():
        rclpy.spin_once(camera, timeout_sec=0.1)
        if process.poll() is not None or time.monotonic() > deadline:
            raise InputError("the node did not start: see its message above")


def predict_each(camera: DemoCamera, images: list[tuple[str, Pixels]]) -> list[tuple[HotspotArray, float]]:
    """Sends one image after another, each when the result of the one before has come."""
    results = []
    for name, image in track(images, "Images", transient=True):
        stamp = camera.send(image)
        deadline = time.monotonic() + RESULT_TIMEOUT
        while stamp not in camera.results:
            rclpy.spin_once(camera, timeout_sec=0.1)
            if time.monotonic() > deadline:
                raise InputError(f"no hotspots came back for image {name!r} within {RESULT_TIMEOUT:.0f} s")
        results.append(camera.results[stamp])
    return results


def stream(camera: DemoCamera, images: list[tuple[str, Pixels]]) -> list[float]:
    """Sends the images in turn at a steady rate; the latencies in seconds of those that came back."""
    stamps = []
    start = time.monotonic()
    for index in track(range(STREAM_FRAMES), f"Stream at {STREAM_RATE:.0f} Hz", transient=True):
        stamps.append(camera.send(images[index % len(images)][1]))
        while time.monotonic() < start + (index + 1) / STREAM_RATE:
            rclpy.spin_once(camera, timeout_sec=max(0.0, start + (index + 1) / STREAM_RATE - time.monotonic()))
    deadline = time.monotonic() + 2.0
    while stamps[-1] not in camera.results and time.monotonic() < deadline:
        rclpy.spin_once(camera, timeout_sec=0.1)
    return [camera.results[stamp][1] for stamp in stamps if stamp in camera.results]


def results_table(names: list[str], results: list[tuple[HotspotArray, float]]) -> Table:
    """The actions of each image by falling score: all for one image, the first three for several."""
    table = Table(title="/hotspots")
    for column in ("image", "action"):
        table.add_column(column)
    for column in ("score", "peak x, y (pixels)", "latency (ms)"):
        table.add_column(column, justify="right")
    for name, (message, latency) in zip(names, results, strict=True):
        best = sorted(message.hotspots, key=lambda hotspot: -hotspot.score)[: None if len(names) == 1 else 3]
        for row, hotspot in enumerate(best):
            peak = f"{hotspot.points[0].x:.1f}, {hotspot.points[0].y:.1f}" if hotspot.points else "-"
            first = (name, f"{1000 * latency:.0f}") if row == 0 else ("", "")
            table.add_row(
                first[0], hotspot.action, f"{hotspot.score:.3f}", peak, first[1], end_section=row + 1 == len(best)
            )
    return table


def latency_line(latencies: list[float]) -> str:
    """What became of the stream, from the latencies in seconds of the images that were answered."""
    answered = f"stream at {STREAM_RATE:.0f} Hz: {len(latencies)} of {STREAM_FRAMES} images answered"
    if not latencies:
        return answered
    median, slowest = (1000 * float(np.percentile(latencies, q)) for q in (50, 99))
    overtaken = ", the others were overtaken by newer ones" if len(latencies) < STREAM_FRAMES else ""
    return f"{answered}, latency from publishing to receiving {median:.0f} ms median, {slowest:.0f} ms p99{overtaken}"


def run(source: str, output: Path, model: str) -> int:
    """The demo, see the module; the node's exit code.

    Raises:
        InputError: the input cannot be used, the output not be written, or the node does not answer.
    """
    images = read_input(source)
    inputs = [Path(source), *images_in(Path(source))] if source else []
    check_inputs_survive(inputs, [output / f"{name}.png" for name, _ in images])
    make_folder(output, "output folder")
    console = Console()
    # A domain of our own, on this machine only: no other robot's topics, and none of ours elsewhere.
    os.environ["ROS_DOMAIN_ID"] = str(random.randrange(1, 100))
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    rclpy.init()
    try:
        with running_node(model) as process:
            camera = DemoCamera()
            wait_for_node(camera, process)
            assert camera.labels is not None
            results = predict_each(camera, images)
            latencies = stream(camera, images)
        note = "" if camera.labels.trained else "untrained"
        for (name, image), (message, _) in zip(images, results, strict=True):
            sheet = draw_panels(image, prediction(message), note)
            write_picture(output / f"{name}.png", sheet)
        console.print(results_table([name for name, _ in images], results))
        console.print(latency_line(latencies))
        console.print(f"model: {camera.labels.checkpoint} ({camera.labels.preset}){', ' + note if note else ''}")
        console.print(f"pictures: {len(images)} in {output}/, the node ended with exit code {process.returncode}")
    finally:
        rclpy.try_shutdown()
    return int(process.returncode)


def main(arguments: list[str] | None = None) -> int:
    """The command; exit status 2 on bad input, 1 where the node did not end cleanly."""
    parser = argparse.ArgumentParser(prog="python -m hotspot_ros.demo", description=__doc__)
    parser.add_argument("input", nargs="?", default="", help="a photo, a folder of photos or a video")
    parser.add_argument("--output", type=Path, default=Path("demo_output"), help="folder for the overlays")
    parser.add_argument("--model", default="default", help="a .safetensors checkpoint")
    options = parser.parse_args(arguments)
    try:
        return 1 if run(options.input, options.output, options.model) else 0
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
