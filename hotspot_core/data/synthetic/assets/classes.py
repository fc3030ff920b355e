"""The registry of object classes."""

from __future__ import annotations

from hotspot_core.data.synthetic.assets.boxes import TOPS, BoxClass
from hotspot_core.data.synthetic.assets.objects import ObjectInstance
from hotspot_core.data.synthetic.assets.vessels import TurnedClass
from hotspot_core.data.synthetic.engine.geometry import Generator

_WOODEN = ("wood", "wood", "wood", "paint", "paint", "steel")
_DOORS = ("plain", "shaker", "raised", "raised", "arched", "planks", "glazed", "louvres", "several")
_WHITE_GOODS = ("enamel", "paint", "steel", "plastic", "paint")
_CUPBOARD = ("hinge left", "hinge right", "drawer", "drawer", "sliding", "flap up", "swing", "fixed")
_CASE_TOPS = (*TOPS, "push button", "push lever")

CLASSES: dict[str, BoxClass | TurnedClass] = {
    spec.name: spec
    for spec in (
        BoxClass("cabinet", (0.5, 1.1), (0.6, 0.95), (0.35, 0.55), "floor", _CUPBOARD, (1, 2), (1, 2), _DOORS,
                 _WOODEN, (0, 3), ("lid", "none", "none", "arch handle"), strip=0.3),
        BoxClass("drawer unit", (0.4, 0.9), (0.6, 1.0), (0.35, 0.5), "floor",
                 ("drawer", "drawer", "drawer", "hinge left", "flap up", "sliding", "fixed"), (2, 4), (1, 2),
                 ("plain", "plain", "shaker", "raised"), _WOODEN, (0, 3), ("none", "none", "lid"), strip=0.3),
        BoxClass("wall cupboard", (0.5, 1.0), (0.5, 0.8), (0.25, 0.4), "wall", _CUPBOARD, (1, 2), (1, 3), _DOORS,
                 _WOODEN, (0, 3), strip=0.2),
        BoxClass("wardrobe", (0.8, 1.2), (1.5, 2.0), (0.4, 0.6), "floor", _CUPBOARD, (1, 2), (2, 3), _DOORS, _WOODEN,
                 (0, 3), strip=0.2),
        BoxClass("room door", (0.75, 0.95), (1.9, 2.1), (0.02, 0.05), "wall",
                 ("hinge left", "hinge right", "hinge left", "hinge right", "sliding", "swing", "swing"), (1, 1),
                 (1, 1), ("plain", "several", "several", "raised", "planks", "glazed"), ("wood", "paint", "paint"),
                 (1, 4), strip=0.0),
        BoxClass("fridge", (0.55, 0.8), (1.3, 1.8), (0.5, 0.6), "floor",
                 ("hinge left", "hinge right", "hinge left", "drawer", "flap up"), (1, 3), (1, 2), ("plain",),
                 _WHITE_GOODS, (0, 4), ("none", "none", "lid")),
        BoxClass("oven", (0.5, 0.6), (0.6, 0.9), (0.4, 0.55), "floor",
                 ("flap down", "flap down", "drawer", "hinge left", "fixed"), (1, 2), (1, 1),
                 ("glazed", "glazed", "plain"), _WHITE_GOODS, (2, 5), ("lid", "none", "lid")),
        BoxClass("microwave", (0.45, 0.6), (0.27, 0.35), (0.3, 0.4), "counter",
                 ("hinge left", "hinge left", "flap down", "flap up", "sliding"), (1, 1), (1, 1),
                 ("glazed", "glazed", "plain"), _WHITE_GOODS, (2, 5), _CASE_TOPS, True),
        BoxClass("washing machine", (0.55, 0.65), (0.8, 0.9), (0.4, 0.55), "floor",
                 ("hinge left", "hinge right", "drawer", "flap up"), (1, 2), (1, 1), ("porthole", "porthole", "plain"),
                 _WHITE_GOODS, (2, 5), ("none", "flip lid", "lid")),
        BoxClass("dishwasher", (0.45, 0.6), (0.75, 0.9), (0.4, 0.55), "floor", ("flap down", "flap down", "drawer"),
                 (1, 2), (1, 1), ("plain", "shaker"), _WHITE_GOODS, (1, 4), ("none", "flip lid", "lid")),
        BoxClass("sliding window", (0.7, 1.1), (0.6, 1.1), (0.04, 0.08), "wall",
                 ("sliding", "sliding", "hinge left", "hinge right", "flap up", "swing"), (1, 1), (1, 2), ("glazed",),
                 ("paint", "wood", "plastic"), (0, 3), strip=0.0),
        BoxClass("locker", (0.4, 0.8), (0.9, 1.6), (0.3, 0.5), "floor",
                 ("hinge left", "hinge right", "drawer", "flap down"), (1, 4), (1, 2), ("plain", "louvres", "shaker"),
                 ("paint", "steel", "enamel"), (0, 4)),
        BoxClass("toaster", (0.25, 0.38), (0.17, 0.22), (0.15, 0.25), "counter", ("flap down", "drawer", "fixed"),
                 (1, 1), (1, 1), ("plain",), ("steel", "enamel", "plastic"), (1, 4), _CASE_TOPS, True),
        BoxClass("radio", (0.22, 0.4), (0.14, 0.24), (0.08, 0.15), "counter", (), controls=(2, 5),
                 finishes=("plastic", "wood", "enamel"), tops=_CASE_TOPS, pushable=True),
        BoxClass("light switch", (0.08, 0.2), (0.08, 0.12), (0.008, 0.015), "wall", (), controls=(1, 3),
                 finishes=("plastic", "paint", "steel", "brass")),
        BoxClass("remote control", (0.09, 0.16), (0.2, 0.3), (0.02, 0.03), "wall", (), controls=(2, 5),
                 finishes=("plastic",)),
        BoxClass("box", (0.25, 0.5), (0.15, 0.35), (0.2, 0.35), "counter", ("drawer", "flap up", "flap down", "fixed"),
                 (1, 1), (1, 2), ("plain",), ("card", "card", "plastic", "wood"), (0, 2),
                 ("flip lid", "lid", "arch handle", "arch handle", "none"), True),
        BoxClass("tool case", (0.3, 0.5), (0.15, 0.25), (0.15, 0.25), "counter",
                 ("drawer", "drawer", "flap up", "flap down"), (1, 3), (1, 1), ("plain", "shaker"),
                 ("paint", "plastic", "steel"), (0, 3), _CASE_TOPS, True),
        BoxClass("suitcase", (0.4, 0.6), (0.3, 0.45), (0.15, 0.22), "floor", ("flap up", "sliding", "drawer"), (1, 1),
                 (1, 2), ("plain", "louvres"), ("fabric", "plastic", "card"), (1, 3),
                 ("arch handle", "arch handle", "lid", "flip lid"), True),
        BoxClass("coffee machine", (0.2, 0.32), (0.28, 0.4), (0.2, 0.3), "counter", ("drawer", "flap up", "fixed"),
                 (1, 2), (1, 1), ("plain", "glazed"), ("plastic", "steel", "enamel"), (1, 4), _CASE_TOPS, True),
        TurnedClass("kettle", (0.08, 0.1), (0.17, 0.24), ("cone", "belly", "cylinder"),
                    ("steel", "chrome", "plastic", "enamel", "glass"), ("lid", "flip lid", "lid", "screw cap"),
                    ("loop handle", "loop handle", "loop handle", "none"), ("beak", "neck")),
        TurnedClass("pot", (0.1, 0.14), (0.1, 0.17), ("cylinder", "cup"), ("steel", "enamel", "copper", "iron"),
                    ("lid", "lid", "none", "arch handle", "flip lid"), ("long handle", "loop handle", "none")),
        TurnedClass("pan", (0.12, 0.15), (0.05, 0.08), ("cup", "cylinder"), ("iron", "steel", "copper", "enamel"),
                    ("none", "lid", "lid", "flip lid"), ("long handle", "long handle", "loop handle", "none")),
        TurnedClass("mug", (0.04, 0.05), (0.08, 0.13), ("cylinder", "cup", "cone", "belly"),
                    ("ceramic", "ceramic", "enamel", "glass", "plastic", "steel"),
                    ("none", "lid", "flip lid", "screw cap"), ("loop handle", "loop handle", "none"), ("none", "beak"),
                    (0, 1)),
        TurnedClass("jug", (0.06, 0.09), (0.18, 0.27), ("belly", "cone", "cylinder", "cup"),
                    ("ceramic", "glass", "plastic", "steel", "enamel"), ("none", "lid", "flip lid", "screw cap"),
                    ("loop handle", "loop handle", "none"), ("beak", "none")),
        TurnedClass("jar", (0.05, 0.09), (0.1, 0.2), ("jar", "belly", "cylinder"), ("glass", "ceramic", "plastic"),
                    ("screw cap", "screw cap", "lid", "flip lid", "pump head"), ("none", "loop handle", "none")),
        TurnedClass("bottle", (0.035, 0.055), (0.2, 0.3), ("bottle", "jar"), ("glass", "plastic", "steel"),
                    ("screw cap", "screw cap", "pump head", "spray trigger", "flip lid"),
                    ("none", "loop handle", "none"), controls=(0, 1)),
        TurnedClass("spray bottle", (0.04, 0.055), (0.15, 0.22), ("bottle", "cone"), ("plastic", "glass"),
                    ("spray trigger", "spray trigger", "pump head", "screw cap"), ("none", "loop handle", "none"),
                    controls=(0, 1)),
        TurnedClass("flask", (0.04, 0.06), (0.22, 0.32), ("cylinder", "jar", "bottle"), ("steel", "plastic", "enamel"),
                    ("screw cap", "flip lid", "lid", "pump head", "screw cap"), ("loop handle", "none", "arch handle"),
                    ("none", "beak")),
        TurnedClass("teapot", (0.08, 0.1), (0.11, 0.15), ("belly", "cup"), ("ceramic", "iron", "steel", "glass"),
                    ("lid", "lid", "flip lid", "arch handle"), ("loop handle", "loop handle", "none"),
                    ("neck", "neck", "beak")),
        TurnedClass("bin", (0.11, 0.15), (0.3, 0.4), ("cylinder", "cup"), ("steel", "plastic", "enamel"),
                    ("flip lid", "lid", "arch handle", "flip lid"), ("loop handle", "none"), controls=(0, 2),
                    stands="floor"),
        TurnedClass("tap", (0.018, 0.026), (0.14, 0.24), ("post",), ("chrome", "chrome", "steel", "brass", "copper"),
                    ("tap lever", "tap lever", "valve", "pump head", "push button", "dial"),
                    ("valve", "bare", "bare", "valve"), ("tap",), (0, 2)),
    )
}  # fmt: skip

NOVEL: tuple[str, ...] = ("dishwasher", "suitcase", "coffee machine", "pan", "flask", "wall cupboard")


def sample_object(rng: Generator, name: str, action: str | None = None) -> ObjectInstance | None:
    """A random object of class `name` that affords `action`; None when 300 attempts found none."""
    for _ in range(300):
        instance = CLASSES[name].sample(rng)
        if instance.fixtures and (action is None or parts_affording(instance, action)):
            return instance
    return None


def parts_affording(instance: ObjectInstance, action: str) -> list[int]:
    """The numbers of the parts of an object that afford an action."""
    return [k for k in range(len(instance.fixtures)) if action in instance.affordances(k)]
