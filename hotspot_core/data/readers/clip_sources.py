"""Where clips come from: clip tables of any videos, OPRA, EPIC-Kitchens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hotspot_core.data.annotations import AnnotationSet, read_annotations
from hotspot_core.data.clips import Clip, read_clip_table
from hotspot_core.data.inactive_images import InactiveImage, readable
from hotspot_core.data.readers.epic import read_epic_annotations, read_epic_clips, read_epic_inactive_images
from hotspot_core.data.readers.opra import read_opra_annotations, read_opra_clips
from hotspot_core.errors import InputError

Kind = Literal["table", "opra", "epic"]


@dataclass(frozen=True)
class Source:
    """What a training run is made of.

    Attributes:
        tables: the clips, one list per clip table, or one list for a whole data set.
        stills: object -> stills of it at rest, for clips without one of their own; None where all have one.
        validation: annotated stills to score maps on; None for none.
    """

    tables: Sequence[Sequence[Clip]]
    stills: Mapping[str, Sequence[InactiveImage]] | None
    validation: AnnotationSet | None


def read_source(
    kind: Kind, train: Sequence[Path], root: Path | None, annotations: Path | None, validation: Path | None
) -> Source:
    """The clips and annotated stills of a data set; of these, only EPIC-Kitchens' stills of objects are opened.

    Args:
        kind: `table` for clip tables, else a data set in the layout of its release.
        train: the clip tables.
        root: folder of the data set.
        annotations: the authors' annotations.json: needed for EPIC-Kitchens, in place of OPRA's own files for OPRA.
        validation: annotation file of stills; None for the data set's own test stills.

    Raises:
        InputError: an option is missing or does not belong to the data set, or a file is not as it should be.
    """
    stills = None if validation is None else read_annotations(validation)
    if kind == "table":
        if not train or root is not None or annotations is not None:
            raise InputError(
                "data.kind table: give data.train, a list of clip tables, and neither root nor annotations"
            )
        return Source([read_clip_table(table) for table in train], None, stills)
    if train or root is None:
        raise InputError(f"data.kind {kind}: give data.root, the folder of the data set, and no data.train")
    if kind == "opra":
        return Source(
            [read_opra_clips(root, "train", annotations)],
            None,
            stills or read_opra_annotations(root, "test", annotations),
        )
    if annotations is None:
        raise InputError(
            "data.kind epic: give data.annotations, the annotations.json that the paper's authors distribute"
        )
    inactive = readable(read_epic_inactive_images(root, annotations))
    return Source([read_epic_clips(root, annotations)], inactive, stills or read_epic_annotations(annotations))
