"""Household things of many rooms: brooms, cookers, dryers, staplers, bags, dispensers, grills, thermos flasks."""

from __future__ import annotations

import numpy as np

from hotspot_core.data.rendered.controls import button_row, mounted_button, rotary_knob
from hotspot_core.data.rendered.handles import HANDLES, OUTWARDS, HandleStyle, handle_material
from hotspot_core.data.rendered.openings import hinged, moved_part, opening_angle, set_motions, sliding
from hotspot_core.data.rendered.poses import FACE_UP, turn_x, turn_y, turn_z
from hotspot_core.data.rendered.registry import object_class
from hotspot_core.data.rendered.shapes import box, curve, cylinder, ellipsoid, lathe, picture, tube
from hotspot_core.data.rendered.tools import grip_material, tool_node
from hotspot_core.data.rendered.vessels import carried, loose, side_handle
from hotspot_core.data.rendered.world import JointMotion, Node


@object_class("floor", ("kitchen", "hall", "living"), 0.5)
def broom(node: Node) -> None:
    """A broom, mop, shovel or rake that leans or lies: its shaft is held and lifted."""
    w = node.world
    inner = node.child(0, 0, 0.02, turn_x(w.between(3, 14)) if w.chance(0.8) else turn_x(88))
    part = carried(inner.part("broom", "shaft", ("hold", "lift")), inner.slide((0, 0, 1.0)))
    length, thick = w.between(0.9, 1.4), w.between(0.009, 0.016)
    inner.add(tube([(0, 0, 0.12), (0, 0, length)], thick), grip_material(node), part)
    head, kind = w.material("plastic", "wood", "metal", "dark", "fabric"), w.pick(("broom", "shovel", "rake"))
    if kind == "broom":
        inner.add(box(w.between(0.2, 0.35), 0.05, 0.05, 0.008).at(0, 0, 0.12), head)
        inner.add(box(0.24, 0.06, 0.1).at(0, 0, 0.05), w.material("fabric", "wood"))
    elif kind == "shovel":
        inner.add(box(w.between(0.16, 0.26), 0.01, 0.26, 0.004).at(0, 0, 0.1), head)
    else:
        inner.add(box(0.35, 0.02, 0.02).at(0, 0, 0.1), head)
        for x in np.linspace(-0.16, 0.16, 9):
            inner.add(tube([(x, 0, 0.1), (x, -0.03, 0.0)], 0.004, segments=5), head)


@object_class("table", ("kitchen", "any"), 1.5)
def rice_cooker(node: Node) -> None:
    """A cooker or fryer: a hinged lid with a button or grip, a bow to carry it, keys in front."""
    w = node.world
    radius, high = w.between(0.1, 0.15), w.between(0.13, 0.2)
    material = w.material("white", "metal", "dark", "plastic", "paint")
    node.add(lathe([(0, 0), (radius * 0.85, 0), (radius, high * 0.3), (radius, high), (0, high)], 28), material)
    front = node.child(0, -radius * 0.99, high * 0.5)
    front.add(box(radius * 0.9, 0.02, high * 0.6, 0.006), w.material("dark", "metal", "white"))
    button_row(front.child(0, -0.01, -high * 0.1), "cooker", radius * 0.7, high * 0.25, int(w.rng.integers(1, 4)), 1)
    front.add(picture(radius * 0.5, high * 0.16).at(0, -0.0105, high * 0.17), w.materials.print(w.rng, 0.4))
    lid = node.child(0, 0, high)
    angle = opening_angle(node, 1.5, 0.35)
    joint = lid.hinge((-1.0, 0, 0), angle, (0, radius, 0))
    cover = moved_part(lid, "cooker", "lid", True, angle / 1.5) if angle else None
    lid.add(ellipsoid(radius * 1.01, radius * 1.01, radius * 0.35, 26), w.tint(material), cover)
    set_motions(cover, joint, angle > 0, 1.5)
    spot = lid.child(0, -radius * 0.75, radius * 0.25, turn_x(-50))
    if w.chance(0.5):
        mounted_button(spot, "cooker", 0.018, "square", () if angle else ("open",))
    else:
        part = spot.part("cooker", "lid grip", ("close", "push") if angle else ("open", "lift"), ("pull",))
        HANDLES[w.pick(("arch", "loop", "blade"))][0](spot, part, 0.06, handle_material(node))
        if part is not None:
            part.motions = {name: JointMotion(joint, 0.0 if angle else 1.4) for name in part.actions}


@object_class("table", ("bathroom", "any", "bench"), 1.2)
def hair_dryer(node: Node) -> None:
    """A dryer, hand mixer, glue gun or lint remover: its grip is held, a switch on it pressed or slid."""
    w = node.world
    inner, part = tool_node(node, "dryer")
    radius, length, drop = w.between(0.025, 0.04), w.between(0.12, 0.2), w.between(0.1, 0.14)
    body = inner.child(0, 0, radius, turn_x(90))
    material = w.material("plastic", "dark", "white", "paint", "metal")
    body.add(
        cylinder(radius, length, radius * w.between(0.6, 1.1), 0.006).at(-length * 0.5, 0, 0, turn_y(90)), material
    )
    lean = w.between(-0.03, 0.02)
    path = curve([(-length * 0.2, 0, 0), (-length * 0.2 + lean, 0, -drop / 2), (-length * 0.2 + lean, 0, -drop)], 8)
    body.add(tube(path, w.between(0.013, 0.019), w.between(0.7, 1.1)), grip_material(node), part)
    spot = body.child(-length * 0.2 + lean + 0.016, 0, -drop * 0.5, turn_z(90))
    if w.chance(0.6):
        mounted_button(spot, "dryer", 0.007, "square")
    else:
        key = spot.part("dryer", "slider", ("slide",), ("press", "push"))
        spot.add(box(0.012, 0.008, 0.018, 0.002).at(0, -0.003), w.material("dark", "paint"), key)


@object_class("table", ("office", "any"), 1.2)
def stapler(node: Node) -> None:
    """A stapler or hole punch: its upper arm is pressed."""
    w = node.world
    inner = node.child(turn=turn_z(w.between(-180, 180)))
    length, wide = w.between(0.1, 0.16), w.between(0.025, 0.045)
    inner.add(box(length, wide, 0.012, 0.003).at(0, 0, 0.006), w.material("dark", "metal"))
    inner.add(box(0.03, wide * 0.9, 0.04, 0.004).at(-length * 0.38, 0, 0.028), w.material("dark", "metal", "plastic"))
    arm = inner.child(-length * 0.45, 0, 0.045)
    joint = arm.hinge((0, 1.0, 0), -w.between(0.1, 0.35))
    part = arm.part("stapler", "arm", ("press",), ("push", "hold", "lift"), (0, 0, 1.0), True)
    arm.add(
        box(length * 0.95, wide * 0.9, w.between(0.012, 0.025), 0.006).at(length * 0.47),
        w.material("plastic", "paint", "dark", "metal"),
        part,
    )
    if part is not None:
        part.motions["press"] = JointMotion(joint, 0.05)


@object_class("floor", ("hall", "living"), 0.6)
def handbag(node: Node) -> None:
    """A bag with two straps: held and lifted at the straps."""
    w = node.world
    width, depth, high = w.between(0.25, 0.42), w.between(0.1, 0.2), w.between(0.2, 0.34)
    inner = node.child(turn=turn_z(w.between(-60, 60)))
    cloth = w.material("fabric", "paint", "dark", "print")
    inner.add(box(width, depth, high, 0.03).at(0, 0, high / 2), cloth)
    part = carried(inner.part("bag", "straps", ("hold", "lift"), ("pull",), (0, 0, 1.0)), inner.slide((0, 0, 1.0)))
    strap, rise, half = w.tint(cloth), w.between(0.1, 0.22), width * w.between(0.2, 0.35)
    for y in (-0.4, 0.4):
        path = [
            (-half, y * depth, high * 0.9),
            (-half * 0.8, y * depth * 0.7, high + rise * 0.8),
            (0, y * depth * 0.4, high + rise),
            (half * 0.8, y * depth * 0.7, high + rise * 0.8),
            (half, y * depth, high * 0.9),
        ]
        inner.add(tube(curve(path, 18), w.between(0.007, 0.012), w.between(0.4, 1)), strap, part)
    if w.chance(0.4):
        inner.add(box(width * 0.4, 0.01, high * 0.4, 0.004).at(0, -depth / 2, high * 0.4), w.tint(cloth))


@object_class("floor", ("office", "hall", "kitchen"), 0.8)
def water_cooler(node: Node) -> None:
    """A water dispenser: taps that are pressed, a bottle on top, a small door below."""
    w = node.world
    width, high = w.between(0.28, 0.34), w.between(0.85, 1.0)
    material = w.material("white", "metal", "dark", "paint")
    node.add(box(width, width, high, 0.012).at(0, width / 2, high / 2), material)
    node.add(box(width * 0.75, 0.01, 0.2).at(0, -0.002, high * 0.78), w.material("dark", "white"))
    for x in (-0.2, 0.2):
        tap = node.child(x * width, -0.01, high * 0.82)
        joint = tap.hinge((1.0, 0, 0))
        part = tap.part("water cooler", "tap", ("press",), ("push", "rotate", "pull"), press=True)
        tap.add(cylinder(0.012, 0.04).at(turn=OUTWARDS), w.material("white", "metal"))
        tap.add(
            box(0.022, 0.03, 0.014, 0.003).at(0, -0.035, 0.014),
            w.materials.tinted(w.rng, (0, 1), (0.6, 1), (0.4, 1)),
            part,
        )
        if part is not None:
            part.motions["press"] = JointMotion(joint, 0.3)
    if w.chance(0.6):
        node.add(
            lathe([(0.03, 0), (0.03, 0.04), (0.13, 0.1), (0.13, 0.34), (0, 0.35)]).at(0, width / 2, high),
            w.materials.new(w.rng, "glass"),
        )
    if w.chance(0.5):
        handle = HandleStyle(node, ("recess", "lip", "knob", "blade"), (0.05, 0.12))
        hinged(
            node.child(0, -0.02, high * 0.3),
            "water cooler",
            width * 0.9,
            high * 0.4,
            material,
            handle,
            w.pick(("left", "right")),
            opening_angle(node, 1.5, 0.2),
        )


@object_class("floor", ("hall", "office"), 0.7)
def vending_machine(node: Node) -> None:
    """A machine with a window, a field of buttons, and a flap that is pushed."""
    w = node.world
    width, high, depth = w.between(0.7, 1.0), w.between(1.6, 1.9), w.between(0.5, 0.7)
    node.add(box(width, depth, high, 0.01).at(0, depth / 2, high / 2), w.material("paint", "dark", "metal"))
    node.add(box(width * 0.65, 0.01, high * 0.6).at(-width * 0.14, -0.003, high * 0.62), w.material("dark", "metal"))
    for r in range(4):
        for c in range(4):
            tin = cylinder(0.04, 0.12, segments=10).at(
                (c - 1.5) * width * 0.15 - width * 0.14, -0.01, high * (0.36 + 0.14 * r)
            )
            node.add(tin, w.shared.setdefault(f"tin {c}", w.material("print", "paint")))
    button_row(
        node.child(width * 0.35, -0.002, high * 0.62),
        "vending machine",
        width * 0.2,
        high * 0.2,
        int(w.rng.integers(1, 4)),
        int(w.rng.integers(3, 6)),
    )
    flap = node.child(-width * 0.1, -0.006, high * 0.2)
    joint = flap.hinge((1.0, 0, 0), 0.0, (0, 0, 0.07))
    part = flap.part("vending machine", "flap", ("push",), ("open", "lift"), press=True)
    flap.add(box(width * 0.5, 0.012, 0.14, 0.004), w.material("dark", "metal"), part)
    if part is not None:
        part.motions["push"] = JointMotion(joint, -0.7)
    node.add(picture(width * 0.9, high * 0.07).at(0, -0.002, high * 0.95), w.materials.print(w.rng, 0.3))


@object_class("floor", ("hall",), 0.4)
def barbecue(node: Node) -> None:
    """A grill on legs: a lid with a handle, knobs in front, a vent that affords nothing."""
    w = node.world
    width, depth, high = w.between(0.5, 0.9), w.between(0.4, 0.5), w.between(0.75, 0.9)
    body, legs = w.material("dark", "metal", "paint"), w.material("metal", "dark", "wood")
    for x in (-1, 1):
        for y in (0.1, 0.9):
            node.add(tube([(x * width * 0.45, y * depth, 0), (x * width * 0.42, y * depth, high)], 0.014), legs)
    node.add(box(width, depth, 0.16, 0.01).at(0, depth / 2, high), body)
    look = int(w.rng.integers(2**31))
    for x in np.linspace(-0.35, 0.35, int(w.rng.integers(1, 5))):
        rotary_knob(node.child(x * width, 0, high), "grill", look, 0.022)
    lid = node.child(0, depth / 2, high + 0.08)
    angle = opening_angle(node, 1.3, 0.3)
    joint = lid.hinge((-1.0, 0, 0), angle, (0, depth / 2, 0))
    panel = moved_part(lid, "grill", "lid", True, angle / 1.3) if angle else None
    lid.add(ellipsoid(width * 0.5, depth * 0.5, 0.2, 24), body if w.chance(0.5) else w.tint(body), panel)
    grip = lid.child(0, -depth * 0.42, 0.1, turn_x(-25))
    part = moved_part(grip, "grill", "lid handle", angle > 0, angle / 1.3)
    HandleStyle(node, ("bar", "arch", "loop"), (0.12, 0.4)).mount(grip, part, width * 0.6, False)
    for item in (panel, part):
        set_motions(item, joint, angle > 0, 1.3)


@object_class("table", ("bench", "any"), 1.8)
def table_window(node: Node) -> None:
    """A frame on a foot with a pane that slides at its handle, as test benches have; or one that is hinged."""
    w = node.world
    width, high = w.between(0.25, 0.5), w.between(0.15, 0.35)
    material = w.material("wood", "metal", "paint", "plastic", "white")
    for z in (0.012, high + 0.012):
        node.add(box(width + 0.04, 0.07, 0.024, 0.003).at(0, 0, z), material)
    for x in (-1, 1):
        node.add(box(0.024, 0.07, high, 0.003).at(x * (width + 0.024) / 2, 0, high / 2 + 0.012), material)
    side = float(w.pick((-1.0, 1.0)))
    pane = node.child(-side * width * 0.24, -0.02, high / 2 + 0.012)
    handle = HandleStyle(node, ("bar", "loop", "knob", "blade", "arch"), (0.05, 0.15))
    opened = w.between(0.25, 0.45) * width if w.chance(0.4) else 0.0
    sliding(
        pane,
        "window",
        width * 0.5,
        high - 0.03,
        w.tint(material),
        handle,
        side,
        opened,
        width * 0.45,
        w.pick(("glass", "slab", "frame")),
    )
    if w.chance(0.6):
        node.add(
            box(width * 0.5, 0.01, high - 0.03).at(side * width * 0.24, 0.02, high / 2 + 0.012),
            w.material("glass", "paint"),
        )


@object_class("table", ("office", "living", "any", "kitchen"), 1.2)
def thermos(node: Node) -> None:
    """A thermos flask or airpot: handle, lid, and a pump or lever on top that is pressed."""
    w = node.world
    inner, lift = loose(node)
    radius, high = w.between(0.05, 0.08), w.between(0.2, 0.32)
    material = w.material("metal", "paint", "plastic", "white", "dark")
    inner.add(
        lathe([(0, 0), (radius, 0), (radius, high * 0.8), (radius * 0.7, high * 0.92), (0, high * 0.92)], 24), material
    )
    side_handle(inner.child(0, 0, high * 0.5, turn_z(180)), "thermos", radius, high * 0.55, lift)
    inner.add(tube(curve([(radius * 0.5, 0, high * 0.85), (radius * 1.3, 0, high * 0.93)], 2), 0.014), material)
    top = inner.child(0, 0, high * 0.92)
    button = top.child(0, 0, 0, FACE_UP)
    button.add(cylinder(radius * 0.65, 0.025, bevel=0.004).at(turn=OUTWARDS), w.material("dark", "plastic", "metal"))
    mounted_button(
        button.child(0, -0.025), "thermos", radius * w.between(0.25, 0.45), w.pick(("round", "dome", "square"))
    )


@object_class("table", ("living", "any"), 1)
def game_pad(node: Node) -> None:
    """A game controller: held as a whole, its keys are pressed."""
    w = node.world
    inner = node.child(turn=turn_z(w.between(-180, 180)))
    part = carried(inner.part("controller", "body", ("hold", "lift"), (), (0, 0, 1.0)), inner.slide((0, 0, 1.0)))
    material = w.material("dark", "white", "plastic", "paint")
    inner.add(box(0.13, 0.07, 0.03, 0.012).at(0, 0, 0.018), material, part)
    for side in (-1, 1):
        grip = curve([(side * 0.05, 0, 0.018), (side * 0.075, -0.035, 0.018), (side * 0.08, -0.075, 0.014)], 8)
        inner.add(tube(grip, 0.018, 0.9), material, part)
    button_row(inner.child(0.045, 0.012, 0.033, FACE_UP), "controller", 0.035, 0.035, 2, 2)
    for x in (-0.045, 0.02):
        inner.add(
            cylinder(0.011, 0.018, bevel=0.003).at(x, -0.01, 0.03),
            w.shared.setdefault("stick", w.material("dark", "plastic")),
        )
