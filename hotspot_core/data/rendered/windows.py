"""Windows, lockers, hatches and cabinets: what opens on walls beside doors."""

from __future__ import annotations

from hotspot_core.data.rendered.controls import turning_part
from hotspot_core.data.rendered.doors import frame
from hotspot_core.data.rendered.furniture import Fronts, fill_front
from hotspot_core.data.rendered.handles import OUTWARDS, HandleStyle, handle_material
from hotspot_core.data.rendered.openings import (
    FACE_STYLES,
    carcass,
    hinged,
    label,
    moved_part,
    opening_angle,
    set_motions,
    sliding,
)
from hotspot_core.data.rendered.registry import object_class
from hotspot_core.data.rendered.shapes import box, cylinder, tube
from hotspot_core.data.rendered.world import JointMotion, Node


@object_class("wall", ("living", "kitchen", "office", "any"), 2.5)
def window(node: Node) -> None:
    """A window: fixed, sliding, or hinged with a handle that is turned."""
    w = node.world
    width, height = w.between(0.5, 1.4), w.between(0.5, 1.3)
    material = w.material("white", "wood", "metal", "paint", "dark")
    frame(node, width, height, material)
    node.add(
        box(width, 0.004, height).at(0, -0.001),
        w.materials.print(w.rng, 0.8) if w.chance(0.5) else w.materials.new(w.rng, "paint"),
    )
    kind = w.pick(("sliding", "hinged", "fixed"), (3, 3, 1))
    if kind == "sliding":
        for k, side in ((0, 1.0), (1, -1.0)):
            opened = w.between(0.1, 0.42) * width if w.chance(0.3) and k == 0 else 0.0
            leaf = node.child((k - 0.5) * width / 2, -0.012 - 0.026 * k)
            sliding(
                leaf,
                "window",
                width / 2 + 0.02,
                height - 0.02,
                material,
                HandleStyle(node, ("bar", "recess", "lip", "loop", "knob", "blade"), (0.06, 0.2)),
                side,
                opened,
                width / 2 - 0.1,
                "glass",
            )
    elif kind == "hinged":
        side = w.pick(("left", "right"))
        angle = opening_angle(node, 1.3, 0.25)
        leaf = hinged(node.child(0, -0.03), "window", width, height, material, None, side, angle, "glass", 0.03, 1.4)
        x = width / 2 - 0.025 if side == "left" else -width / 2 + 0.025
        grip = leaf.child(x, 0, w.between(-0.1, 0.1))
        turning = grip.child()
        if angle:
            part = moved_part(grip, "window", "handle", True, angle / 1.4)
            set_motions(part, leaf.joints[0], True, 1.4)
        else:
            part = turning_part(turning, "window", "handle", 1.6, ("pull",))
            if part is not None:
                part.actions = ("rotate", "open")
                part.motions["open"] = JointMotion(leaf.joints[0], 1.2)
        metal = handle_material(node)
        grip.add(box(0.03, 0.01, 0.07, 0.003).at(0, -0.005), metal)
        turning.add(cylinder(0.009, 0.04).at(turn=OUTWARDS), metal, part)
        turning.add(tube([(0, -0.04, 0.005), (0, -0.045, -0.11)], 0.009, 0.7), metal, part)
    else:
        node.add(box(width, 0.03, 0.03).at(0, -0.01), material)
        node.add(box(0.03, 0.03, height).at(0, -0.01), material)


@object_class("wall", ("any", "office", "hall"), 1)
def lockers(node: Node) -> None:
    """A row of metal lockers or mail boxes with slots and name plates."""
    w = node.world
    columns, rows = int(w.rng.integers(1, 5)), int(w.rng.integers(1, 4))
    wide, high = w.between(0.2, 0.4), w.between(0.2, 0.6)
    material, style = w.material("metal", "paint", "wood"), HandleStyle(node, length=(0.04, 0.14))
    side = w.pick(("left", "right"))
    body = w.tint(material)
    node.add(box(columns * wide + 0.02, 0.3, rows * high + 0.02).at(0, -0.12), body)
    for c in range(columns):
        for r in range(rows):
            spot = node.child((c - (columns - 1) / 2) * wide, -0.29, (r - (rows - 1) / 2) * high)
            angle = opening_angle(node, 1.8, 0.15)
            leaf = hinged(spot, "locker", wide - 0.008, high - 0.008, material, style, side, angle, "slab", 0.015)
            if w.chance(0.5):
                for k in range(3):
                    leaf.add(
                        box(wide * 0.5, 0.003, 0.006).at(0, -0.001, high * 0.32 + 0.018 * (k - 1)),
                        w.material("dark") if k == 0 and r == 0 and c == 0 else body,
                    )
            if w.chance(0.4):
                label(leaf.child(0, 0, high * 0.2), wide * 0.35, 0.03)


@object_class("wall", ("kitchen", "living", "bathroom", "office", "any"), 2)
def wall_cabinet(node: Node) -> None:
    """A cupboard on the wall."""
    w = node.world
    width, height, depth = w.between(0.3, 1.2), w.between(0.35, 0.9), w.between(0.2, 0.38)
    body = node.child(0, -depth, -height / 2)
    fronts = Fronts(node)
    carcass(body, width, height, depth, fronts.body, int(w.rng.integers(0, 3)))
    columns = 2 if width > 0.8 and w.chance(0.5) else 1
    for k in range(columns):
        fill_front(
            body.child((k + 0.5) / columns * width - width / 2),
            width / columns,
            height,
            depth,
            fronts,
            "wall cabinet",
            w.pick(("door", "doors", "open"), (3, 3, 0.4)),
        )


@object_class("wall", ("hall", "any"), 0.7)
def hatch(node: Node) -> None:
    """A small door in the wall: a meter box, a hatch with a turn latch."""
    w = node.world
    width, height = w.between(0.25, 0.6), w.between(0.25, 0.7)
    frame(node, width, height, w.material("metal", "white", "wood"))
    hinged(
        node.child(0, -0.02),
        "hatch",
        width,
        height,
        w.material("metal", "white", "paint", "wood"),
        HandleStyle(node),
        w.pick(("left", "right", "bottom", "top")),
        opening_angle(node, 1.6, 0.3),
        w.pick(FACE_STYLES),
    )
