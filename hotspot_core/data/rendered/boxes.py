"""Boxes on tables: with drawers, doors, lids, flaps."""

from __future__ import annotations

from hotspot_core.data.rendered.furniture import Fronts
from hotspot_core.data.rendered.handles import HandleStyle
from hotspot_core.data.rendered.openings import (
    carcass,
    drawer,
    drawer_state,
    hinged,
    label,
    moved_part,
    opening_angle,
    set_motions,
)
from hotspot_core.data.rendered.registry import object_class
from hotspot_core.data.rendered.shapes import box, picture
from hotspot_core.data.rendered.world import JointMotion, Node


@object_class("table", ("any", "living", "office", "kitchen"), 2.5)
def small_drawers(node: Node) -> None:
    """A box with one to four drawers that stands on a table."""
    w = node.world
    width, depth = w.between(0.12, 0.4), w.between(0.12, 0.3)
    rows, columns = int(w.rng.integers(1, 4)), int(w.rng.integers(1, 3))
    high = w.between(0.06, 0.14)
    fronts = Fronts(node)
    carcass(node, width, rows * high, depth, fronts.body)
    handle = HandleStyle(node, length=(0.03, 0.12))
    for r in range(rows):
        for c in range(columns):
            cell = node.child((c + 0.5) / columns * width - width / 2, -0.018, (r + 0.5) * high)
            drawer(
                cell,
                "drawer box",
                width / columns,
                high,
                depth,
                fronts.material,
                handle,
                drawer_state(cell, depth, 0.35),
            )


@object_class("table", ("any", "kitchen", "living"), 2)
def small_door_box(node: Node) -> None:
    """A box with a door, as bread bins, key boxes and safes have."""
    w = node.world
    width, height, depth = w.between(0.18, 0.5), w.between(0.18, 0.5), w.between(0.15, 0.35)
    fronts = Fronts(node)
    carcass(node, width, height, depth, fronts.body, int(w.rng.integers(0, 2)))
    spot = node.child(0, -0.02, height / 2)
    side = w.pick(("left", "right", "left", "right", "bottom", "top"))
    hinged(
        spot,
        "door box",
        width,
        height,
        fronts.material,
        HandleStyle(node, length=(0.05, 0.25)),
        side,
        opening_angle(node, 1.9, 0.4),
        fronts.style,
    )


@object_class("table", ("any", "living", "office"), 1.5)
def chest(node: Node) -> None:
    """A box with a hinged lid on top: the lid's free edge or its handle opens it."""
    w = node.world
    width, height, depth = w.between(0.12, 0.4), w.between(0.06, 0.22), w.between(0.1, 0.28)
    body = w.material("wood", "cardboard", "paint", "metal", "plastic")
    wall = 0.008
    for x in (-1, 1):
        node.add(box(wall, depth, height).at(x * (width - wall) / 2, 0, height / 2), body)
        node.add(box(width, wall, height).at(0, x * (depth - wall) / 2, height / 2), body)
    node.add(box(width, depth, wall).at(0, 0, wall / 2), body)
    lid = node.child(0, 0, height)
    angle = opening_angle(node, 2.0, 0.45)
    joint = lid.hinge((-1.0, 0.0, 0.0), angle, (0, depth / 2, 0))
    is_open = angle > 0
    cover = body if w.chance(0.6) else w.tint(body)
    thick = w.between(0.01, 0.05)
    panel = moved_part(lid, "chest", "lid", True, angle / 2.0) if is_open else None
    lid.add(box(width + 0.006, depth + 0.006, thick, 0.003).at(0, 0, thick / 2), cover, panel)
    set_motions(panel, joint, is_open, 1.8)
    grip = lid.child(0, -depth / 2 - 0.003, thick / 2)
    edge = grip.part("chest", "lid edge", ("close", "push") if is_open else ("open", "lift"), ("pull",))
    if edge is not None:
        names = ("close", "push") if is_open else ("open", "lift")
        edge.motions = {name: JointMotion(joint, 0.0 if is_open else 1.6) for name in names}
    HandleStyle(node, ("lip", "knob", "strap", "blade", "ring"), (0.03, 0.08)).mount(grip, edge, width * 0.5, False)
    if w.chance(0.3):
        label(node.child(w.between(-0.2, 0.2) * width, -depth / 2, height * 0.4), width * 0.3, height * 0.4)


@object_class("table", ("any", "living", "office", "kitchen"), 1.5)
def flap_box(node: Node) -> None:
    """A cardboard box; opened flaps are closed and pushed, closed ones opened."""
    w = node.world
    width, depth, height = w.between(0.12, 0.35), w.between(0.1, 0.3), w.between(0.08, 0.28)
    material = w.material("cardboard", "cardboard", "print", "paint")
    wall = 0.004
    for x in (-1, 1):
        node.add(box(wall, depth, height).at(x * (width - wall) / 2, 0, height / 2), material)
        node.add(box(width, wall, height).at(0, x * (depth - wall) / 2, height / 2), material)
    node.add(box(width, depth, wall).at(0, 0, wall / 2), material)
    is_open = w.chance(0.5)
    for side in (-1, 1):
        flap = node.child(0, side * depth / 2, height)
        angle = w.between(1.0, 3.6) if is_open else w.between(0.0, 0.08)
        joint = flap.hinge((float(side) * -1.0, 0, 0), angle)
        part = flap.part("carton box", "flap", ("close", "push") if is_open else ("open",), ("lift", "pull"), (0, 0, 1))
        flap.add(box(width - 0.002, depth / 2, wall).at(0, -side * depth / 4), material, part)
        set_motions(part, joint, is_open, 2.4)
    if w.chance(0.5):
        node.add(picture(width * 0.6, height * 0.5).at(0, -depth / 2 - 0.001, height / 2), w.materials.print(w.rng))
