"""Kitchen machines: refrigerators, ovens, stoves, microwaves, dishwashers, toasters, kettles' neighbors."""

from __future__ import annotations

import numpy as np

from hotspot_core.data.rendered.controls import button_row, rotary_knob
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
from hotspot_core.data.rendered.poses import turn_x, turn_z
from hotspot_core.data.rendered.registry import object_class
from hotspot_core.data.rendered.shapes import box, cylinder, ellipsoid, picture, ring
from hotspot_core.data.rendered.world import Node

BODIES = ("metal", "white", "dark", "paint", "plastic", "metal", "white")


@object_class("floor", ("kitchen",), 3)
def refrigerator(node: Node) -> None:
    """One door, two above each other, side by side, French doors over drawers; bars, grips, recessed and no handles."""
    w = node.world
    kind = w.pick(("single", "stacked", "side by side", "french", "small"), (2, 3, 3, 3, 1))
    width = {"single": w.between(0.5, 0.7), "stacked": w.between(0.5, 0.75), "small": w.between(0.4, 0.55)}.get(
        kind, w.between(0.8, 1.0)
    )
    height = w.between(0.5, 0.9) if kind == "small" else w.between(1.5, 2.0)
    depth = w.between(0.55, 0.75)
    material = w.material(*BODIES)
    body = material if w.chance(0.5) else w.material("dark", "white", "metal")
    carcass(node, width, height, depth, body, int(w.rng.integers(2, 5)))
    handle: HandleStyle | None = HandleStyle(
        node, ("bar", "bar", "arch", "loop", "recess", "lip", "blade", "groove", "pillar"), (0.25, 0.8)
    )
    style = w.pick(("slab", "slab", "slab", "glass", "grooves"))
    front = node.child(0, -0.05, 0)
    opened = w.pick((0.0, 0.3, 0.6))

    def door(x: float, z: float, wide: float, high: float, side: str, at: float) -> Node:
        angle = opening_angle(node, 2.0, opened)
        return hinged(
            front.child(x, 0, z),
            "refrigerator",
            wide,
            high,
            material,
            handle,
            side,
            angle,
            style,
            0.05,
            1.9,
            handle_at=at,
        )

    split = w.between(0.3, 0.7) * height
    leaf = None
    if kind in ("single", "small"):
        leaf = door(0, height / 2, width, height, w.pick(("left", "right")), w.pick((-0.2, 0.0, 0.3)))
    elif kind == "stacked":
        side = w.pick(("left", "right"))
        leaf = door(0, (height + split) / 2, width, height - split, side, w.pick((-0.45, 0.0)))
        door(0, split / 2, width, split, side, w.pick((0.45, 0.0)))
    elif kind == "side by side":
        fraction = w.between(0.35, 0.5)
        door(width * (fraction - 1) / 2, height / 2, width * fraction, height, "left", 0.0)
        leaf = door(width * fraction / 2, height / 2, width * (1 - fraction), height, "right", 0.0)
    else:
        low = w.between(0.25, 0.4) * height
        leaf = door(-width / 4, (height + low) / 2, width / 2, height - low, "left", -0.1)
        door(width / 4, (height + low) / 2, width / 2, height - low, "right", -0.1)
        count = int(w.rng.integers(1, 3))
        for k in range(count):
            spot = front.child(0, 0, (k + 0.5) / count * low)
            drawer(
                spot, "refrigerator", width, low / count, depth, material, handle, drawer_state(node, depth * 0.6, 0.15)
            )
    if w.chance(0.35):
        # A dispenser or a display: a dark hollow that looks like a grip.
        label_at = leaf.child(w.between(-0.1, 0.1), 0, w.between(-0.1, 0.3))
        label_at.add(box(0.14, 0.006, 0.22, 0.003), w.material("dark"))
        label_at.add(picture(0.1, 0.03).at(0, -0.005, 0.08), w.materials.print(w.rng, 0.4))
    for _ in range(int(w.rng.integers(0, 5)) if w.chance(0.5) else 0):
        label(leaf.child(w.between(-0.15, 0.15), 0, w.between(-0.3, 0.3)), w.between(0.03, 0.12), w.between(0.03, 0.12))


def burners(node: Node, width: float, depth: float) -> None:
    w = node.world
    dark = w.material("dark", "metal")
    gas = w.chance(0.5)
    for x in (-0.25, 0.25):
        for y in (0.28, 0.72):
            radius = w.between(0.06, 0.1)
            spot = node.child(x * width, y * depth, 0)
            if gas:
                spot.add(cylinder(radius * 0.4, 0.015), dark)
                for angle in (0, 90):
                    spot.add(box(radius * 2.2, 0.01, 0.012).at(0, 0, 0.025, turn_z(angle)), dark)
            else:
                spot.add(ring(radius, 0.003).at(turn=turn_x(90)), dark)


@object_class("floor", ("kitchen",), 2.5)
def oven(node: Node) -> None:
    """A range: knobs, a door with a bar that drops down, burners, sometimes a drawer below."""
    w = node.world
    width, height, depth = w.between(0.5, 0.8), w.between(0.8, 0.95), w.between(0.5, 0.65)
    material = w.material(*BODIES)
    carcass(node, width, height, depth, material, 1)
    panel, below = w.between(0.09, 0.16), w.between(0.12, 0.22) if w.chance(0.6) else 0.05
    node.add(
        box(width, 0.03, panel, 0.004).at(0, -0.015, height - panel / 2),
        material if w.chance(0.6) else w.material(*BODIES),
    )
    knobs = int(w.rng.integers(3, 8))
    display = w.chance(0.6)
    xs = np.linspace(-0.42, 0.42, knobs + display) * width
    look = w.rng.integers(2**31)
    for k, x in enumerate(xs):
        if display and k == len(xs) // 2:
            node.add(picture(0.11, panel * 0.5).at(x, -0.032, height - panel / 2), w.materials.print(w.rng, 0.3))
        else:
            rotary_knob(node.child(x, -0.03, height - panel / 2), "oven", int(look))
    high = height - panel - below
    handle = HandleStyle(node, ("bar", "bar", "arch", "loop", "recess", "lip", "pillar", "groove"), (0.3, 0.6))
    angle = opening_angle(node, 1.5, 0.25)
    spot = node.child(0, -0.03, below + high / 2)
    style = w.pick(("glass", "glass", "slab", "frame"))
    hinged(spot, "oven", width, high, material, handle, "bottom", angle, style, 0.03, 1.5, "oven door")
    if below > 0.06:
        drawer(
            node.child(0, -0.02, below / 2),
            "oven",
            width,
            below,
            depth,
            material,
            handle if w.chance(0.5) else None,
            drawer_state(node, depth, 0.1),
        )
    top = node.child(0, 0, height + 0.002)
    top.add(box(width, depth, 0.01).at(0, depth / 2), w.material("dark", "metal", "white"))
    burners(top, width, depth)
    top.child(0, depth / 2, 0.03).surface(width * 0.7, depth * 0.7, 0.5)
    if w.chance(0.4):
        node.add(box(width, 0.04, 0.15).at(0, depth - 0.02, height + 0.075), material)


@object_class("floor", ("kitchen",), 1.2)
def dishwasher(node: Node) -> None:
    """A door that drops down, a strip of buttons above."""
    w = node.world
    width, height, depth = w.between(0.45, 0.62), w.between(0.75, 0.88), w.between(0.5, 0.6)
    material = w.material(*BODIES)
    carcass(node, width, height, depth, material, 1)
    strip = w.between(0.08, 0.13)
    node.add(box(width, 0.03, strip, 0.004).at(0, -0.015, height - strip / 2), w.material("dark", "metal", "white"))
    button_row(
        node.child(w.pick((-0.2, 0.0, 0.2)) * width, -0.03, height - strip / 2),
        "dishwasher",
        width * 0.4,
        0.02,
        int(w.rng.integers(3, 8)),
        1,
    )
    handle = HandleStyle(node, ("bar", "arch", "recess", "lip", "loop", "groove", "pillar"), (0.2, 0.5))
    hinged(
        node.child(0, -0.03, (height - strip) / 2),
        "dishwasher",
        width,
        height - strip,
        material,
        handle,
        "bottom",
        opening_angle(node, 1.5, 0.3),
        "slab",
        0.03,
        1.5,
    )


@object_class("floor", ("kitchen", "bathroom"), 1)
def washing_machine(node: Node) -> None:
    """A round door, a dial, buttons, a small drawer."""
    w = node.world
    width, height, depth = w.between(0.5, 0.65), w.between(0.8, 0.9), w.between(0.5, 0.6)
    material = w.material("white", "metal", "dark", "paint")
    node.add(box(width, depth, height, 0.006).at(0, depth / 2, height / 2), material)
    radius = w.between(0.14, 0.2)
    door = node.child(0, -0.02, height * 0.42)
    angle = opening_angle(node, 1.8, 0.25)
    joint = door.hinge((0, 0, -1.0), angle, (-radius, 0, 0))
    is_open = angle > 0
    panel = moved_part(door, "washing machine", "door", True, angle / 1.8) if is_open else None
    door.add(ring(radius, 0.03, 28), w.material("metal", "white", "dark"), panel)
    door.add(ellipsoid(radius * 0.9, 0.05, radius * 0.9), w.materials.new(w.rng, "dark"), panel)
    node.add(cylinder(radius * 0.9, 0.01).at(0, 0, height * 0.42, turn_x(90)), w.material("dark"))
    grip = door.child(radius * 1.0, -0.03, 0)
    part = moved_part(grip, "washing machine", "door handle", is_open, angle / 1.8)
    HandleStyle(node, ("blade", "recess", "lip", "arch"), (0.05, 0.1)).mount(grip, part, 0.1, True)
    for item in (panel, part):
        set_motions(item, joint, is_open, 1.8)
    rotary_knob(
        node.child(w.pick((-0.1, 0.1)) * width, 0, height * 0.9), "washing machine", int(w.rng.integers(2**31)), 0.03
    )
    button_row(
        node.child(width * 0.3, 0, height * 0.9), "washing machine", width * 0.25, 0.02, int(w.rng.integers(2, 6)), 1
    )
    drawer(
        node.child(-width * 0.32, -0.012, height * 0.91),
        "washing machine",
        width * 0.3,
        0.09,
        0.2,
        material,
        HandleStyle(node, ("recess", "lip"), (0.05, 0.1)),
        drawer_state(node, 0.15, 0.15),
    )


@object_class("wall", ("kitchen",), 1)
def hood(node: Node) -> None:
    """A cooker hood with a strip of buttons."""
    w = node.world
    width, depth = w.between(0.5, 0.9), w.between(0.35, 0.5)
    material = w.material("metal", "white", "dark")
    node.add(box(width, depth, 0.06, 0.004).at(0, -depth / 2, 0), material)
    node.add(box(width * 0.35, depth * 0.5, 0.7).at(0, -depth * 0.3, 0.35), material)
    button_row(node.child(w.pick((0.0, 0.3)) * width, -depth, 0), "hood", 0.16, 0.015, int(w.rng.integers(2, 6)), 1)
