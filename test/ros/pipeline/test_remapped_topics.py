"""A remapped image takes the topics of its transports along."""

from __future__ import annotations

from typing import Any

import pytest
from harness import LocalNode

COMPRESSED: dict[str, Any] = {"image_transport": "compressed", "depth_transport": "compressedDepth", "depth": True}
REMAPPED = {"image": "/color/image_raw", "depth": "/depth/image_raw"}


@pytest.mark.parametrize(
    ("name", "parameters", "remappings", "image", "depth"),
    [
        ("raw", {"depth": True}, REMAPPED, "/color/image_raw", "/depth/image_raw"),
        ("plain", COMPRESSED, {}, "/plain/image/compressed", "/plain/depth/compressedDepth"),
        ("along", COMPRESSED, REMAPPED, "/color/image_raw/compressed", "/depth/image_raw/compressedDepth"),
        (
            "own",
            COMPRESSED,
            {**REMAPPED, "image/compressed": "/jpeg", "depth/compressedDepth": "/png"},
            "/jpeg",
            "/png",
        ),
    ],
)
def test_transports_follow_their_image(
    name: str, parameters: dict[str, Any], remappings: dict[str, str], image: str, depth: str
) -> None:
    with LocalNode(name, remappings=remappings, **parameters) as node:
        (camera,) = node.cameras
        assert camera.input.topic == image
        assert camera.positions is not None
        assert camera.positions.depth_topic == depth


def test_each_camera_has_its_own() -> None:
    with LocalNode(
        "both",
        remappings={"front/image": "/front/color"},
        cameras=["front", "wrist"],
        image_transport="compressed",
    ) as node:
        assert [camera.input.topic for camera in node.cameras] == [
            "/front/color/compressed",
            "/both/wrist/image/compressed",
        ]
