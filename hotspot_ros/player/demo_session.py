"""A node in a process of its own, and a camera that sends it images and waits for what comes back."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator

import rclpy
from rclpy.node import Node
from rich.progress import track
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from hotspot_core.errors import InputError
from hotspot_core.hotspots.prediction import Image as Pixels
from hotspot_ros.conversions.images import encode_image
from hotspot_ros.msg import HotspotArray, HotspotLabels
from hotspot_ros.ros.qos import input_qos, latched_qos, output_qos

START_TIMEOUT = 60.0
RESULT_TIMEOUT = 30.0
END_TIMEOUT = 10.0
# Frames and rate of the stream on which latency is measured.
STREAM_FRAMES, STREAM_RATE = 50, 10.0


@contextlib.contextmanager
def running_node(model: str, **parameters: bool | float) -> Iterator[subprocess.Popen[bytes]]:
    """The node as a process of its own group, ended by SIGINT as Ctrl-C would, or killed where that does not help.

    Args:
        parameters: of the node, by name.
    """
    executable = shutil.which("hotspot_node")
    if executable is None:
        raise InputError("hotspot_node is not on the PATH: run 'source env.sh' first")
    command = [executable, "--ros-args", "-p", f"model:={model}"]
    for name, value in parameters.items():
        command += ["-p", f"{name}:={str(value).lower()}"]
    process = subprocess.Popen(command, start_new_session=True)
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
