"""Handles of doors, drawers and lids. Each is mounted on a surface at y = 0 with -y outwards, its length along x."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from hotspot_core.data.rendered.materials import SurfaceMaterial
from hotspot_core.data.rendered.plates import plate, round_outline
from hotspot_core.data.rendered.poses import turn_x, turn_y
from hotspot_core.data.rendered.shapes import box, curve, cylinder, ellipsoid, lathe, ring, tube
from hotspot_core.data.rendered.world import Node, Part

# The top of a thing turned about z looks outwards after this rotation.
OUTWARDS = turn_x(90)
VERTICAL = turn_y(90)

Maker = Callable[[Node, Part | None, float, SurfaceMaterial], None]


def handle_material(node: Node) -> SurfaceMaterial:
    """What handles are made of."""
    kinds = ("metal", "dark", "wood", "plastic", "white", "paint", "ceramic")
    return node.world.materials.new(node.world.rng, node.world.pick(kinds, (8, 3, 2, 1, 1, 1, 1)))


def bar(node: Node, part: Part | None, length: float, material: SurfaceMaterial) -> None:
    """A round or square bar on two posts."""
    w = node.world
    thick, out = w.between(0.008, 0.02) * (1 + length), w.between(0.025, 0.055)
    inset = w.between(0.0, 0.18) * length
    if w.chance(0.55):
        node.add(tube([(-length / 2, -out, 0), (length / 2, -out, 0)], thick / 2, segments=10), material, part)
    else:
        node.add(box(length, thick * w.between(0.5, 1), thick, thick * 0.2).at(0, -out), material, part)
    post = w.tint(material) if w.chance(0.15) else material
    for x in (-length / 2 + inset + thick / 2, length / 2 - inset - thick / 2):
        if w.chance(0.7):
            node.add(cylinder(thick * 0.4, out, segments=10).at(x, 0, 0, OUTWARDS), post, part)
        else:
            node.add(box(thick, out, thick * 0.9, 0.002).at(x, -out / 2), post, part)


def arch(node: Node, part: Part | None, length: float, material: SurfaceMaterial) -> None:
    """A bow from one foot to the other."""
    w = node.world
    out, thick, power = w.between(0.02, 0.05), w.between(0.006, 0.014) * (1 + length), w.between(0.25, 1.0)
    t = np.linspace(0, np.pi, 15)
    path = np.stack([-np.cos(t) * length / 2, -out * np.sin(t) ** power, 0 * t], 1)
    swell = 1 + w.between(-0.3, 0.6) * np.sin(t)
    node.add(tube(path, thick / 2 * swell, w.between(0.4, 1.6), 10), material, part)
    if w.chance(0.4):
        for x in (-length / 2, length / 2):
            node.add(cylinder(thick, 0.004).at(x, 0, 0, OUTWARDS), material, part)


def knob(node: Node, part: Part | None, length: float, material: SurfaceMaterial) -> None:
    """A turned or square knob."""
    w = node.world
    radius = min(0.4 * length, w.between(0.012, 0.024))
    neck, out = w.between(0.35, 0.7) * radius, w.between(0.018, 0.036)
    style = int(w.rng.integers(5))
    if style == 0:
        profile = [
            (0, 0),
            (neck, 0),
            (neck, out * 0.5),
            (radius, out * 0.65),
            (radius, out * 0.9),
            (0.8 * radius, out),
            (0, out),
        ]
        node.add(lathe(profile, 18).at(turn=OUTWARDS), material, part)
    elif style == 1:
        node.add(cylinder(neck, out * 0.6).at(turn=OUTWARDS), material, part)
        node.add(ellipsoid(radius, radius * w.between(0.6, 1), radius).at(0, -out * 0.8), material, part)
    elif style == 2:
        node.add(cylinder(radius * w.between(0.6, 1), out, radius, 0.002).at(turn=OUTWARDS), material, part)
    elif style == 3:
        node.add(cylinder(neck, out * 0.5).at(turn=OUTWARDS), material, part)
        node.add(box(radius * 1.8, out * 0.5, radius * 1.8, 0.002).at(0, -out * 0.75), material, part)
    else:
        node.add(cylinder(neck * 0.7, out).at(turn=OUTWARDS), material, part)
        node.add(tube([(-radius * 1.6, -out, 0), (radius * 1.6, -out, 0)], neck * 0.8), material, part)
    if w.chance(0.3):
        node.add(cylinder(radius * 1.1, 0.003).at(turn=OUTWARDS), w.tint(material), part)


def cup(node: Node, part: Part | None, length: float, material: SurfaceMaterial) -> None:
    """A cup pull: half a shell, open below."""
    w = node.world
    length = min(length, w.between(0.07, 0.12))
    high, out = w.between(0.025, 0.045), w.between(0.02, 0.032)
    t = np.linspace(0, np.pi, 9)
    rows = []
    for s in np.linspace(0.02, 0.5, 5) * np.pi:
        rows.append(
            np.stack([-np.cos(t) * length / 2, -out * np.sin(t) * np.sin(s), high * np.sin(t) ** 0.5 * np.cos(s)], 1)
        )
    for upper, lower in pairwise(rows):
        node.add(tube((upper + lower) / 2, 0.009, 0.3, 6), material, part)
    node.add(box(length, 0.002, 0.008).at(0, -0.001, high), material, part)


def lip(node: Node, part: Part | None, length: float, material: SurfaceMaterial) -> None:
    """An edge pull: a thin angled strip."""
    w = node.world
    high, out = w.between(0.012, 0.03), w.between(0.012, 0.028)
    node.add(box(length, out, 0.004, 0.001).at(0, -out / 2, high / 2), material, part)
    node.add(box(length, 0.004, high, 0.001).at(0, -out, 0), material, part)


def recess(node: Node, part: Part | None, length: float, material: SurfaceMaterial) -> None:
    """A recessed grip: a dark hollow with a rim."""
    w = node.world
    length, high = min(length, w.between(0.08, 0.2)), w.between(0.025, 0.05)
    hollow = w.material("dark")
    rim = w.between(0.003, 0.008)
    if w.chance(0.7):
        node.add(box(length, 0.003, high, 0.001).at(0, -0.001), hollow, part)
        for z in (-high / 2, high / 2):
            node.add(box(length + 2 * rim, rim, rim, 0.001).at(0, -rim / 2, z), material, part)
        for x in (-length / 2, length / 2):
            node.add(box(rim, rim, high, 0.001).at(x, -rim / 2), material, part)
    else:
        node.add(cylinder(high * 0.7, 0.003).at(turn=OUTWARDS), hollow, part)
        node.add(ring(high * 0.7, rim * 0.7).at(0, -0.002), material, part)


def ring_pull(node: Node, part: Part | None, length: float, material: SurfaceMaterial) -> None:
    """A ring that hangs from a plate."""
    w = node.world
    radius = min(length * 0.4, w.between(0.02, 0.04))
    node.add(cylinder(radius * w.between(0.4, 0.7), 0.006, bevel=0.002).at(turn=OUTWARDS), material, part)
    node.add(ellipsoid(0.007, 0.012, 0.007, 10).at(0, -0.01), material, part)
    node.add(
        ring(radius, w.between(0.0025, 0.005)).at(0, -0.014, -radius * 0.95, turn_x(w.between(0, 15))), material, part
    )


def strap(node: Node, part: Part | None, length: float, material: SurfaceMaterial) -> None:
    """A leather or cloth loop."""
    w = node.world
    length = min(length, w.between(0.08, 0.16))
    cloth = w.material("fabric", "rubber", "wood")
    out = w.between(0.012, 0.04)
    path = curve([(-length / 2, -0.003, 0), (-length / 4, -out, 0), (length / 4, -out, 0), (length / 2, -0.003, 0)], 12)
    node.add(tube(path, w.between(0.008, 0.014), 0.2, 8), cloth, part)
    for x in (-length / 2, length / 2):
        node.add(cylinder(0.005, 0.006).at(x, 0, 0, OUTWARDS), material, part)


def loop(node: Node, part: Part | None, length: float, material: SurfaceMaterial) -> None:
    """A D-shaped wire or pipe."""
    w = node.world
    out, thick = w.between(0.03, 0.06), w.between(0.004, 0.012)
    bend = min(0.02, length * 0.2)
    half = length / 2
    path = curve(
        [
            (-half, 0, 0),
            (-half, -out + bend, 0),
            (-half + bend, -out, 0),
            (half - bend, -out, 0),
            (half, -out + bend, 0),
            (half, 0, 0),
        ],
        20,
    )
    node.add(tube(path, thick, 1, 8), material, part)


def blade(node: Node, part: Part | None, length: float, material: SurfaceMaterial) -> None:
    """A flat plate that stands out, or a plate with a cut outline."""
    w = node.world
    if w.chance(0.5):
        out = w.between(0.02, 0.04)
        node.add(box(length, out, w.between(0.004, 0.012), 0.002).at(0, -out / 2), material, part)
        return
    high, out = w.between(0.015, 0.035), w.between(0.02, 0.03)
    t = np.linspace(0, 2 * np.pi, 18, endpoint=False)
    outline = np.stack([np.cos(t) * length / 2, np.sin(t) * high / 2 * (1 + 0.3 * np.cos(2 * t))], 1)
    node.add(plate(outline, 0.006).at(0, -out), material, part)
    for x in (-length / 4, length / 4):
        node.add(cylinder(0.005, out).at(x, 0, 0, OUTWARDS), material, part)


def groove(node: Node, part: Part | None, length: float, material: SurfaceMaterial) -> None:
    """A long channel, as refrigerators and built-in doors have along an edge."""
    w = node.world
    high, lip_size = w.between(0.015, 0.04), w.between(0.006, 0.016)
    node.add(box(length, 0.002, high).at(0, -0.001), w.material("dark"), part)
    node.add(box(length, lip_size, lip_size * 0.6, 0.002).at(0, -lip_size / 2, -high / 2), material, part)


def bail(node: Node, part: Part | None, length: float, material: SurfaceMaterial) -> None:
    """A bow that hangs from two rosettes, as old chests have."""
    w = node.world
    length, drop, thick = min(length, w.between(0.07, 0.12)), w.between(0.02, 0.035), w.between(0.0025, 0.0045)
    for x in (-length / 2, length / 2):
        node.add(cylinder(w.between(0.008, 0.014), 0.004, bevel=0.001).at(x, 0, 0, OUTWARDS), material, part)
        node.add(cylinder(0.005, 0.016, segments=10).at(x, 0, 0, OUTWARDS), material, part)
    half, out = length / 2, -0.014
    path = [(-half, out, 0), (-half * 0.9, out - 0.004, -drop * 0.8), (0, out - 0.006, -drop)]
    path += [(half * 0.9, out - 0.004, -drop * 0.8), (half, out, 0)]
    node.add(tube(curve(path, 14), thick), material, part)
    if w.chance(0.4):
        node.add(plate(round_outline(length * 1.5, drop * 2.2, 2.5), 0.002).at(0, -0.001), w.tint(material), part)


def pillar(node: Node, part: Part | None, length: float, material: SurfaceMaterial) -> None:
    """A heavy bar that widens or bows, fixed at its ends."""
    w = node.world
    out, thick = w.between(0.02, 0.045), w.between(0.012, 0.022)
    t = np.linspace(-1, 1, 11)
    bow = out + w.between(0, 0.03) * (1 - t**2)
    path = np.stack([t * length / 2, -bow, 0 * t], 1)
    node.add(tube(path, thick * (1 + w.between(-0.4, 0.6) * t**2), w.between(0.4, 1), 10), material, part)
    for x in (-length / 2, length / 2):
        node.add(box(thick * 1.6, out, thick * 1.8, 0.004).at(x * 0.97, -out / 2), material, part)


HANDLES: dict[str, tuple[Maker, float, tuple[float, float]]] = {
    # name: maker, how often, length in meters
    "bar": (bar, 4.0, (0.09, 0.4)),
    "arch": (arch, 2.5, (0.08, 0.3)),
    "knob": (knob, 3.0, (0.04, 0.08)),
    "cup": (cup, 1.0, (0.07, 0.12)),
    "lip": (lip, 1.0, (0.05, 0.3)),
    "recess": (recess, 1.0, (0.08, 0.2)),
    "ring": (ring_pull, 0.8, (0.06, 0.1)),
    "strap": (strap, 0.5, (0.08, 0.16)),
    "loop": (loop, 1.5, (0.08, 0.3)),
    "blade": (blade, 0.8, (0.06, 0.2)),
    "groove": (groove, 0.7, (0.1, 0.6)),
    "bail": (bail, 0.8, (0.07, 0.12)),
    "pillar": (pillar, 1.0, (0.1, 0.5)),
}


class HandleStyle:
    """One kind, length and material of handle, for all the doors of a piece of furniture.

    Args:
        node: of the furniture; takes its random numbers.
        kinds: what to choose from; None for all.
        length: range in meters; None for what is usual.
    """

    def __init__(
        self, node: Node, kinds: tuple[str, ...] | None = None, length: tuple[float, float] | None = None
    ) -> None:
        w = node.world
        names = kinds or tuple(HANDLES)
        self.kind: str = w.pick(names, [HANDLES[name][1] for name in names])
        self.length = w.between(*(length or HANDLES[self.kind][2]))
        self.material = handle_material(node)

    def mount(self, node: Node, part: Part | None, max_length: float, vertical: bool) -> None:
        """Put one onto a node's surface, along its x or its z axis."""
        target = node.child(turn=VERTICAL) if vertical and self.kind not in ("knob", "ring", "cup", "bail") else node
        HANDLES[self.kind][0](target, part, max(0.02, min(self.length, max_length)), self.material)


def lever_handle(node: Node, part: Part | None, material: SurfaceMaterial, side: float) -> Node:
    """A room door's lever that points along x to `side` (-1 or 1); the node that turns."""
    w = node.world
    out, length, thick = w.between(0.045, 0.07), w.between(0.1, 0.14), w.between(0.007, 0.012)
    turning = node.child()
    turning.add(cylinder(thick, out, segments=12).at(turn=OUTWARDS), material, part)
    droop = w.between(-0.02, 0.01)
    path = [
        (0, -out, 0),
        (side * length * 0.3, -out - 0.003, 0),
        (side * length, -out + w.between(-0.005, 0.015), droop),
    ]
    turning.add(
        tube(curve(path, 10), thick * np.linspace(1.1, w.between(0.7, 1.2), 10), w.between(0.6, 1.3), 10),
        material,
        part,
    )
    return turning


def rose(node: Node, material: SurfaceMaterial) -> None:
    """The plate below a door's handle, with a keyhole or a lock: nothing to act on."""
    w = node.world
    if w.chance(0.5):
        node.add(cylinder(w.between(0.022, 0.032), 0.008, bevel=0.002).at(turn=OUTWARDS), material)
        if w.chance(0.6):
            node.add(cylinder(0.02, 0.008, bevel=0.002).at(0, 0, -w.between(0.06, 0.09), OUTWARDS), material)
    else:
        high = w.between(0.16, 0.24)
        node.add(box(0.045, 0.008, high, 0.003).at(0, -0.004, -high * 0.2), material)
        node.add(box(0.006, 0.003, 0.016).at(0, -0.009, -high * 0.45), w.material("dark"))
