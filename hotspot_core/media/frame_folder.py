"""The frames of a video as numbered images in a folder."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import ceil
from pathlib import Path

from hotspot_core.errors import InputError
from hotspot_core.media.images import Image, read_image

_NAME = re.compile(r"(.*?)(\d+)(\.(?:jpe?g|png|bmp|webp|tiff?))", re.IGNORECASE)
# Of two images of one frame, the one that has lost nothing.
_PREFERRED = (".png", ".tif", ".tiff", ".bmp", ".webp", ".jpg", ".jpeg")
# Images of another name next to so many times as many frames are no second recording.
_MANY = 10
# So many frames in a row may be missing: a recorder that drops some drops few.
MAX_MISSING = 5


@dataclass(frozen=True)
class FrameFolder:
    """Frames in the order of their numbers.

    Attributes:
        path: the folder.
        files: the images.
        places: the index of each in the video, from 0 on and rising: numbers divided by their usual step. Where some
            are missing, the frame before is shown on.
    """

    path: Path
    files: tuple[Path, ...]
    places: tuple[int, ...]

    @property
    def length(self) -> int:
        """Number of frames, those that are missing included."""
        return self.places[-1] + 1

    def read(self, index: int) -> Image:
        """Frame `index`, counted from 0, as (H, W, 3) uint8 RGB.

        Raises:
            InputError: it is no image, or has gone.
        """
        path = self.files[bisect_right(self.places, index) - 1]
        try:
            return read_image(path)
        except InputError as error:
            raise InputError(f"{path}: the frame is missing or is no image") from error

    def check(self, start: float, stop: float) -> None:
        """Make sure that the frames from index `start` to `stop` are there, and that the first and last are images.

        Raises:
            InputError: one is no image, or more than `MAX_MISSING` are missing in a row.
        """
        first, last = int(start), min(self.length, ceil(stop)) - 1
        for before, after in pairwise(self.places):
            if after - before - 1 > MAX_MISSING and before < last and after > first:
                name = self.files[self.places.index(before)].name
                raise InputError(f"{self.path}: {after - before - 1} frames after {name} are missing")
        for index in sorted({first, max(first, last)}):
            self.read(index)


@lru_cache(maxsize=256)
def frame_folder(path: Path) -> FrameFolder:
    """The frames in a folder, which is listed once only; hidden files and files without a number are passed over.

    Raises:
        InputError: there are no numbered images, or those of several recordings, such as rgb_1.png and depth_1.png.
    """
    names = [match for entry in path.iterdir() if (match := _NAME.fullmatch(entry.name)) and entry.name[0] != "."]
    if not names:
        raise InputError(f"{path}: the folder has no numbered frames (such as frame_0001.jpg)")
    recordings: dict[str, dict[int, list[re.Match[str]]]] = defaultdict(lambda: defaultdict(list))
    for name in names:
        recordings[name[1]][int(name[2])].append(name)
    (prefix, frames), *others = sorted(recordings.items(), key=lambda item: -len(item[1]))
    if others and len(frames) < _MANY * len(others[0][1]):
        kinds = f"{prefix}* ({len(frames)}) and {others[0][0]}* ({len(others[0][1])})"
        raise InputError(f"{path}: frames of several recordings, {kinds}: move one of them to a folder of its own")
    numbers = sorted(frames)
    usual = Counter(name[3].lower() for twins in frames.values() for name in twins)
    files = tuple(path / min(frames[number], key=lambda name: _rank(name, usual))[0] for number in numbers)
    step = Counter(after - before for before, after in pairwise(numbers)).most_common(1)[0][0] if numbers[1:] else 1
    places = [(number - numbers[0]) // step for number in numbers]
    if len(set(places)) < len(places):
        # Numbers without a step are those of nothing: the frames follow each other.
        places = list(range(len(numbers)))
    return FrameFolder(path, files, tuple(places))


def _rank(name: re.Match[str], usual: Counter[str]) -> tuple[int, int]:
    """Of several images of one frame the first is taken: of the suffix that more frames have, then by quality."""
    suffix = name[3].lower()
    return -usual[suffix], _PREFERRED.index(suffix)
