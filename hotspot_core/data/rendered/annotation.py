"""From masks of parts to annotations: points per action in what is visible, and which actions a picture affords."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hotspot_core.data.rendered.renderer import CameraView
from hotspot_core.data.rendered.world import ACTIONS, Part

# Parts of fewer visible pixels than this are not annotated; what they afford is then unclear.
MIN_PIXELS = 24
MAX_POINTS = 6


@dataclass(frozen=True)
class VisiblePart:
    """A part in a picture: how many pixels of it are visible, the box around them (left, top, right, bottom) and their
    mean position in the optical frame in meters."""

    part: Part
    pixels: int
    box: tuple[int, int, int, int]
    center: tuple[float, float, float]


@dataclass(frozen=True)
class Annotated:
    """What a picture affords.

    parts: the visible ones that are large enough. points: per action, sampled pixels (N, 2) as x, y. objects: per
    action the object whose part is largest. unclear: actions that may be disputed: neither examples nor
    counter-examples.
    """

    parts: tuple[VisiblePart, ...]
    points: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)
    unclear: tuple[str, ...] = ()


def annotate(
    rng: np.random.Generator,
    parts: Sequence[Part],
    ids: NDArray[np.uint8],
    depth: NDArray[np.float32],
    view: CameraView,
) -> Annotated:
    """Sample points in the visible areas of parts, some per part, more on larger ones, rather inside than at edges."""
    counts = np.bincount(ids.ravel(), minlength=256)
    visible: list[VisiblePart] = []
    unclear: set[str] = set()
    points: dict[str, list[NDArray[np.float64]]] = {}
    largest: dict[str, tuple[int, str]] = {}
    for part in parts:
        pixels = int(counts[part.id])
        if pixels == 0:
            continue
        unclear.update(part.unclear)
        if pixels < MIN_PIXELS:
            unclear.update(part.actions)
            continue
        found, sampled = _measured(rng, part, ids, depth, view, pixels)
        visible.append(found)
        for action in part.actions:
            points.setdefault(action, []).append(sampled)
            largest[action] = max(largest.get(action, (0, "")), (pixels, part.object))
    ordered = [action for action in ACTIONS if action in points]
    return Annotated(
        tuple(visible),
        {action: np.concatenate(points[action]) for action in ordered},
        {action: largest[action][1] for action in ordered},
        tuple(action for action in ACTIONS if action in unclear and action not in points),
    )


def _measured(
    rng: np.random.Generator,
    part: Part,
    ids: NDArray[np.uint8],
    depth: NDArray[np.float32],
    view: CameraView,
    pixels: int,
) -> tuple[VisiblePart, NDArray[np.float64]]:
    rows, columns = np.nonzero(ids == part.id)
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    mask = np.pad(np.uint8(ids[top:bottom, left:right] == part.id), 1)
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, 3)[1:-1, 1:-1][rows - top, columns - left]
    weights = np.minimum(inside, max(1.0, 0.6 * float(inside.max()))).astype(float)
    count = int(np.clip(round(np.sqrt(pixels) / 12) + 2, 2, MAX_POINTS))
    chosen = rng.choice(len(rows), min(count, len(rows)), replace=False, p=weights / weights.sum())
    world = view.points(depth, rows, columns)
    local = (world - view.pose[:3, 3]) @ view.pose[:3, :3]
    x, y, z = local.mean(0)
    found = VisiblePart(part, pixels, (int(left), int(top), int(right), int(bottom)), (float(x), float(y), float(z)))
    return found, np.stack([columns[chosen] + 0.5, rows[chosen] + 0.5], 1)


def camera_record(view: CameraView, annotated: Annotated, name: str, scene: str) -> dict[str, Any]:
    """The camera file of a picture: intrinsics, pose, and its parts with their actions and positions."""
    parts = []
    for item in annotated.parts:
        parts.append(
            {
                "id": item.part.id,
                "object": item.part.object,
                "part": item.part.name,
                "actions": list(item.part.actions),
                "unclear": list(item.part.unclear),
                "pixels": item.pixels,
                "box": list(item.box),
                "visible_centroid": [round(value, 4) for value in item.center],
            }
        )
    return {
        "width": view.width,
        "height": view.height,
        "fx": round(view.focal, 4),
        "fy": round(view.focal, 4),
        "cx": view.width / 2,
        "cy": view.height / 2,
        "camera_to_world": np.round(view.pose, 6).tolist(),
        "frame": "optical: x right, y down, z forward; metres",
        "scene": scene,
        "depth": f"depth/{name}.png",
        "depth_unit": "mm, 0 = none",
        "part_mask": f"parts/{name}.png",
        "parts": parts,
    }
