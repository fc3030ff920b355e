"""What is switched and turned on walls: light switches, door bells, thermostats, valves, alarm levers."""

from __future__ import annotations

from hotspot_core.data.rendered.controls import button_row, mounted_button, rotary_knob, valve_wheel
from hotspot_core.data.rendered.handles import HANDLES, handle_material
from hotspot_core.data.rendered.openings import label
from hotspot_core.data.rendered.poses import turn_x
from hotspot_core.data.rendered.registry import object_class
from hotspot_core.data.rendered.shapes import box, tube
from hotspot_core.data.rendered.world import JointMotion, Node


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
                part.motions["press"] = JointMotion(joint, 0.3)


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
        part.motions["pull"] = JointMotion(joint, 0.7)
    label(node.child(0, -0.05, -0.06), 0.1, 0.04)
