"""What affords nothing: sockets, vents, pictures, plants, panels, cushions. Much of it looks like parts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from hotspot_core.data.rendered.handles import OUTWARDS
from hotspot_core.data.rendered.openings import FACE_STYLES, face, label
from hotspot_core.data.rendered.poses import FACE_UP, pose_of, turn_x, turn_y, turn_z
from hotspot_core.data.rendered.registry import object_class
from hotspot_core.data.rendered.shapes import box, curve, cylinder, ellipsoid, lathe, picture, ring, tube, waves
from hotspot_core.data.rendered.world import Node


@object_class("wall", ("any",), 2.5, affords=False)
def socket(node: Node) -> None:
    """A power or network socket."""
    w = node.world
    material = w.material("white", "metal", "plastic", "dark")
    count = int(w.pick((1, 1, 2, 3)))
    node.add(box(0.08 * count, 0.008, 0.08, 0.003).at(0, -0.004), material)
    dark = w.material("dark")
    for k in range(count):
        spot = node.child((k - (count - 1) / 2) * 0.075, -0.008)
        kind = w.pick(("round", "slots", "net"))
        if kind == "round":
            spot.add(cylinder(0.02, 0.003).at(turn=OUTWARDS), material)
        for x in (-0.01, 0.01):
            if kind == "net":
                spot.add(box(0.014, 0.003, 0.012).at(0, -0.002, x), dark)
            elif kind == "round":
                spot.add(cylinder(0.003, 0.005).at(x, 0, 0, OUTWARDS), dark)
            else:
                spot.add(box(0.003, 0.003, 0.01).at(x, -0.001), dark)


@object_class("wall", ("any",), 1.5, affords=False)
def vent(node: Node) -> None:
    """A grille with slats or holes."""
    w = node.world
    wide, high = w.between(0.1, 0.4), w.between(0.08, 0.3)
    node.add(box(wide, 0.01, high, 0.003).at(0, -0.005), w.material("white", "metal", "wood", "paint"))
    dark, count = w.material("dark", "metal"), int(w.rng.integers(3, 9))
    for k in range(count):
        node.add(
            box(wide * 0.85, 0.006, high / count * 0.5).at(
                0, -0.01, (k + 0.5) / count * high * 0.9 - high * 0.45, turn_x(w.pick((0, 30)))
            ),
            dark,
        )


@object_class("wall", ("any",), 2.5, affords=False)
def poster(node: Node) -> None:
    """A picture, sign, clock or notice."""
    w = node.world
    wide, high = w.between(0.08, 0.7), w.between(0.08, 0.7)
    if w.chance(0.6):
        node.add(box(wide + 0.04, 0.02, high + 0.04, 0.004).at(0, -0.01), w.material("wood", "dark", "metal", "white"))
    node.add(picture(wide, high).at(0, -0.022), w.materials.print(w.rng))
    if w.chance(0.15):
        node.add(cylinder(0.12, 0.03, segments=28).at(0, -0.02, 0, OUTWARDS), w.material("white", "paint"))


@object_class("wall", ("any",), 1.5, affords=False)
def blank_panel(node: Node) -> None:
    """A panel like a door or drawer front, fixed and without a handle; hinges, screws and plates may sit on it."""
    w = node.world
    wide, high = w.between(0.2, 1.0), w.between(0.2, 1.4)
    face(
        node.child(0, -0.02), wide, high, 0.02, w.material("wood", "paint", "metal", "white"), w.pick(FACE_STYLES), None
    )
    metal = w.material("metal", "dark")
    if w.chance(0.5):
        for x in (-0.46, 0.46):
            for z in (-0.46, 0.46):
                node.add(cylinder(0.008, 0.004).at(x * wide, -0.02, z * high, OUTWARDS), metal)
    if w.chance(0.4):
        for z in (-0.3, 0.3):
            node.add(box(0.02, 0.008, 0.08, 0.002).at(-wide / 2, -0.022, z * high), metal)
    if w.chance(0.3):
        label(node.child(w.between(-0.3, 0.3) * wide, -0.021, w.between(-0.3, 0.3) * high), 0.1, 0.05)


@object_class("wall", ("any",), 1, affords=False)
def letter_slot(node: Node) -> None:
    """A letter slot, key hole plate or name plate."""
    w = node.world
    metal = w.material("metal", "dark", "white")
    kind = w.pick(("slot", "hole", "plate", "camera"))
    if kind == "slot":
        node.add(box(0.26, 0.01, 0.07, 0.003).at(0, -0.005), metal)
        node.add(box(0.22, 0.004, 0.025).at(0, -0.011), w.material("dark"))
    elif kind == "hole":
        node.add(cylinder(0.025, 0.008, bevel=0.002).at(turn=OUTWARDS), metal)
        node.add(box(0.004, 0.003, 0.014).at(0, -0.009), w.material("dark"))
    elif kind == "plate":
        node.add(box(0.16, 0.006, 0.06, 0.002).at(0, -0.003), metal)
        label(node.child(0, -0.006), 0.14, 0.045)
    else:
        node.add(cylinder(0.04, 0.05, 0.02).at(turn=OUTWARDS), metal)
        node.add(ellipsoid(0.02, 0.02, 0.02).at(0, -0.05), w.material("dark"))


@object_class("wall", ("any", "kitchen", "living"), 0.8, affords=False)
def curtain(node: Node) -> None:
    """A curtain, a blind, or a radiator."""
    w = node.world
    wide, high = w.between(0.3, 1.2), w.between(0.6, 1.6)
    kind = w.pick(("curtain", "blind", "radiator"))
    if kind == "curtain":
        node.add(waves(wide, high, 0.03, wide * w.between(5, 12)).at(0, -0.08), w.material("fabric"))
        node.add(
            tube([(-wide * 0.6, -0.08, high / 2), (wide * 0.6, -0.08, high / 2)], 0.012), w.material("metal", "wood")
        )
    elif kind == "blind":
        material = w.material("white", "wood", "paint")
        for k in range(14):
            node.add(box(wide, 0.025, 0.003).at(0, -0.04, high * (k / 14 - 0.5), turn_x(25)), material)
    else:
        material, count = w.material("white", "paint", "metal"), int(wide / 0.07)
        for k in range(count):
            node.add(box(0.05, 0.08, 0.55, 0.015).at((k - count / 2) * 0.07, -0.08), material)


@object_class("table", ("any",), 2, affords=False)
def plant(node: Node) -> None:
    """A pot with leaves or flowers."""
    w = node.world
    radius, high = w.between(0.04, 0.1), w.between(0.06, 0.16)
    node.add(
        lathe([(0, 0), (radius * 0.7, 0), (radius, high), (radius * 0.85, high), (0, high * 0.9)]),
        w.material("ceramic", "paint", "wood", "stone"),
    )
    green = w.material("anything") if w.chance(0.3) else w.materials.tinted(w.rng, (0.2, 0.4), (0.3, 0.9), (0.2, 0.8))
    for _ in range(int(w.rng.integers(5, 16))):
        angle, lean, long = w.between(0, 2 * np.pi), w.between(0.02, 0.15), w.between(0.08, 0.3)
        tip = (lean * np.cos(angle), lean * np.sin(angle), high + long)
        node.add(
            tube(
                curve([(0, 0, high * 0.9), (tip[0] * 0.3, tip[1] * 0.3, high + long * 0.6), tip], 6),
                [0.004, 0.012, 0.016, 0.014, 0.008, 0.002],
                0.3,
                6,
            ),
            green,
        )


@object_class("table", ("any",), 2, affords=False)
def pedestal(node: Node) -> None:
    """A plain block, slab, board, tray or pile that is too big to take: a base, a speaker, a stone."""
    w = node.world
    wide, deep, high = w.between(0.1, 0.4), w.between(0.1, 0.3), w.between(0.01, 0.3)
    material = w.material("wood", "stone", "metal", "anything", "fabric", "tile")
    inner = node.child(turn=turn_z(w.between(-180, 180)))
    inner.add(box(wide, deep, high, w.between(0.001, 0.02)).at(0, 0, high / 2), material)
    for _ in range(int(w.rng.integers(0, 4))):
        spot = inner.child(w.between(-0.4, 0.4) * wide, -deep / 2, w.between(0.2, 0.8) * high)
        kind = w.pick(("label", "screw", "grille", "foot"))
        if kind == "label":
            label(spot, wide * w.between(0.1, 0.5), high * w.between(0.1, 0.5))
        elif kind == "screw":
            spot.add(cylinder(0.005, 0.002).at(turn=OUTWARDS), w.material("metal"))
        elif kind == "grille" and high > 0.1:
            spot.add(cylinder(high * 0.2, 0.003, segments=24).at(turn=OUTWARDS), w.material("dark", "fabric"))
        else:
            inner.add(
                cylinder(0.012, 0.01).at(w.between(-0.4, 0.4) * wide, -deep * 0.4, high, None),
                w.material("dark", "metal"),
            )


@object_class("table", ("living", "office", "any"), 1, affords=False)
def monitor(node: Node) -> None:
    """A screen on a foot, or a picture frame."""
    w = node.world
    wide, high = w.between(0.15, 0.6), w.between(0.12, 0.36)
    material = w.material("dark", "metal", "white", "wood")
    node.add(box(wide * 0.4, 0.15, 0.012, 0.003).at(0, 0, 0.006), material)
    node.add(box(0.05, 0.03, 0.14).at(0, 0.03, 0.07), material)
    tilted = node.child(0, 0, 0.1 + high / 2, turn_x(w.between(-12, 5)))
    tilted.add(box(wide, 0.025, high, 0.004), material)
    tilted.add(picture(wide * 0.94, high * 0.9).at(0, -0.0135), w.materials.print(w.rng, 0.5))


@object_class("table", ("any", "kitchen"), 1, affords=False)
def cloth_pile(node: Node) -> None:
    """A towel, a mat, a cushion, a sponge rack: soft clutter."""
    w = node.world
    kind = w.pick(("mat", "cushion", "folds"))
    if kind == "mat":
        node.add(
            box(w.between(0.2, 0.45), w.between(0.15, 0.35), 0.004).at(0, 0, 0.002, turn_z(w.between(-40, 40))),
            w.material("fabric", "print"),
        )
    elif kind == "cushion":
        node.add(
            ellipsoid(w.between(0.1, 0.2), w.between(0.1, 0.2), w.between(0.03, 0.08)).at(0, 0, 0.05),
            w.material("fabric"),
        )
    else:
        node.add(
            waves(w.between(0.15, 0.3), w.between(0.15, 0.3), 0.012, 3).at(0, 0, 0.015, FACE_UP), w.material("fabric")
        )


@object_class("table", ("any", "bench"), 1, affords=False)
def pipe_work(node: Node) -> None:
    """Pipes, brackets, hinges, wheels and rails that do not move."""
    w = node.world
    material = w.material("metal", "dark", "paint", "plastic")
    points = np.cumsum(w.rng.uniform(-0.1, 0.1, (int(w.rng.integers(3, 6)), 3)), axis=0)
    points[:, 2] -= points[:, 2].min() - 0.02
    node.add(tube(points, w.between(0.006, 0.02)), material)
    for _ in range(int(w.rng.integers(0, 3))):
        node.add(ring(w.between(0.02, 0.05), 0.006).moved(pose_of(points[0], turn_x(w.between(0, 180)))), material)
    if w.chance(0.4):
        node.add(box(0.12, 0.03, 0.12, 0.003).at(0, 0, 0.06, turn_y(0)), w.material("metal", "wood"))


@object_class("floor", ("living", "office", "hall", "any"), 1.2, affords=False)
def seat(node: Node) -> None:
    """A chair, stool, bench or sofa."""
    w = node.world
    wide, deep, high = w.between(0.35, 0.6), w.between(0.35, 0.5), w.between(0.4, 0.55)
    frame, soft = w.material("wood", "metal", "dark", "white"), w.material("fabric", "wood", "plastic")
    inner = node.child(turn=turn_z(w.between(-180, 180)))
    if w.chance(0.3):
        inner.add(box(wide * 2.2, deep * 1.6, high, 0.05).at(0, 0, high / 2), soft)
        inner.add(box(wide * 2.2, 0.2, high * 1.9, 0.05).at(0, deep * 0.8, high * 0.95), soft)
        return
    inner.add(box(wide, deep, 0.04, 0.012).at(0, 0, high), soft)
    for x in (-1, 1):
        for y in (-1, 1):
            inner.add(
                tube([(x * wide * 0.45, y * deep * 0.45, 0), (x * wide * 0.4, y * deep * 0.4, high)], 0.015), frame
            )
    if w.chance(0.75):
        top = high + w.between(0.3, 0.5)
        for x in (-1, 1):
            inner.add(tube([(x * wide * 0.42, deep * 0.45, high), (x * wide * 0.42, deep * 0.5, top)], 0.014), frame)
        inner.add(box(wide * 0.9, 0.02, w.between(0.08, 0.3), 0.005).at(0, deep * 0.5, top - 0.1), soft)


@object_class("floor", ("living", "hall", "any"), 0.8, affords=False)
def column(node: Node) -> None:
    """A column, plant stand, floor lamp or box that only stands there."""
    w = node.world
    kind = w.pick(("column", "lamp", "crate"))
    if kind == "column":
        node.add(cylinder(w.between(0.05, 0.2), w.between(0.5, 2.2)), w.material("stone", "paint", "wood"))
    elif kind == "lamp":
        node.add(cylinder(0.14, 0.02), w.material("metal", "dark"))
        node.add(cylinder(0.012, 1.4), w.material("metal", "dark"))
        node.add(lathe([(0.2, 1.35), (0.12, 1.65), (0.02, 1.65)]), w.material("fabric", "white"))
    else:
        wide, high = w.between(0.25, 0.6), w.between(0.2, 0.6)
        node.add(box(wide, wide, high, 0.004).at(0, 0, high / 2), w.material("cardboard", "wood", "plastic"))
        node.child(0, 0, high).surface(wide, wide, 0.5)


@object_class("table", ("bench",), 0, affords=False)
def robot_arm(node: Node) -> None:
    """A robot arm with its gripper: what acts is nothing to act on. Placed by the scenes with tables."""
    w = node.world
    link, joint = w.material("white", "metal", "dark", "paint"), w.material("dark", "metal", "white", "paint")
    inner = node.child(turn=turn_z(w.between(-180, 180)))
    thick = w.between(0.03, 0.055)
    inner.add(cylinder(thick * 1.8, 0.06, bevel=0.006), joint)
    high, reach = w.between(0.35, 0.7), w.between(0.2, 0.55)
    points = [(0, 0, 0.05), (0, 0, high * 0.5), (w.between(-0.15, 0.05), w.between(-0.1, 0.1), high)]
    points.append((reach * 0.6, w.between(-0.12, 0.12), high * w.between(0.8, 1.2)))
    points.append((reach, 0, high * w.between(0.45, 0.8)))
    for start, end in pairwise(points):
        inner.add(tube([start, end], thick * w.between(0.7, 1.0), 1, 12), link)
        inner.add(ellipsoid(thick * 1.25, thick * 1.25, thick * 1.25, 14).at(*end), joint)
    tip = inner.child(*points[-1])
    tip.add(cylinder(thick * 0.8, 0.06).at(0, 0, -0.09), link)
    tip.add(box(w.between(0.08, 0.18), 0.05, 0.05, 0.006).at(0, 0, -0.11), joint)
    for side in (-1, 1):
        tip.add(box(0.014, 0.022, 0.09, 0.003).at(side * w.between(0.01, 0.045), 0, -0.17), w.material("dark", "metal"))
