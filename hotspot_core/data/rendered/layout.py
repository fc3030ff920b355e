"""Rooms, tables, rows of furniture, walls with things on them, and what is worth looking at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hotspot_core.data.rendered.camera import Focus
from hotspot_core.data.rendered.catalog import Catalog, PlacedObject, built, parent_bounds, removed, world_bounds
from hotspot_core.data.rendered.handles import HandleStyle
from hotspot_core.data.rendered.openings import drawer, drawer_state
from hotspot_core.data.rendered.registry import ObjectClass
from hotspot_core.data.rendered.shapes import box, cylinder
from hotspot_core.data.rendered.world import Node, World


def room(w: World, kinds: tuple[str, ...] = ("wall",), sides: bool | None = None) -> float:
    """Floor, back wall at y = 0 and perhaps side walls and a skirting; the walls' height."""
    high = w.between(2.3, 3.0) if w.chance(0.4) else 4.5
    if w.chance(0.85):
        floor = w.materials.mirror(w.rng, "floor") if w.chance(0.06) else w.material("floor")
        w.root.add(box(12, 12, 0.02).at(0, -4, -0.01), floor)
    if w.chance(0.9):
        w.root.add(box(12, 0.02, high).at(0, 0.012, high / 2), w.material(*kinds))
        if w.chance(0.4):
            w.root.add(box(12, 0.015, w.between(0.05, 0.12)).at(0, 0, 0.05), w.material("white", "wood", "dark"))
    if sides if sides is not None else w.chance(0.35):
        side = w.pick((-1, 1))
        w.root.add(box(0.02, 8, high).at(side * w.between(1.6, 2.6), -4, high / 2), w.material(*kinds))
    if w.chance(0.5):
        w.root.add(box(12, 12, 0.02).at(0, -4, high), w.material("white", "wall"))
    return high


def focuses_of(placed: Sequence[PlacedObject], whole: bool = True, **options: object) -> list[Focus]:
    """What to look at: each thing that affords something, its parts more closely, and all of them."""
    found = []
    lows, highs = [], []
    for item in placed:
        low, high = world_bounds(item.node)
        lows.append(low)
        highs.append(high)
        if item.kind.affords or len(placed) == 1:
            found.append(Focus((low + high) / 2, float((high - low).max()), **options))  # type: ignore[arg-type]
    if whole and lows:
        low, high = np.min(lows, 0), np.max(highs, 0)
        found += [Focus((low + high) / 2, float((high - low).max()), fill=(0.5, 1.6))] * max(1, len(found) // 2)
    return found


def part_focuses(w: World, azimuth: tuple[float, float] = (-55, 55)) -> list[Focus]:
    """Close-ups: some of the parts, whatever is around them."""
    boxes = w.part_boxes()
    chosen = [list(boxes.values())[i] for i in w.rng.permutation(len(boxes))[:3]]
    found = []
    for low, high in chosen:
        size = float((high - low).max()) * w.between(1.0, 3.0)
        found.append(Focus((low + high) / 2, float(np.clip(size, 0.1, 0.6)), azimuth, (-10, 60), (0.5, 1.2)))
    return found


def row(
    w: World, choices: Sequence[ObjectClass], catalog: Catalog, width: float, parent: Node | None = None
) -> list[PlacedObject]:
    """Furniture side by side, backs to the wall."""
    parent = parent or w.root
    x, placed = -width / 2, []
    while x < width / 2:
        if w.chance(0.12):
            x += w.between(0.1, 0.7)
            continue
        item = built(parent, catalog.choose(w.rng, choices))
        # Open doors may reach before the neighbors; what counts is the body.
        low, high = parent_bounds(item.node)
        body = min(high[0] - low[0], 1.9)
        item.node.pose[0, 3] = x - low[0]
        item.node.pose[1, 3] = -high[1] - w.between(0.0, 0.03)
        x += body + w.between(0.0, 0.06)
        placed.append(item)
    return placed


def on_wall(
    w: World,
    catalog: Catalog,
    room_name: str,
    count: int,
    width: float,
    z: tuple[float, float],
    affords: bool | None = None,
    y: float = 0.0,
) -> list[PlacedObject]:
    """Things on the wall, beside each other."""
    choices = catalog.find("wall", room_name, affords)
    placed: list[PlacedObject] = []
    taken: list[tuple[float, float, float, float]] = []
    for _ in range(count):
        parts, surfaces = len(w.parts), len(w.surfaces)
        item = built(w.root, catalog.choose(w.rng, choices))
        item.node.pose[1, 3] = y
        low, high = parent_bounds(item.node)
        x, up = w.between(-width / 2, width / 2), w.between(*z)
        spot = (x + low[0], up + low[2], x + high[0], up + high[2])
        if any(spot[0] < o[2] and o[0] < spot[2] and spot[1] < o[3] and o[1] < spot[3] for o in taken):
            removed(w.root, item.node, parts, surfaces)
            continue
        item.node.pose[0, 3], item.node.pose[2, 3] = x, up
        taken.append(spot)
        placed.append(item)
    return placed


def table_at(node: Node, high: float | None = None) -> tuple[float, float, float]:
    """A table around a node's origin: its width, depth and height."""
    w = node.world
    width, depth = w.between(0.7, 1.8), w.between(0.5, 1.0)
    high = high if high is not None else w.between(0.4, 0.95)
    thick = w.between(0.015, 0.06)
    top = (
        w.materials.mirror(w.rng, "stone")
        if w.chance(0.04)
        else w.material("wood", "wood", "floor", "stone", "metal", "anything", "paint", "fabric", "tile")
    )
    legs = w.material("wood", "metal", "dark", "white")
    round_ = w.chance(0.15)
    if round_:
        node.add(
            cylinder(0.5, thick, bevel=0.004, segments=36).scaled(width, depth * 1.2, 1).at(0, 0, high - thick), top
        )
        node.add(cylinder(0.05, high - thick), legs)
        return width * 0.7, depth * 0.8, high
    node.add(box(width, depth, thick, 0.004).at(0, 0, high - thick / 2), top)
    for x in (-1, 1):
        for y in (-1, 1):
            node.add(box(0.05, 0.05, high - thick).at(x * width * 0.45, y * depth * 0.44, (high - thick) / 2), legs)
    if w.chance(0.25):
        # Many tables have drawers.
        count = int(w.rng.integers(1, 4))
        for k in range(count):
            spot = node.child(((k + 0.5) / count - 0.5) * width * 0.85, -depth / 2 + 0.02, high - thick - 0.06)
            drawer(
                spot,
                "table",
                width * 0.8 / count,
                0.11,
                depth * 0.6,
                top,
                HandleStyle(node),
                drawer_state(spot, depth * 0.5, 0.2),
            )
    return width, depth, high
