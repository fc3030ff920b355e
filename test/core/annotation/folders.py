"""Folders of photos and sessions over them, for tests of annotation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from media.recordings import write_image

from hotspot_core.annotation.document import AnnotationDocument
from hotspot_core.annotation.guess import ModelGuess
from hotspot_core.annotation.session import AnnotationSession


def photo_folder(folder: Path, names: Sequence[str] = ("a.png", "b.jpg", "sub/c.png")) -> Path:
    """Photos of 80 x 60 pixels, each of another gray."""
    for number, name in enumerate(names):
        write_image(folder / name, np.full((60, 80, 3), 60 + 40 * number, np.uint8))
    return folder


def open_session(folder: Path, actions: Sequence[str] = ("open", "press"), **options: bool) -> AnnotationSession:
    document = AnnotationDocument(folder / "annotations.json", actions, **options)
    return AnnotationSession(folder, document, ModelGuess())


def marks(
    points: dict[str, list[list[float]]] | None = None, complete: Sequence[str] = (), *, skipped: bool = False
) -> dict[str, object]:
    """Marks as a page sends them, the object of every action being a door."""
    points = points or {}
    named = dict.fromkeys(points, "door")
    return {"points": points, "objects": named, "complete": list(complete), "skipped": skipped}
