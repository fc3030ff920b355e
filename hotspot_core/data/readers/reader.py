"""What a reader of a data set offers: annotated images to score and to learn from and, for some, clips."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hotspot_core.data.annotations import AnnotationSet
from hotspot_core.data.clips import Clip
from hotspot_core.data.inactive_images import InactiveImage

Split = Literal["train", "test"]


@dataclass(frozen=True)
class ClipSource:
    """Clips to learn from.

    Attributes:
        tables: the clips, one list per clip table, or one list for a whole data set.
        inactive_images: object -> images of it at rest, for clips without one of their own; None where all have one.
        validation: the data set's own annotated images to score maps on; None for none.
    """

    tables: Sequence[Sequence[Clip]]
    inactive_images: Mapping[str, Sequence[InactiveImage]] | None = None
    validation: AnnotationSet | None = None


@dataclass(frozen=True)
class ClipQuery:
    """Which clips are asked of a data set.

    Attributes:
        root: its folder.
        annotations: a file of annotations, where the data set takes one.
        cameras: of data sets that have several; empty for all.
        episodes: likewise, numbers and ranges as in "0:80,90"; None for all.
    """

    root: Path
    annotations: Path | None = None
    cameras: Sequence[str] = ()
    episodes: str | None = None


@dataclass(frozen=True)
class Reader:
    """How a data set is read in the layout of its release.

    Attributes:
        place: what stands behind its name in a source, "FOLDER" or "FILE.json".
        annotated_images: place, split -> annotated images; a data set without a split of them has one and the same;
            None for a data set without annotated images.
        clips: None for a data set without clips.
        has_cameras: whether clips can be asked for by cameras and episodes.
        protocol: name of the evaluation protocol under which figures are published for it.
    """

    place: str
    annotated_images: Callable[[str, Split], AnnotationSet] | None
    clips: Callable[[ClipQuery], ClipSource] | None = None
    has_cameras: bool = False
    protocol: str = "deployed"
