"""Cupboards, chests of drawers, shelves, wardrobes, desks: what has doors and drawers and is no machine."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from hotspot_core.data.rendered.handles import HandleStyle
from hotspot_core.data.rendered.materials import SurfaceMaterial
from hotspot_core.data.rendered.openings import (
    FACE_STYLES,
    carcass,
    drawer,
    drawer_state,
    hinged,
    label,
    opening_angle,
    sliding,
)
from hotspot_core.data.rendered.registry import object_class
from hotspot_core.data.rendered.shapes import box, cylinder
from hotspot_core.data.rendered.world import Node

FRONTS = ("wood", "paint", "white", "wood", "paint", "anything", "metal")


class Fronts:
    """How the doors and drawers of one piece of furniture look."""

    def __init__(self, node: Node) -> None:
        w = node.world
        self.material: SurfaceMaterial = w.material(*FRONTS)
        self.body: SurfaceMaterial = self.material if w.chance(0.5) else w.material("wood", "white", "paint")
        self.style: str = w.pick(FACE_STYLES, (4, 3, 1, 0.5, 1, 0.7, 0.7))
        self.handle: HandleStyle | None = HandleStyle(node) if w.chance(0.93) else None
        # The drawers of some have other handles than the doors.
        self.drawer_handle = HandleStyle(node) if self.handle is not None and w.chance(0.2) else self.handle
        self.opened = w.pick((0.0, 0.15, 0.35, 0.7), (4, 3, 2, 1))


def fill_front(
    node: Node, width: float, height: float, depth: float, fronts: Fronts, name: str, layout: str | None = None
) -> None:
    """Doors or drawers before a carcass whose front is at y = 0 and which stands on z = 0."""
    w = node.world
    layout = layout or w.pick(("door", "doors", "drawers", "mixed", "sliding", "open"), (3, 3, 3, 2, 1.0, 0.5))
    front = node.child(0, -0.02, height / 2)
    if layout == "doors" and width < 0.5:
        layout = "door"
    if layout == "door":
        side = w.pick(("left", "right"))
        _door(front, 0, width, height, fronts, name, side)
    elif layout == "doors":
        for side, x in (("left", -width / 4), ("right", width / 4)):
            _door(front, x, width / 2, height, fronts, name, side)
    elif layout == "drawers":
        _drawers(front, 0, 0, width, height, depth, fronts, name)
    elif layout == "sliding":
        handle = fronts.handle or HandleStyle(node)
        for k, side in ((0, 1.0), (1, -1.0)):
            opened = w.between(0.15, 0.42) * width if w.chance(fronts.opened) else 0.0
            leaf = front.child((k - 0.5) * width / 2, -0.028 * k)
            sliding(
                leaf, name, width / 2 + 0.01, height, fronts.material, handle, side, opened, width * 0.42, fronts.style
            )
    elif layout == "mixed":
        top = min(0.2, 0.3 * height)
        _drawers(front, 0, (height - top) / 2, width, top, depth, fronts, name, 1)
        below = node.child(0, -0.02, (height - top) / 2)
        if width > 0.5:
            for side, x in (("left", -width / 4), ("right", width / 4)):
                _door(below, x, width / 2, height - top, fronts, name, side)
        else:
            _door(below, 0, width, height - top, fronts, name, w.pick(("left", "right")))


def _door(front: Node, x: float, width: float, height: float, fronts: Fronts, name: str, side: str) -> None:
    angle = opening_angle(front, 1.9, fronts.opened)
    high = front.world_pose()[2, 3] > 1.0
    at = front.world.pick((-0.4, -0.3, 0.0)) if high else front.world.pick((0.4, 0.3, 0.0))
    hinged(front.child(x), name, width, height, fronts.material, fronts.handle, side, angle, fronts.style, handle_at=at)


def _drawers(
    front: Node,
    x: float,
    z: float,
    width: float,
    height: float,
    depth: float,
    fronts: Fronts,
    name: str,
    count: int = 0,
) -> None:
    w = front.world
    count = count or max(1, min(6, round(height / w.between(0.12, 0.3))))
    fractions = w.rng.uniform(0.8, 1.2, count) if w.chance(0.5) else np.ones(count)
    edges = np.r_[0, np.cumsum(fractions / fractions.sum())] * height - height / 2
    for low, high in pairwise(edges):
        opened = drawer_state(front, depth, fronts.opened * 0.7)
        drawer(
            front.child(x, 0, z + (low + high) / 2),
            name,
            width,
            high - low,
            depth,
            fronts.material,
            fronts.drawer_handle,
            opened,
            fronts.style,
        )


@object_class("floor", ("kitchen", "living", "office", "bathroom", "any"), 3)
def cabinet(node: Node) -> None:
    """A single cupboard or chest of drawers of any size."""
    w = node.world
    width, height, depth = w.between(0.3, 1.2), w.between(0.4, 1.2), w.between(0.3, 0.6)
    fronts = Fronts(node)
    legs = w.between(0.03, 0.2) if w.chance(0.5) else 0.0
    body = node.child(0, 0, legs)
    carcass(body, width, height, depth, fronts.body, int(w.rng.integers(0, 3)))
    if legs:
        for x in (-1, 1):
            for y in (0.1, 0.9):
                node.add(cylinder(0.015, legs, 0.022).at(x * width * 0.42, y * depth, 0), fronts.body)
    columns = int(w.rng.integers(1, 4)) if width > 0.7 else 1
    for k in range(columns):
        fill_front(
            body.child((k + 0.5) / columns * width - width / 2), width / columns, height, depth, fronts, "cabinet"
        )
    if w.chance(0.5):
        body.add(box(width * 1.04, depth * 1.06, 0.025, 0.004).at(0, depth / 2, height + 0.012), w.tint(fronts.body))
    body.child(0, depth / 2, height + 0.026).surface(width, depth, 0.6)
    if w.chance(0.2):
        label(body.child(w.between(-0.3, 0.3) * width, -0.041, w.between(0.3, 0.7) * height), 0.08, 0.05)


@object_class("floor", ("living", "bathroom", "office"), 1)
def wardrobe(node: Node) -> None:
    """A tall cupboard with hinged or sliding doors."""
    w = node.world
    width, height, depth = w.between(0.6, 1.6), w.between(1.6, 2.2), w.between(0.4, 0.6)
    fronts = Fronts(node)
    carcass(node, width, height, depth, fronts.body, 2)
    if w.chance(0.55):
        count = max(1, round(width / 0.5))
        for k in range(count):
            cell = node.child((k + 0.5) / count * width - width / 2)
            fill_front(cell, width / count, height, depth, fronts, "wardrobe", w.pick(("door", "mixed", "door")))
    else:
        for k, side in ((0, 1.0), (1, -1.0)):
            leaf = node.child((k - 0.5) * width / 2, -0.03 - 0.03 * k, height / 2)
            opened = w.between(0.15, 0.42) * width if w.chance(0.3) else 0.0
            sliding(
                leaf,
                "wardrobe",
                width / 2,
                height - 0.02,
                fronts.material,
                fronts.handle or HandleStyle(node),
                side,
                opened,
                width / 2 - 0.1,
                fronts.style,
            )


@object_class("floor", ("living", "office", "kitchen"), 1)
def shelf_unit(node: Node) -> None:
    """Open shelves with things on them, some compartments with doors or drawers."""
    w = node.world
    columns, rows = int(w.rng.integers(1, 4)), int(w.rng.integers(2, 6))
    cell, high, depth = w.between(0.3, 0.5), w.between(0.28, 0.42), w.between(0.25, 0.4)
    fronts = Fronts(node)
    for c in range(columns):
        for r in range(rows):
            box_node = node.child((c - (columns - 1) / 2) * cell, 0, r * high)
            carcass(box_node, cell, high, depth, fronts.body)
            if w.chance(0.25):
                fill_front(box_node, cell, high, depth, fronts, "shelf unit", w.pick(("door", "drawers")))
            elif w.chance(0.7):
                box_node.child(0, depth / 2, 0.016).surface(cell * 0.85, depth * 0.8, high - 0.05)


@object_class("floor", ("office",), 1)
def filing_cabinet(node: Node) -> None:
    """Metal drawers with name plates and locks, which afford nothing."""
    w = node.world
    width, depth, count = w.between(0.38, 0.6), w.between(0.45, 0.6), int(w.rng.integers(2, 5))
    high = w.between(0.25, 0.34)
    material = w.material("metal", "paint", "dark", "white")
    carcass(node, width, high * count, depth, material)
    handle = HandleStyle(node, ("bar", "cup", "recess", "lip", "loop"))
    node.child(0, depth / 2, high * count).surface(width, depth, 0.5)
    for k in range(count):
        spot = node.child(0, -0.02, (k + 0.5) * high)
        leaf = drawer(spot, "filing cabinet", width, high, depth, material, handle, drawer_state(spot, depth, 0.2))
        if w.chance(0.6):
            label(leaf.child(w.pick((-0.25, 0.0, 0.25)) * width, 0, high * 0.33), 0.07, 0.04)
        if w.chance(0.4):
            leaf.add(cylinder(0.01, 0.006).at(width * 0.4, 0, high * 0.36, None), w.material("metal"))


@object_class("floor", ("office", "living"), 1)
def desk(node: Node) -> None:
    """A desk with drawers on a side."""
    w = node.world
    width, depth, height = w.between(1.0, 1.6), w.between(0.5, 0.8), w.between(0.68, 0.78)
    fronts = Fronts(node)
    node.add(box(width, depth, 0.03, 0.004).at(0, depth / 2, height), fronts.body)
    node.child(0, depth / 2, height + 0.016).surface(width, depth, 0.7)
    for x in (-1, 1):
        if w.chance(0.6):
            side = node.child(x * (width / 2 - 0.2), 0.03, 0.05)
            carcass(side, 0.38, height - 0.08, depth - 0.06, fronts.body)
            fill_front(
                side, 0.38, height - 0.08, depth - 0.06, fronts, "desk", w.pick(("drawers", "mixed", "door"), (3, 1, 1))
            )
        else:
            for y in (0.1, 0.9):
                node.add(box(0.04, 0.04, height).at(x * (width / 2 - 0.04), y * depth, height / 2), fronts.body)
