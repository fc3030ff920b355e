"""Things of living rooms and offices: laptops, printers, books, toys, bags, carts, lamps with switches."""

from __future__ import annotations

import numpy as np

from hotspot_core.data.rendered.controls import button_row, mounted_button, rotary_knob
from hotspot_core.data.rendered.handles import handle_material
from hotspot_core.data.rendered.poses import FACE_UP, turn_x, turn_z
from hotspot_core.data.rendered.registry import object_class
from hotspot_core.data.rendered.shapes import box, curve, cylinder, ellipsoid, lathe, picture, ring, tube
from hotspot_core.data.rendered.vessels import carried, wall_profile
from hotspot_core.data.rendered.world import JointMotion, Node


@object_class("table", ("any", "living", "office"), 1.5)
def book(node: Node) -> None:
    """A book or a stack of them, or a small box: held and lifted as a whole."""
    w = node.world
    z = 0.0
    for _ in range(int(w.pick((1, 1, 2, 3)))):
        width, depth, high = w.between(0.1, 0.2), w.between(0.14, 0.26), w.between(0.012, 0.05)
        inner = node.child(0, 0, z, turn_z(w.between(-180, 180)))
        part = carried(inner.part("book", "body", ("hold", "lift"), ("open",), (0, 0, 1.0)), inner.slide((0, 0, 1.0)))
        inner.add(
            box(width, depth, high, 0.002).at(0, 0, high / 2), w.material("print", "paint", "dark", "fabric"), part
        )
        inner.add(box(width * 0.97, depth * 1.002, high * 0.8).at(0.004, 0, high / 2), w.material("white"), part)
        z += high


@object_class("table", ("any", "bench", "living"), 3)
def block(node: Node) -> None:
    """A ball, cube, puck, fruit, ring or toy brick: held and lifted as a whole."""
    w = node.world
    inner = node.child(turn=turn_z(w.between(-180, 180)))
    part = carried(
        inner.part("block", "body", ("hold", "lift"), ("push", "slide", "pull"), (0, 0, 1.0)), inner.slide((0, 0, 1.0))
    )
    size, material = w.between(0.02, 0.06), w.material("plastic", "wood", "paint", "rubber", "anything", "metal")
    kind = w.pick(("ball", "cube", "puck", "fruit", "ring", "cylinder", "cup", "cone"))
    if kind == "ball":
        inner.add(ellipsoid(size, size, size, 22).at(0, 0, size), material, part)
    elif kind == "cube":
        inner.add(
            box(size * w.between(1, 2.5), size * 1.6, size * w.between(0.8, 2.4), size * w.between(0.02, 0.2)).at(
                0, 0, size
            ),
            material,
            part,
        )
    elif kind == "puck":
        inner.add(cylinder(size, size * w.between(0.4, 0.8), bevel=0.004, segments=26), material, part)
    elif kind == "fruit":
        inner.add(ellipsoid(size, size * w.between(0.85, 1), size * w.between(0.8, 1.3)).at(0, 0, size), material, part)
        inner.add(tube([(0, 0, size * 1.8), (0.004, 0, size * 2.2)], 0.003), w.material("wood"), part)
    elif kind == "ring":
        inner.add(ring(size * 1.2, size * 0.3).at(0, 0, size * 0.3, turn_x(90)), material, part)
        if w.chance(0.6):
            inner.add(tube([(size * 1.2, 0, size * 0.3), (size * 4, 0, size * 0.3)], size * 0.2), material, part)
    elif kind == "cylinder":
        inner.add(cylinder(size * 0.6, size * w.between(1.5, 3), bevel=0.003), material, part)
    elif kind == "cup":
        inner.add(lathe(wall_profile([(size * 0.7, 0), (size, size * 1.8)])), material, part)
    else:
        inner.add(cylinder(size, size * 2, size * 0.2), material, part)


@object_class("floor", ("living", "office", "hall"), 1)
def suitcase(node: Node) -> None:
    """A suitcase or bag with a handle."""
    w = node.world
    width, depth, high = w.between(0.3, 0.5), w.between(0.15, 0.25), w.between(0.35, 0.65)
    inner = node.child(turn=turn_z(w.between(-60, 60)))
    material = w.material("plastic", "fabric", "paint", "dark")
    inner.add(box(width, depth, high, 0.03).at(0, 0, high / 2 + 0.03), material)
    part = carried(inner.part("suitcase", "handle", ("hold", "lift"), ("pull",), (0, 0, 1.0)), inner.slide((0, 0, 1.0)))
    long, top = w.between(0.1, 0.2), high + 0.03
    rise = w.between(0.03, 0.06) if w.chance(0.6) else w.between(0.2, 0.45)
    bow = np.array([(-long / 2, 0, top), (-long / 2, 0, top + rise), (long / 2, 0, top + rise), (long / 2, 0, top)])
    inner.add(tube(curve(bow, 18) if w.chance(0.5) else bow, w.between(0.007, 0.014)), handle_material(node), part)
    for z in (0.3, 0.5, 0.7):
        inner.add(
            box(width * 1.005, depth * 1.005, 0.008).at(0, 0, z * high), w.tint(material) if z == 0.3 else material
        )


@object_class("floor", ("any", "kitchen", "hall"), 0.8)
def cart(node: Node) -> None:
    """A trolley or cart that is pushed and pulled at its bar."""
    w = node.world
    width, depth, high = w.between(0.4, 0.6), w.between(0.5, 0.8), w.between(0.6, 0.85)
    frame, tray = w.material("metal", "dark", "paint", "wood"), w.material("metal", "wood", "plastic", "paint")
    inner = node.child(turn=turn_z(w.between(-70, 70)))
    joint = inner.slide((0, 1.0, 0))
    for x in (-1, 1):
        for y in (-1, 1):
            inner.add(tube([(x * width / 2, y * depth / 2, 0.05), (x * width / 2, y * depth / 2, high)], 0.012), frame)
            inner.add(
                cylinder(0.04, 0.025).at(x * width / 2 - 0.012, y * depth / 2, 0.04, turn_x(0)),
                w.shared.setdefault("wheel", w.material("dark")),
            )
    for z in (0.15, high * 0.6, high):
        inner.add(box(width, depth, 0.02, 0.004).at(0, 0, z), tray)
    part = inner.part("cart", "bar", ("push", "pull"), ("hold", "slide"))
    bow = curve(
        [
            (-width / 2, -depth / 2, high),
            (-width / 2, -depth / 2 - 0.06, high + 0.1),
            (width / 2, -depth / 2 - 0.06, high + 0.1),
            (width / 2, -depth / 2, high),
        ],
        4,
    )
    inner.add(tube(bow, w.between(0.012, 0.018)), handle_material(node), part)
    if part is not None:
        part.motions = {"push": JointMotion(joint, 0.4), "pull": JointMotion(joint, -0.4)}
    inner.child(0, 0, high + 0.011).surface(width * 0.9, depth * 0.9, 0.4)


@object_class("table", ("living", "office", "any"), 1.5)
def lamp(node: Node) -> None:
    """A table lamp: the shade affords nothing; some have a switch, a dial or a pull chain."""
    w = node.world
    base, high = w.between(0.05, 0.09), w.between(0.2, 0.4)
    material = w.material("metal", "ceramic", "wood", "paint", "dark")
    node.add(cylinder(base, 0.02, bevel=0.005), material)
    if w.chance(0.5):
        node.add(cylinder(0.01, high), material)
    else:
        node.add(
            lathe(
                [
                    (0, 0),
                    (base * 0.8, 0),
                    (base * w.between(0.5, 1.2), high * 0.4),
                    (0.012, high * 0.8),
                    (0.012, high),
                    (0, high),
                ]
            ),
            material,
        )
    shade = w.materials.glowing(w.rng) if w.chance(0.4) else w.material("fabric", "white", "paint")
    node.add(
        lathe([(base * 1.7, high * 0.85), (base * w.between(0.7, 1.7), high * 1.4), (base * 0.6, high * 1.4)]), shade
    )
    kind = w.pick(("none", "button", "dial", "chain"))
    if kind == "button":
        mounted_button(node.child(0, -base * 0.6, 0.02, FACE_UP), "lamp", 0.01)
    elif kind == "dial":
        rotary_knob(node.child(0, -base * 0.6, 0.02, FACE_UP), "lamp", int(w.rng.integers(2**31)), 0.012)
    elif kind == "chain":
        x = base * 0.9
        part = node.part("lamp", "chain", ("pull",), ("hold",))
        node.add(tube([(x, 0, high), (x, 0, high * 0.55)], 0.0025), w.material("metal"), part)
        node.add(ellipsoid(0.009, 0.009, 0.012).at(x, 0, high * 0.53), w.material("wood", "metal", "plastic"), part)


@object_class("table", ("living", "office", "bench", "any"), 1)
def radio(node: Node) -> None:
    """A radio or amplifier: dials, buttons, a loudspeaker that affords nothing, sometimes a carrying bow."""
    w = node.world
    width, depth, high = w.between(0.2, 0.42), w.between(0.08, 0.2), w.between(0.1, 0.22)
    material = w.material("wood", "dark", "metal", "plastic", "white")
    node.add(box(width, depth, high, w.between(0.002, 0.015)).at(0, 0, high / 2), material)
    front = node.child(0, -depth / 2, high / 2)
    front.add(
        cylinder(high * 0.36, 0.006, segments=24).at(-width * 0.27, 0, 0, turn_x(90)),
        w.material("dark", "fabric", "metal"),
    )
    look = int(w.rng.integers(2**31))
    for x in np.linspace(0.05, 0.4, int(w.rng.integers(1, 4))):
        rotary_knob(front.child(x * width, 0, -high * 0.2), "radio", look)
    if w.chance(0.6):
        button_row(front.child(width * 0.22, 0, high * 0.08), "radio", width * 0.4, 0.014, int(w.rng.integers(2, 6)), 1)
    front.add(picture(width * 0.35, high * 0.2).at(width * 0.22, -0.001, high * 0.32), w.materials.print(w.rng, 0.4))
    if w.chance(0.4):
        part = node.part("radio", "handle", ("hold", "lift"), ("pull",), (0, 0, 1.0))
        half = width * 0.3
        node.add(
            tube(
                curve(
                    [(-half, 0, high), (-half * 0.9, 0, high + 0.04), (half * 0.9, 0, high + 0.04), (half, 0, high)], 14
                ),
                0.008,
            ),
            handle_material(node),
            part,
        )
