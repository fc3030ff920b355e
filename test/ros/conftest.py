"""Real nodes over real DDS: everything here needs rclpy and the built messages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("hotspot_ros.msg", reason="the messages of hotspot_ros are not built")

import rclpy
from domain import claim_domain
from harness import Client, NodeProcess, quicken


@pytest.fixture(scope="session", autouse=True)
def ros() -> Iterator[None]:
    """ROS in a domain of our own, before any node is made."""
    claim_domain()
    quicken()
    rclpy.init()
    yield
    rclpy.try_shutdown()


@pytest.fixture(scope="module")
def node() -> Iterator[NodeProcess]:
    """One node with default parameters for all tests of a module: the installed executable."""
    with NodeProcess("shared", forked=False) as process:
        yield process


@pytest.fixture
def client(node: NodeProcess) -> Iterator[Client]:
    """A camera and a listener in this process, connected to the shared node."""
    with Client(node.namespace) as connected:
        yield connected
