"""Several cameras on one model: batches, namespaces, and none that holds up or harms another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from harness import Client, Gate, LocalNode, photo
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image

from hotspot_core import HotspotPredictor
from hotspot_core.errors import OutOfMemoryError
from hotspot_ros.conversions.images import encode_image
from hotspot_ros.node.node import HotspotNode


@pytest.fixture
def rig() -> Iterator[tuple[HotspotNode, Client, Client, Client]]:
    """A node with three cameras, and a client in the place of each."""
    with LocalNode("rig", cameras=["front", "wrist", "dead"]) as node:
        clients = [Client(f"/rig/{name}") for name in ("front", "wrist", "dead")]
        for client in clients:
            client.__enter__()
        yield node, clients[0], clients[1], clients[2]
        for client in clients:
            client.destroy_node()


def send(node: HotspotNode, client: Client, frame_id: str, image: np.ndarray, **damage: int) -> Image:
    """Publishes an image and waits until the node has it."""
    (camera,) = (camera for camera in node.cameras if client.get_namespace().endswith(camera.name))
    before = camera.statistics.counts.received
    message = encode_image(image, client.header(frame_id))
    for field, value in damage.items():
        setattr(message, field, value)
    client.camera.publish(message)
    client.wait(lambda: camera.statistics.counts.received > before)
    return message


def test_frames_that_wait_together_are_one_batch(
    rig: tuple[HotspotNode, Client, Client, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """1. While the model is busy two cameras send frames of other sizes, one of them twice. 2. The newest two are
    inferred as one batch; each answer has its own header and size, in its own namespace; the third camera, which sends
    nothing, does not matter. 3. The overwritten frame is counted."""
    node, front, wrist, _ = rig
    gate = Gate(monkeypatch)
    gate.close_behind(front)
    send(node, front, "overwritten", photo())
    newest = send(node, front, "front", photo(96, 128)), send(node, wrist, "wrist", photo(60))
    gate.open.set()
    front.wait(lambda: "front" in front.received)
    wrist.wait(lambda: "wrist" in wrist.received)
    assert gate.batches == [1, 2]
    assert set(front.received) == {"held up", "front"}
    assert [front.received["front"].header, wrist.received["wrist"].header] == [m.header for m in newest]
    assert (front.received["front"].image_height, wrist.received["wrist"].image_height) == (96, 60)
    counts = node.cameras[0].statistics.counts
    assert (counts.received, counts.processed, counts.overwritten, counts.lost) == (3, 2, 1, 0)


def test_a_damaged_frame_harms_no_other_camera(
    rig: tuple[HotspotNode, Client, Client, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two frames that wait together one is damaged: the other is answered, and only its camera counts it."""
    node, front, wrist, _ = rig
    gate = Gate(monkeypatch)
    gate.close_behind(front)
    send(node, front, "front", photo(), step=1)
    send(node, wrist, "wrist", photo())
    gate.open.set()
    wrist.wait(lambda: "wrist" in wrist.received)
    assert [camera.statistics.counts.decode_error for camera in node.cameras] == [1, 0, 0]
    assert "front" not in front.received


def test_a_batch_too_large_for_the_memory_is_split(
    rig: tuple[HotspotNode, Client, Client, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model fails on a batch of two: its frames are inferred one by one, and both are answered."""
    node, front, wrist, _ = rig
    gate = Gate(monkeypatch)
    gate.close_behind(front)
    send(node, front, "front", photo())
    send(node, wrist, "wrist", photo())
    # The frame that is held up passes first.
    predict = HotspotPredictor.predict

    def too_large(predictor: HotspotPredictor, images: Any, *arguments: Any, **settings: Any) -> Any:
        if len(images) > 1:
            raise RuntimeError("CUDA out of memory")
        return predict(predictor, images, *arguments, **settings)

    monkeypatch.setattr(HotspotPredictor, "predict", too_large)
    gate.open.set()
    front.wait(lambda: "front" in front.received)
    wrist.wait(lambda: "wrist" in wrist.received)
    assert gate.batches == [1, 1, 1]
    assert [camera.statistics.counts.failed for camera in node.cameras] == [0, 0, 0]


def test_the_rate_is_limited_for_each_camera(rig: tuple[HotspotNode, Client, Client, Client]) -> None:
    """With hardly a frame allowed in a test's time, the first frame of each camera is answered and all others are
    counted; without a limit all are answered again."""
    node, front, wrist, _ = rig
    (result,) = node.set_parameters([Parameter("max_rate", value=0.001)])
    assert result.successful, result.reason
    for client in (front, wrist):
        client.ask(photo())
        for index in range(3):
            send(node, client, f"limited_{index}", photo())
        assert set(client.received) == {"camera"}
    assert [(c.statistics.counts.processed, c.statistics.counts.rate_limited) for c in node.cameras] == [
        (1, 3),
        (1, 3),
        (0, 0),
    ]
    node.set_parameters([Parameter("max_rate", value=0.0)])
    front.ask(photo())


@pytest.mark.parametrize(
    "failure",
    [RuntimeError("CUDA out of memory. Tried to allocate 20 GiB"), OutOfMemoryError("out of memory for one map")],
    ids=lambda failure: type(failure).__name__,
)
def test_a_failing_model_recovers(
    rig: tuple[HotspotNode, Client, Client, Client], monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """1. The model fails on frame after frame, also where it can name its lack of memory: each is counted, diagnostics
    are in error and say why. 2. The model is loaded anew. 3. It works again: frames are answered, diagnostics are
    well."""
    node, front, _, _ = rig
    gate = Gate(monkeypatch)
    assert node.model is not None
    models: list[DiagnosticStatus] = []
    front.create_subscription(DiagnosticArray, "/diagnostics", lambda m: models.append(m.status[0]), 10)
    monkeypatch.setattr("hotspot_ros.pipeline.model_thread.RELOAD_PAUSE", 0.0)
    broken = node.model._predictor
    gate.failures = [failure] * 4
    for _ in range(4):
        send(node, front, "front", photo())
        front.wait(lambda: node.cameras[0].statistics.counts.failed == node.cameras[0].statistics.counts.received)
    front.wait(lambda: bool(models) and "out of memory" in models[-1].message)
    assert models[-1].level == DiagnosticStatus.ERROR
    front.ask(photo())
    assert node.model._predictor is not broken
    front.wait(lambda: models[-1].level == DiagnosticStatus.OK)


def test_diagnostics_of_every_camera(rig: tuple[HotspotNode, Client, Client, Client]) -> None:
    """1. One camera sends ten frames, one nothing. 2. Diagnostics have a status for the model and one for each camera,
    with counts that add up and percentiles of every step that add up to no more than the total's."""
    node, front, _, _ = rig
    for index in range(10):
        front.ask(photo(), f"frame_{index}")
    arrays: list[DiagnosticArray] = []
    front.create_subscription(DiagnosticArray, "/diagnostics", arrays.append, 10)
    front.wait(lambda: bool(arrays))
    model, *cameras = arrays[-1].status
    assert model.name == "rig/hotspots: model"
    assert [status.name for status in cameras] == [
        f"rig/hotspots: camera {name}" for name in ("front", "wrist", "dead")
    ]
    facts = {pair.key: pair.value for pair in model.values}
    assert (facts["state"], facts["device"]) == ("active", str(node.model.device if node.model else ""))
    assert float(facts["memory (MB)"]) > 50
    values = {pair.key: pair.value for pair in cameras[0].values}
    assert values["frames received"] == values["frames processed"] == "10"
    assert all(n == "0" for key, n in values.items() if key.startswith("frames dropped"))
    steps = [float(values[f"{step} p50 (ms)"]) for step in ("wait", "decode", "inference", "message", "total")]
    assert all(step > 0 for step in steps)
    assert max(steps[:4]) <= steps[4]
    assert all(float(values[f"{step} p99 (ms)"]) > 0 for step in ("wait", "decode", "inference", "message", "total"))
    assert "inference p50 (ms)" not in {pair.key for pair in cameras[2].values}
