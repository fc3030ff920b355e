"""The registry of parts: how each is drawn, which actions it affords and what those actions do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hotspot_core.data.synthetic.assets import controls, handles
from hotspot_core.data.synthetic.engine.canvas import Canvas
from hotspot_core.data.synthetic.engine.geometry import CoordinateFrame
from hotspot_core.data.synthetic.engine.materials import Look

ACTIONS: tuple[str, ...] = ("open", "close", "pull", "push", "press", "rotate", "slide", "lift", "hold", "pour")

METAL = ("steel", "chrome", "brass", "iron", "copper", "steel", "chrome")
SMOOTH = ("plastic", "plastic", "steel", "chrome", "rubber", "paint")
PULLS = (*METAL, *METAL, "wood", "plastic", "ceramic", "paint")

Point = tuple[float, float, float]


@dataclass(frozen=True)
class PartKind:
    """One kind of part.

    `effects` maps the actions that the part affords by itself to what they change ("own": the part; "lift", "tilt",
    "shove", "tug", "keep": the whole object). A part that `moves_panel` also affords the actions of the panel that it
    is mounted on. `size` is the range of its unit in meters, `poses` the ways a hand takes it, `start` and `stop`
    the contact point in the part's frame before and after use. A part that `springs` returns when the hand leaves.
    """

    name: str
    draw: Callable[[Canvas, CoordinateFrame, Look, float], None]
    size: tuple[float, float]
    finishes: tuple[str, ...]
    poses: tuple[str, ...]
    effects: Mapping[str, str]
    moves_panel: bool = False
    start: Point = (0.0, 0.0, 0.2)
    stop: Point = (0.0, 0.0, 0.2)
    springs: bool = False

    def contact(self, t: float) -> Point:
        """Where the hand touches the part in state t, in the part's frame."""
        x, y, z = (a + (b - a) * t for a, b in zip(self.start, self.stop, strict=True))
        return x, y, z


_CARRY = {"hold": "keep", "lift": "lift", "pour": "tilt"}

PARTS: dict[str, PartKind] = {
    part.name: part
    for part in (
        PartKind("bar handle", handles.bar_handle, (0.09, 0.24), PULLS, ("grip", "hook"), {}, True),
        PartKind("lever handle", handles.lever_handle, (0.1, 0.15), METAL, ("grip", "flat"), {"rotate": "own"}, True,
                 (0.65, 0, 0.3), (0.5, -0.45, 0.3)),
        PartKind("knob", handles.knob, (0.035, 0.075), PULLS, ("pinch", "grip"), {"rotate": "own"}, True,
                 (0, 0, 0.6), (0, 0, 0.6)),
        PartKind("cup pull", handles.cup_pull, (0.08, 0.13), METAL, ("hook", "grip"), {}, True),
        PartKind("ring pull", handles.ring_pull, (0.05, 0.09), METAL, ("hook", "pinch"), {"pull": "own"}, True,
                 (0, -0.7, 0.2), (0, -0.35, 0.8), springs=True),
        PartKind("edge grip", handles.edge_grip, (0.09, 0.18), (*METAL, "wood", "plastic"), ("hook", "flat"), {}, True,
                 (0, 0, 0), (0, 0, 0)),
        PartKind("push plate", handles.push_plate, (0.2, 0.32), METAL, ("flat",), {"push": "panel"}),
        PartKind("push bar", handles.push_bar, (0.4, 0.6), (*METAL, "paint"), ("flat", "grip"), {"push": "panel"}),
        PartKind("grab rail", handles.rail, (0.18, 0.4), METAL, ("grip",), {"hold": "keep"},
                 start=(0, 0, 0.24), stop=(0, 0, 0.24)),
        PartKind("letter flap", handles.letter_flap, (0.12, 0.2), METAL, ("pinch", "point"), {"lift": "own"},
                 start=(0, -0.15, 0.06), stop=(0, 0.0, 0.3), springs=True),
        PartKind("loop handle", handles.loop_handle, (0.06, 0.12), SMOOTH, ("grip", "hook"), _CARRY,
                 start=(0, 0, 0.5), stop=(0, 0, 0.5)),
        PartKind("long handle", handles.long_handle, (0.14, 0.2), (*SMOOTH, "wood"), ("grip",), _CARRY,
                 start=(0, 0.1, 0.7), stop=(0, 0.1, 0.7)),
        PartKind("arch handle", handles.arch_handle, (0.1, 0.2), (*SMOOTH, "wood"), ("grip", "hook"),
                 {"hold": "keep", "lift": "lift"}, start=(0, 0, 0.45), stop=(0, 0, 0.45)),
        PartKind("body", handles.body_grip, (0.08, 0.16), ("plastic",), ("flat", "grip"), {"push": "shove"},
                 start=(0, 0, 0), stop=(0, 0, 0)),
        PartKind("waist", handles.body_grip, (0.08, 0.16), ("plastic",), ("grip",), _CARRY,
                 start=(0, 0, 0), stop=(0, 0, 0)),
        PartKind("push button", controls.push_button, (0.025, 0.05), SMOOTH, ("point",), {"press": "own"},
                 start=(0, 0, 0.3), stop=(0, 0, 0.05), springs=True),
        PartKind("rocker switch", controls.rocker_switch, (0.035, 0.08), SMOOTH, ("point",), {"press": "own"},
                 start=(0, 0.3, 0.2), stop=(0, 0.3, 0.1)),
        PartKind("toggle switch", controls.toggle, (0.04, 0.07), METAL, ("point", "pinch"), {"push": "own"},
                 start=(0, -0.35, 0.5), stop=(0, 0.35, 0.5)),
        PartKind("slider", controls.slider, (0.08, 0.16), (*SMOOTH, *METAL), ("pinch", "point"), {"slide": "own"},
                 start=(-0.36, 0, 0.14), stop=(0.36, 0, 0.14)),
        PartKind("dial", controls.dial, (0.035, 0.075), (*SMOOTH, "brass"), ("pinch",), {"rotate": "own"},
                 start=(0, 0, 0.4), stop=(0, 0, 0.4)),
        PartKind("touch pad", controls.touch_pad, (0.06, 0.11), SMOOTH, ("point",), {"press": "own"},
                 start=(0.05, 0.05, 0.06), stop=(0.05, 0.05, 0.06), springs=True),
        PartKind("push lever", controls.push_lever, (0.06, 0.09), SMOOTH, ("point", "flat"), {"push": "own"},
                 start=(0, 0.45, 0.25), stop=(0, -0.35, 0.25)),
        PartKind("valve", controls.valve, (0.05, 0.09), METAL, ("pinch", "grip"), {"rotate": "own"},
                 start=(0, 0, 0.4), stop=(0, 0, 0.4)),
        PartKind("pull cord", controls.pull_cord, (0.1, 0.18), (*SMOOTH, "wood"), ("pinch",), {"pull": "own"},
                 start=(0, -0.55, 0.1), stop=(0, -0.9, 0.1)),
        PartKind("lid", controls.lid, (0.1, 0.2), (*SMOOTH, "wood", "brass"), ("pinch", "grip"),
                 {"lift": "own", "open": "own"}, start=(0, 0, 0.25), stop=(0.25, 0, 0.7)),
        PartKind("screw cap", controls.screw_cap, (0.04, 0.08), (*SMOOTH, "wood"), ("pinch", "grip"),
                 {"rotate": "own", "open": "own"}, start=(0, 0, 0.5), stop=(0, 0, 0.65)),
        PartKind("flip lid", controls.flip_lid, (0.08, 0.16), SMOOTH, ("pinch", "point"),
                 {"open": "own", "close": "own"}, start=(0, -0.55, 0.1), stop=(0, 0.5, 1.0)),
        PartKind("pump head", controls.pump_head, (0.035, 0.05), SMOOTH, ("flat", "point"),
                 {"press": "own", "push": "own"}, start=(0, 0, 1.2), stop=(0, 0, 0.75), springs=True),
        PartKind("spray trigger", controls.spray_trigger, (0.04, 0.055), SMOOTH, ("grip", "hook"),
                 {"press": "own", "pull": "own"}, start=(0.75, 0, 0.4), stop=(0.4, 0, 0.3), springs=True),
        PartKind("tap lever", controls.tap_lever, (0.06, 0.11), METAL, ("pinch", "flat"),
                 {"lift": "own", "rotate": "own"}, start=(0.1, -0.8, 0.45), stop=(0.1, -0.5, 0.95)),
    )
}  # fmt: skip
