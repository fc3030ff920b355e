"""Annotation files, in JSON:

    {"actions": ["open", ...],
     "images": [{"image": "door.jpg", "action": "open", "object": "door", "width": 640, "height": 480,
                 "points": [[x, y], ...]}, ...],
     "empty": [{"image": "wall.jpg", "width": 640, "height": 480}, ...]}

Image paths are relative to the file. Points are in pixels from the image's top-left corner. One image may have several
entries, for other actions or from other people; `merged` brings those of an image and an action together. Other keys
are allowed and ignored; `object` may be left out.

An image affords the actions that it has entries for, and no other of `actions`. Where only some actions were looked
for, an entry of the image names them: `"complete": ["open", "close"]`; of the others nothing is known. `empty`, which
may be left out, lists images that afford none of the actions, or none of those in its `complete`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hotspot_core.data.annotations import Annotation, AnnotationSet, EmptyImage
from hotspot_core.errors import InputError, select_names
from hotspot_core.utils.files import write_text

# Resizing and clicking beside an image put points out of it, but not by more than this fraction of its longer side.
MAX_OUTSIDE = 0.1


def read_annotations(path: str | Path, *, allow_empty: bool = False) -> AnnotationSet:
    """Read and check an annotation file. Images are not opened.

    Args:
        path: of the file.
        allow_empty: take one without entries, too, as a beginning.

    Raises:
        InputError: the file is missing, is no such JSON, has no entries, or an entry is wrong (the text names it).
    """
    path = Path(path)
    document = read_json(path)
    if not isinstance(document, dict) or not isinstance(document.get("images"), list):
        raise InputError(f'{path}: no annotation file: give {{"actions": [...], "images": [...]}}')
    actions = _action_names(path, document.get("actions"))
    if not document["images"] and not allow_empty:
        raise InputError(f"{path}: 'images' is empty: list at least one entry")
    items: list[Any] = document["images"]
    entries = tuple(_entry(path, index, item, actions) for index, item in enumerate(items))
    empty = _empty_images(path, document.get("empty", []), {entry.image for entry in entries})
    complete = {
        one.image: _complete(f"{path}: empty image {one.image.name}", item["complete"], actions)
        for one, item in zip(empty, document.get("empty", []), strict=True)
        if "complete" in item
    }
    for index, (entry, item) in enumerate(zip(entries, items, strict=True)):
        if "complete" in item:
            named = _complete(f"{path}: entry {index}", item["complete"], actions)
            if complete.setdefault(entry.image, named) != named:
                raise InputError(f"{path}: entries for {entry.image.name} differ in 'complete': make them agree")
    return AnnotationSet(path, actions, entries, empty, complete)


def write_annotations(
    path: str | Path,
    actions: Sequence[str],
    entries: Iterable[Annotation],
    empty: Iterable[EmptyImage] = (),
    complete: Mapping[Path, Iterable[str]] | None = None,
) -> None:
    """Write an annotation file; images below its folder get relative paths.

    Raises:
        InputError: it cannot be written.
    """
    path = Path(path)
    folder = path.parent.resolve()

    def place(item: Annotation | EmptyImage) -> str:
        image = item.image.resolve()
        return (image.relative_to(folder) if image.is_relative_to(folder) else image).as_posix()

    def described(item: Annotation | EmptyImage) -> dict[str, Any]:
        known = {"complete": sorted(complete[item.image])} if complete and item.image in complete else {}
        return {"width": item.size_hw[1], "height": item.size_hw[0], **known}

    items = []
    for entry in entries:
        names = {"image": place(entry), "action": entry.action, "object": entry.object}
        items.append({**names, **described(entry), "points": entry.points.tolist()})
    document: dict[str, Any] = {"actions": list(actions), "images": items}
    without = [{"image": place(item), **described(item)} for item in empty]
    if without:
        document["empty"] = without
    write_text(path, json.dumps(document, indent=1))


def read_json(path: Path) -> Any:
    """A JSON file's content.

    Raises:
        InputError: the file is missing or is no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
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
    for key, kind, form in (("image", str, "a path"), ("action", str, "a name"), ("points", list, "[[x, y], ...]")):
        if not isinstance(item.get(key), kind) or item[key] == "":
            raise InputError(f"{where} has no valid {key!r}: give {form}")
    try:
        select_names("action", [item["action"]], actions)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    height, width = _size(where, item)
    points = checked_points(where, item["points"], height, width)
    name = item.get("object", "")
    if not isinstance(name, str):
        raise InputError(f"{where} has the object {name!r}: give a name")
    return Annotation(path.parent / item["image"], item["action"], name, (height, width), points)


def _size(where: str, item: Mapping[str, Any]) -> tuple[int, int]:
    """Height and width."""
    height, width = item.get("height"), item.get("width")
    if type(height) is not int or type(width) is not int or min(height, width) < 1:
        raise InputError(f"{where} has width {width!r} and height {height!r}: give whole numbers of pixels")
    return height, width


def _empty_images(path: Path, items: Any, annotated: set[Path]) -> tuple[EmptyImage, ...]:
    if not isinstance(items, list):
        raise InputError(f"{path}: 'empty' must be a list of images that afford no action")
    images = []
    for index, item in enumerate(items):
        where = f"{path}: empty image {index}"
        if not isinstance(item, dict) or not isinstance(item.get("image"), str) or not item["image"]:
            raise InputError(f"{where} has no valid 'image': give a path")
        image = path.parent / item["image"]
        if image in annotated:
            raise InputError(f"{where}, {item['image']}, has entries, too: it is not empty")
        images.append(EmptyImage(image, _size(where, item)))
    return tuple(images)


def _complete(where: str, names: Any, actions: tuple[str, ...]) -> frozenset[str]:
    if not isinstance(names, list):
        raise InputError(f"{where} has the 'complete' {names!r}: list the actions that were looked for")
    try:
        return frozenset(select_names("action", names, actions)) if names else frozenset()
    except InputError as error:
        raise InputError(f"{where}, 'complete': {error}") from None


def checked_points(where: str, values: list[Any], height: int, width: int) -> NDArray[np.float64]:
    """(P, 2) x, y in pixels of an image of that size.

    Args:
        where: what they belong to, for the error's text.
        values: [[x, y], ...].

    Raises:
        InputError: one is no pair of finite numbers, or lies clearly outside the image.
    """
    for value in values:
        pair = isinstance(value, list) and len(value) == 2
        if not pair or not all(type(v) in (int, float) and math.isfinite(v) for v in value):
            raise InputError(f"{where} has the point {value!r}: give [x, y] in pixels")
    points = np.array(values, np.float64).reshape(-1, 2)
    margin = MAX_OUTSIDE * max(height, width)
    outside = (points < -margin).any(1) | (points > np.array([width, height]) + margin).any(1)
    if outside.any():
        x, y = points[outside][0]
        raise InputError(
            f"{where} has the point ({x:g}, {y:g}) outside its {width}x{height} image: check the order x, y"
        )
    return points
