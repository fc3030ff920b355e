"""~/predict beside all else that the executor does: a request in work holds up nothing, and is always answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from harness import Client, Gate, LocalNode, photo
from lifecycle_msgs.msg import Transition
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters
from rclpy.task import Future

from hotspot_ros.conversions.images import encode_image
from hotspot_ros.node.node import HotspotNode
from hotspot_ros.node.predict_service import MAX_PENDING
from hotspot_ros.srv import Predict


class Asker(Client):
    """A client that asks without waiting for the answer."""

    def __init__(self, namespace: str) -> None:
        super().__init__(namespace)
        self._predict = self.create_client(Predict, "hotspots/predict")
        self.wait(self._predict.service_is_ready)

    def predict(self) -> Future[Any]:
        return self._predict.call_async(Predict.Request(image=encode_image(photo(), self.header("asked"))))

    def answer(self, asked: Future[Any]) -> Predict.Response:
        self.wait(asked.done)
        return asked.result()

    def set_points(self, number: int) -> bool:
        value = ParameterValue(type=ParameterType.PARAMETER_INTEGER, integer_value=number)
        request = SetParameters.Request(parameters=[Parameter(name="points_per_action", value=value)])
        return bool(self.call(SetParameters, "hotspots/set_parameters", request).results[0].successful)


@pytest.fixture(scope="module")
def node() -> Iterator[HotspotNode]:
    with LocalNode("asked") as local:
        yield local


@pytest.fixture
def client(node: HotspotNode) -> Iterator[Asker]:
    asker = Asker("/asked")
    if node.state == "unconfigured":
        assert asker.change(Transition.TRANSITION_CONFIGURE)
    if node.state == "inactive":
        assert asker.change(Transition.TRANSITION_ACTIVATE)
    with asker as connected:
        yield connected


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    made = Gate(monkeypatch)
    yield made
    made.open.set()


def hold_up(gate: Gate, client: Asker) -> Future[Any]:
    """A request with which the model is at work until the gate opens."""
    gate.open.clear()
    gate.entered.clear()
    asked = client.predict()
    client.wait(gate.entered.is_set)
    return asked


def test_a_slow_model_keeps_the_executor_from_nothing(node: HotspotNode, client: Asker, gate: Gate) -> None:
    """1. The model is at work on a request. 2. Meanwhile images are stored and counted, a parameter is set, the state
    is told, and deactivate and activate are answered, though an image waits for the model, too. 3. Nothing of it ends
    the request, which is answered once the model is done; so is the next image."""
    counts = node.cameras[0].statistics.counts
    received, discarded = counts.received, counts.discarded
    asked = hold_up(gate, client)
    for number in range(1, 4):
        client.camera.publish(encode_image(photo(), client.header("stored")))
        client.wait(lambda number=number: counts.received == received + number)  # type: ignore[misc]
    assert client.set_points(1)
    assert client.state() == "active"
    assert client.change(Transition.TRANSITION_DEACTIVATE)
    assert client.state() == "inactive"
    assert counts.discarded - discarded >= 1
    assert counts.received == sum(counts.dropped().values()) - counts.lost + counts.processed
    assert client.change(Transition.TRANSITION_ACTIVATE)
    assert not asked.done()
    gate.open.set()
    response = client.answer(asked)
    assert response.success, response.message
    assert response.hotspots.header.frame_id == "asked"
    client.wait(lambda: client.camera.get_subscription_count() > 0)
    assert {len(hotspot.points) for hotspot in client.ask(photo())[1].hotspots} == {1}
    assert client.set_points(3)


@pytest.mark.parametrize("clean_up", [Transition.TRANSITION_CLEANUP, Transition.TRANSITION_INACTIVE_SHUTDOWN])
def test_cleanup_and_shutdown_answer_what_waits(clean_up: int, gate: Gate) -> None:
    """1. The model is at work on one request, and two wait. 2. Cleanup, or shutdown, is answered, and so is each of the
    three, with the reason, while the model is still at work. 3. A later request is told the same; after a cleanup the
    node can be configured again, and answers."""
    name = f"cleaned_up_{clean_up}"
    with LocalNode(name) as node:
        client = Asker(f"/{name}")
        assert client.change(Transition.TRANSITION_DEACTIVATE)
        asked = [hold_up(gate, client), client.predict(), client.predict()]
        client.wait(lambda: len(node._predict_service._pending) == 3)
        assert client.change(clean_up)
        for response in [client.answer(one) for one in asked] + [client.answer(client.predict())]:
            assert not response.success
            assert "not configured, or was cleaned up before" in response.message
            assert response.hotspots.hotspots == []
        assert not gate.open.is_set()
        gate.open.set()
        if clean_up == Transition.TRANSITION_CLEANUP:
            assert client.change(Transition.TRANSITION_CONFIGURE)
            assert client.answer(client.predict()).success
        client.destroy_node()


def test_too_many_requests_are_refused(client: Asker, gate: Gate) -> None:
    """One more than may wait is answered at once with the reason; the others get their hotspots."""
    asked = [hold_up(gate, client), *(client.predict() for _ in range(MAX_PENDING))]
    refused = lambda: [one for one in asked if one.done()]  # noqa: E731
    client.wait(lambda: bool(refused()))
    (response,) = [one.result() for one in refused()]
    assert not response.success
    assert f"{MAX_PENDING} requests wait already" in response.message
    gate.open.set()
    answers = [client.answer(one) for one in asked]
    assert sum(answer.success for answer in answers) == MAX_PENDING


def test_a_failing_model_is_told(client: Asker, gate: Gate) -> None:
    """The model fails on a request: the answer says why, and the next one is answered."""
    gate.failures.append(RuntimeError("CUDA out of memory"))
    response = client.answer(client.predict())
    assert not response.success
    assert "CUDA out of memory" in response.message
    assert client.answer(client.predict()).success


def test_an_unconfigured_node_says_so() -> None:
    """The service is there in every state; without a model it tells the reason."""
    with LocalNode("unasked", start=False):
        client = Asker("/unasked")
        response = client.answer(client.predict())
        assert not response.success
        assert response.message == "the node is not configured"
        client.destroy_node()
