"""What is marked on one image, and how it stands in an annotation file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hotspot_core.errors import InputError

MAX_POINTS = 1000
MAX_NAME = 200
OBJECTS = "several"


@dataclass(frozen=True)
class ImageMarks:
    """What is known of one image.

    Attributes:
        points: action -> its (x, y), pixels from the image's top-left corner; no action has an empty list.
        objects: action -> the name of the object that its points lie on, "" where unknown.
        complete: the actions of which all places are marked; those of them without points are not afforded.
        skipped: whether it was passed over.
    """

    points: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    objects: Mapping[str, str] = field(default_factory=dict)
    complete: frozenset[str] = frozenset()
    skipped: bool = False

    def to_json(self) -> dict[str, Any]:
        """As the page gets it and sends it back."""
        return {
            "points": {action: [list(point) for point in points] for action, points in self.points.items()},
            "objects": dict(self.objects),
            "complete": sorted(self.complete),
            "skipped": self.skipped,
        }

    def entries(self, image: str, size_hw: tuple[int, int]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The items of `images` and of `empty` for this image; both are empty where nothing is known of it."""
        named = {"image": image}
        rest = {"width": size_hw[1], "height": size_hw[0], "complete": sorted(self.complete)}
        entries = [
            {**named, "action": action, "object": self.objects.get(action, ""), **rest, "points": [*map(list, points)]}
            for action, points in self.points.items()
        ]
        empty = [{**named, **rest}] if self.complete and not entries else []
        return entries, empty


def parse_marks(document: Any, actions: Sequence[str], size_hw: tuple[int, int]) -> ImageMarks:
    """The marks that a page sent.

    Args:
        document: see `ImageMarks.to_json`.
        actions: those that may be named.
        size_hw: height and width of the image in pixels.

    Raises:
        InputError: something is missing, of another type, outside of the image, or an action is unknown.
    """
    if not isinstance(document, dict):
        raise InputError("the marks are no object")
    points, objects = _named(document, "points", actions), _named(document, "objects", actions)
    complete, skipped = document.get("complete"), document.get("skipped")
    if not isinstance(complete, list) or not set(map(str, complete)) <= set(actions) or type(skipped) is not bool:
        raise InputError("'complete' must list actions, 'skipped' must be true or false")
    for name in objects.values():
        if not isinstance(name, str) or len(name) > MAX_NAME or not name.isprintable():
            raise InputError(f"the object {name!r}: give a name of up to {MAX_NAME} characters")
    marked = {action: _points(action, values, size_hw) for action, values in points.items()}
    kept = {action: marked[action] for action in actions if marked.get(action)}
    named = {action: objects.get(action, "").strip() for action in kept}
    return ImageMarks(kept, named, frozenset(map(str, complete)), skipped)


def _named(document: Mapping[str, Any], key: str, actions: Sequence[str]) -> dict[str, Any]:
    values = document.get(key)
    if not isinstance(values, dict) or not set(values) <= set(actions):
        raise InputError(f"{key!r} must have a value for each of some of the actions {', '.join(actions)}")
    return values


def _points(action: str, values: Any, size_hw: tuple[int, int]) -> tuple[tuple[float, float], ...]:
    if not isinstance(values, list) or len(values) > MAX_POINTS:
        raise InputError(f"{action}: give a list of up to {MAX_POINTS} points")
    for value in values:
        pair = isinstance(value, list) and len(value) == 2
        if not pair or not all(type(number) in (int, float) and math.isfinite(number) for number in value):
            raise InputError(f"{action}: the point {value!r} is not [x, y]")
        if not (0 <= value[0] <= size_hw[1] and 0 <= value[1] <= size_hw[0]):
            raise InputError(f"{action}: the point {value!r} is outside of the {size_hw[1]}x{size_hw[0]} image")
    return tuple((round(float(x), 2), round(float(y), 2)) for x, y in values)
