"""The annotation file while it is being made: whole after every change, and nobody else's changes are lost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from hotspot_core.annotation.marks import MAX_NAME, OBJECTS, ImageMarks
from hotspot_core.data.annotation_files import read_annotations, read_json
from hotspot_core.data.annotations import Annotation, AnnotationSet
from hotspot_core.errors import InputError, select_names
from hotspot_core.utils.files import write_text

Items = tuple[list[dict[str, Any]], list[dict[str, Any]]]


class FileChangedError(Exception):
    """Somebody else wrote the annotation file meanwhile."""


class AnnotationDocument:
    """The file. What it holds of images that are not marked anew stays word for word, other keys included.

    Args:
        path: of the file, which need not exist yet.
        actions: those to mark; none for all of the file.
        add_actions: whether `actions` may name some that an existing file does not have.

    Attributes:
        path: as given.
        actions: those to mark.
        known: all actions of the file.

    Raises:
        InputError: the file is no annotation file, an action is unknown to it or no name, or there are no actions.
    """

    def __init__(self, path: Path, actions: Sequence[str] = (), *, add_actions: bool = False) -> None:
        self.path = path
        self.annotations: AnnotationSet | None = None
        self._stamp = self._file_stamp()
        self._raw: dict[str, Any] = {}
        self._items: dict[Path, Items] = {}
        self._marks: dict[Path, ImageMarks] = {}
        names = _checked_names(actions)
        if self._stamp is None:
            if not names:
                raise InputError(f"{path} does not exist yet: name the actions to mark, such as --actions open,press")
            self.actions = self.known = names
            return
        self.annotations = read_annotations(path, allow_empty=True)
        self._take(self.annotations)
        present = self.annotations.actions
        if add_actions:
            self.known = present + tuple(name for name in names if name not in present)
            self.actions = names or present
            return
        self.known = present
        try:
            self.actions = select_names("action", names, present)
        except InputError as error:
            raise InputError(f"{path}: {error}; --add-actions adds new ones to the file") from None

    def marks(self, image: Path, size_hw: tuple[int, int]) -> ImageMarks:
        """What is known of an image, in pixels of its own size, whatever the size at which it was annotated.

        Raises:
            InputError: it has another shape than when it was annotated.
        """
        marks = self._marks.get(image, ImageMarks())
        entries, _ = self._items.get(image, ([], []))
        if not entries:
            return marks
        height, width = entries[0]["height"], entries[0]["width"]
        if any((entry["height"], entry["width"]) != (height, width) for entry in entries):
            raise InputError(f"{self.path}: entries for {image.name} differ in width or height: make them agree")
        scale_x, scale_y = size_hw[1] / width, size_hw[0] / height
        if scale_x == scale_y == 1:
            return marks
        points = {
            action: tuple((min(size_hw[1], x * scale_x), min(size_hw[0], y * scale_y)) for x, y in places)
            for action, places in marks.points.items()
        }
        return ImageMarks(points, marks.objects, marks.complete, marks.skipped)

    def status(self, image: Path) -> str:
        """ "done" where all actions to mark are complete, else "skipped", "begun" or "new"."""
        marks = self._marks.get(image, ImageMarks())
        if set(self.actions) <= marks.complete:
            return "done"
        return "skipped" if marks.skipped else "begun" if marks.points or marks.complete else "new"

    def save(self, image: Path, marks: ImageMarks, size_hw: tuple[int, int]) -> None:
        """Puts the marks of an image in place of what the file had of it, and writes the file in one step.

        Raises:
            FileChangedError: it is not as this document wrote or read it last; it stays as it is.
            InputError: it cannot be written.
        """
        if self._file_stamp() != self._stamp:
            raise FileChangedError(f"{self.path} was changed by another program")
        before = self._items.get(image), self._marks.get(image)
        self._items[image] = marks.entries(self._place(image), size_hw)
        self._marks[image] = marks
        try:
            write_text(self.path, json.dumps(self._document(), indent=1, ensure_ascii=False))
        except InputError:
            self._items[image], self._marks[image] = before[0] or ([], []), before[1] or ImageMarks()
            raise
        self._stamp = self._file_stamp()

    def _document(self) -> dict[str, Any]:
        images, empty = ([item for items in self._items.values() for item in items[part]] for part in (0, 1))
        skipped = [self._place(image) for image, marks in self._marks.items() if marks.skipped]
        fixed = {"actions": list(self.known), "images": images, "empty": empty, "skipped": skipped}
        return {**fixed, **{key: value for key, value in self._raw.items() if key not in fixed}}

    def _take(self, annotations: AnnotationSet) -> None:
        """What the file has, per image; what it leaves to be understood is written out, as its actions may grow."""
        self._raw = read_json(self.path)
        sources = zip(annotations.entries, self._raw["images"], strict=True)
        for entry, item in sources:
            self._items.setdefault(entry.image.resolve(), ([], []))[0].append(
                {**item, "complete": sorted(annotations.complete.get(entry.image, annotations.actions))}
            )
        for one, item in zip(annotations.empty, self._raw.get("empty", []), strict=True):
            complete = sorted(annotations.complete.get(one.image, annotations.actions))
            self._items.setdefault(one.image.resolve(), ([], []))[1].append({**item, "complete": complete})
        skipped = self._raw.get("skipped", [])
        names = [name for name in skipped if isinstance(name, str)] if isinstance(skipped, list) else []
        passed_over = {(self.path.parent / name).resolve() for name in names}
        entries: dict[Path, list[Annotation]] = {}
        for entry in annotations.entries:
            entries.setdefault(entry.image.resolve(), []).append(entry)
        for image in {**self._items, **dict.fromkeys(passed_over)}:
            items = [item for part in self._items.get(image, ([], [])) for item in part]
            complete = frozenset(items[0]["complete"]) if items else frozenset()
            self._marks[image] = _marks_of(entries.get(image, []), complete, image in passed_over)

    def _place(self, image: Path) -> str:
        folder = self.path.parent.resolve()
        return (image.relative_to(folder) if image.is_relative_to(folder) else image).as_posix()

    def _file_stamp(self) -> tuple[int, int, int] | None:
        """What tells one writing of the file from another."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size


def _marks_of(entries: Iterable[Annotation], complete: frozenset[str], skipped: bool) -> ImageMarks:
    points: dict[str, tuple[tuple[float, float], ...]] = {}
    objects: dict[str, str] = {}
    for entry in entries:
        height, width = entry.size_hw
        # Clicks beside an image come in by its edge, as everything that is marked here lies on it.
        places = tuple((min(max(x, 0.0), width), min(max(y, 0.0), height)) for x, y in entry.points.tolist())
        if not places:
            continue
        points[entry.action] = points.get(entry.action, ()) + places
        same = objects.get(entry.action, entry.object) == entry.object
        objects[entry.action] = entry.object if same else OBJECTS
    return ImageMarks(points, objects, complete, skipped)


def _checked_names(actions: Sequence[str]) -> tuple[str, ...]:
    for name in actions:
        if not name.isprintable() or len(name) > MAX_NAME:
            raise InputError(f"action {name!r}: give a name of up to {MAX_NAME} printable characters")
    return select_names("action", actions, tuple(dict.fromkeys(actions))) if actions else ()
