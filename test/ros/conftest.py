"""Real nodes over real DDS: everything here needs rclpy and the built messages."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("hotspot_ros.msg", reason="the messages of hotspot_ros are not built")

# A domain of our own, on this machine only, before any node is made.
os.environ["ROS_DOMAIN_ID"] = str(random.randrange(1, 102))
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"

import rclpy
from harness import Client, NodeProcess


@pytest.fixture(scope="session", autouse=True)
def ros() -> Iterator[None]:
    rclpy.init()
    yield
    rclpy.try_shutdown()


@pytest.fixture(scope="module")
def node() -> Iterator[NodeProcess]:
    """One node with default parameters for all tests of a module."""
    with NodeProcess("shared") as process:
        yield process


@pytest.fixture
def client(node: NodeProcess) -> Iterator[Client]:
    """A camera and a listener in this process, connected to the shared node."""
    with Client(node.namespace) as connected:
        yield connected
