"""Forbidden transitions, with rclpy's private names and without them."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rclpy.lifecycle import LifecycleNode

from hotspot_ros.ros import lifecycle_guard
from hotspot_ros.ros.lifecycle_guard import guard_transitions


class Log:
    """Keeps what is logged."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def warning(self, text: str) -> None:
        self.lines.append(text)

    error = warning


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch, log: Log) -> Iterator[LifecycleNode]:
    made = LifecycleNode("guarded")
    monkeypatch.setattr(made, "get_logger", lambda: log)
    yield made
    made.destroy_node()


def change(node: LifecycleNode, transition: int) -> bool:
    """What the service's own function answers."""
    service: Any = getattr(node, lifecycle_guard.SERVICE)
    request = ChangeState.Request(transition=Transition(id=transition))
    return bool(service.callback(request, ChangeState.Response()).success)


def test_forbidden_transitions_are_answered(node: LifecycleNode, log: Log) -> None:
    """1. rclpy alone raises from a transition that is not allowed. 2. Guarded it is answered with failure, and the log
    says why; an allowed one succeeds as before."""
    with pytest.raises(Exception, match="transition"):
        change(node, Transition.TRANSITION_ACTIVATE)
    assert guard_transitions(node)
    assert log.lines == []
    assert not change(node, Transition.TRANSITION_ACTIVATE)
    assert f"transition {Transition.TRANSITION_ACTIVATE} is not possible" in log.lines[-1]
    assert change(node, Transition.TRANSITION_CONFIGURE)


@pytest.mark.parametrize(
    ("attributes", "missing"),
    [({}, "_service_change_state:"), ({"_service_change_state": object()}, "_service_change_state.callback:")],
    ids=["no service", "no callback"],
)
def test_an_rclpy_with_other_names_is_told(log: Log, attributes: dict[str, Any], missing: str) -> None:
    """Where rclpy's private names are gone, the node starts all the same, and the log says what may be missed."""
    node: Any = SimpleNamespace(get_logger=lambda: log, **attributes)
    assert not guard_transitions(node)
    (line,) = log.lines
    assert f"this rclpy has no {missing} a transition" in line
