"""Knobs, dials, buttons, switches, levers, sliders, valves: on machines, on walls and in boxes of their own."""

from __future__ import annotations

import numpy as np

from hotspot_core.data.rendered.handles import OUTWARDS
from hotspot_core.data.rendered.plates import plate, round_outline
from hotspot_core.data.rendered.poses import turn_y
from hotspot_core.data.rendered.shapes import box, cylinder, ellipsoid, lathe, ring, tube
from hotspot_core.data.rendered.world import JointMotion, Node, Part


def turning_part(
    node: Node, object_name: str, name: str = "knob", farthest: float = 1.6, disputed: tuple[str, ...] = ()
) -> Part | None:
    """A part that turns with its node about the outward axis."""
    joint = node.hinge((0, -1.0, 0), 0.0)
    part = node.part(object_name, name, ("rotate",), disputed)
    if part is not None:
        sign = -1 if node.world.chance(0.3) else 1
        part.motions["rotate"] = JointMotion(joint, sign * node.world.between(0.8, farthest))
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
    """A part that goes in along the outward axis by `travel` meters when pressed."""
    joint = node.slide((0, 1.0, 0))
    part = node.part(object_name, name, actions, disputed, press=True)
    if part is not None:
        part.motions = {action: JointMotion(joint, travel) for action in actions}
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
