"""Bottles, jars, cartons, cans, bowls, plates, goblets: held as a whole; caps, pumps and triggers are used apart."""

from __future__ import annotations

import numpy as np

from hotspot_core.data.rendered.handles import OUTWARDS
from hotspot_core.data.rendered.plates import plate
from hotspot_core.data.rendered.poses import FACE_UP, turn_x, turn_z
from hotspot_core.data.rendered.registry import object_class
from hotspot_core.data.rendered.shapes import box, curve, cylinder, lathe, picture, tube
from hotspot_core.data.rendered.vessels import CARRY, WARE, carried, loose, wall_profile
from hotspot_core.data.rendered.world import JointMotion, Node


@object_class("table", ("kitchen", "any", "living", "bathroom"), 3.5)
def bottle(node: Node) -> None:
    """A bottle with a label and a screw cap, crown or cork."""
    w = node.world
    inner, lift = loose(node)
    radius, high = w.between(0.022, 0.05), w.between(0.12, 0.32)
    neck, shoulder = w.between(0.3, 0.6) * radius, w.between(0.5, 0.75) * high
    body = carried(inner.part("bottle", "body", CARRY), lift)
    material = w.material("glass", "plastic", "dark", "metal", "anything")
    if w.chance(0.8):
        inner.add(
            lathe(
                [
                    (0, 0),
                    (radius, 0),
                    (radius, shoulder),
                    (neck, shoulder + (high - shoulder) * 0.5),
                    (neck, high),
                    (0, high),
                ]
            ),
            material,
            body,
        )
    else:
        inner.add(box(radius * 2, radius * w.between(1, 1.6), shoulder, 0.008).at(0, 0, shoulder / 2), material, body)
        inner.add(cylinder(neck, high - shoulder).at(0, 0, shoulder), material, body)
    if w.chance(0.75):
        tag = w.materials.new(w.rng, "print")
        low, top = sorted(w.rng.uniform(0.1, 0.95, 2) * shoulder)
        inner.add(cylinder(radius * 1.01, max(top - low, 0.02)).at(0, 0, low), tag, body)
    if w.chance(0.85):
        screw_cap(inner.child(0, 0, high), "bottle", neck * w.between(1.0, 1.4), w.between(0.012, 0.03))


def screw_cap(node: Node, object_name: str, radius: float, high: float) -> None:
    """A cap that is turned and opened."""
    w = node.world
    cap = node.child(0, 0, -0.004, FACE_UP)
    joint = cap.hinge((0, -1.0, 0))
    part = cap.part(object_name, "cap", ("rotate", "open"), ("lift", "pull"))
    if part is not None:
        part.motions = {name: JointMotion(joint, 2.0) for name in ("rotate", "open")}
    material = w.material("plastic", "metal", "dark", "white", "wood")
    if w.chance(0.6):
        cap.add(cylinder(radius, high, radius * w.between(0.85, 1), 0.002, 18).at(turn=OUTWARDS), material, part)
    else:
        count = int(w.rng.integers(8, 16))
        t = np.linspace(0, 2 * np.pi, 3 * count, endpoint=False)
        wave = radius * (1 + 0.06 * np.cos(count * t))
        cap.add(plate(np.stack([wave * np.cos(t), wave * np.sin(t)], 1), high).at(0, -high / 2), material, part)


@object_class("table", ("kitchen", "any", "bathroom"), 2)
def jar(node: Node) -> None:
    """A jar or tub with a wide lid."""
    w = node.world
    inner, lift = loose(node)
    radius, high = w.between(0.03, 0.06), w.between(0.05, 0.16)
    body = carried(inner.part("jar", "body", ("hold", "lift"), ("pour",)), lift)
    inner.add(
        lathe([(0, 0), (radius, 0), (radius, high * 0.85), (radius * w.between(0.8, 1), high), (0, high)]),
        w.material("glass", "plastic", "ceramic", "metal"),
        body,
    )
    if w.chance(0.6):
        inner.add(cylinder(radius * 1.01, high * 0.5).at(0, 0, high * 0.2), w.materials.new(w.rng, "print"), body)
    screw_cap(inner.child(0, 0, high), "jar", radius * w.between(0.85, 1.05), w.between(0.012, 0.022))


@object_class("table", ("kitchen", "any", "living"), 2.5)
def carton(node: Node) -> None:
    """A milk carton, juice box, cereal or tea box: held, lifted and poured from as a whole; some with a cap."""
    w = node.world
    inner, lift = loose(node)
    width, depth, high = w.between(0.05, 0.2), w.between(0.04, 0.09), w.between(0.08, 0.3)
    body = carried(inner.part("carton", "body", CARRY), lift)
    material = w.material("print", "cardboard", "paint", "print")
    inner.add(box(width, depth, high, 0.002).at(0, 0, high / 2), material, body)
    for y, angle in ((-1, 0), (1, 180)):
        if w.chance(0.7):
            inner.add(
                picture(width * 0.9, high * 0.9).at(0, y * (depth / 2 + 0.001), high / 2, turn_z(angle)),
                w.materials.print(w.rng),
                body,
            )
    if w.chance(0.3):
        roof = plate(
            [
                (-depth / 2, 0),
                (depth / 2, 0),
                (0.004, depth * 0.5),
                (0.004, depth * 0.7),
                (-0.004, depth * 0.7),
                (-0.004, depth * 0.5),
            ],
            width,
        )
        inner.add(roof.at(0, 0, high, turn_z(90)), material, body)
        if w.chance(0.6):
            screw_cap(inner.child(0, -depth / 4, high + depth * 0.25, turn_x(40)), "carton", 0.014, 0.012)
    elif w.chance(0.3):
        screw_cap(inner.child(width * 0.2, 0, high), "carton", 0.013, 0.012)


@object_class("table", ("kitchen", "any"), 1.5)
def can(node: Node) -> None:
    """A tin or drink can."""
    w = node.world
    inner, lift = loose(node)
    radius, high = w.between(0.028, 0.05), w.between(0.05, 0.14)
    body = carried(inner.part("can", "body", ("hold", "lift"), ("pour", "open")), lift)
    inner.add(cylinder(radius, high, bevel=0.003), w.material("metal"), body)
    inner.add(cylinder(radius * 1.01, high * 0.85).at(0, 0, high * 0.07), w.materials.new(w.rng, "print"), body)


@object_class("table", ("kitchen", "any", "living"), 2)
def bowl(node: Node) -> None:
    """A bowl: held and lifted as a whole."""
    w = node.world
    inner, lift = loose(node)
    radius, high = w.between(0.05, 0.14), w.between(0.03, 0.09)
    body = carried(inner.part("bowl", "body", ("hold", "lift"), ("pour",)), lift)
    s = np.linspace(0.25, 1, 7)
    power = w.between(1.4, 3)
    inner.add(
        lathe(wall_profile([(radius * a, high * a**power - high * 0.25**power) for a in s])),
        w.material(*WARE, "wood"),
        body,
    )


@object_class("table", ("kitchen", "any"), 1.2)
def plate_dish(node: Node) -> None:
    """A plate: held and lifted."""
    w = node.world
    inner, lift = loose(node)
    radius = w.between(0.07, 0.14)
    body = carried(inner.part("plate", "body", ("hold", "lift"), ()), lift)
    inner.add(lathe(wall_profile([(radius * 0.6, 0), (radius * 0.65, 0.006), (radius, 0.02)])), w.material(*WARE), body)


@object_class("table", ("bathroom", "kitchen"), 1.5)
def pump_bottle(node: Node) -> None:
    """A soap dispenser whose head is pressed, or a spray bottle with a trigger."""
    w = node.world
    inner, lift = loose(node)
    radius, high = w.between(0.028, 0.045), w.between(0.1, 0.2)
    body = carried(inner.part("pump bottle", "body", ("hold", "lift"), ("pour",)), lift)
    inner.add(
        lathe([(0, 0), (radius, 0), (radius * w.between(0.8, 1.1), high * 0.7), (radius * 0.4, high), (0, high)]),
        w.material("plastic", "ceramic", "glass", "white"),
        body,
    )
    head = inner.child(0, 0, high)
    material = w.material("plastic", "white", "dark", "metal")
    if w.chance(0.6):
        joint = head.slide((0, 0, -1.0))
        part = head.part("pump bottle", "pump", ("press",), ("push",), (0, 0, 1.0), True)
        head.add(cylinder(0.006, 0.035), material)
        head.add(cylinder(0.014, 0.012, bevel=0.003).at(0, 0, 0.03), material, part)
        head.add(tube([(0, 0, 0.036), (w.between(0.03, 0.055), 0, 0.034)], 0.006), material, part)
        if part is not None:
            part.motions["press"] = JointMotion(joint, 0.02)
    else:
        head.add(box(0.09, 0.025, 0.03, 0.006).at(0.02, 0, 0.03), material)
        trigger = head.child(0.035, 0, 0.02)
        joint = trigger.hinge((0, 1.0, 0))
        part = trigger.part("spray bottle", "trigger", ("press",), ("pull", "push"), (1.0, 0, 0), True)
        trigger.add(
            tube(curve([(0, 0, 0), (0.012, 0, -0.025), (0.008, 0, -0.05)], 8), 0.006, 1.4),
            w.material("plastic", "dark"),
            part,
        )
        if part is not None:
            part.motions["press"] = JointMotion(joint, 0.4)
    if w.chance(0.6):
        inner.add(cylinder(radius * 1.02, high * 0.35).at(0, 0, high * 0.2), w.materials.new(w.rng, "print"), body)


@object_class("table", ("any", "living", "kitchen"), 0.8)
def egg_cup(node: Node) -> None:
    """A glass, goblet or candle stick: held and lifted as a whole."""
    w = node.world
    inner, lift = loose(node)
    radius, high, stem = w.between(0.025, 0.045), w.between(0.1, 0.22), w.between(0.3, 0.5)
    body = carried(inner.part("goblet", "body", ("hold", "lift"), ("pour",)), lift)
    profile = wall_profile(
        [
            (radius * 0.9, 0),
            (0.006, 0.008),
            (0.006, high * stem),
            (radius, high * (stem + 0.2)),
            (radius * w.between(0.7, 1), high),
        ]
    )
    inner.add(lathe(profile), w.material("glass", "metal", "ceramic", "wood"), body)
