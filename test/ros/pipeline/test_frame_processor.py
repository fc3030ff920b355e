"""The frame processor's end: at once, whatever the model does, and with every frame accounted for."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from harness import Client, Gate, LocalNode, photo
from lifecycle_msgs.msg import Transition

from hotspot_ros.conversions.images import encode_image
from hotspot_ros.node.node import HotspotNode


@pytest.fixture(scope="module")
def node() -> Iterator[HotspotNode]:
    with LocalNode("processed") as local:
        yield local


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    made = Gate(monkeypatch)
    yield made
    made.open.set()


def frame_processors() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "frame processor"]


def test_an_idle_one_stops(node: HotspotNode) -> None:
    """While nothing comes its thread waits; it ends when it is told to, a second time, too."""
    processor = node.frame_processor
    assert processor is not None
    assert len(frame_processors()) == 1
    assert processor.stop()
    assert processor.stop()
    assert frame_processors() == []
    client = Client("/processed")
    assert client.change(Transition.TRANSITION_DEACTIVATE)
    assert client.change(Transition.TRANSITION_ACTIVATE)
    client.destroy_node()


def test_it_waits_for_no_model(node: HotspotNode, gate: Gate) -> None:
    """1. The model is at work on an image, another waits in the buffer. 2. Stop returns while the model is still at
    work; both images are counted as discarded. 3. Nothing is published of them when the model is done; after another
    activation images are answered again."""
    with Client("/processed") as client:
        counts = node.cameras[0].statistics.counts
        before = counts.received
        gate.close_behind(client)
        client.camera.publish(encode_image(photo(), client.header("in the buffer")))
        client.wait(lambda: counts.received == before + 2)
        assert client.change(Transition.TRANSITION_DEACTIVATE)
        assert not gate.open.is_set()
        assert counts.discarded == 2
        gate.open.set()
        assert client.change(Transition.TRANSITION_ACTIVATE)
        client.wait(lambda: client.camera.get_subscription_count() > 0)
        client.ask(photo())
        assert set(client.received) == {"camera"}
        # The answer is counted after it was published.
        client.wait(lambda: counts.received == counts.processed + counts.discarded)
