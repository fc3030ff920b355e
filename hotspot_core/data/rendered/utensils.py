"""Knives, cooking utensils, scissors, irons: handles that are held and lifted."""

from __future__ import annotations

import numpy as np

from hotspot_core.data.rendered.controls import rotary_knob
from hotspot_core.data.rendered.poses import FACE_UP, turn_x, turn_z
from hotspot_core.data.rendered.registry import object_class
from hotspot_core.data.rendered.shapes import box, curve, cylinder, ellipsoid, ring, tube
from hotspot_core.data.rendered.tools import flat, grip, grip_material, tool_node
from hotspot_core.data.rendered.world import Node


@object_class("table", ("kitchen", "bench", "any"), 2)
def knife(node: Node) -> None:
    """A knife or cleaver."""
    w = node.world
    inner, part = tool_node(node, "knife")
    high = grip(inner, part, w.between(0.08, 0.13), w.between(0.008, 0.013))
    length, wide = w.between(0.08, 0.24), w.between(0.015, 0.06)
    tip = w.between(0.3, 0.9)
    outline = [
        (0, -wide * 0.3),
        (length * tip, -wide * 0.3),
        (length, wide * w.between(-0.3, 0.5)),
        (length * 0.95, wide * 0.6),
        (0, wide * 0.6),
    ]
    inner.add(flat(outline, 0.0025).at(0, 0, high), w.material("metal", "metal", "dark", "ceramic"))


@object_class("table", ("kitchen", "any"), 2.5)
def spatula(node: Node) -> None:
    """A spatula, ladle, spoon, fork, whisk or brush."""
    w = node.world
    inner, part = tool_node(node, "utensil")
    length, thick = w.between(0.1, 0.2), w.between(0.004, 0.011)
    high = grip(inner, part, length, thick)
    head, neck = w.material("metal", "plastic", "wood", "dark"), w.between(0.02, 0.09)
    inner.add(tube([(0, 0, high), (neck, 0, high)], thick * 0.5), head)
    kind = w.pick(("blade", "spoon", "fork", "whisk", "brush"))
    tip = inner.child(neck, 0, high)
    if kind == "blade":
        long, wide = w.between(0.05, 0.11), w.between(0.04, 0.08)
        tip.add(
            flat(
                [
                    (0, -wide * 0.3),
                    (long * 0.3, -wide / 2),
                    (long, -wide / 2),
                    (long, wide / 2),
                    (long * 0.3, wide / 2),
                    (0, wide * 0.3),
                ],
                0.003,
            ),
            head,
        )
    elif kind == "spoon":
        size = w.between(0.02, 0.045)
        tip.add(ellipsoid(size * 1.3, size, size * 0.4).at(size * 1.2), head)
    elif kind == "fork":
        for y in np.linspace(-0.012, 0.012, int(w.rng.integers(2, 5))):
            tip.add(tube([(0, y * 0.5, 0), (0.015, y, 0), (0.06, y, 0.004)], 0.0018, segments=6), head)
    elif kind == "whisk":
        for angle in np.linspace(0, 180, 5):
            bow = curve([(0, 0, 0), (0.06, 0.03, 0), (0.11, 0, 0), (0.06, -0.03, 0), (0, 0, 0)], 14)
            tip.add(tube(bow, 0.0014, segments=5).at(turn=turn_x(angle)), head)
    else:
        tip.add(box(w.between(0.04, 0.1), 0.03, 0.012, 0.003).at(0.04), head)
        tip.add(box(0.06, 0.026, 0.025).at(0.04, 0, -0.014 if w.chance(0.3) else 0.014), w.material("fabric"))


@object_class("table", ("bench", "office", "kitchen", "any"), 1.5)
def scissors(node: Node) -> None:
    """Scissors or pliers: the bows are held."""
    w = node.world
    inner, part = tool_node(node, "scissors")
    spread, long, high = w.between(6, 25), w.between(0.05, 0.12), 0.008
    steel, bow = w.material("metal"), w.material("plastic", "dark", "paint", "rubber")
    pliers = w.chance(0.4)
    for side in (-1, 1):
        half = inner.child(0, 0, high, turn_z(side * spread))
        wide = w.between(0.006, 0.012)
        half.add(flat([(0, -wide), (long, -0.001), (long, 0.001), (0, wide)], 0.004 if not pliers else 0.012), steel)
        if pliers:
            path = curve([(-0.005, 0, 0), (-long * 0.5, side * -0.012, 0), (-long * 1.2, side * -0.004, 0)], 10)
            half.add(tube(path, 0.008, 0.8), bow, part)
        else:
            radius = w.between(0.016, 0.026)
            half.add(box(long * 0.5, wide * 1.2, 0.005).at(-long * 0.25), steel)
            loop = (
                ring(radius, 0.0045)
                .scaled(w.between(1, 1.5), 1, 1)
                .at(-long * 0.5 - radius, side * -0.004, 0, turn_x(90))
            )
            half.add(loop, bow, part)
    inner.add(cylinder(0.006, 0.012).at(0, 0, 0.002), steel)


@object_class("table", ("any", "bathroom", "living"), 1)
def iron(node: Node) -> None:
    """A flat iron: its grip is held and lifted, its dial turned."""
    w = node.world
    inner, part = tool_node(node, "iron")
    length, wide = w.between(0.2, 0.26), w.between(0.1, 0.12)
    outline = [
        (-length / 2, -wide / 2),
        (0, -wide / 2),
        (length * 0.35, -wide * 0.3),
        (length / 2, 0),
        (length * 0.35, wide * 0.3),
        (0, wide / 2),
        (-length / 2, wide / 2),
    ]
    inner.add(flat(outline, 0.008).at(0, 0, 0.004), w.material("metal"))
    body = w.material("plastic", "white", "paint", "dark")
    inner.add(flat(np.array(outline) * 0.9, 0.045).at(0, 0, 0.03), body)
    top = curve(
        [
            (-length * 0.4, 0, 0.05),
            (-length * 0.38, 0, 0.11),
            (0, 0, 0.125),
            (length * 0.25, 0, 0.1),
            (length * 0.28, 0, 0.05),
        ],
        16,
    )
    inner.add(tube(top, w.between(0.012, 0.017)), grip_material(node), part)
    rotary_knob(inner.child(-0.02, 0, 0.053, FACE_UP), "iron", int(w.rng.integers(2**31)), 0.02)
