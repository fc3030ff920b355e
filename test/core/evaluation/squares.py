"""A small world for tests: grey pictures with a red square, where one opens, and a blue one, where one presses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from media.recordings import write_image

from hotspot_core.data.annotation_files import read_annotations, write_annotations
from hotspot_core.data.annotations import Annotation, AnnotationSet

ACTIONS = ("open", "press")
COLOURS = {"open": (220, 40, 40), "press": (40, 60, 220)}
OBJECTS = ("door", "radio", "oven")


def square_images(folder: Path, count: int = 12, size: int = 64, seed: int = 0) -> AnnotationSet:
    """Writes `count` pictures, each annotated for both actions; objects take turns."""
    rng = np.random.default_rng(seed)
    entries = []
    for index in range(count):
        image = rng.integers(90, 130, (size, size, 3), dtype=np.uint8)
        half = size // 10
        left, right = rng.integers(half, size // 2 - half), rng.integers(size // 2 + half, size - half)
        columns = (left, right) if rng.random() < 0.5 else (right, left)
        path = folder / "images" / f"{index:03d}.png"
        for action, x in zip(ACTIONS, columns, strict=True):
            y = int(rng.integers(half, size - half))
            image[y - half : y + half, x - half : x + half] = COLOURS[action]
            points = np.array([[x, y], [x - 1, y - 1], [x + 1, y]], np.float64)
            entries.append(Annotation(path, action, OBJECTS[index % len(OBJECTS)], (size, size), points))
        write_image(path, image)
    write_annotations(folder / "images.json", ACTIONS, entries)
    return read_annotations(folder / "images.json")


def save_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> Path:
    """Writes an .npz file of arrays whose names need not be Python's."""
    named: Any = dict(arrays)
    np.savez(path, **named)
    return path
