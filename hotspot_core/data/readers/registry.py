"""The data sets that can be learned from and scored on, by name.

A new one is a module in this package with a `READER`, a line in `READERS`, and a test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from hotspot_core.data.annotation_files import read_annotations
from hotspot_core.data.annotations import AnnotationSet
from hotspot_core.data.clips import read_clip_table
from hotspot_core.data.readers import agd20k, coco, epic, lerobot, opra, part_masks, release_output
from hotspot_core.data.readers.reader import ClipQuery, ClipSource, Reader, Split
from hotspot_core.errors import InputError, select_names

READERS: Mapping[str, Reader] = {
    "opra": opra.READER,
    "epic": epic.READER,
    "agd20k": agd20k.READER,
    "lerobot": lerobot.READER,
    "coco": coco.READER,
    "umd": part_masks.UMD,
    "iit-aff": part_masks.IIT_AFF,
    "release": release_output.READER,
}
# Clip tables, which need no reader.
TABLE = "table"
CLIP_KINDS = (TABLE, *(name for name, reader in READERS.items() if reader.clips))
# How a source of annotated images is written, for a command's help.
_ANNOTATED = {name: reader.annotated_images for name, reader in READERS.items() if reader.annotated_images}
SOURCES = ", ".join(["FILE.json", *(f"{name}:{READERS[name].place}" for name in _ANNOTATED)])


def read_annotated_images(source: str | Path, split: Split = "test") -> AnnotationSet:
    """The annotated images of any data set.

    Args:
        source: an annotation file, or NAME:PLACE with a name in `READERS`: "opra:FOLDER", where an annotations.json in
            it is taken for the authors' file; "epic:FILE" with the authors' annotations.json; "agd20k:FOLDER" with
            `Seen` or `Unseen`; "coco:FILE" with keypoints in COCO's layout; "release:FOLDER" with the maps of the
            authors' release; "umd:FOLDER" and "iit-aff:FOLDER" with masks of parts.
        split: of a data set that has one; an annotation file is what it is.

    Raises:
        InputError: something is missing or is not what it should be; the text names it.
    """
    name, _, place = str(source).partition(":")
    if name in _ANNOTATED and place:
        return _ANNOTATED[name](place, split)
    if name in READERS and place:
        raise InputError(f"{source}: such a data set has clips, but no annotated images: give {SOURCES}")
    return read_annotations(source)


def protocol_name(source: str | Path) -> str:
    """The name of the protocol under which figures are published for a source; "deployed" for an annotation file."""
    name, _, place = str(source).partition(":")
    return READERS[name].protocol if name in READERS and place else "deployed"


def read_clips(
    kind: str,
    tables: Sequence[Path] = (),
    root: Path | None = None,
    annotations: Path | None = None,
    cameras: Sequence[str] = (),
    episodes: str | None = None,
) -> ClipSource:
    """The clips of a data set.

    Args:
        kind: "table" for clip tables, else a name in `READERS`, for a data set in the layout of its release.
        tables: the clip tables.
        root: folder of the data set.
        annotations: for EPIC-Kitchens a table of the release (.csv) or the authors' annotations.json; for OPRA the
            latter, in place of OPRA's own files; for LeRobot a table of verbs (.csv), in place of the package's own.
        cameras, episodes: for LeRobot, see `ClipQuery`.

    Raises:
        InputError: an option is missing or does not belong to the data set, or a file is not as it should be.
    """
    select_names("data.kind", [kind], CLIP_KINDS)
    if (cameras or episodes) and not (kind in READERS and READERS[kind].has_cameras):
        raise InputError(f"data.kind {kind}: it has no cameras and episodes to choose among: leave them out")
    if kind == TABLE:
        if not tables or root is not None or annotations is not None:
            raise InputError(
                "data.kind table: give data.train, a list of clip tables, and neither root nor annotations"
            )
        return ClipSource([read_clip_table(table) for table in tables])
    if tables or root is None:
        raise InputError(f"data.kind {kind}: give data.root, the folder of the data set, and no data.train")
    read = READERS[kind].clips
    assert read is not None
    return read(ClipQuery(root, annotations, cameras, episodes))
