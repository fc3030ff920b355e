"""Bathrooms: toilets, showers, rails, mirror cabinets, pedal bins."""

from __future__ import annotations

from hotspot_core.data.rendered.controls import mounted_button, turning_part
from hotspot_core.data.rendered.fittings import tap_handle
from hotspot_core.data.rendered.furniture import Fronts, fill_front
from hotspot_core.data.rendered.handles import OUTWARDS
from hotspot_core.data.rendered.openings import carcass, moved_part, opening_angle, set_motions
from hotspot_core.data.rendered.poses import FACE_UP, turn_x, turn_z
from hotspot_core.data.rendered.registry import object_class
from hotspot_core.data.rendered.shapes import box, cylinder, ellipsoid, lathe, ring, tube
from hotspot_core.data.rendered.world import JointMotion, Node


@object_class("wall", ("bathroom",), 1)
def shower(node: Node) -> None:
    """A mixer bar with two knobs or a plate with a lever, and a hand shower, which is held."""
    w = node.world
    material = w.material("metal", "metal", "dark", "white")
    if w.chance(0.5):
        node.add(tube([(-0.13, -0.05, 0), (0.13, -0.05, 0)], 0.02), material)
        for side in (-1, 1):
            end = node.child(side * 0.13, -0.05, 0, turn_z(90 * side))
            turning = end.child()
            part = turning_part(turning, "shower", "knob")
            turning.add(cylinder(0.024, 0.05, bevel=0.004).at(turn=OUTWARDS), material, part)
    else:
        node.add(cylinder(0.07, 0.01, bevel=0.003).at(turn=OUTWARDS), material)
        tap_handle(node.child(0, -0.01), material, True)
    node.add(tube([(0.2, -0.04, 0.1), (0.2, -0.04, 0.8)], 0.01), material)
    head = node.part("shower", "hand shower", ("hold", "lift"), ("pull",))
    node.add(tube([(0.2, -0.06, 0.45), (0.2, -0.1, 0.68)], 0.012), material, head)
    node.add(cylinder(0.045, 0.02).at(0.2, -0.1, 0.7, turn_x(70)), material, head)


@object_class("floor", ("bathroom",), 2)
def toilet(node: Node) -> None:
    """A toilet: lid up or down, seat, flush buttons or a lever."""
    w = node.world
    ware = w.material("white", "white", "ceramic")
    width, depth, high = w.between(0.34, 0.4), w.between(0.42, 0.5), w.between(0.36, 0.42)
    bowl = node.child(0, depth / 2, 0)
    bowl.add(
        lathe([(0, 0), (0.4, 0), (0.36, 0.3), (0.5, 0.9), (0.5, 1.0), (0, 1.0)], 28).scaled(width, depth, high), ware
    )
    bowl.add(cylinder(0.38, 0.004, segments=28).scaled(width, depth, 1).at(0, 0, high), w.material("dark", "white"))
    tank_high = w.between(0.3, 0.4)
    tank = node.child(0, depth + 0.08, high - 0.05)
    tank.add(box(width * 1.1, 0.18, tank_high, 0.02).at(0, 0, tank_high / 2), ware)
    if w.chance(0.6):
        spot = tank.child(0, 0, tank_high, FACE_UP) if w.chance(0.6) else tank.child(0, -0.09, tank_high * 0.85)
        for x in (-0.022, 0.022) if w.chance(0.5) else (0.0,):
            mounted_button(spot.child(x), "toilet", 0.02, w.pick(("round", "square")))
    else:
        lever = tank.child(-width * 0.4, -0.09, tank_high * 0.85)
        joint = lever.hinge((0, -1.0, 0))
        part = lever.part("toilet", "flush lever", ("press",), ("push", "rotate", "pull"), press=True)
        lever.add(tube([(0, -0.015, 0), (0.08, -0.02, -0.005)], 0.008), w.material("metal", "white"), part)
        if part is not None:
            part.motions["press"] = JointMotion(joint, -0.4)
    lid = node.child(0, depth, high + 0.015)
    angle = w.between(1.4, 1.8) if w.chance(0.45) else 0.0
    joint = lid.hinge((-1.0, 0, 0), angle)
    cover = w.material("white", "white", "wood", "plastic", "dark")
    part = moved_part(lid, "toilet", "lid", True, 1.0) if angle else None
    lid.add(cylinder(0.5, 0.02, 0.48).scaled(width, depth, 1).at(0, -depth / 2), cover, part)
    set_motions(part, joint, angle > 0, 1.6)
    if not angle:
        edge = lid.part("toilet", "lid edge", ("open", "lift"), (), (0, -1.0, 0))
        lid.add(box(width * 0.35, 0.012, 0.02, 0.004).at(0, -depth - 0.002, 0.008), cover, edge)
        if edge is not None:
            edge.motions = {name: JointMotion(joint, 1.5) for name in ("open", "lift")}
    else:
        seat = node.child(0, depth / 2, high + 0.01, turn_x(90))
        seat.add(ring(0.42, 0.05, 28).scaled(width, 0.5, depth), cover)


@object_class("wall", ("bathroom",), 1.2)
def towel_rail(node: Node) -> None:
    """A rail with a towel, a grab bar or a paper roll holder. The bar is held."""
    w = node.world
    material, length = w.material("metal", "white", "dark", "wood"), w.between(0.2, 0.6)
    grab = w.chance(0.35)
    part = node.part("grab bar", "bar", ("hold",), ("pull", "push", "lift")) if grab else None
    node.add(tube([(-length / 2, -0.06, 0), (length / 2, -0.06, 0)], 0.015 if grab else 0.008), material, part)
    for x in (-length / 2, length / 2):
        node.add(cylinder(0.012, 0.06).at(x, 0, 0, OUTWARDS), material)
    if not grab:
        wide, high = w.between(0.15, length), w.between(0.2, 0.5)
        node.add(box(wide, 0.03, high, 0.01).at(0, -0.06, -high / 2 + 0.015), w.material("fabric"))


@object_class("wall", ("bathroom",), 1)
def mirror_cabinet(node: Node) -> None:
    """A cabinet with mirror doors, or a plain mirror."""
    w = node.world
    width, height = w.between(0.4, 0.9), w.between(0.4, 0.8)
    if w.chance(0.4):
        node.add(box(width, 0.02, height, 0.004).at(0, -0.01), w.material("wood", "metal", "white"))
        node.add(box(width * 0.93, 0.004, height * 0.93).at(0, -0.022), w.material("metal", "white"))
        return
    body = node.child(0, -0.14, -height / 2)
    fronts = Fronts(node)
    carcass(body, width, height, 0.14, fronts.body, 2)
    fill_front(body, width, height, 0.14, fronts, "mirror cabinet", w.pick(("door", "doors")))


@object_class("floor", ("bathroom",), 1)
def bin_pedal(node: Node) -> None:
    """A pedal bin: the pedal is pressed, the lid opened."""
    w = node.world
    radius, high = w.between(0.1, 0.16), w.between(0.25, 0.6)
    material = w.material("metal", "white", "dark", "paint")
    node.add(cylinder(radius, high, bevel=0.005), material)
    pedal = node.child(0, -radius, 0.03)
    joint = pedal.hinge((1.0, 0, 0))
    part = pedal.part("bin", "pedal", ("press",), ("push",), (0, 0, 1.0), True)
    pedal.add(box(0.07, 0.06, 0.012, 0.003).at(0, -0.03), w.material("dark", "metal", "plastic"), part)
    if part is not None:
        part.motions["press"] = JointMotion(joint, 0.3)
    lid = node.child(0, 0, high)
    angle = opening_angle(node, 1.4, 0.3)
    hinge = lid.hinge((-1.0, 0, 0), angle, (0, radius, 0))
    cover = (
        moved_part(lid, "bin", "lid", True, 1.0)
        if angle
        else lid.part("bin", "lid", ("open", "lift"), ("press", "rotate"), (0, 0, 1.0))
    )
    lid.add(ellipsoid(radius * 1.02, radius * 1.02, radius * 0.3), w.tint(material), cover)
    set_motions(cover, hinge, angle > 0, 1.3)
    if cover is not None and not angle:
        cover.motions["lift"] = JointMotion(hinge, 1.3)
