"""Mechanisms in boxes of their own on a table: buttons, dials, levers, sliders, valves."""

from __future__ import annotations

import numpy as np

from hotspot_core.data.rendered.controls import mounted_button, pressed_part, rotary_knob, turning_part, valve_wheel
from hotspot_core.data.rendered.handles import OUTWARDS, handle_material
from hotspot_core.data.rendered.openings import label
from hotspot_core.data.rendered.poses import FACE_UP, turn_x, turn_y
from hotspot_core.data.rendered.registry import object_class
from hotspot_core.data.rendered.shapes import box, curve, cylinder, ellipsoid, lathe, tube
from hotspot_core.data.rendered.world import JointMotion, Node


def _console(node: Node, low: float = 0.08, high: float = 0.25) -> tuple[Node, float, float]:
    """A box with a free face up, in front, or tilted; the face's node, its width and height."""
    w = node.world
    width, depth, height = w.between(low, high), w.between(low, high), w.between(0.04, high)
    material = w.material("plastic", "metal", "paint", "wood", "white", "dark", "anything")
    node.add(box(width, depth, height, w.between(0.001, 0.02)).at(0, 0, height / 2), material)
    kind = w.pick(("top", "front", "post"))
    if kind == "top":
        return node.child(0, 0, height, FACE_UP), width, depth
    if kind == "front":
        return node.child(0, -depth / 2, height / 2), width, height
    tilt = w.between(20, 70)
    head = node.child(0, 0, height, turn_x(-tilt))
    head.add(box(width, 0.03, depth, 0.004).at(0, 0.0, depth / 2), material)
    return head.child(0, -0.015, depth / 2), width, depth


@object_class("table", ("any", "bench", "office"), 3)
def button_box(node: Node) -> None:
    """One to four push buttons on a box, up or in front."""
    w = node.world
    face, width, height = _console(node)
    count = int(w.pick((1, 1, 1, 2, 3, 4)))
    radius = min(w.between(0.012, 0.05), 0.35 * width / count, 0.35 * height)
    style = w.pick(("round", "round", "dome", "square"))
    for k in range(count):
        mounted_button(face.child((k - (count - 1) / 2) * width / count), "button box", radius, style)
    if w.chance(0.3):
        label(face.child(0, 0, height * 0.4), width * 0.5, height * 0.1)


@object_class("table", ("any", "bench"), 2)
def dial_box(node: Node) -> None:
    """One to three knobs on a box."""
    w = node.world
    face, width, height = _console(node)
    count, look = int(w.pick((1, 1, 2, 3))), int(w.rng.integers(2**31))
    for k in range(count):
        radius = min(w.between(0.018, 0.05), 0.35 * width / count, 0.4 * height)
        rotary_knob(face.child((k - (count - 1) / 2) * width / count), "dial box", look + k * w.chance(0.3), radius)
    if w.chance(0.4):
        label(face.child(0, 0, -height * 0.4), width * 0.6, height * 0.1)


@object_class("table", ("any", "bench"), 1.5)
def arm_dial(node: Node) -> None:
    """A dial with an arm or spokes on a post or box."""
    w = node.world
    face, _, _ = _console(node)
    turning = face.child()
    part = turning_part(turning, "dial", "dial", 2.5)
    material = handle_material(node)
    out, length = w.between(0.02, 0.06), w.between(0.03, 0.09)
    turning.add(cylinder(0.012, out).at(turn=OUTWARDS), material, part)
    spokes = int(w.pick((1, 2, 3)))
    start = w.between(0, 6.3)
    for k in range(spokes):
        angle = start + 2 * np.pi * k / spokes
        end = (length * np.cos(angle), -out, length * np.sin(angle))
        turning.add(tube([(0, -out, 0), end], w.between(0.006, 0.012)), material, part)
        if w.chance(0.5):
            turning.add(ellipsoid(0.014, 0.014, 0.014, 12).at(*end), w.material("plastic", "dark"), part)


@object_class("table", ("any", "bench"), 1.5)
def lever_box(node: Node) -> None:
    """A lever that is pulled: a bar with a grip, hinged at its foot."""
    w = node.world
    width, depth, height = w.between(0.06, 0.2), w.between(0.08, 0.2), w.between(0.05, 0.25)
    node.add(box(width, depth, height, 0.006).at(0, 0, height / 2), w.material("metal", "plastic", "wood", "paint"))
    on_side = w.chance(0.5)
    pivot = node.child(width / 2, 0, height * 0.7) if on_side else node.child(0, 0, height)
    lever = pivot.child(turn=turn_x(w.between(-40, 60)))
    joint = lever.hinge((1.0, 0, 0))
    part = lever.part("lever", "grip", ("pull",), ("rotate", "push", "slide", "lift", "press"))
    length, thick = w.between(0.1, 0.25), w.between(0.005, 0.012)
    steel = w.material("metal", "dark")
    x = 0.02 if on_side else 0.0
    if on_side:
        lever.add(cylinder(0.012, 0.03).at(-0.01, 0, 0, turn_y(90)), steel)
    lever.add(tube([(x, 0, 0), (x, 0, length)], thick), steel)
    grip = w.material("plastic", "rubber", "wood", "paint")
    if w.chance(0.5):
        lever.add(ellipsoid(0.02, 0.02, 0.022, 14).at(x, 0, length), grip, part)
    elif w.chance(0.5):
        lever.add(tube([(x, 0, length * 0.6), (x, 0, length)], thick * 1.8), grip, part)
    else:
        lever.add(tube([(x - 0.04, 0, length), (x + 0.04, 0, length)], thick * 1.4), grip, part)
    if part is not None:
        part.motions["pull"] = JointMotion(joint, 0.8)


@object_class("table", ("any", "bench"), 1.5)
def handle_press(node: Node) -> None:
    """A handle that is pressed down, on a hinged arm beside or on a box."""
    w = node.world
    width, depth, height = w.between(0.08, 0.2), w.between(0.1, 0.2), w.between(0.1, 0.25)
    material = w.material("metal", "plastic", "wood", "paint", "anything")
    node.add(box(width, depth, height, 0.006).at(0, 0, height / 2), material)
    arm = node.child(0, -depth / 2, height * w.between(0.5, 0.95))
    joint = arm.hinge((1.0, 0, 0), 0.0, (0, 0, 0))
    reach, wide = w.between(0.05, 0.12), w.between(0.05, 0.14)
    part = arm.part("handle press", "handle", ("press",), ("push", "pull", "lift", "slide"), (0, 0, 1.0), True)
    steel = w.material("metal", "dark", "plastic")
    for x in (-wide / 2, wide / 2):
        arm.add(tube([(x, 0, 0), (x, -reach, 0.01)], 0.006), steel)
    grip = w.material("plastic", "rubber", "metal", "paint")
    if w.chance(0.6):
        arm.add(
            tube([(-wide / 2 - 0.01, -reach, 0.01), (wide / 2 + 0.01, -reach, 0.01)], w.between(0.008, 0.016)),
            grip,
            part,
        )
    else:
        arm.add(box(wide + 0.02, 0.035, 0.014, 0.004).at(0, -reach, 0.01), grip, part)
    if part is not None:
        part.motions["press"] = JointMotion(joint, 0.5)


@object_class("table", ("any", "bench"), 2.5)
def slider_box(node: Node) -> None:
    """Sliders in slots, as mixers and old radios have."""
    w = node.world
    face, width, height = _console(node, 0.12, 0.3)
    count = int(w.pick((1, 1, 2, 3, 5)))
    upright = w.chance(0.5)
    length = (height if upright else width) * 0.7
    cap, slot = w.material("plastic", "metal", "dark", "white"), w.material("dark")
    wide = min(0.04, (width if upright else height) / count * 0.5)
    for k in range(count):
        shift = (k - (count - 1) / 2) * (width if upright else height) / count
        lane = face.child(shift, 0, 0, turn_y(90)) if upright else face.child(0, 0, shift)
        lane.add(box(length, 0.002, 0.006).at(0, -0.001), slot)
        at = w.between(-0.4, 0.4) * length
        knob = lane.child(at)
        joint = knob.slide((1.0, 0, 0))
        part = knob.part("slider", "slider", ("slide",), ("push", "pull"))
        knob.add(box(wide * w.between(0.4, 0.8), w.between(0.012, 0.03), wide, 0.003).at(0, -0.01), cap, part)
        if part is not None:
            part.motions["slide"] = JointMotion(joint, (-0.8 if at > 0 else 0.8) * length * 0.5)


@object_class("table", ("any", "bench"), 1)
def joystick(node: Node) -> None:
    """A stick on a base with buttons."""
    w = node.world
    width = w.between(0.1, 0.18)
    node.add(box(width, width, 0.04, 0.01).at(0, 0, 0.02), w.material("dark", "plastic"))
    part = node.part("joystick", "stick", ("hold",), ("push", "pull", "rotate", "press"))
    length = w.between(0.06, 0.14)
    node.add(
        tube(curve([(0, 0, 0.04), (0.005, 0, 0.04 + length / 2), (0, 0, 0.04 + length)], 8), w.between(0.008, 0.018)),
        w.material("dark", "plastic"),
        part,
    )
    mounted_button(node.child(width * 0.3, -width * 0.3, 0.04, FACE_UP), "joystick", 0.012, "round")


@object_class("table", ("any", "bench"), 1)
def valve_stand(node: Node) -> None:
    """A pipe with a hand wheel or a lever valve."""
    w = node.world
    pipe, high = w.material("metal", "paint", "dark"), w.between(0.06, 0.25)
    thick = w.between(0.012, 0.03)
    node.add(cylinder(thick * 2.5, 0.015), pipe)
    node.add(cylinder(thick, high), pipe)
    node.add(tube([(-0.12, 0, high), (0.12, 0, high)], thick), pipe)
    valve_wheel(
        node.child(0, -thick if w.chance(0.5) else 0, high, None if w.chance(0.5) else FACE_UP), w.between(0.03, 0.09)
    )


@object_class("table", ("any", "bench"), 1)
def emergency_stop(node: Node) -> None:
    """A mushroom button on a small box."""
    w = node.world
    side = w.between(0.06, 0.11)
    node.add(box(side, side, side * 0.6, 0.004).at(0, 0, side * 0.3), w.material("paint", "plastic", "dark"))
    face = node.child(0, 0, side * 0.6, FACE_UP)
    cap = face.child()
    part = pressed_part(cap, "emergency stop", "button", 0.01, disputed=("push", "rotate"))
    red = w.material("plastic", "paint")
    cap.add(cylinder(side * 0.2, 0.02).at(turn=OUTWARDS), red, part)
    cap.add(
        lathe([(0, 0), (side * 0.36, 0), (side * 0.36, 0.008), (side * 0.2, 0.018), (0, 0.02)]).at(
            0, -0.02, 0, OUTWARDS
        ),
        red,
        part,
    )
