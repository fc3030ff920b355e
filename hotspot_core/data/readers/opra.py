"""OPRA (Fang et al., CVPR 2018): product reviews on video, with points on photos of the same products.

The folder is what the data set's own instructions leave (https://github.com/kuanfang/opra):

    OPRA/data/annotations/train.txt, test.txt
    OPRA/data/images/CHANNEL/PLAYLIST/PRODUCT/IMAGE.jpg
    OPRA/data/clips/CHANNEL/PLAYLIST/PRODUCT/START_DURATION.mp4
    OPRA/data/frames/CHANNEL/PLAYLIST/PRODUCT/START_DURATION.mp4/image-00000001.jpg ...   optional, preferred

Frames, where there are some, were extracted at 5 per second, as the paper's authors do (at 256x256, whatever their
aspect ratio was); clips are sampled at that rate all the same. A line of the text files is

    CHANNEL PLAYLIST PRODUCT START DURATION IMAGE HEIGHT WIDTH ACTION X1 Y1 ... X10 Y10

with the action counted from 1. The release's first version has lines without ACTION; all that they have is called
`interact`. The authors' annotations.json, which has actions, serves in place of these files. There a clip is
[CHANNEL, PLAYLIST, PRODUCT, START, DURATION], an image [CHANNEL, PLAYLIST, PRODUCT, IMAGE], a shape (height, width) and
a point (row, column). An object is the noun there, a product (CHANNEL/PLAYLIST/PRODUCT) otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hotspot_core.data.annotations import Annotation, AnnotationSet
from hotspot_core.data.clips import Clip
from hotspot_core.data.readers.reader import ClipQuery, ClipSource, Reader, Split
from hotspot_core.data.readers.released import checked_split, read_released
from hotspot_core.errors import InputError

ACTIONS = ("hold", "touch", "rotate", "push", "pull", "pick up", "put down")
# Where lines have none.
UNNAMED = "interact"
UNNAMED_WORDS = 8
FPS = 5.0


def read_opra_clips(root: str | Path, split: Split = "train", annotations: str | Path | None = None) -> list[Clip]:
    """The clips of a split, each once per image that it is paired with. Nothing is opened, see `check_clips`.

    Args:
        root: the folder that has `data/`.
        annotations: the authors' annotations.json; None for the data set's own text files.

    Raises:
        InputError: a file is missing or is not as described above; the text names the line or entry.
    """
    folder = _data(root)
    if annotations is None:
        clips = [_clip(folder, line.clip, line.image, line.action, line.object) for line in _lines(folder, split)]
        return list(dict.fromkeys(clips))
    released = read_released(annotations)
    clips = []
    for entry in released.entries("clips", split, ("clip", "image", "verb")):
        names, image = [str(part) for part in entry["clip"]], [str(part) for part in entry["image"]]
        if len(names) != 5 or len(image) != 4:
            raise InputError(f"{released.path}: the clip {names} with the image {image}: this is not OPRA's file")
        noun = released.nouns[entry["noun"]] if "noun" in entry else "/".join(image[:3])
        clips.append(_clip(folder, names, image, released.verbs[entry["verb"]], noun))
    return clips


def read_opra_annotations(
    root: str | Path, split: Split = "test", annotations: str | Path | None = None
) -> AnnotationSet:
    """The annotated photos of a split, one entry per annotator and clip; evaluation merges them. Images are not opened.

    Args, raises: as for `read_opra_clips`.
    """
    folder = _data(root)
    if annotations is None:
        lines = _lines(folder, split)
        actions = (UNNAMED,) if lines[0].action == UNNAMED else ACTIONS
        entries = tuple(line.annotation(folder) for line in lines)
        return AnnotationSet(_text_file(folder, split), actions, entries, exhaustive=False, benchmark="OPRA")
    released = read_released(annotations)
    found = []
    for entry in released.entries("images", split, ("image", "verb", "points", "shape")):
        image = [str(part) for part in entry["image"]]
        noun = released.nouns[entry["noun"]] if "noun" in entry else "/".join(image[:3])
        points = np.asarray(entry["points"], np.float64).reshape(-1, 2)[:, ::-1]
        found.append(released.annotation(entry, folder.joinpath("images", *image), noun, entry["shape"], points))
    return AnnotationSet(released.path, released.verbs, tuple(found), exhaustive=False, benchmark="OPRA")


@dataclass(frozen=True)
class _Line:
    """A line of the data set's own text files."""

    clip: tuple[str, ...]
    image: tuple[str, ...]
    action: str
    size_hw: tuple[int, int]
    points: tuple[float, ...]

    @property
    def object(self) -> str:
        return "/".join(self.clip[:3])

    def annotation(self, folder: Path) -> Annotation:
        points = np.array(self.points).reshape(-1, 2)
        return Annotation(folder.joinpath("images", *self.image), self.action, self.object, self.size_hw, points)


def _lines(folder: Path, split: str) -> list[_Line]:
    path = _text_file(folder, split)
    try:
        texts = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or 'cannot be read'}: see OPRA's instructions") from None
    numbered = [(f"{path}: line {number}", text.split()) for number, text in enumerate(texts, 1) if text.strip()]
    if not numbered:
        raise InputError(f"{path}: the file is empty")
    # Points are pairs: what is before them is 9 words, or 8 without an action.
    unnamed = all(len(items) > UNNAMED_WORDS and len(items) % 2 == UNNAMED_WORDS % 2 for _, items in numbered)
    return [_line(where, items, unnamed) for where, items in numbered]


def _line(where: str, items: Sequence[str], unnamed: bool) -> _Line:
    head = items[6:UNNAMED_WORDS] if unnamed else items[6 : UNNAMED_WORDS + 1]
    try:
        height, width, *number = (int(float(item)) for item in head)
        points = tuple(float(item) for item in items[6 + len(head) :])
    except ValueError:
        raise InputError(f"{where}: no numbers from the seventh word on: this is not OPRA's file") from None
    if not points or len(points) % 2:
        raise InputError(f"{where} has {len(points)} coordinates: give x and y of at least one point")
    if number and not 1 <= number[0] <= len(ACTIONS):
        raise InputError(f"{where} has the action {number[0]}: known are 1 to {len(ACTIONS)}")
    action = ACTIONS[number[0] - 1] if number else UNNAMED
    return _Line(tuple(items[:5]), (*items[:3], items[5]), action, (height, width), points)


def _clip(folder: Path, names: Sequence[str], image: Sequence[str], action: str, noun: str) -> Clip:
    place = Path(*names[:3], f"{names[3]}_{names[4]}.mp4")
    frames = folder / "frames" / place
    extracted = frames.is_dir()
    return Clip(
        video=frames if extracted else folder / "clips" / place,
        start=0.0,
        stop=None,
        action=action,
        object=noun,
        inactive_image=folder.joinpath("images", *image),
        frame_rate=FPS if extracted else None,
    )


def _data(root: str | Path) -> Path:
    folder = Path(root) / "data"
    if not folder.is_dir():
        raise InputError(f"{root}: no folder 'data' in it: give the folder that OPRA's scripts were run in")
    return folder


def _text_file(folder: Path, split: str) -> Path:
    return folder / "annotations" / f"{checked_split(split)}.txt"


def _annotated_images(place: str, split: Split) -> AnnotationSet:
    released = Path(place) / "annotations.json"
    return read_opra_annotations(place, split, released if released.is_file() else None)


def _clip_source(query: ClipQuery) -> ClipSource:
    validation = read_opra_annotations(query.root, "test", query.annotations)
    return ClipSource([read_opra_clips(query.root, "train", query.annotations)], None, validation)


READER = Reader("FOLDER", _annotated_images, _clip_source, protocol="paper")
