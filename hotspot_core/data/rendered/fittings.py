"""Taps, sinks, showers, toilets: what water comes from and goes to."""

from __future__ import annotations

import numpy as np

from hotspot_core.data.rendered.controls import turning_part, valve_wheel
from hotspot_core.data.rendered.furniture import Fronts, fill_front
from hotspot_core.data.rendered.handles import OUTWARDS
from hotspot_core.data.rendered.materials import SurfaceMaterial
from hotspot_core.data.rendered.openings import carcass
from hotspot_core.data.rendered.plates import plate
from hotspot_core.data.rendered.poses import FACE_UP, turn_y, turn_z
from hotspot_core.data.rendered.registry import object_class
from hotspot_core.data.rendered.shapes import box, curve, cylinder, lathe, tube
from hotspot_core.data.rendered.vessels import wall_profile
from hotspot_core.data.rendered.world import JointMotion, Node


def tap_handle(node: Node, material: SurfaceMaterial, lever: bool) -> None:
    """What is turned on a tap; outwards is -y."""
    w = node.world
    turning = node.child(turn=turn_y(w.between(-60, 60)))
    if lever:
        joint = turning.hinge((1.0, 0, 0), 0.0)
        spin = turning.hinge((0, -1.0, 0), 0.0)
        part = turning.part("tap", "lever", ("rotate", "lift"), ("push", "pull", "open", "close"))
        if part is not None:
            part.motions = {"rotate": JointMotion(spin, w.pick((-0.7, 0.7))), "lift": JointMotion(joint, -0.5)}
        length, out = w.between(0.05, 0.12), w.between(0.02, 0.04)
        turning.add(cylinder(0.018, out, 0.014, 0.004).at(turn=OUTWARDS), material, part)
        end = (0, -out - w.between(0, 0.04), -length) if w.chance(0.5) else (0, -out - w.between(0, 0.02), length)
        turning.add(
            tube(
                curve([(0, -out * 0.9, 0), tuple(0.5 * np.array(end) + [0, -0.012, 0]), end], 8),
                np.linspace(0.01, w.between(0.004, 0.009), 8),
                w.between(0.4, 1.3),
            ),
            material,
            part,
        )
        return
    part = turning_part(turning, "tap", "handle", 2.0, ("open", "close"))
    radius, out = w.between(0.018, 0.032), w.between(0.025, 0.045)
    turning.add(cylinder(radius * 0.5, out).at(turn=OUTWARDS), material, part)
    kind = w.pick(("cross", "disc", "lobed", "stick"))
    if kind == "cross":
        for angle in (0, 90):
            turning.add(
                tube([(-radius * 1.3, -out, 0), (radius * 1.3, -out, 0)], radius * 0.28).at(turn=turn_y(angle)),
                material,
                part,
            )
    elif kind == "disc":
        turning.add(cylinder(radius, out * 0.6, radius * 0.9, 0.003).at(0, -out * 0.5, 0, OUTWARDS), material, part)
    elif kind == "lobed":
        t = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        wave = radius * (1 + 0.18 * np.cos(int(w.rng.integers(3, 6)) * t))
        turning.add(plate(np.stack([wave * np.cos(t), wave * np.sin(t)], 1), out * 0.5).at(0, -out), material, part)
    else:
        turning.add(tube([(0, -out, 0), (radius * 2.5, -out, 0)], radius * 0.3), material, part)


def tap_on(node: Node, reach: float = 0.15) -> None:
    """A tap that stands on a deck at the node's origin, its spout towards -y; all usual kinds."""
    w = node.world
    material = w.material("metal", "metal", "metal", "dark", "white", "paint")
    high = w.between(0.08, 0.36)
    thick = w.between(0.009, 0.017)
    if w.chance(0.6):
        spout = curve(
            [
                (0, 0, 0),
                (0, 0, high * 0.75),
                (0, -reach * 0.4, high),
                (0, -reach * 0.9, high * 0.95),
                (0, -reach, high * w.between(0.6, 0.85)),
            ],
            18,
        )
    else:
        spout = np.array(
            [(0, 0, 0), (0, 0, high * 0.8), (0, -reach, high * w.between(0.8, 1.0)), (0, -reach, high * 0.72)]
        )
    node.add(tube(spout, thick), material)
    node.add(cylinder(thick * 2, 0.012, bevel=0.003), material)
    kind = w.pick(("two", "side", "top", "front"))
    if kind == "two":
        lever, apart = w.chance(0.4), w.between(0.07, 0.12)
        for x in (-apart, apart):
            post = node.child(x)
            post.add(cylinder(0.018, 0.03, 0.014), material)
            tap_handle(post.child(0, 0, 0.03, FACE_UP), material, lever)
    elif kind == "side":
        tap_handle(
            node.child(w.pick((-1, 1)) * thick, 0, high * w.between(0.2, 0.5), turn_z(90)), material, w.chance(0.7)
        )
    elif kind == "top":
        node.add(cylinder(thick * 1.5, high * 0.4), material)
        top = node.child(0, 0.03 if w.chance(0.5) else 0, high * w.between(0.4, 1.02), FACE_UP)
        tap_handle(top, material, w.chance(0.75))
    else:
        tap_handle(node.child(0, -thick, high * 0.3), material, False)


@object_class("table", ("any", "bench"), 2)
def tap_stand(node: Node) -> None:
    """A tap on a plain foot, as test benches have."""
    w = node.world
    side = w.between(0.08, 0.2)
    if w.chance(0.7):
        node.add(box(side, side, 0.03, 0.004).at(0, 0, 0.015), w.material("metal", "stone", "wood", "plastic", "dark"))
    tap_on(node.child(0, 0, 0.03, turn_z(w.between(-70, 70))), w.between(0.08, 0.2))


def basin(node: Node, width: float, depth: float, material: SurfaceMaterial) -> None:
    """A sink let into a counter: walls and a floor below z = 0, a rim above it."""
    low = node.world.between(0.1, 0.18)
    node.add(box(width, depth, 0.004).at(0, 0, -low), material)
    for side in (-1, 1):
        node.add(box(0.012, depth, low + 0.006).at(side * width / 2, 0, -low / 2), material)
        node.add(box(width, 0.012, low + 0.006).at(0, side * depth / 2, -low / 2), material)
    node.add(cylinder(0.025, 0.004).at(0, 0, -low), node.world.material("dark", "metal"))


@object_class("floor", ("kitchen", "bathroom"), 2.5)
def sink_unit(node: Node) -> None:
    """A cupboard with a basin and a tap."""
    w = node.world
    fronts, top = Fronts(node), w.material("stone", "wood", "metal", "white", "tile")
    sink_in(node, w.between(0.5, 1.1), w.between(0.72, 0.95), w.between(0.4, 0.65), fronts, top)


def sink_in(node: Node, width: float, height: float, depth: float, fronts: Fronts, top: SurfaceMaterial) -> None:
    """A cupboard with its front at y = 0 that carries a basin and a tap."""
    w = node.world
    carcass(node, width, height, depth, fronts.body)
    fill_front(node, width, height, depth, fronts, "sink cabinet", w.pick(("door", "doors", "drawers", "mixed")))
    wide, deep = min(0.55, width * 0.75), depth * 0.58
    ware = w.material("metal", "ceramic", "white")
    y0, high = depth * 0.43, height + 0.015
    if w.chance(0.7):
        for side in (-1, 1):
            edge = (width - wide) / 2
            node.add(box(edge, depth + 0.03, 0.03, 0.004).at(side * (width - edge) / 2, depth / 2 - 0.015, high), top)
        for low, up in ((-0.03, y0 - deep / 2), (y0 + deep / 2, depth)):
            node.add(box(wide, up - low, 0.03).at(0, (low + up) / 2, high), top)
        basin(node.child(0, y0, high + 0.015), wide, deep, ware)
    else:
        node.add(box(width, depth + 0.03, 0.03, 0.004).at(0, depth / 2 - 0.015, high), top)
        radius = deep * 0.55
        node.add(
            lathe(wall_profile([(radius * 0.6, 0), (radius, 0.06), (radius, 0.12)], 0.01)).at(0, y0, high + 0.015), ware
        )
    tap_on(node.child(0, depth * 0.88, high + 0.015), depth * 0.35)
    for side in (-1, 1):
        node.child(side * (width + wide) / 4, depth / 2, high + 0.016).surface((width - wide) / 2, depth * 0.7, 0.4)


@object_class("wall", ("bathroom", "bench", "any"), 1.2)
def wall_tap(node: Node) -> None:
    """A tap that comes out of a wall; a garden tap."""
    w = node.world
    material = w.material("metal", "dark", "metal", "paint")
    reach = w.between(0.08, 0.2)
    node.add(tube(curve([(0, 0, 0), (0, -reach * 0.8, 0), (0, -reach, -0.05)], 10), w.between(0.009, 0.014)), material)
    node.add(cylinder(0.03, 0.008).at(turn=OUTWARDS), material)
    kind = w.pick(("sides", "top", "wheel"))
    if kind == "sides":
        lever = w.chance(0.3)
        for x in (-0.09, 0.09):
            tap_handle(node.child(x), material, lever)
    elif kind == "top":
        tap_handle(node.child(0, -reach * 0.4, 0.01, FACE_UP), material, w.chance(0.6))
    else:
        valve_wheel(node.child(0, -reach * 0.4, 0.01, FACE_UP), w.between(0.02, 0.035))
