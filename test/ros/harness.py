"""A node in its own process, and a client with a camera and listeners."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pytest
import rclpy
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState
from rclpy.client import Client as ServiceClient
from rclpy.executors import ExternalShutdownException, ShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from hotspot_core import HotspotPredictor
from hotspot_ros.conversions.images import encode_image
from hotspot_ros.msg import HotspotArray, HotspotLabels
from hotspot_ros.node import node as node_module
from hotspot_ros.node.node import HotspotNode

TIMEOUT = 60.0


def photo(height: int = 48, width: int = 64, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def quicken() -> None:
    """Has nodes of this process look at their publishers and tell diagnostics more often: tests wait for both."""
    node_module.FOLLOW_PERIOD = node_module.DIAGNOSTICS_PERIOD = 0.1


class ForkedProcess:
    """`hotspot_node` without its start: forked from a process that has imported everything and done nothing else.

    Has what is used of `subprocess.Popen`.
    """

    _context = multiprocessing.get_context("forkserver")

    def __init__(self, arguments: list[str], log: Path) -> None:
        # The second is what PyTorch imports when a model is loaded.
        self._context.set_forkserver_preload(["hotspot_ros.main", "torch._dynamo"])
        self._process = self._context.Process(target=run_forked, args=(arguments, str(log)), daemon=True)
        self._process.start()

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("hotspot_node", timeout)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        assert self._process.pid is not None
        with contextlib.suppress(ProcessLookupError):  # It may have ended since.
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        self._process.kill()


def run_forked(arguments: list[str], log: str) -> None:
    """The process of the node, its output in a file."""
    from hotspot_ros.main import main

    os.setsid()
    output = os.open(log, os.O_WRONLY | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(output, stream)
    sys.argv = arguments
    quicken()
    main(arguments)


# Pictures of tests show nothing that a model could be sure of: all its points are published.
EVERY_POINT = {"probability_threshold": 0.0}


class NodeProcess:
    """`hotspot_node` with parameters, in a namespace, its output in a file.

    Args:
        forked: False for the installed executable, whose start takes seconds.
    """

    def __init__(self, namespace: str, forked: bool = True, **parameters: Any) -> None:
        self.namespace = f"/{namespace}"
        self._folder = tempfile.TemporaryDirectory()
        self._log = Path(self._folder.name) / "log"
        self._log.touch()
        command = ["hotspot_node", "--ros-args", "-r", f"__ns:={self.namespace}"]
        for name, value in (EVERY_POINT | parameters).items():
            command += ["-p", f"{name}:={value}"]
        self.process: ForkedProcess | subprocess.Popen[bytes]
        if forked:
            self.process = ForkedProcess(command, self._log)
            return
        with self._log.open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)

    def output(self) -> str:
        return self._log.read_text()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + TIMEOUT
        while "ready:" not in self.output():
            assert self.process.poll() is None, self.output()
            assert time.monotonic() < deadline, self.output()
            time.sleep(0.02)

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, float]:
        """Exit code after a signal, and the seconds it took."""
        start = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(timeout=10), time.monotonic() - start

    def __enter__(self) -> NodeProcess:
        try:
            self.wait_until_ready()
        except BaseException:
            self.process.kill()
            raise
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.process.poll() is None:
            self.stop()


class LocalNode:
    """A node in a namespace of this process, spun by a thread of its own; everything goes over DDS all the same."""

    def __init__(self, namespace: str, start: bool = True, remappings: dict[str, str] | None = None, **parameters: Any):
        self.namespace = f"/{namespace}"
        arguments = [part for pair in (remappings or {}).items() for part in ("-r", ":=".join(pair))]
        self.node = HotspotNode(
            namespace=self.namespace,
            parameter_overrides=[Parameter(name, value=value) for name, value in (EVERY_POINT | parameters).items()],
            cli_args=["--ros-args", *arguments] if arguments else None,
        )
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.node)
        if start:
            self.node.start()
        self._thread = threading.Thread(target=self._spin, daemon=True)
        self._thread.start()

    def _spin(self) -> None:
        with contextlib.suppress(ExternalShutdownException, ShutdownException):
            self.executor.spin()

    def __enter__(self) -> HotspotNode:
        return self.node

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.executor.shutdown()
        self._thread.join(TIMEOUT)
        self.node.stop(TIMEOUT)
        self.node.destroy_node()


class Client(Node):
    """Publishes images and keeps the hotspots that come back, by frame_id."""

    def __init__(
        self, namespace: str, reliability: ReliabilityPolicy = ReliabilityPolicy.RELIABLE, depth: int = 10
    ) -> None:
        super().__init__("client", namespace=namespace)
        self.received: dict[str, HotspotArray] = {}
        self.labels: list[HotspotLabels] = []
        profile = QoSProfile(depth=depth, reliability=reliability)
        self.camera = self.create_publisher(Image, "image", profile)
        self.create_subscription(HotspotArray, "hotspots", self._on_hotspots, 10)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.create_subscription(HotspotLabels, "hotspots/labels", self.labels.append, latched)

    def _on_hotspots(self, message: HotspotArray) -> None:
        self.received[message.header.frame_id] = message

    @contextlib.contextmanager
    def connected(self) -> Iterator[Client]:
        """With the node's subscription and publishers known to this client."""
        yield self.__enter__()

    def __enter__(self) -> Client:
        self.wait(lambda: self.camera.get_subscription_count() > 0)
        self.wait(lambda: self.count_publishers(f"{self.get_namespace()}/hotspots") > 0 and bool(self.labels))
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.destroy_node()

    def wait(self, condition: Callable[[], bool], timeout: float = TIMEOUT) -> None:
        """Spins until a condition holds."""
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, "timed out"
            rclpy.spin_once(self, timeout_sec=0.05)

    def spin_for(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            rclpy.spin_once(self, timeout_sec=left)

    def header(self, frame_id: str) -> Header:
        return Header(stamp=self.get_clock().now().to_msg(), frame_id=frame_id)

    def ask(self, image: np.ndarray, frame_id: str = "camera") -> tuple[Image, HotspotArray]:
        """Publishes an image and waits for its hotspots."""
        message = encode_image(image, self.header(frame_id))
        self.received.pop(frame_id, None)
        self.camera.publish(message)
        self.wait(lambda: frame_id in self.received)
        return message, self.received[frame_id]

    def call(self, service: type, name: str, request: Any) -> Any:
        """The response of a service in the client's namespace."""
        caller: ServiceClient = self.create_client(service, name)
        assert caller.wait_for_service(TIMEOUT)
        future = caller.call_async(request)
        self.wait(future.done)
        self.destroy_client(caller)
        return future.result()

    def change(self, transition: int) -> bool:
        """Whether the node made a transition."""
        request = ChangeState.Request(transition=Transition(id=transition))
        return bool(self.call(ChangeState, "hotspots/change_state", request).success)

    def state(self) -> str:
        """Label of the node's lifecycle state."""
        return str(self.call(GetState, "hotspots/get_state", GetState.Request()).current_state.label)


class Gate:
    """Stands before the node's predictor: holds it up, counts the images of its batches, makes it fail.

    Attributes:
        failures: what the next predictions raise.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.batches: list[int] = []
        self.failures: list[Exception] = []
        self.entered, self.open = threading.Event(), threading.Event()
        self.open.set()
        predict = HotspotPredictor.predict

        def guarded(predictor: HotspotPredictor, images: Any, *arguments: Any, **settings: Any) -> Any:
            self.batches.append(len(images))
            self.entered.set()
            self.open.wait(30)
            if self.failures:
                raise self.failures.pop(0)
            return predict(predictor, images, *arguments, **settings)

        monkeypatch.setattr(HotspotPredictor, "predict", guarded)

    def close_behind(self, client: Client) -> None:
        """Has the model stand at the gate with a frame of its own."""
        self.open.clear()
        self.entered.clear()
        client.camera.publish(encode_image(photo(), client.header("held up")))
        assert self.entered.wait(30)
