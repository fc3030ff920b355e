"""Machines that stand on a worktop: microwaves, toasters, coffee machines, blenders, hobs."""

from __future__ import annotations

import numpy as np

from hotspot_core.data.rendered.appliances import BODIES, burners
from hotspot_core.data.rendered.controls import button_row, mounted_button, rotary_knob
from hotspot_core.data.rendered.handles import HandleStyle
from hotspot_core.data.rendered.openings import carcass, hinged, opening_angle
from hotspot_core.data.rendered.poses import FACE_UP, turn_x, turn_z
from hotspot_core.data.rendered.registry import object_class
from hotspot_core.data.rendered.shapes import box, cylinder, lathe, picture
from hotspot_core.data.rendered.vessels import lid_knob, mug, side_handle
from hotspot_core.data.rendered.world import JointMotion, Node


@object_class("table", ("kitchen",), 0.8)
def hob(node: Node) -> None:
    """A stove for a table with knobs in front or on top."""
    w = node.world
    width, depth, height = w.between(0.28, 0.6), w.between(0.3, 0.5), w.between(0.06, 0.12)
    node.add(box(width, depth, height, 0.01).at(0, 0, height / 2), w.material("metal", "dark", "white"))
    burners(node.child(0, -depth / 2, height), width, depth)
    look, count = int(w.rng.integers(2**31)), int(w.rng.integers(1, 5))
    on_top = w.chance(0.4)
    for x in np.linspace(-0.35, 0.35, count) * width if count > 1 else (0.0,):
        spot = node.child(x, -depth * 0.44, height, FACE_UP) if on_top else node.child(x, -depth / 2, height / 2)
        rotary_knob(spot, "stove", look, 0.018)


@object_class("table", ("kitchen", "any"), 2.5)
def microwave(node: Node) -> None:
    """A microwave or toaster oven: door with a handle or a button, keys or dials, a display."""
    w = node.world
    width, height, depth = w.between(0.36, 0.55), w.between(0.22, 0.34), w.between(0.28, 0.4)
    material = w.material(*BODIES)
    node = node.child(0, -depth / 2, 0.01)
    carcass(node, width, height, depth, material)
    fraction = w.between(0.68, 0.8)
    flips = w.chance(0.25)
    side = "bottom" if flips else w.pick(("left", "left", "left", "right"))
    turned = -1 if side == "right" else 1
    door_x, panel_x = -turned * width * (1 - fraction) / 2, turned * width * fraction / 2
    has_handle = w.chance(0.7)
    handle = (
        HandleStyle(node, ("bar", "arch", "loop", "blade", "recess", "lip", "pillar", "groove"), (0.12, 0.26))
        if has_handle
        else None
    )
    angle = opening_angle(node, 1.8, 0.35)
    spot = node.child(door_x, -0.025, height / 2)
    hinged(
        spot,
        "microwave",
        width * fraction,
        height,
        w.material("dark", "metal", "white") if w.chance(0.5) else material,
        handle,
        side,
        angle,
        w.pick(("glass", "frame", "slab")),
        0.025,
        1.8,
    )
    panel = node.child(panel_x, -0.02, height / 2)
    panel.add(
        box(width * (1 - fraction), 0.02, height, 0.003).at(0, 0.01), material if w.chance(0.5) else w.material("dark")
    )
    if w.chance(0.7):
        panel.add(
            picture(width * (1 - fraction) * 0.7, height * 0.13).at(0, -0.001, height * 0.36),
            w.materials.print(w.rng, 0.5),
        )
    wide = width * (1 - fraction) * 0.8
    if w.chance(0.6):
        rows = int(w.rng.integers(2, 5))
        button_row(panel.child(0, 0, 0.02), "microwave", wide, height * 0.45, 3 if w.chance(0.6) else 2, rows)
    else:
        look = int(w.rng.integers(2**31))
        for z in (0.12, -0.12) if w.chance(0.6) else (0.0,):
            rotary_knob(panel.child(0, 0, z * height), "microwave", look, 0.02)
    if not has_handle or w.chance(0.2):
        opener = panel.child(0, 0, -height * 0.38)
        mounted_button(opener, "microwave", wide * 0.35, "square", () if angle > 0 or has_handle else ("open",))


@object_class("table", ("kitchen",), 1.5)
def toaster(node: Node) -> None:
    """Slots, a lever that is pressed down, a dial."""
    w = node.world
    width, depth, height = w.between(0.24, 0.32), w.between(0.14, 0.19), w.between(0.16, 0.21)
    material = w.material("metal", "plastic", "white", "dark", "paint")
    node = node.child(turn=turn_z(w.pick((0, 90, -90, 180, 45))))
    node.add(box(width, depth, height, w.between(0.01, 0.045)).at(0, 0, height / 2 + 0.01), material)
    for y in (-0.22, 0.22):
        node.add(box(width * 0.75, 0.025, 0.003).at(0, y * depth, height + 0.01), w.material("dark"))
    end = node.child(width / 2, 0, height * 0.5, turn_z(90))
    end.add(box(0.01, 0.002, height * 0.6).at(w.pick((0.0, 0.03))), w.material("dark"))
    lever = end.child(0, 0, height * w.between(0.05, 0.3))
    joint = lever.slide((0, 0, -1.0))
    part = lever.part("toaster", "lever", ("press", "push"), ("slide",), (0, 0, 1.0), True)
    lever.add(
        box(w.between(0.03, 0.05), 0.03, w.between(0.012, 0.02), 0.004).at(0, -0.015),
        w.material("dark", "plastic", "metal"),
        part,
    )
    if part is not None:
        part.motions = {name: JointMotion(joint, height * 0.4) for name in ("press", "push")}
    if w.chance(0.7):
        rotary_knob(end.child(depth * 0.25, 0, -height * 0.25), "toaster", int(w.rng.integers(2**31)), 0.014)
    if w.chance(0.5):
        mounted_button(end.child(-depth * 0.25, 0, -height * 0.25), "toaster", 0.014, "round")


@object_class("table", ("kitchen", "office"), 1.5)
def coffee_machine(node: Node) -> None:
    """A body over a cup place, with buttons, sometimes a knob, a lid handle or a glass pot."""
    w = node.world
    width, depth, height = w.between(0.16, 0.32), w.between(0.2, 0.32), w.between(0.26, 0.4)
    material, second = w.material(*BODIES), w.material("dark", "metal", "plastic")
    head = w.between(0.3, 0.42) * height
    node.add(box(width, depth * 0.45, height, 0.015).at(0, depth * 0.27, height / 2), material)
    node.add(box(width, depth, head, 0.015).at(0, 0, height - head / 2), material)
    node.add(box(width, depth, 0.03, 0.005).at(0, 0, 0.015), second)
    node.add(cylinder(0.015, 0.04).at(0, -depth * 0.25, height - head - 0.03), second)
    front = node.child(0, -depth / 2, height - head / 2)
    if w.chance(0.55):
        button_row(
            front, "coffee machine", width * 0.7, head * 0.35, int(w.rng.integers(1, 4)), int(w.rng.integers(1, 3))
        )
    else:
        mounted_button(front, "coffee machine", w.between(0.012, 0.03), w.pick(("round", "square")))
    if w.chance(0.4):
        rotary_knob(front.child(width * 0.42, 0, -head * 0.2), "coffee machine", int(w.rng.integers(2**31)), 0.015)
    if w.chance(0.5) and "mug" not in w.excluded:
        mug(node.child(0, -depth * 0.25, 0.03))


@object_class("table", ("kitchen",), 1)
def blender(node: Node) -> None:
    """A jug with handle and lid on a base with dial or buttons."""
    w = node.world
    radius, base, high = w.between(0.06, 0.09), w.between(0.1, 0.15), w.between(0.18, 0.26)
    node.add(cylinder(radius * 1.3, base, radius * 0.9, 0.01), w.material(*BODIES))
    front = node.child(0, -radius * 1.12, base * 0.5, turn_x(-12))
    if w.chance(0.5):
        rotary_knob(front, "blender", int(w.rng.integers(2**31)), 0.018)
    else:
        button_row(front, "blender", radius * 1.2, 0.015, int(w.rng.integers(2, 5)), 1)
    jug = node.child(0, 0, base)
    lift = jug.slide((0, 0, 1.0))
    jug.add(
        lathe([(0, 0), (radius * 0.8, 0), (radius, high), (radius * 0.95, high), (radius * 0.75, 0.01), (0, 0.01)]),
        w.materials.new(w.rng, "glass"),
    )
    side_handle(jug.child(0, 0, high * 0.5, turn_z(w.between(0, 360))), "blender", radius, high * 0.6, lift)
    lid_knob(jug.child(0, 0, high), "blender", radius * 1.05)
