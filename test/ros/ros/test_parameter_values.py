"""Values as people write them; names that nobody declared."""

from __future__ import annotations

from typing import Any

import pytest
from harness import NodeProcess
from rclpy.node import Node
from rclpy.parameter import Parameter

from hotspot_ros.ros.parameter_values import converted, warn_of_unknown
from hotspot_ros.ros.parameters import DECLARATIONS, declare_parameters


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("max_rate", 10, 10.0),
        ("image_timeout", 0, 0.0),
        ("points_per_action", 3.0, 3),
        ("points_per_action", 2.5, 2.5),
        ("region_of_interest", [0, 0, 1, 1], [0.0, 0.0, 1.0, 1.0]),
        ("heatmap_size", [640.0, 480.0], [640, 480]),
        ("depth", "True", True),
        ("depth", 1, True),
        ("depth", "perhaps", "perhaps"),
        ("actions", "open", ["open"]),
        ("actions", "open, pull", ["open", "pull"]),
        ("model", 1, "1"),
        ("model", True, True),
        ("max_rate", "fast", "fast"),
    ],
)
def test_people_mean_the_same(name: str, value: Any, expected: Any) -> None:
    found = converted(DECLARATIONS[name][0], value)
    assert (found, type(found)) == (expected, type(expected))


def test_what_is_given_at_the_start_is_converted() -> None:
    """As overrides, which may come from a file or the command line; types and limits hold all the same."""
    given = {
        "max_rate": 10,
        "image_timeout": 0,
        "actions": "open",
        "region_of_interest": [0, 0, 1, 1],
        "cloud_threshold": 1,
    }
    node = Node("converted", parameter_overrides=[Parameter(name, value=value) for name, value in given.items()])
    try:
        parameters = declare_parameters(node)
        assert (parameters.max_rate, parameters.image_timeout, parameters.cloud_threshold) == (10.0, 0.0, 1.0)
        assert parameters.actions == ("open",)
        assert node.get_parameter("max_rate").type_ is Parameter.Type.DOUBLE
        assert node.describe_parameter("model").read_only
        assert node.set_parameters([Parameter("max_rate", value=5)])[0].successful
        assert node.get_parameter("max_rate").value == 5.0
        assert node.set_parameters([Parameter("region_of_interest", value=[0, 0, 1, 1])])[0].successful
        assert "out of range" in node.set_parameters([Parameter("max_rate", value=-1)])[0].reason
        assert not node.set_parameters([Parameter("max_rate", value="fast")])[0].successful
    finally:
        node.destroy_node()


def test_unknown_names_are_named_with_the_one_that_was_meant() -> None:
    """At the start of the process: a typo is told, with what was probably meant; names of ROS's own are not."""
    with NodeProcess("mistyped", max_rat=5, autostrat="false", use_sim_time="True", zzz=1) as node:
        text = node.output()
    assert "parameter max_rat is not known and has no effect: did you mean max_rate?" in text
    assert "did you mean autostart?" in text
    assert "parameter zzz is not known and has no effect: there are autostart, model" in text
    assert "parameter use_sim_time" not in text


def test_an_rclpy_without_its_private_names_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    node = Node("private", parameter_overrides=[Parameter("max_rat", value=5)])
    monkeypatch.delattr(node, "_parameter_overrides")
    warn_of_unknown(node, DECLARATIONS)
    node.destroy_node()
