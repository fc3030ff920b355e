"""Room doors and sliding doors with what is on them."""

from __future__ import annotations

from hotspot_core.data.rendered.controls import turning_part
from hotspot_core.data.rendered.handles import HANDLES, OUTWARDS, HandleStyle, handle_material, lever_handle, rose
from hotspot_core.data.rendered.materials import SurfaceMaterial
from hotspot_core.data.rendered.openings import (
    FACE_STYLES,
    face,
    label,
    moved_part,
    opening_angle,
    set_motions,
    sliding,
)
from hotspot_core.data.rendered.registry import object_class
from hotspot_core.data.rendered.shapes import box, cylinder, ellipsoid, lathe, ring, tube
from hotspot_core.data.rendered.world import Joint, JointMotion, Node

ROOMS = ("any", "living", "office", "bathroom", "hall")


def frame(node: Node, width: float, height: float, material: SurfaceMaterial) -> None:
    """A door's or window's frame on the wall around the origin."""
    border = node.world.between(0.04, 0.1)
    for x in (-1, 1):
        node.add(box(border, 0.05, height + border, 0.004).at(x * (width + border) / 2, -0.005, border / 2), material)
    node.add(box(width + 2 * border, 0.05, border, 0.004).at(0, -0.005, (height + border) / 2), material)


def door_hardware(leaf: Node, x: float, side: float, joint: Joint, is_open: bool, farthest: float) -> None:
    """Lever, knob, bar, pull or push plate near a leaf's free edge; `side` is where its hinges are (-1 or 1)."""
    w = leaf.world
    material = handle_material(leaf)
    z = w.between(-0.12, 0.05)
    kind = w.pick(("lever", "knob", "bar", "pull", "plate", "panic bar", "ring"), (5, 3, 2, 1.5, 1, 0.6, 0.4))
    spot = leaf.child(x, 0, z)
    turn = () if is_open else ("rotate",)
    if kind in ("plate", "panic bar"):
        actions = ("close", "push") if is_open else ("open", "push")
        part = leaf.part("door", kind, actions, ("press", "pull"))
        if kind == "plate":
            spot.add(box(w.between(0.07, 0.1), 0.004, w.between(0.2, 0.35), 0.001).at(0, -0.002), material, part)
        else:
            for end in (-0.3, 0.3):
                leaf.add(box(0.05, 0.08, 0.06, 0.004).at(end, -0.04, z), material)
            leaf.add(tube([(-0.3, -0.08, z), (0.3, -0.08, z)], 0.016), material, part)
        if part is not None:
            part.motions = {name: JointMotion(joint, 0.0 if is_open else -0.8) for name in actions}
        return
    handle = leaf if kind not in ("lever", "knob") else spot
    if is_open:
        part = handle.part("door", f"door {kind}", ("close", "push"), ("open", "pull", "rotate"))
    else:
        part = handle.part(
            "door",
            f"door {kind}",
            ("open", "pull", *(turn if kind in ("lever", "knob") else ())),
            ("press",) if kind == "lever" else (),
        )
    set_motions(part, joint, is_open, farthest)
    if kind in ("lever", "knob") and w.chance(0.2):
        key_in_lock(spot.child(0, -0.008, -w.between(0.06, 0.12)))
    if kind == "lever":
        rose(spot, material)
        turning = lever_handle(spot, part, material, side)
        if part is not None and not is_open:
            part.motions["rotate"] = JointMotion(turning.hinge((0, -1.0, 0)), -0.6 * side)
    elif kind == "knob":
        rose(spot, material)
        turning = spot.child()
        if part is not None and not is_open:
            part.motions["rotate"] = JointMotion(turning.hinge((0, -1.0, 0)), 0.9)
        turning.add(cylinder(0.014, 0.04).at(turn=OUTWARDS), material, part)
        radius = w.between(0.024, 0.034)
        if w.chance(0.6):
            turning.add(ellipsoid(radius, radius * 0.75, radius).at(0, -0.055), material, part)
        else:
            turning.add(
                lathe([(0, 0), (radius * 0.7, 0), (radius, 0.02), (radius * 0.9, 0.03), (0, 0.033)]).at(
                    0, -0.035, 0, OUTWARDS
                ),
                material,
                part,
            )
    elif kind == "ring":
        HANDLES["ring"][0](spot, part, w.between(0.1, 0.16), material)
    else:
        style = HandleStyle(
            leaf,
            ("bar", "arch", "loop") if kind == "bar" else ("loop", "arch", "recess", "blade", "bar"),
            (0.3, 0.9) if kind == "bar" else (0.12, 0.25),
        )
        style.mount(leaf.child(x, 0, z), part, 1.0, True)


@object_class("wall", ROOMS, 0)
def door(node: Node) -> None:
    """A room or house door in its frame, 2 m high, centered on the origin; placed by the scenes with doors."""
    w = node.world
    double = w.chance(0.2)
    width, height = w.between(0.7, 1.0), w.between(1.9, 2.15)
    material = w.material("wood", "paint", "white", "metal", "glass", "anything")
    frame(node, width * (2 if double else 1), height, w.material("wood", "white", "paint", "metal"))
    style = w.pick(FACE_STYLES, (4, 3, 2, 1, 2, 1, 1))
    farthest = 1.6
    for side, x in ((-1, -width / 2), (1, width / 2)) if double else ((w.pick((-1, 1)), 0.0),):
        leaf = node.child(x, -0.015)
        angle = opening_angle(node, 1.4, 0.3)
        joint = leaf.hinge((0.0, 0.0, float(side)), angle, (side * width / 2, 0.0, 0.0))
        is_open = angle > 0
        panel = moved_part(leaf, "door", "panel", True, angle / farthest) if is_open else None
        face(leaf, width - 0.006, height - 0.006, 0.04, material, style, panel)
        set_motions(panel, joint, is_open, farthest)
        edge = -side * (width / 2 - w.between(0.05, 0.08))
        door_hardware(leaf, edge, side, joint, is_open, farthest)
        door_hard_negatives(leaf, width, height, side, edge)


def key_in_lock(node: Node) -> None:
    """A key that is turned, with a ring or a tag."""
    w = node.world
    turning = node.child()
    part = turning_part(turning, "door", "key", 1.6, ("pull",))
    metal = w.material("metal")
    node.add(cylinder(0.014, 0.004, bevel=0.001).at(turn=OUTWARDS), metal)
    turning.add(cylinder(0.003, 0.03, segments=8).at(turn=OUTWARDS), metal, part)
    turning.add(box(w.between(0.004, 0.007), 0.024, w.between(0.018, 0.028), 0.003).at(0, -0.035), w.tint(metal), part)
    if w.chance(0.4):
        node.add(ring(0.014, 0.0015).at(0, -0.036, -0.02), metal)
        node.add(box(0.02, 0.004, 0.035, 0.001).at(0, -0.036, -0.045), w.material("plastic", "paint"))


def door_hard_negatives(leaf: Node, width: float, height: float, side: float, edge: float) -> None:
    """Hinges, locks, letter slots, knockers, numbers, peepholes, kick plates, vents: what affords nothing."""
    w = leaf.world
    metal = w.material("metal", "dark", "white")
    if w.chance(0.6):
        for z in (-0.38, 0.38):
            leaf.add(cylinder(0.01, 0.09).at(side * width / 2, -0.006, z * height - 0.045), metal)
    if w.chance(0.3):
        leaf.add(cylinder(0.025, 0.012, bevel=0.003).at(edge, 0, w.between(0.1, 0.2), OUTWARDS), metal)
    if w.chance(0.25):
        slot = leaf.child(0, -0.006, w.between(-0.4, 0.1))
        slot.add(box(0.25, 0.012, 0.06, 0.003), metal)
        slot.add(box(0.2, 0.004, 0.025).at(0, -0.007), w.material("dark", "metal"))
    if w.chance(0.12):
        leaf.add(
            ring(w.between(0.04, 0.2), w.between(0.005, 0.03)).at(0, -0.02, w.between(0.3, 0.5)),
            w.material("metal", "fabric", "wood"),
        )
    if w.chance(0.2):
        leaf.add(cylinder(0.01, 0.01).at(0, 0, height * 0.28, OUTWARDS), metal)
    if w.chance(0.25):
        label(leaf.child(w.between(-0.15, 0.15), 0, w.between(0.2, 0.6)), w.between(0.08, 0.3), w.between(0.05, 0.2))
    if w.chance(0.15):
        leaf.add(box(width * 0.9, 0.004, 0.2).at(0, -0.002, -height * 0.42), metal)
    if w.chance(0.12):
        for k in range(6):
            leaf.add(box(width * 0.5, 0.012, 0.012).at(0, -0.004, -height * 0.35 + 0.025 * k), metal)


@object_class("wall", ("any", "living", "hall", "office"), 0)
def sliding_door(node: Node) -> None:
    """A sliding or barn door on a rail, 2 m high; placed by the scenes with doors."""
    w = node.world
    width, height = w.between(0.7, 1.1), w.between(1.9, 2.1)
    material = w.material("wood", "paint", "white", "glass", "metal")
    node.add(box(width, 0.004, height).at(0, -0.002), w.material("dark", "wall", "paint"))
    node.add(box(width * 2.2, 0.02, 0.04).at(0, -0.05, height / 2 + 0.05), w.material("metal", "dark", "wood"))
    side = w.pick((-1.0, 1.0))
    opened = w.between(0.2, 0.8) * width if w.chance(0.35) else 0.0
    sliding(
        node.child(0, -0.04),
        "sliding door",
        width,
        height,
        material,
        HandleStyle(node, ("bar", "recess", "loop", "arch", "blade"), (0.12, 0.6)),
        side,
        opened,
        width * 0.9,
        w.pick(FACE_STYLES),
    )
