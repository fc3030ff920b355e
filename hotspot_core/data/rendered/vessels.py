"""Mugs, pans, pots, kettles, bottles, jars, cartons, bowls: what is held, lifted and poured from."""

from __future__ import annotations

import numpy as np

from hotspot_core.data.rendered.handles import HANDLES, handle_material
from hotspot_core.data.rendered.materials import SurfaceMaterial
from hotspot_core.data.rendered.poses import FACE_UP, Floats, turn_z
from hotspot_core.data.rendered.registry import object_class
from hotspot_core.data.rendered.shapes import box, curve, cylinder, lathe, tube
from hotspot_core.data.rendered.world import Joint, JointMotion, Node, Part

WARE = ("ceramic", "ceramic", "metal", "plastic", "paint", "white", "anything")
CARRY = ("hold", "lift", "pour")


def wall_profile(outer: list[tuple[float, float]], wall: float = 0.003) -> Floats:
    """The profile of a vessel with an inside, from that of its outside."""
    points = np.array([(0.0, outer[0][1]), *outer])
    inner = np.array(outer)[::-1] - [wall, 0]
    inner[-1] = (max(inner[-1][0], 0.001), outer[0][1] + wall)
    return np.concatenate([points, inner.clip(0), [(0.0, outer[0][1] + wall)]])


def turned(node: Node) -> Node:
    """A node that is turned about z at random."""
    return node.child(turn=turn_z(node.world.between(-180, 180)))


def carried(part: Part | None, lift: Joint) -> Part | None:
    """Let a part carry its object: upwards, or tilted for pouring (the joint's node has the tilt as second joint)."""
    if part is not None:
        if "lift" in part.actions:
            part.motions["lift"] = JointMotion(lift, 0.18)
        tilt = next((joint for joint in part.node.world.joints_of(lift) if joint.kind == "hinge"), None)
        if "pour" in part.actions and tilt is not None:
            part.motions["pour"] = JointMotion(tilt, 1.2)
    return part


def loose(node: Node) -> tuple[Node, Joint]:
    """A node that can be lifted, and tilted towards its +x."""
    inner = turned(node)
    lift = inner.slide((0, 0, 1.0))
    inner.hinge((0, 1.0, 0), 0.0, (0.05, 0, 0.1))
    return inner, lift


def side_handle(
    node: Node, object_name: str, radius: float, high: float, lift: Joint, material: SurfaceMaterial | None = None
) -> Part | None:
    """An ear at radius along +x, around the node's height."""
    w = node.world
    part = carried(node.part(object_name, "handle", CARRY, (), (1.0, 0, 0)), lift)
    material = material or handle_material(node)
    out, half = w.between(0.4, 0.75) * high, high / 2 * w.between(0.7, 0.95)
    style = int(w.rng.integers(4))
    x = radius * 0.96
    if style == 0:
        path = curve([(x, 0, half), (x + out, 0, half * 0.6), (x + out, 0, -half * 0.6), (x, 0, -half)], 14)
    elif style == 1:
        path = np.array([(x, 0, half), (x + out, 0, half), (x + out, 0, -half), (x, 0, -half)])
    elif style == 2:
        path = curve([(x, 0, half), (x + out, 0, half * 1.1), (x + out * 0.9, 0, -half * 0.3), (x, 0, -half)], 14)
    else:
        path = curve([(x, 0, half), (x + out * 0.8, 0, half * 0.9), (x + out, 0, -half)], 12)
    node.add(tube(path, w.between(0.09, 0.15) * high * 0.7, w.between(0.6, 1.6), 8), material, part)
    return part


def lid_knob(node: Node, object_name: str, radius: float, parted: bool = True) -> None:
    """A lid with a knob or bow on it; the knob lifts and opens."""
    w = node.world
    lid = node.child()
    joint = lid.slide((0, 0, 1.0))
    material, dome = w.material("metal", "plastic", "ceramic", "glass", "dark"), w.between(0.05, 0.3) * radius
    lid.add(
        lathe(
            [
                (0, -0.004),
                (radius, -0.004),
                (radius, 0.004),
                (radius * 0.9, dome * 0.4),
                (radius * 0.4, dome),
                (0, dome * 1.05),
            ]
        ),
        material,
    )
    top = lid.child(0, 0, dome, FACE_UP)
    part = top.part(object_name, "lid knob", ("open", "lift"), ("hold", "pull", "rotate")) if parted else None
    if part is not None:
        part.motions = {name: JointMotion(joint, 0.12) for name in ("open", "lift")}
    kind = w.pick(("knob", "knob", "loop", "arch", "bar"))
    HANDLES[kind][0](top, part, min(radius * 1.2, w.between(0.04, 0.08)), handle_material(node))


@object_class("table", ("kitchen", "any", "office", "living", "bathroom"), 3)
def mug(node: Node) -> None:
    """A mug or cup with an ear, or a tumbler without."""
    w = node.world
    inner, lift = loose(node)
    radius, high = w.between(0.03, 0.05), w.between(0.06, 0.12)
    material = w.material(*WARE)
    foot, belly = w.between(0.6, 1.05) * radius, w.between(0.9, 1.15) * radius
    profile = wall_profile([(foot, 0), (foot * 1.02, 0.004), (belly, high * 0.45), (radius, high)])
    if w.chance(0.85):
        inner.add(lathe(profile), material)
        side_handle(
            inner.child(0, 0, high * 0.52), "mug", radius, high * 0.75, lift, material if w.chance(0.8) else None
        )
    else:
        body = carried(inner.part("cup", "body", CARRY), lift)
        inner.add(lathe(profile), material, body)
    if w.chance(0.4):
        inner.add(cylinder(radius * 0.9, 0.001).at(0, 0, high * 0.8), w.material("dark", "wood", "plastic"))


@object_class("table", ("kitchen",), 2)
def pan(node: Node) -> None:
    """A frying or sauce pan with a long handle."""
    w = node.world
    inner, lift = loose(node)
    radius, high = w.between(0.08, 0.15), w.between(0.03, 0.12)
    inner.add(
        lathe(wall_profile([(radius * w.between(0.75, 1), 0), (radius, high)])),
        w.material("dark", "metal", "paint", "ceramic"),
    )
    part = carried(inner.part("pan", "handle", ("hold", "lift"), ("pour",), (0, 0, 1.0)), lift)
    long_grip(inner.child(radius, 0, high * 0.85), w.between(0.13, 0.22), part)
    if w.chance(0.2):
        lid_knob(inner.child(0, 0, high), "pan", radius)


def long_grip(node: Node, length: float, part: Part | None) -> None:
    """A long handle along +x."""
    w = node.world
    rise, thick = w.between(-0.1, 0.35) * length, w.between(0.008, 0.014)
    path = curve([(-0.005, 0, 0), (length * 0.3, 0, rise * 0.6), (length, 0, rise)], 10)
    swell = np.interp(np.linspace(0, 1, len(path)), [0, 0.4, 1], [0.6, 1, w.between(0.8, 1.3)])
    node.add(tube(path, thick * swell, w.between(0.5, 1.2)), handle_material(node), part)


@object_class("table", ("kitchen",), 2)
def pot(node: Node) -> None:
    """A pot with two ears, with or without a lid."""
    w = node.world
    inner, lift = loose(node)
    radius, high = w.between(0.08, 0.15), w.between(0.07, 0.18)
    inner.add(
        lathe(wall_profile([(radius * 0.95, 0), (radius, 0.01), (radius, high)])),
        w.material("metal", "dark", "paint", "ceramic"),
    )
    kind, material, length = w.pick(("loop", "arch", "bar", "blade")), handle_material(node), w.between(0.05, 0.09)
    for angle in (-90, 90):
        ear = inner.child(turn=turn_z(angle)).child(0, -radius * 0.97, high * w.between(0.7, 0.9))
        part = carried(ear.part("pot", "handle", ("hold", "lift"), ("pour",)), lift)
        HANDLES[kind][0](ear, part, length, material)
    if w.chance(0.6):
        lid_knob(inner.child(0, 0, high), "pot", radius * 1.02)


@object_class("table", ("kitchen",), 3.5)
def kettle(node: Node) -> None:
    """A kettle or teapot: handle, spout, lid with knob, electric ones with a switch and a base."""
    w = node.world
    electric = w.chance(0.5)
    base = 0.02 if electric else 0.0
    inner, lift = loose(node)
    radius, high = w.between(0.06, 0.1), w.between(0.1, 0.22)
    material = w.material("metal", "ceramic", "plastic", "dark", "white", "paint", "glass")
    if electric:
        node.add(cylinder(radius * 1.1, base, bevel=0.004), w.material("dark", "white"))
    top, belly = w.between(0.5, 0.85) * radius, w.between(1.0, 1.15) * radius
    body = inner.child(0, 0, base)
    body.add(
        lathe([(0, 0), (radius, 0), (belly, high * 0.35), (radius * 0.95, high * 0.7), (top, high), (0, high)]),
        material,
    )
    spout_at = high * w.between(0.45, 0.85)
    path = curve(
        [
            (radius * 0.8, 0, spout_at - 0.02),
            (radius * 1.4, 0, spout_at + 0.01),
            (radius * 1.7, 0, high * w.between(0.85, 1.05)),
        ],
        8,
    )
    body.add(tube(path, np.linspace(0.022, 0.01, 8)), material)
    if w.chance(0.5):
        side_handle(body.child(0, 0, high * 0.55, turn_z(180)), "kettle", radius, high * w.between(0.6, 0.9), lift)
    else:
        part = carried(body.part("kettle", "handle", CARRY, (), (0, 0, 1.0)), lift)
        rise = w.between(0.5, 0.9) * high
        bow = curve(
            [
                (-radius, 0, high * 0.75),
                (-radius * 0.9, 0, high + rise * 0.8),
                (0, 0, high + rise),
                (radius * 0.9, 0, high + rise * 0.8),
                (radius, 0, high * 0.75),
            ],
            18,
        )
        body.add(tube(bow, w.between(0.005, 0.01), w.between(0.5, 1.5)), handle_material(node), part)
    lid_knob(body.child(0, 0, high), "kettle", top * 0.95)
    if electric:
        spot = body.child(-radius * 0.9, w.pick((-0.5, 0.5)) * radius, 0.02, turn_z(-90))
        joint = spot.slide((0, 0, -1.0))
        switch = spot.part("kettle", "switch", ("press",), ("push",), press=True)
        spot.add(box(0.022, 0.03, 0.012, 0.003).at(0, -0.015), w.material("dark", "plastic", "white"), switch)
        if switch is not None:
            switch.motions["press"] = JointMotion(joint, 0.01)


@object_class("table", ("kitchen", "any", "living"), 2.5)
def jug(node: Node) -> None:
    """A pitcher, measuring cup or watering can."""
    w = node.world
    inner, lift = loose(node)
    radius, high = w.between(0.045, 0.09), w.between(0.12, 0.26)
    material = w.material("glass", "ceramic", "metal", "plastic", "paint")
    inner.add(
        lathe(
            wall_profile(
                [
                    (radius * w.between(0.7, 1), 0),
                    (radius * w.between(1, 1.25), high * 0.4),
                    (radius * 0.8, high * 0.85),
                    (radius, high),
                ]
            )
        ),
        material,
    )
    side_handle(
        inner.child(0, 0, high * 0.55, turn_z(180)),
        "jug",
        radius,
        high * w.between(0.5, 0.75),
        lift,
        material if w.chance(0.7) else None,
    )
    if w.chance(0.4):
        inner.add(
            tube(
                curve([(radius * 0.8, 0, high * 0.3), (radius * 1.8, 0, high * 0.6), (radius * 2.2, 0, high)], 8),
                np.linspace(0.016, 0.009, 8),
            ),
            material,
        )


@object_class("table", ("kitchen", "any", "living", "bathroom"), 1)
def basket(node: Node) -> None:
    """A bucket or basket with a bow handle."""
    w = node.world
    inner, lift = loose(node)
    radius, high = w.between(0.07, 0.14), w.between(0.08, 0.18)
    material = w.material("wood", "fabric", "plastic", "metal")
    if w.chance(0.5):
        inner.add(lathe(wall_profile([(radius * w.between(0.6, 0.95), 0), (radius, high)])), material)
    else:
        for x in (-1, 1):
            inner.add(box(0.008, radius * 1.4, high).at(x * radius, 0, high / 2), material)
            inner.add(box(radius * 2, 0.008, high).at(0, x * radius * 0.7, high / 2), material)
        inner.add(box(radius * 2, radius * 1.4, 0.008).at(0, 0, 0.004), material)
    part = carried(inner.part("basket", "handle", ("hold", "lift"), ("pull",), (0, 0, 1.0)), lift)
    rise, lean = w.between(0.6, 1.1) * radius, w.pick((0.0, 0.0, 0.5)) * radius
    bow = curve(
        [
            (-radius, 0, high * 0.9),
            (-radius * 0.8, lean * 0.7, high + rise * 0.7),
            (0, lean, high + rise),
            (radius * 0.8, lean * 0.7, high + rise * 0.7),
            (radius, 0, high * 0.9),
        ],
        18,
    )
    inner.add(tube(bow, w.between(0.004, 0.009), w.between(0.5, 2)), handle_material(node), part)
