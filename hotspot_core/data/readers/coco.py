"""Keypoints in COCO's layout, as annotation tools export them and files of human-object interactions have them:

    {"images": [{"id": 7, "file_name": "kitchen/7.jpg", "width": 640, "height": 480}, ...],
     "categories": [{"id": 1, "name": "drawer", "keypoints": ["open", "close"]}, ...],
     "verbs": [{"id": 4, "name": "open"}, ...],
     "annotations": [{"image_id": 7, "category_id": 1, "keypoints": [320, 240, 2, 0, 0, 0], "verb_id": 4}, ...]}

`keypoints` of an annotation are x, y and visibility in turn, 0 where a point is not annotated. What they are points of
is, in this order: the annotation's verb (`verb`, a name, or `verb_id`, one of `verbs`), and the category is the object;
the names of the category's keypoints, and the category is the object; or the category's own name, and its
`supercategory` is the object. Only what is annotated is known: an action without a point may be afforded.

Image files lie below the file's folder, or below a folder `images` in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hotspot_core.data.annotation_files import checked_points, read_json
from hotspot_core.data.annotations import Annotation, AnnotationSet
from hotspot_core.data.readers.reader import Reader, Split
from hotspot_core.errors import InputError


def read_coco_keypoints(path: str | Path) -> AnnotationSet:
    """The annotated images, an entry for each action of an annotation. Images are not opened.

    Raises:
        InputError: the file is missing or not as described above, no point is annotated, or one lies outside its image.
    """
    path = Path(path)
    document = read_json(path)
    if not isinstance(document, dict):
        raise InputError(f"{path}: no COCO file: give images, categories and annotations")
    images, categories = (_by_id(path, document, name) for name in ("images", "categories"))
    verbs = _by_id(path, document, "verbs") if "verbs" in document else {}
    entries: list[Annotation] = []
    for index, item in enumerate(_list(path, document, "annotations")):
        where = f"{path}: annotation {index}"
        image, category = _of(where, item, "image_id", images), _of(where, item, "category_id", categories)
        size_hw, place = _size(where, image), _place(path, image)
        for action, noun, values in _actions(where, item, category, verbs):
            entries.append(Annotation(place, action, noun, size_hw, checked_points(where, values, *size_hw)))
    if not entries:
        raise InputError(f"{path}: no annotation has keypoints with a visibility above 0")
    actions = tuple(sorted({entry.action for entry in entries}))
    return AnnotationSet(path, actions, tuple(entries), exhaustive=False)


def _actions(
    where: str, item: Mapping[str, Any], category: Mapping[str, Any], verbs: Mapping[Any, Mapping[str, Any]]
) -> Iterator[tuple[str, str, list[list[float]]]]:
    """Action, object, and the points of it."""
    rows = _keypoints(where, item)
    annotated = [row[:2].tolist() for row in rows if row[2] > 0]
    name, names = str(category.get("name", "")), category.get("keypoints")
    if "verb" in item or "verb_id" in item:
        verb = item["verb"] if "verb" in item else _of(where, item, "verb_id", verbs).get("name")
        if annotated:
            yield str(verb), name, annotated
    elif isinstance(names, list) and names:
        if len(rows) != len(names):
            raise InputError(f"{where} has {len(rows)} keypoints, its category {name!r} {len(names)}: {names}")
        by_name: dict[str, list[list[float]]] = {}
        for row, action in zip(rows, names, strict=True):
            if row[2] > 0:
                by_name.setdefault(str(action), []).append(row[:2].tolist())
        yield from ((action, name, points) for action, points in by_name.items())
    elif annotated:
        yield name, str(category.get("supercategory", "")), annotated


def _keypoints(where: str, item: Mapping[str, Any]) -> np.ndarray:
    """(K, 3): x, y, visibility."""
    try:
        return np.asarray(item.get("keypoints") or [], np.float64).reshape(-1, 3)
    except (TypeError, ValueError):
        raise InputError(f"{where} has keypoints that are no x, y, visibility in turn") from None


def _list(path: Path, document: Mapping[str, Any], name: str) -> list[Any]:
    items = document.get(name)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise InputError(f"{path}: no list {name!r} of objects: give COCO's images, categories and annotations")
    return items


def _by_id(path: Path, document: Mapping[str, Any], name: str) -> dict[Any, Mapping[str, Any]]:
    return {item.get("id"): item for item in _list(path, document, name)}


def _of(where: str, item: Mapping[str, Any], key: str, known: Mapping[Any, Mapping[str, Any]]) -> Mapping[str, Any]:
    if item.get(key) not in known:
        raise InputError(f"{where} has the {key} {item.get(key)!r}: no such id in the file")
    return known[item[key]]


def _place(path: Path, image: Mapping[str, Any]) -> Path:
    name = str(image.get("file_name", ""))
    below = path.parent / "images" / name
    return below if below.is_file() else path.parent / name


def _size(where: str, image: Mapping[str, Any]) -> tuple[int, int]:
    """Height and width."""
    height, width = image.get("height"), image.get("width")
    if type(height) is not int or type(width) is not int or min(height, width) < 1:
        raise InputError(f"{where}: its image has width {width!r} and height {height!r}: give whole numbers of pixels")
    return height, width


def _annotated_images(place: str, _split: Split) -> AnnotationSet:
    return read_coco_keypoints(place)


READER = Reader("FILE.json", _annotated_images)
