"""Offices: laptops, keyboards, printers, telephones, remote controls, calculators."""

from __future__ import annotations

from hotspot_core.data.rendered.controls import button_row
from hotspot_core.data.rendered.handles import HandleStyle
from hotspot_core.data.rendered.openings import drawer, drawer_state, moved_part, opening_angle, set_motions
from hotspot_core.data.rendered.poses import FACE_UP, turn_x, turn_z
from hotspot_core.data.rendered.registry import object_class
from hotspot_core.data.rendered.shapes import box, curve, ellipsoid, picture, tube
from hotspot_core.data.rendered.vessels import carried
from hotspot_core.data.rendered.world import JointMotion, Node


@object_class("table", ("office", "living", "any"), 1.5)
def laptop(node: Node) -> None:
    """A laptop, opened (its screen is closed) or closed (its edge is opened)."""
    w = node.world
    width, depth = w.between(0.28, 0.38), w.between(0.2, 0.26)
    inner = node.child(turn=turn_z(w.between(-50, 50)))
    material = w.material("metal", "dark", "white", "plastic")
    inner.add(box(width, depth, 0.015, 0.004).at(0, 0, 0.0075), material)
    lid = inner.child(0, 0, 0.017)
    angle = w.between(1.2, 2.2) if w.chance(0.6) else 0.0
    joint = lid.hinge((-1.0, 0, 0), angle, (0, depth / 2, 0))
    part = moved_part(lid, "laptop", "screen", True, 1.0) if angle else None
    lid.add(box(width, depth, 0.008, 0.003).at(0, 0, 0.004), material, part)
    set_motions(part, joint, angle > 0, 2.0)
    if angle:
        lid.add(picture(width * 0.92, depth * 0.88).at(0, 0, -0.001, turn_x(90)), w.materials.print(w.rng, 0.5), part)
        keys = inner.part("laptop", "keys", ("press",), ("push",), (0, 0, 1.0), True)
        cap = w.material("dark", "white", "plastic")
        for r in range(4):
            for c in range(11):
                inner.add(
                    box(width * 0.068, depth * 0.09, 0.003).at(
                        (c - 5) * width * 0.082, depth * (0.3 - 0.115 * r), 0.0165
                    ),
                    cap,
                    keys,
                )
        inner.add(box(width * 0.3, depth * 0.24, 0.001).at(0, -depth * 0.32, 0.0155), cap)
    else:
        edge = lid.part("laptop", "lid edge", ("open", "lift"), ("pull",))
        lid.add(
            box(width * 0.3, 0.008, 0.009, 0.002).at(0, -depth / 2, 0.004),
            w.tint(material) if w.chance(0.3) else material,
            edge,
        )
        if edge is not None:
            edge.motions = {name: JointMotion(joint, 1.8) for name in ("open", "lift")}


@object_class("table", ("office",), 1.5)
def printer(node: Node) -> None:
    """A printer: buttons, a paper drawer, a lid."""
    w = node.world
    width, depth, high = w.between(0.35, 0.5), w.between(0.3, 0.4), w.between(0.16, 0.32)
    material = w.material("white", "dark", "plastic")
    node.add(box(width, depth, high, 0.01).at(0, 0, high / 2), material)
    node.add(box(width * 0.7, 0.01, high * 0.2).at(0, -depth / 2, high * 0.6), w.material("dark"))
    button_row(
        node.child(w.pick((-0.3, 0.3)) * width, -depth / 2, high * 0.86),
        "printer",
        width * 0.25,
        0.02,
        int(w.rng.integers(2, 5)),
        1,
    )
    drawer(
        node.child(0, -depth / 2 - 0.018, high * 0.2),
        "printer",
        width * 0.85,
        high * 0.28,
        depth * 0.8,
        material if w.chance(0.5) else w.tint(material),
        HandleStyle(node, ("recess", "lip", "blade", "cup"), (0.06, 0.15)),
        drawer_state(node, depth * 0.6, 0.3),
    )
    lid = node.child(0, 0, high)
    angle = opening_angle(node, 1.2, 0.25)
    joint = lid.hinge((-1.0, 0, 0), angle, (0, depth / 2, 0))
    part = moved_part(lid, "printer", "lid", True, angle / 1.2) if angle else None
    lid.add(box(width * 0.96, depth * 0.95, 0.03, 0.006).at(0, 0, 0.015), material, part)
    set_motions(part, joint, angle > 0, 1.2)
    if not angle:
        edge = lid.part("printer", "lid edge", ("open", "lift"), ("pull",))
        lid.add(box(width * 0.25, 0.02, 0.015, 0.003).at(0, -depth * 0.48, 0.015), w.material("dark", "plastic"), edge)
        if edge is not None:
            edge.motions = {name: JointMotion(joint, 1.1) for name in ("open", "lift")}


@object_class("table", ("living", "office", "any"), 1)
def handset(node: Node) -> None:
    """A desk telephone: the handset is held and lifted, its keys pressed."""
    w = node.world
    width, depth = w.between(0.15, 0.22), w.between(0.18, 0.24)
    material = w.material("dark", "white", "paint", "plastic")
    inner = node.child(turn=turn_z(w.between(-60, 60)))
    inner.add(box(width, depth, 0.05, 0.012).at(0, 0, 0.025), material)
    cradle = inner.child(-width * 0.3, 0, 0.06)
    part = carried(cradle.part("telephone", "handset", ("hold", "lift"), (), (0, 0, 1.0)), cradle.slide((0, 0, 1.0)))
    cradle.add(
        tube(
            curve([(0, -depth * 0.4, 0), (0, -depth * 0.3, 0.02), (0, depth * 0.3, 0.02), (0, depth * 0.4, 0)], 12),
            0.015,
            0.8,
        ),
        w.tint(material),
        part,
    )
    for y in (-0.38, 0.38):
        cradle.add(
            ellipsoid(0.025, 0.025, 0.018).at(0, y * depth, 0),
            w.shared.setdefault("handset", w.material("dark", "white")),
            part,
        )
    button_row(inner.child(width * 0.2, -depth * 0.1, 0.05, FACE_UP), "telephone", width * 0.45, depth * 0.5, 3, 4)


@object_class("table", ("any", "office", "living"), 1.5)
def remote_control(node: Node) -> None:
    """A remote control or phone with keys: held as a whole, its keys are pressed."""
    w = node.world
    width, length, thick = w.between(0.035, 0.06), w.between(0.11, 0.2), w.between(0.01, 0.022)
    inner = node.child(turn=turn_z(w.between(-180, 180)))
    joint = inner.slide((0, 0, 1.0))
    body = inner.part("remote control", "body", ("hold", "lift"), (), (0, 0, 1.0))
    if body is not None:
        body.motions["lift"] = JointMotion(joint, 0.15)
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
