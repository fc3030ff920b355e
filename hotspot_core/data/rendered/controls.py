"""Knobs, dials, buttons, switches, levers, sliders, valves: on machines, on walls and in boxes of their own."""

from __future__ import annotations

import numpy as np

from hotspot_core.data.rendered.handles import HANDLES, OUTWARDS, handle_material, round_outline
from hotspot_core.data.rendered.openings import label
from hotspot_core.data.rendered.registry import object_class
from hotspot_core.data.rendered.shapes import (
    FACE_UP,
    box,
    curve,
    cylinder,
    ellipsoid,
    lathe,
    picture,
    plate,
    ring,
    tube,
    turn_x,
    turn_y,
    turn_z,
)
from hotspot_core.data.rendered.world import Motion, Node, Part


def turning_part(
    node: Node, object_name: str, name: str = "knob", farthest: float = 1.6, disputed: tuple[str, ...] = ()
) -> Part | None:
    """A part that turns with its node about the outward axis."""
    joint = node.hinge((0, -1.0, 0), 0.0)
    part = node.part(object_name, name, ("rotate",), disputed)
    if part is not None:
        sign = -1 if node.world.chance(0.3) else 1
        part.motions["rotate"] = Motion(joint, sign * node.world.between(0.8, farthest))
    return part


def rotary_knob(node: Node, object_name: str, look: int, radius: float | None = None) -> Part | None:
    """A knob that turns; those of one `look` are alike but for how far they are turned."""
    w = node.world
    rng = np.random.default_rng(look)
    radius = radius if radius is not None else float(rng.uniform(0.014, 0.028))
    out, style = float(rng.uniform(0.012, 0.03)), int(rng.integers(6))
    key = f"knob {look}"
    if key not in w.shared:
        w.shared[key] = (w.material("metal", "dark", "white", "plastic"), w.material("white", "dark", "metal", "paint"))
    material, mark = w.shared[key]
    turning = node.child(turn=turn_y(w.pick((0.0, 0.0, w.between(-150, 150)))))
    part = turning_part(turning, object_name)
    if style == 0:
        turning.add(cylinder(radius, out, radius * 0.85, 0.002).at(turn=OUTWARDS), material, part)
    elif style == 1:
        turning.add(cylinder(radius, out * 0.4, radius, 0.002).at(turn=OUTWARDS), material, part)
        turning.add(box(radius * 0.55, out * 0.8, radius * 1.9, 0.003).at(0, -out * 0.7), material, part)
    elif style == 2:
        count = int(rng.integers(5, 13))
        t = np.linspace(0, 2 * np.pi, 4 * count, endpoint=False)
        wave = radius * (1 + 0.08 * np.cos(count * t))
        turning.add(plate(np.stack([wave * np.cos(t), wave * np.sin(t)], 1), out).at(0, -out / 2), material, part)
    elif style == 3:
        turning.add(
            lathe([(0, 0), (radius * 0.8, 0), (radius, out * 0.7), (radius * 0.8, out), (0, out * 1.05)]).at(
                turn=OUTWARDS
            ),
            material,
            part,
        )
    elif style == 4:
        turning.add(plate(round_outline(radius * 2.2, radius * 1.2, 4), out).at(0, -out / 2), material, part)
    else:
        turning.add(cylinder(radius * 0.7, out, radius * 0.6).at(turn=OUTWARDS), material, part)
        turning.add(ring(radius * 0.9, out * 0.2).at(0, -out * 0.3), mark, part)
    if rng.random() < 0.7:
        turning.add(box(radius * 0.14, 0.002, radius * 0.7).at(0, -out - 0.0012, radius * 0.45), mark, part)
    if rng.random() < 0.4:
        node.add(cylinder(radius * 1.4, 0.002).at(turn=OUTWARDS), mark)
    return part


def pressed_part(
    node: Node,
    object_name: str,
    name: str,
    travel: float,
    actions: tuple[str, ...] = ("press",),
    disputed: tuple[str, ...] = ("push",),
) -> Part | None:
    """A part that goes in along the outward axis by `travel` metres when pressed."""
    joint = node.slide((0, 1.0, 0))
    part = node.part(object_name, name, actions, disputed, press=True)
    if part is not None:
        part.motions = {action: Motion(joint, travel) for action in actions}
    return part


def mounted_button(
    node: Node, object_name: str, radius: float, style: str = "round", extra: tuple[str, ...] = ()
) -> Part | None:
    """A button on a surface."""
    w = node.world
    out = radius * w.between(0.25, 0.9)
    cap = node.child()
    part = pressed_part(
        cap,
        object_name,
        "button",
        out * 0.7,
        ("press", *extra),
        tuple(a for a in ("push", "open") if a not in extra and (a == "push" or extra)),
    )
    material = (
        w.material("plastic", "plastic", "metal", "dark", "white") if w.chance(0.85) else w.materials.glowing(w.rng)
    )
    if style == "round":
        cap.add(cylinder(radius, out, radius * w.between(0.8, 1), 0.3 * out).at(turn=OUTWARDS), material, part)
    elif style == "dome":
        cap.add(ellipsoid(radius, out, radius), material, part)
    else:
        cap.add(box(radius * 2, out, radius * w.between(1, 2), 0.3 * out).at(0, -out / 2), material, part)
    if w.chance(0.4):
        collar = w.material("metal", "dark", "plastic")
        if style == "square":
            node.add(box(radius * 2.6, out * 0.3, radius * 2.6, 0.001).at(0, -out * 0.15), collar)
        else:
            node.add(cylinder(radius * 1.35, out * 0.4).at(turn=OUTWARDS), collar)
    return part


def button_row(node: Node, object_name: str, width: float, height: float, columns: int, rows: int) -> None:
    """A field of alike keys; together they are one part."""
    w = node.world
    part = node.part(object_name, "buttons", ("press",), ("push",), press=True)
    pitch = min(width / columns, height / rows * 1.6 if rows > 1 else width / columns)
    size = pitch * w.between(0.45, 0.8)
    high = min(size, height / rows * 0.75)
    material, round_ = w.material("plastic", "white", "dark", "metal"), w.chance(0.4)
    other = w.material("plastic", "white")
    for r in range(rows):
        for c in range(columns):
            x, z = (c - (columns - 1) / 2) * pitch, ((rows - 1) / 2 - r) * height / rows
            shape = (
                cylinder(min(size, high) / 2, 0.006, segments=12).at(x, 0, z, OUTWARDS)
                if round_
                else box(size, 0.006, high, 0.0015).at(x, -0.003, z)
            )
            node.add(shape, other if w.chance(0.1) else material, part)


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
    face, width, _ = _console(node)
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
        part.motions["pull"] = Motion(joint, 0.8)


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
        part.motions["press"] = Motion(joint, 0.5)


@object_class("table", ("any", "bench"), 1.5)
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
            part.motions["slide"] = Motion(joint, (-0.8 if at > 0 else 0.8) * length * 0.5)


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


def valve_wheel(node: Node, radius: float) -> None:
    """A hand wheel with spokes, or a quarter-turn lever."""
    w = node.world
    turning = node.child()
    part = turning_part(turning, "valve", "wheel", 2.5)
    material, out = w.material("paint", "metal", "plastic"), w.between(0.03, 0.06)
    turning.add(cylinder(0.008, out).at(turn=OUTWARDS), w.material("metal"), part)
    if w.chance(0.7):
        turning.add(ring(radius, radius * w.between(0.08, 0.18), 24).at(0, -out), material, part)
        spokes = int(w.rng.integers(2, 6))
        for k in range(spokes):
            angle = 2 * np.pi * k / spokes
            turning.add(
                tube([(0, -out, 0), (radius * np.cos(angle), -out, radius * np.sin(angle))], radius * 0.09),
                material,
                part,
            )
    else:
        turning.add(box(radius * 2, 0.012, 0.025, 0.004).at(radius * 0.7, -out), material, part)


@object_class("wall", ("any", "living", "kitchen", "bathroom", "office"), 2.5)
def light_switch(node: Node) -> None:
    """Rockers, toggles, push or dimmer switches on a plate."""
    w = node.world
    count = int(w.pick((1, 1, 2, 3)))
    material = w.material("white", "white", "metal", "plastic", "dark")
    wide = 0.075 * count
    node.add(box(wide, 0.008, w.between(0.075, 0.12), 0.003).at(0, -0.004), material)
    kind = w.pick(("rocker", "toggle", "round", "dimmer"))
    for k in range(count):
        spot = node.child((k - (count - 1) / 2) * 0.07, -0.008)
        if kind == "dimmer":
            rotary_knob(spot, "dimmer", int(w.rng.integers(2**31)), 0.018)
        elif kind == "round":
            mounted_button(spot, "light switch", 0.018, "round")
        else:
            rocker = spot.child(turn=turn_x(w.pick((-8, 8))))
            joint = rocker.hinge((1.0, 0, 0))
            part = rocker.part("light switch", "switch", ("press",), ("push", "slide"), press=True)
            cap = w.tint(material) if w.chance(0.3) else material
            if kind == "rocker":
                rocker.add(box(0.04, 0.012, w.between(0.045, 0.07), 0.002).at(0, -0.002), cap, part)
            else:
                rocker.add(box(0.012, 0.03, 0.012, 0.003).at(0, -0.012, w.pick((-0.006, 0.006))), cap, part)
            if part is not None:
                part.motions["press"] = Motion(joint, 0.3)


@object_class("wall", ("any", "living", "office"), 0.8)
def intercom(node: Node) -> None:
    """A panel with buttons, a grille and a name plate; or a doorbell; or a thermostat with a dial."""
    w = node.world
    wide, high = w.between(0.06, 0.14), w.between(0.08, 0.24)
    node.add(box(wide, 0.02, high, 0.004).at(0, -0.01), w.material("metal", "white", "dark", "plastic"))
    face = node.child(0, -0.02)
    kind = w.pick(("keys", "bell", "dial"))
    if kind == "keys":
        button_row(
            face.child(0, 0, -high * 0.15),
            "intercom",
            wide * 0.8,
            high * 0.5,
            int(w.rng.integers(1, 4)),
            int(w.rng.integers(2, 5)),
        )
        label(face.child(0, 0, high * 0.35), wide * 0.7, high * 0.15)
    elif kind == "bell":
        mounted_button(face, "doorbell", wide * w.between(0.1, 0.25), w.pick(("round", "dome", "square")))
        if w.chance(0.5):
            label(face.child(0, 0, high * 0.3), wide * 0.7, high * 0.15)
    else:
        rotary_knob(face, "thermostat", int(w.rng.integers(2**31)), wide * 0.33)


@object_class("wall", ("any", "bench", "bathroom"), 0.8)
def wall_valve(node: Node) -> None:
    """A radiator valve or a hand wheel on a pipe along the wall."""
    w = node.world
    pipe = w.material("metal", "white", "paint")
    node.add(tube([(0, -0.03, -0.4), (0, -0.03, 0.4)], w.between(0.01, 0.025)), pipe)
    valve_wheel(node.child(0, -0.04), w.between(0.025, 0.08))


@object_class("wall", ("any", "living"), 0.6)
def wall_lever(node: Node) -> None:
    """A breaker or fire-alarm handle that is pulled down."""
    w = node.world
    node.add(box(0.14, 0.05, 0.2, 0.006).at(0, -0.025), w.material("paint", "metal", "white"))
    lever = node.child(0, -0.05, 0.03)
    joint = lever.hinge((1.0, 0, 0))
    part = lever.part("wall lever", "handle", ("pull",), ("push", "press", "slide", "rotate"))
    HANDLES[w.pick(("bar", "loop", "blade", "arch"))][0](lever, part, w.between(0.05, 0.1), handle_material(node))
    if part is not None:
        part.motions["pull"] = Motion(joint, 0.7)
    label(node.child(0, -0.05, -0.06), 0.1, 0.04)


@object_class("table", ("any", "office", "living"), 1.5)
def remote_control(node: Node) -> None:
    """A remote control or phone with keys: held as a whole, its keys are pressed."""
    w = node.world
    width, length, thick = w.between(0.035, 0.06), w.between(0.11, 0.2), w.between(0.01, 0.022)
    inner = node.child(turn=turn_z(w.between(-180, 180)))
    joint = inner.slide((0, 0, 1.0))
    body = inner.part("remote control", "body", ("hold", "lift"), (), (0, 0, 1.0))
    if body is not None:
        body.motions["lift"] = Motion(joint, 0.15)
    inner.add(
        box(width, length, thick, 0.004).at(0, 0, thick / 2), w.material("dark", "dark", "white", "plastic"), body
    )
    button_row(
        inner.child(0, -length * 0.1, thick, FACE_UP),
        "remote control",
        width * 0.8,
        length * 0.55,
        int(w.rng.integers(2, 4)),
        int(w.rng.integers(3, 7)),
    )


@object_class("table", ("office",), 1.5)
def keyboard(node: Node) -> None:
    """Keys on a board."""
    w = node.world
    width, depth = w.between(0.28, 0.45), w.between(0.1, 0.15)
    node.add(box(width, depth, 0.015, 0.004).at(0, 0, 0.0075), w.material("dark", "white", "metal"))
    keys = node.part("keyboard", "keys", ("press",), ("push",), (0, 0, 1.0), True)
    columns, rows = int(w.rng.integers(10, 15)), int(w.rng.integers(4, 6))
    cap = w.material("dark", "white", "plastic")
    for r in range(rows):
        for c in range(columns):
            x, y = (c - (columns - 1) / 2) * width * 0.95 / columns, (r - (rows - 1) / 2) * depth * 0.9 / rows
            node.add(box(width / columns * 0.8, depth / rows * 0.75, 0.008, 0.002).at(x, y, 0.018), cap, keys)


@object_class("table", ("office", "any"), 1)
def calculator(node: Node) -> None:
    """A calculator, phone or card reader: a display and a field of keys on a tilted body."""
    w = node.world
    width, depth = w.between(0.08, 0.2), w.between(0.12, 0.22)
    tilted = node.child(0, 0, 0.02, turn_x(w.between(2, 20)))
    tilted.add(box(width, depth, 0.025, 0.005), w.material("dark", "white", "plastic"))
    top = tilted.child(0, 0, 0.0125, FACE_UP)
    button_row(
        top.child(0, 0, -depth * 0.12),
        "calculator",
        width * 0.85,
        depth * 0.55,
        int(w.rng.integers(3, 5)),
        int(w.rng.integers(3, 6)),
    )
    top.add(picture(width * 0.8, depth * 0.18).at(0, -0.001, depth * 0.35), w.materials.print(w.rng, 0.4))


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
