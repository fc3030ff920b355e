"""The bond with a lifecycle manager: while the node is active and managed, where bondpy is installed."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest
from harness import Client, LocalNode
from lifecycle_msgs.msg import Transition


class StandInBond:
    """What bondpy.bondpy.Bond has, as far as it is used."""

    made: list[StandInBond]

    def __init__(self, node: Any, topic: str, name: str) -> None:
        self.sub = self.pub = None
        self.told = (node.get_fully_qualified_name(), topic, name)
        self.heartbeat_period = 1.0
        self.states: list[str] = []
        self.made.append(self)

    def start(self) -> None:
        self.states.append(f"started with {self.heartbeat_period}")

    def shutdown(self) -> None:
        self.states.append("shut down")


@pytest.fixture
def bonds(monkeypatch: pytest.MonkeyPatch) -> list[StandInBond]:
    StandInBond.made = []
    monkeypatch.setitem(sys.modules, "bondpy", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "bondpy.bondpy", SimpleNamespace(Bond=StandInBond))
    return StandInBond.made


def test_a_managed_node_has_a_bond_while_it_is_active(bonds: list[StandInBond]) -> None:
    """1. None when unconfigured or inactive. 2. With activate there is one, of the topic and name that Nav2's manager
    looks for, with the period of the parameter. 3. It ends with deactivate, and there is a new one after that."""
    with LocalNode("bound", start=False, autostart=False, bond_heartbeat_period=0.5):
        client = Client("/bound")
        assert client.change(Transition.TRANSITION_CONFIGURE)
        assert bonds == []
        for number in (1, 2):
            assert client.change(Transition.TRANSITION_ACTIVATE)
            assert [bond.told for bond in bonds] == [("/bound/hotspots", "bond", "hotspots")] * number
            assert bonds[-1].states == ["started with 0.5"]
            assert client.change(Transition.TRANSITION_DEACTIVATE)
            assert bonds[-1].states == ["started with 0.5", "shut down"]
        client.destroy_node()


@pytest.mark.parametrize("parameters", [{}, {"autostart": False, "bond_heartbeat_period": 0.0}], ids=["own", "off"])
def test_a_node_of_its_own_has_none(bonds: list[StandInBond], parameters: dict[str, Any]) -> None:
    with LocalNode("unbound", **parameters) as node:
        assert node.state == "active"
        assert bonds == []


def test_without_bondpy_the_node_works_and_says_what_the_manager_needs(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "bondpy", None)
    with LocalNode("bondless", autostart=False) as node:
        assert node.state == "active"
    assert "bond_timeout: 0.0" in capfd.readouterr().err


def test_bondpy_itself_tells_that_the_node_is_alive() -> None:
    """With the package, where it is installed: its messages come, and stop when the node is deactivated."""
    pytest.importorskip("bondpy.bondpy", reason="bondpy is not installed: it comes with ROS 2, not with pip")
    from bond.msg import Status

    with LocalNode("alive", start=False, autostart=False):
        client = Client("/alive")
        heard: list[Status] = []
        client.create_subscription(Status, "bond", heard.append, 10)
        assert client.change(Transition.TRANSITION_CONFIGURE)
        assert client.change(Transition.TRANSITION_ACTIVATE)
        client.wait(lambda: len(heard) > 3)
        assert {(status.id, status.active) for status in heard} == {("hotspots", True)}
        assert heard[0].heartbeat_period == pytest.approx(0.1)
        assert client.change(Transition.TRANSITION_DEACTIVATE)
        client.wait(lambda: not heard[-1].active)
        # The node is well, and can be bound again.
        for transition in (Transition.TRANSITION_ACTIVATE, Transition.TRANSITION_DEACTIVATE):
            heard.clear()
            assert client.change(transition)
            client.wait(lambda: bool(heard))
        client.destroy_node()
