"""The registry of object classes: each is one function that builds an object into a node.

To add a class, write a function `def name(node: Node) -> None` in one of the modules that `MODULES` names, and decorate
it with `@object_class(place, rooms)`. It builds the object with its front towards -y; on the floor and on tables it
stands on z = 0 around x = y = 0 (furniture: with its front about y = 0); on walls it is mounted at y = 0 around the
origin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from hotspot_core.data.rendered.world import Node

MODULES = (
    "furniture",
    "boxes",
    "appliances",
    "small_appliances",
    "fittings",
    "bathroom",
    "consoles",
    "switches",
    "vessels",
    "containers",
    "tools",
    "utensils",
    "office",
    "doors",
    "windows",
    "things",
    "household",
    "decor",
)

Builder = Callable[[Node], None]


@dataclass(frozen=True)
class ObjectClass:
    """A kind of object: its name, where it belongs (`floor`, `table`, `wall`), in which rooms, and how often it comes.

    A class that `affords` nothing is decoration or a hard negative.
    """

    name: str
    build: Builder
    place: str
    rooms: tuple[str, ...]
    weight: float
    affords: bool


_CLASSES: dict[str, ObjectClass] = {}


def object_class(
    place: str, rooms: tuple[str, ...], weight: float = 1.0, affords: bool = True
) -> Callable[[Builder], Builder]:
    """Enter the decorated function into the registry under its own name, with spaces for underscores."""

    def enter(build: Builder) -> Builder:
        name = build.__name__.replace("_", " ")
        _CLASSES[name] = ObjectClass(name, build, place, rooms, weight, affords)
        return build

    return enter


def classes() -> dict[str, ObjectClass]:
    """All object classes by name, in a fixed order."""
    for module in MODULES:
        import_module(f"hotspot_core.data.rendered.{module}")
    return dict(sorted(_CLASSES.items()))


def matching(place: str, room: str | None = None, affords: bool | None = None) -> list[ObjectClass]:
    """The classes of a place, and of a room and kind where these are given."""
    return [
        item
        for item in classes().values()
        if item.place == place
        and (room is None or room in item.rooms or "any" in item.rooms)
        and (affords is None or item.affords == affords)
    ]
