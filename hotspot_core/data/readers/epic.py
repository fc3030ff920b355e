"""EPIC-Kitchens: the release of 2018 with the annotation file of the paper's authors, and both with their own tables.

What the official tables (CSV) give stands in `hotspot_core.data.readers.epic_tables`, where the videos and frames of
both releases are looked for in `hotspot_core.data.readers.epic_layout`. The rest of this module is about the authors'
annotations of EPIC-Kitchens-55 (Damen et al., ECCV 2018). Of clips, frames or videos suffice:

    EPIC_KITCHENS_2018/frames_rgb_flow/rgb/train/P01/P01_01/frame_0000000001.jpg ...   60 per second, preferred
    EPIC_KITCHENS_2018/videos/train/P01/P01_01.MP4
    EPIC_KITCHENS_2018/object_detection_images/train/P01/P01_01/0000000001.jpg ...

The authors' folder has the annotations, and the images that were annotated:

    annotations.json
    images/P01_17_301_1084_92_1412_462...

In annotations.json, a clip has the video's name `v_id` and its first and last frame `start` and `stop`, counted from 1
at 60 per second; `inactive_images` has, per noun, boxes (left, top, right, bottom) around objects at rest, in frames
`f_id` of the detection images. A clip is paired with any box of its noun, drawn anew each time. An annotated image
is [file name, ...] with its shape (width, height) and points (x, y). The paper samples clips at 6 frames per second.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hotspot_core.data.annotations import AnnotationSet
from hotspot_core.data.clips import Clip
from hotspot_core.data.inactive_images import InactiveImage, readable
from hotspot_core.data.readers.epic_layout import EpicFolder
from hotspot_core.data.readers.epic_tables import read_epic_table
from hotspot_core.data.readers.reader import ClipQuery, ClipSource, Reader, Split
from hotspot_core.data.readers.released import Released, read_released
from hotspot_core.errors import InputError

FPS = 6.0
FRAME_RATE = 60.0


def read_epic_clips(root: str | Path, annotations: str | Path, split: Split = "train") -> list[Clip]:
    """The clips of a split. They have no inactive images: give `ClipDataset` those of `read_epic_inactive_images`.

    Nothing is opened, see `check_clips`.

    Args:
        root: the data set's folder.
        annotations: the authors' annotations.json.

    Raises:
        InputError: the file is missing or is not as described above; the text names the entry.
    """
    released, folder = read_released(annotations), EpicFolder(root)
    clips = []
    for index, entry in enumerate(released.entries("clips", split, ("v_id", "start", "stop", "verb", "noun"))):
        first, last = entry["start"], entry["stop"]
        if type(first) is not int or type(last) is not int or not 1 <= first < last:
            raise InputError(f"{released.path}: {split}_clips {index} goes from frame {first} to {last}")
        video, extracted = folder.find(str(entry["v_id"]))
        clips.append(
            Clip(
                video=video,
                start=(first - 1) / FRAME_RATE,
                stop=last / FRAME_RATE,
                action=released.verbs[entry["verb"]],
                object=released.nouns[entry["noun"]],
                inactive_image=None,
                frame_rate=FRAME_RATE if extracted else None,
            )
        )
    return clips


def read_epic_inactive_images(root: str | Path, annotations: str | Path) -> dict[str, list[InactiveImage]]:
    """Noun -> the boxes around such objects at rest; see `readable` for leaving missing images out.

    Args, raises: as for `read_epic_clips`.
    """
    released = read_released(annotations)
    by_noun = released.document.get("inactive_images")
    if not isinstance(by_noun, dict) or not by_noun:
        raise InputError(f"{released.path}: no 'inactive_images': give the authors' annotations.json for EPIC")
    folder = Path(root) / "object_detection_images/train"
    return {noun: [_inactive_image(released, folder, noun, item) for item in items] for noun, items in by_noun.items()}


def read_epic_annotations(annotations: str | Path, split: Split = "test") -> AnnotationSet:
    """The annotated images of a split, which lie beside the annotations. Images are not opened.

    Args, raises: as for `read_epic_clips`.
    """
    released = read_released(annotations)
    entries = []
    for entry in released.entries("images", split, ("image", "verb", "points", "shape")):
        image = released.path.parent / "images" / str(entry["image"][0])
        noun = released.nouns[entry["noun"]] if "noun" in entry else ""
        entries.append(released.annotation(entry, image, noun, entry["shape"][::-1], entry["points"]))
    return AnnotationSet(released.path, released.verbs, tuple(entries), exhaustive=False, benchmark="EPIC")


def _inactive_image(released: Released, folder: Path, noun: str, item: Any) -> InactiveImage:
    try:
        left, top, right, bottom = (float(value) for value in item["box"])
        path = _of_participant(folder, item["v_id"]) / f"{int(item['f_id']):010d}.jpg"
    except (KeyError, TypeError, ValueError):
        raise InputError(f"{released.path}: inactive image {item!r} of {noun!r}: give v_id, f_id and box") from None
    if not (left < right and top < bottom):
        raise InputError(f"{released.path}: inactive image {item!r} of {noun!r}: the box is empty")
    return InactiveImage(path, (left, top, right, bottom))


def _clip_source(query: ClipQuery) -> ClipSource:
    root, annotations = query.root, query.annotations
    if annotations is None:
        raise InputError(
            "data.kind epic: give data.annotations: a table of the release (EPIC_train_action_labels.csv, "
            "EPIC_100_train.csv), or the annotations.json that the paper's authors distribute"
        )
    if annotations.suffix.lower() == ".csv":
        table = read_epic_table(root, annotations)
        return ClipSource([table.clips], table.inactive_images)
    inactive = readable(read_epic_inactive_images(root, annotations))
    return ClipSource([read_epic_clips(root, annotations)], inactive, read_epic_annotations(annotations))


def _of_participant(folder: Path, video: str) -> Path:
    """Where a video named PARTICIPANT_NUMBER, or its folder, lies."""
    return folder / str(video).split("_")[0] / str(video)


READER = Reader("FILE.json", read_epic_annotations, _clip_source, protocol="paper")
