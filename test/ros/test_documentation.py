"""docs/ros.md, the parameter file and the views say what the code does."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness import TIMEOUT, LocalNode

from hotspot_ros import msg
from hotspot_ros.conversions.images import ENCODINGS
from hotspot_ros.node.node import HotspotNode
from hotspot_ros.outputs.best import topic_token
from hotspot_ros.pipeline.statistics import FrameCounts
from hotspot_ros.ros.parameters import DECLARATIONS

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "ros.md").read_text()


def rows(section: str) -> list[list[str]]:
    """The cells of the tables in a section of docs/ros.md, heads included."""
    text = DOCUMENT.partition(f"## {section}\n")[2].partition("\n## ")[0]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return [cells for cells in lines if not set(cells[0]) <= {"-"}]


def names_in_code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_parameter_is_documented_with_its_default() -> None:
    """docs/ros.md has every parameter, in the code's order, with its default, and says rightly which are fixed."""
    text = DOCUMENT.partition("## Parameters\n")[2].partition("\n## ")[0]
    documented = re.findall(r"^\| `(\w+)` \| `(.*?)` \|", text, re.MULTILINE)
    assert [name for name, _ in documented] == list(DECLARATIONS)
    for name, default in documented:
        assert yaml.safe_load(default) == DECLARATIONS[name][0], name
    changeable = re.findall(r"^\| `(\w+)`", text.partition("Changed while it runs")[2], re.MULTILINE)
    assert changeable == [name for name, (_, descriptor) in DECLARATIONS.items() if not descriptor.read_only]


def test_the_parameter_file_holds_the_defaults() -> None:
    parameters = yaml.safe_load((ROOT / "config" / "hotspots.yaml").read_text())["/**/hotspots"]["ros__parameters"]
    assert parameters == {name: default for name, (default, _) in DECLARATIONS.items()}


@pytest.mark.parametrize("compressed", [False, True])
def test_every_topic_and_service_is_documented(compressed: bool) -> None:
    """1. A node with everything on, in either transport. 2. Its inputs, outputs and services are those of the tables,
    with their types."""
    for_compressed = {"image/compressed", "depth/compressedDepth"}
    skipped = {"image", "depth"} if compressed else for_compressed
    documented = {
        (match[1], match[2], cells[1])
        for cells in rows("Topics")
        if (match := re.fullmatch(r"(in|out) `(.+)`", cells[0]))
    }
    assert ("out", "hotspots/best/<action>", "geometry_msgs/msg/PointStamped") in documented
    assert ("out", "hotspots/grasp/<action>", "geometry_msgs/msg/PoseStamped") in documented
    expected = {row for row in documented if row[1] not in skipped and "<action>" not in row[1]}
    # Each its own: the middleware may forget a topic of a node whose namesake has just gone.
    name = "documented_compressed" if compressed else "documented"
    transports: dict[str, Any] = {"image_transport": "compressed", "depth_transport": "compressedDepth"}
    with LocalNode(name, depth=True, cloud=True, **(transports if compressed else {})) as node:
        deadline = time.monotonic() + TIMEOUT
        # The middleware tells of a node's own topics a little later.
        while (found := topics_of(node)) != expected and time.monotonic() < deadline:
            time.sleep(0.1)
        services = dict(node.get_service_names_and_types_by_node(node.get_name(), node.get_namespace()))
    assert found == expected
    assert services[f"/{name}/hotspots/predict"] == ["hotspot_ros/srv/Predict"]


def topics_of(node: HotspotNode) -> set[tuple[str, str, str]]:
    """Direction, name and type of a node's topics, without those of every node and those of single actions."""
    own = node.get_name(), node.get_namespace()
    topics = [("out", *topic) for topic in node.get_publisher_names_and_types_by_node(*own)]
    topics += [("in", *topic) for topic in node.get_subscriber_names_and_types_by_node(*own)]
    left_out = tuple(f"{kind}/{topic_token(action)}" for kind in ("best", "grasp") for action in node.actions)
    left_out += ("parameter_events", "rosout", "transition_event", "/clock")
    return {
        (direction, name.removeprefix(f"{node.get_namespace()}/"), types[0])
        for direction, name, types in topics
        if not name.endswith(left_out)
    }


def test_every_message_is_documented() -> None:
    documented = {cells[0]: cells[1].split(", ") for cells in rows("Messages") if cells[0] != "message"}
    kinds: dict[str, Any] = {name: getattr(msg, name) for name in dir(msg) if name[0].isupper()}
    assert documented == {name: list(kind.get_fields_and_field_types()) for name, kind in kinds.items()}


def test_every_cause_of_a_drop_and_every_encoding_is_documented() -> None:
    causes = [names_in_code(cells[0])[0] for cells in rows("Diagnostics") if names_in_code(cells[0])]
    assert causes == [cause.replace("_", " ") for cause in FrameCounts().dropped()]
    text = re.search(r"- Encodings: (.*?)\n- ", DOCUMENT, re.DOTALL)
    assert text is not None
    named = set(re.findall(r"[a-z0-9_]+", text[1]))
    assert {name for name in ENCODINGS if not name.startswith(("bayer", "8UC")) and "16" not in name} <= named


def test_views_show_topics_that_exist() -> None:
    """The RViz config and the Foxglove layout parse, all displays are on, every panel is laid out, and each topic is
    documented."""
    topics = {name for cells in rows("Topics") for name in names_in_code(cells[0])}
    rviz = yaml.safe_load((ROOT / "config" / "hotspots.rviz").read_text())
    displays = rviz["Visualization Manager"]["Displays"]
    assert all(display["Enabled"] for display in displays)
    assert {display["Topic"]["Value"] for display in displays if "Topic" in display} <= topics
    layout = json.loads((ROOT / "config" / "foxglove.json").read_text())
    text = json.dumps(layout["layout"])
    assert all(f'"{panel}"' in text for panel in layout["configById"])
    shown = set(re.findall(r'"(/[a-z/]+)', json.dumps(layout["configById"])))
    assert shown <= {f"/{name}" for name in topics} | {"/diagnostics"}
    assert len(shown) >= 5
