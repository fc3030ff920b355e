"""What the launch file makes of its arguments, without starting it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("launch_ros", reason="launch_ros is not installed: it comes with ROS 2, not with pip")

import yaml
from ament_index_python.packages import PackageNotFoundError, get_package_prefix
from launch import LaunchContext, LaunchDescription, LaunchService
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction
from launch_ros.actions import Node

ROOT = Path(__file__).parents[2]
LAUNCH_FILE = ROOT / "launch" / "hotspots.launch.py"
DEFAULTS = yaml.safe_load((ROOT / "config" / "hotspots.yaml").read_text())["/**/hotspots"]["ros__parameters"]


def nodes_of(arguments: dict[str, str], parent: dict[str, str] | None = None) -> list[Node]:
    """The nodes that a launch with these arguments would start, included by a file with arguments of its own."""
    context, found = LaunchContext(), []
    include = IncludeLaunchDescription(str(LAUNCH_FILE), launch_arguments=arguments.items())
    own = [DeclareLaunchArgument(name, default_value=value) for name, value in (parent or {}).items()]
    waiting: list[Any] = [LaunchDescription([*own, include])]
    while waiting:
        entity = waiting.pop(0)
        if isinstance(entity, Node):
            found.append(entity)
        else:
            waiting = [*(entity.visit(context) or ()), *waiting]
    return found


def parameters_of(node: Node) -> dict[str, Any]:
    """The parameters that the launch file sets beside those of the file."""
    context = LaunchContext()
    given = node._Node__parameters[1:]
    return {
        "".join(part.perform(context) for part in name): value.evaluate(context)
        for parameters in given
        for name, value in parameters.items()
    }


def test_every_parameter_can_be_given_as_an_argument() -> None:
    description = IncludeLaunchDescription(str(LAUNCH_FILE)).launch_description_source.get_launch_description(
        LaunchContext()
    )
    names = {argument.name for argument in description.get_launch_arguments()}
    assert names >= set(DEFAULTS)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, {}),
        ({"max_rate": "10", "smoothing": "0"}, {"max_rate": 10.0, "smoothing": 0.0}),
        ({"points_per_action": "5"}, {"points_per_action": 5}),
        ({"use_sim_time": "True", "cloud": "TRUE"}, {"use_sim_time": True, "cloud": True}),
        ({"autostart": "False"}, {"autostart": False}),
        ({"model": "1"}, {"model": "1"}),
        ({"actions": "open, pull"}, {"actions": ["open", "pull"]}),
        ({"region_of_interest": "[0, 0, 1, 0.5]"}, {"region_of_interest": [0.0, 0.0, 1.0, 0.5]}),
        ({"heatmap_size": "640,480"}, {"heatmap_size": [640, 480]}),
        ({"depth": "/depth"}, {"depth": True}),
    ],
    ids=lambda value: next(iter(value), "none") if isinstance(value, dict) else None,
)
def test_arguments_become_typed_parameters(arguments: dict[str, str], expected: dict[str, Any]) -> None:
    (node,) = nodes_of(arguments)
    found = parameters_of(node)
    assert {
        name: list(v) if isinstance(v, Iterable) and not isinstance(v, str) else v for name, v in found.items()
    } == (expected)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"params_file": "/missing.yaml"}, "params_file is '/missing.yaml': there is no such file"),
        ({"max_rate": "fast"}, "max_rate is 'fast': give a number"),
        ({"points_per_action": "2.5"}, "give a whole number"),
        ({"cloud": "perhaps"}, "cloud is 'perhaps': give true or false"),
        ({"rviz": "2"}, "rviz is '2': give true or false"),
        ({"log_level": "loud"}, "log_level is 'loud': use one of debug"),
        ({"cameras": "a,b", "image": "/a"}, "names 1 topics"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_wrong_argument_is_named(arguments: dict[str, str], reason: str) -> None:
    with pytest.raises(RuntimeError, match=reason.replace("(", r"\(")):
        nodes_of(arguments)


def test_arguments_of_an_including_file_do_not_leak_in() -> None:
    """1. A launch file has arguments `model`, `depth` and `cameras` of its own: the node knows nothing of them. 2. What
    it gives does arrive, and so does the time that everybody has."""
    parent = {"model": "robot.urdf", "cameras": "a,b", "device": "arm", "rviz": "maybe", "use_sim_time": "true"}
    (node,) = nodes_of({}, parent)
    assert parameters_of(node) == {"use_sim_time": True}
    (node,) = nodes_of({"model": "own.onnx"}, parent)
    assert parameters_of(node) == {"use_sim_time": True, "model": "own.onnx"}


def test_without_rviz2_nothing_is_started() -> None:
    """1. Where RViz is missing the launch ends with an error before it starts the node. 2. Else it starts both."""
    try:
        get_package_prefix("rviz2")
    except PackageNotFoundError:
        with pytest.raises(RuntimeError, match="rviz2 is not installed"):
            nodes_of({"rviz": "True"})
        service = LaunchService()
        started: list[Any] = []
        include = IncludeLaunchDescription(str(LAUNCH_FILE), launch_arguments={"rviz": "true"}.items())
        service.include_launch_description(LaunchDescription([include, OpaqueFunction(function=started.append)]))
        assert service.run() == 1
        assert started == []
    else:
        assert len(nodes_of({"rviz": "True"})) == 2
