"""Annotated stills of any data set by one name: an annotation file, OPRA, EPIC-Kitchens or AGD20K."""

from __future__ import annotations

from pathlib import Path

from hotspot_core.data.annotations import AnnotationSet, read_annotations
from hotspot_core.data.readers.agd20k import read_agd20k_annotations
from hotspot_core.data.readers.epic import read_epic_annotations
from hotspot_core.data.readers.opra import read_opra_annotations

KINDS = "FILE.json, opra:FOLDER, epic:FILE.json or agd20k:FOLDER"


def read_annotated_images(source: str) -> AnnotationSet:
    """Read the test stills of a data set.

    Args:
        source: an annotation file; "opra:FOLDER", where an annotations.json in it is taken for the authors' file;
            "epic:FILE" with the authors' annotations.json; "agd20k:FOLDER" with `Seen` or `Unseen`.

    Raises:
        InputError: something is missing or is not what it should be; the text names it.
    """
    kind, _, place = source.partition(":")
    if kind == "opra" and place:
        released = Path(place) / "annotations.json"
        return read_opra_annotations(place, "test", released if released.is_file() else None)
    if kind == "epic" and place:
        return read_epic_annotations(place)
    if kind == "agd20k" and place:
        return read_agd20k_annotations(place)
    return read_annotations(source)
