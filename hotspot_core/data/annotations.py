"""Annotated stills: where on an image each action happens, as points that people marked.

The file is JSON:

    {"actions": ["open", ...],
     "images": [{"image": "door.jpg", "action": "open", "object": "door", "width": 640, "height": 480,
                 "points": [[x, y], ...]}, ...]}

Image paths are relative to the file. Points are in pixels from the image's top-left corner. One image may have several
entries, for other actions or from other people; `merged` brings those of an image and an action together. Other keys
are allowed and ignored; `object` may be left out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hotspot_core.errors import InputError, select_names
from hotspot_core.media.images import faults, read_image

# Resizing and clicking beside an image put points out of it, but not by more than this share of its longer side.
MOST_OUTSIDE = 0.1
# An image may have been resized since, which rounds its sides, but not turned or cropped.
MOST_DISTORTED = 1.1


@dataclass(frozen=True)
class Annotation:
    """The points of one action on one image.

    Attributes:
        image: path of the image.
        action: name of the action.
        object: name of the object, "" where unknown.
        size_hw: height and width in pixels of the image that the points refer to.
        points: (P, 2) x, y in its pixels; P may be 0.
    """

    image: Path
    action: str
    object: str
    size_hw: tuple[int, int]
    points: NDArray[np.float64]

    def read_image(self) -> NDArray[np.uint8]:
        """The image, (H, W, 3) uint8 RGB; it may be larger or smaller than `size_hw`.

        Raises:
            InputError: it cannot be read, or has points and is of another shape than when they were marked.
        """
        image = read_image(self.image)
        height, width = image.shape[:2]
        distortion = (width * self.size_hw[0]) / (height * self.size_hw[1])
        if len(self.points) and not 1 / MOST_DISTORTED < distortion < MOST_DISTORTED:
            raise InputError(
                f"{self.image}: {width}x{height} pixels, annotated as {self.size_hw[1]}x{self.size_hw[0]}: correct "
                "width, height and points (images are turned as their EXIF orientation says)"
            )
        return image


@dataclass(frozen=True)
class AnnotationSet:
    """An annotation file: its path, the actions that it knows, in order, and its entries."""

    path: Path
    actions: tuple[str, ...]
    entries: tuple[Annotation, ...]

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def objects(self) -> tuple[str, ...]:
        """The objects' names, sorted."""
        return tuple(sorted({entry.object for entry in self.entries}))

    def merged(self) -> AnnotationSet:
        """One entry per image and action, in order of first appearance, with the points of all.

        Raises:
            InputError: entries of an image differ in its size or object.
        """
        groups: dict[tuple[Path, str], list[Annotation]] = {}
        for entry in self.entries:
            groups.setdefault((entry.image, entry.action), []).append(entry)
        return replace(self, entries=tuple(self._joined(group) for group in groups.values()))

    def _joined(self, group: Sequence[Annotation]) -> Annotation:
        first = group[0]
        if any(entry.size_hw != first.size_hw or entry.object != first.object for entry in group):
            raise InputError(f"{self.path}: entries for {first.image.name} differ in size or object: make them agree")
        return replace(first, points=np.concatenate([entry.points for entry in group]))

    def selected(
        self,
        actions: Sequence[str] | None = None,
        objects: Sequence[str] | None = None,
    ) -> AnnotationSet:
        """The entries of some actions and objects; None for all.

        Raises:
            InputError: a name is unknown, or nothing is left.
        """
        chosen = select_names("action", actions, self.actions)
        kinds = select_names("object", objects, self.objects)
        entries = tuple(e for e in self.entries if e.action in chosen and e.object in kinds)
        if not entries:
            raise InputError(f"{self.path}: no entry for {', '.join(chosen)} on {', '.join(kinds)}")
        return AnnotationSet(self.path, chosen, entries)

    def missing_images(self) -> list[Path]:
        """The images that are not there, each once."""
        return [path for path in dict.fromkeys(entry.image for entry in self.entries) if not path.is_file()]

    def broken_images(self, workers: int = 4) -> dict[Path, str]:
        """The images that cannot be read, or are not those that were annotated, each with the reason.

        All images are decoded, in that many threads.
        """
        reads = {(entry.image, entry.size_hw, len(entry.points) > 0): entry.read_image for entry in self.entries}
        return {image: reason for (image, _, _), reason in faults(reads, workers).items()}


def read_annotations(path: str | Path) -> AnnotationSet:
    """Read and check an annotation file. Images are not opened.

    Raises:
        InputError: the file is missing, is no such JSON, has no entries, or an entry is wrong (the text names it).
    """
    path = Path(path)
    document = read_json(path)
    if not isinstance(document, dict) or not isinstance(document.get("images"), list):
        raise InputError(f'{path}: no annotation file: give {{"actions": [...], "images": [...]}}')
    actions = _action_names(path, document.get("actions"))
    if not document["images"]:
        raise InputError(f"{path}: 'images' is empty: list at least one entry")
    entries = tuple(_entry(path, index, item, actions) for index, item in enumerate(document["images"]))
    return AnnotationSet(path, actions, entries)


def write_annotations(path: str | Path, actions: Sequence[str], entries: Iterable[Annotation]) -> None:
    """Write an annotation file; images below its folder get relative paths."""
    path = Path(path)
    folder = path.parent.resolve()
    items = []
    for entry in entries:
        image = entry.image.resolve()
        items.append(
            {
                "image": (image.relative_to(folder) if image.is_relative_to(folder) else image).as_posix(),
                "action": entry.action,
                "object": entry.object,
                "width": entry.size_hw[1],
                "height": entry.size_hw[0],
                "points": entry.points.tolist(),
            }
        )
    path.write_text(json.dumps({"actions": list(actions), "images": items}, indent=1))


def read_json(path: Path) -> Any:
    """A JSON file's content.

    Raises:
        InputError: the file is missing or is no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: no JSON text") from None
    except json.JSONDecodeError as error:
        raise InputError(f"{path}: no valid JSON: {error.msg} in line {error.lineno}") from None


def _action_names(path: Path, names: Any) -> tuple[str, ...]:
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
        raise InputError(f"{path}: 'actions' must be a list of at least one name")
    if len(set(names)) != len(names):
        raise InputError(f"{path}: 'actions' names one action twice: name each once")
    return tuple(names)


def _entry(path: Path, index: int, item: Any, actions: tuple[str, ...]) -> Annotation:
    where = f"{path}: entry {index}"
    if not isinstance(item, dict):
        raise InputError(f"{where} is no object: give image, action, object, width, height and points")
    for key, kind, wanted in (("image", str, "a path"), ("action", str, "a name"), ("points", list, "[[x, y], ...]")):
        if not isinstance(item.get(key), kind) or item[key] == "":
            raise InputError(f"{where} has no valid {key!r}: give {wanted}")
    try:
        select_names("action", [item["action"]], actions)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    height, width = item.get("height"), item.get("width")
    if type(height) is not int or type(width) is not int or min(height, width) < 1:
        raise InputError(f"{where} has width {width!r} and height {height!r}: give whole numbers of pixels")
    points = _points(where, item["points"], height, width)
    name = item.get("object", "")
    if not isinstance(name, str):
        raise InputError(f"{where} has the object {name!r}: give a name")
    return Annotation(path.parent / item["image"], item["action"], name, (height, width), points)


def _points(where: str, values: list[Any], height: int, width: int) -> NDArray[np.float64]:
    for value in values:
        pair = isinstance(value, list) and len(value) == 2
        if not pair or not all(type(v) in (int, float) and math.isfinite(v) for v in value):
            raise InputError(f"{where} has the point {value!r}: give [x, y] in pixels")
    points = np.array(values, np.float64).reshape(-1, 2)
    margin = MOST_OUTSIDE * max(height, width)
    outside = (points < -margin).any(1) | (points > np.array([width, height]) + margin).any(1)
    if outside.any():
        x, y = points[outside][0]
        raise InputError(
            f"{where} has the point ({x:g}, {y:g}) outside its {width}x{height} image: check the order x, y"
        )
    return points
