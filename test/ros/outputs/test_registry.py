"""A new output is a class and a line in a list: it is made while it is wanted, and costs no other when it fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from harness import Client, LocalNode, photo
from lifecycle_msgs.msg import Transition
from std_msgs.msg import String

from hotspot_ros.node.node import HotspotNode
from hotspot_ros.outputs import registry
from hotspot_ros.outputs.output import Output, OutputContext
from hotspot_ros.outputs.result import Result
from hotspot_ros.ros.parameters import Parameters


class Summary(Output):
    """What somebody may add: the action with the highest score, as text."""

    made = 0

    def __init__(self, context: OutputContext) -> None:
        super().__init__(context)
        self._publisher = self.advertise(String, "hotspots/summary")

    def publish(self, result: Result) -> None:
        Summary.made += 1
        scores = {hotspot.action: hotspot.score for hotspot in result.hotspots.hotspots}
        self._publisher.publish(String(data=max(scores, key=scores.__getitem__)))


class Failing(Output):
    """Fails whenever it is made."""

    def __init__(self, context: OutputContext) -> None:
        super().__init__(context)
        self.advertise(String, "hotspots/failing")

    def publish(self, result: Result) -> None:
        raise ValueError("no such output today")


class NotOffered(Failing):
    """Exists with other parameters only."""

    @classmethod
    def is_offered(cls, parameters: Parameters) -> bool:
        return parameters.depth


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Iterator[HotspotNode]:
    monkeypatch.setattr(registry, "OUTPUTS", (Failing, NotOffered, *registry.OUTPUTS, Summary))
    with LocalNode("extended") as local:
        yield local


def test_an_output_that_somebody_adds(node: HotspotNode) -> None:
    """1. Nobody subscribes to it: it is not made. 2. Somebody subscribes: it comes with the next image, although the
    output before it fails, which is reported. 3. One that the parameters do not offer has no topic. 4. Cleanup takes
    its topic away."""
    assert [type(output) for output in node.cameras[0].outputs].count(NotOffered) == 0
    with Client("/extended") as client:
        client.ask(photo())
        client.ask(photo())  # Whatever was made of the first image is made by now.
        assert Summary.made == 0
        heard: list[str] = []
        client.create_subscription(String, "hotspots/failing", lambda message: heard.append("failing"), 10)
        client.create_subscription(String, "hotspots/summary", lambda message: heard.append(message.data), 10)
        outputs = {type(output): output for output in node.cameras[0].outputs}
        client.wait(lambda: outputs[Failing].wanted() and outputs[Summary].wanted())
        _, hotspots = client.ask(photo())
        client.wait(lambda: bool(heard))
        assert heard == [max(hotspots.hotspots, key=lambda hotspot: hotspot.score).action]
        assert "no such output today" in node.cameras[0].statistics.last_error
        assert node.cameras[0].statistics.counts.processed == 3
        assert client.change(Transition.TRANSITION_DEACTIVATE)
        assert client.change(Transition.TRANSITION_CLEANUP)
        client.wait(lambda: client.count_publishers("/extended/hotspots/summary") == 0)
