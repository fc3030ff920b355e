"""The annotation file that the paper's authors distribute for OPRA and for EPIC-Kitchens: what both have in common.

It is JSON with the lists `verbs` and `nouns`, the clips `train_clips` and `test_clips`, and the annotated images
`train_images` and `test_images`, all of which name verbs and nouns by index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from hotspot_core.data.annotation_files import read_json
from hotspot_core.data.annotations import Annotation
from hotspot_core.data.readers.reader import Split
from hotspot_core.errors import InputError


@dataclass(frozen=True)
class Released:
    """The file's content, checked as far as it is common to both data sets."""

    path: Path
    verbs: tuple[str, ...]
    nouns: tuple[str, ...]
    document: Mapping[str, Any]

    def entries(self, kind: Literal["clips", "images"], split: Split, keys: Sequence[str]) -> list[Mapping[str, Any]]:
        """The clips or images of a split.

        Raises:
            InputError: there are none, or one lacks a key or has a wrong index.
        """
        name = f"{checked_split(split)}_{kind}"
        entries = self.document.get(name)
        if not isinstance(entries, list) or not entries:
            raise InputError(f"{self.path}: no {name!r}: give the authors' annotations.json of this data set")
        for index, entry in enumerate(entries):
            missing = [key for key in keys if not isinstance(entry, dict) or key not in entry]
            if missing:
                raise InputError(f"{self.path}: {name} {index} has no {missing[0]!r}")
            for key, names in (("verb", self.verbs), ("noun", self.nouns)):
                value = entry.get(key, 0)
                if type(value) is not int or not 0 <= value < max(len(names), 1):
                    raise InputError(f"{self.path}: {name} {index} has the {key} {value!r}: known are {len(names)}")
        return entries

    def annotation(
        self, entry: Mapping[str, Any], image: Path, noun: str, size_hw: Sequence[int], points_xy: Any
    ) -> Annotation:
        """An entry of the images as an annotation.

        Raises:
            InputError: the points are no pairs of numbers.
        """
        try:
            points = np.asarray(points_xy, np.float64).reshape(-1, 2)
        except ValueError:
            raise InputError(f"{self.path}: the points for {image.name} are no pairs of numbers") from None
        return Annotation(image, self.verbs[entry["verb"]], noun, (int(size_hw[0]), int(size_hw[1])), points)


def read_released(path: str | Path) -> Released:
    """Read the authors' annotation file.

    Raises:
        InputError: the file is missing or is another one.
    """
    path = Path(path)
    document = read_json(path)
    names = [document.get(key) if isinstance(document, dict) else None for key in ("verbs", "nouns")]
    if not all(isinstance(items, list) and all(isinstance(item, str) for item in items) for items in names):
        raise InputError(f"{path}: no lists 'verbs' and 'nouns': give the authors' annotations.json")
    return Released(path, tuple(names[0] or ()), tuple(names[1] or ()), document)


def checked_split(split: str) -> str:
    """The split's name.

    Raises:
        InputError: it is neither "train" nor "test".
    """
    if split not in get_args(Split):
        raise InputError(f"unknown split {split!r}: known are {', '.join(get_args(Split))}")
    return split
