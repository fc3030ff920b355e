"""Where pictures come from: image files, folders of them, videos and webcams."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hotspot_core.errors import InputError
from hotspot_core.media.images import IMAGE_SUFFIXES, images_in, is_image, read_image

# Where a webcam or video does not say how fast it is.
USUAL_RATE = 25.0


class Frame(NamedTuple):
    """A picture of a source: its number from 0, its time in seconds, (H, W, 3) uint8 RGB."""

    number: int
    time: float
    image: NDArray[np.uint8]


@dataclass(frozen=True)
class Source:
    """One input.

    Attributes:
        place: a file, or the number of a webcam.
        name: of the files that are written for it; unique.
        moves: whether it is a video or webcam.
        rate: frames per second that are taken of it.
        step: every so many-th of its frames is taken.
        count: how many frames are taken, None where that is not known.
    """

    place: Path | int
    name: str
    moves: bool = False
    rate: float = USUAL_RATE
    step: int = 1
    count: int | None = 1

    @property
    def result_name(self) -> str:
        """Of the picture or video that is written for it."""
        return f"{self.name}{'.mp4' if self.moves else '.jpg'}"

    @property
    def strip_name(self) -> str:
        """Of the strip over time that is written for a video or webcam."""
        return f"{self.name}_strip.jpg"

    def frames(self) -> Iterator[Frame]:
        """Its frames, in order.

        Raises:
            InputError: it cannot be read, or ends before its first frame.
        """
        if not self.moves:
            assert isinstance(self.place, Path)
            yield Frame(0, 0.0, read_image(self.place))
            return
        video = _opened(self.place)
        try:
            index, start = 0, 0.0
            while video.grab():
                now = monotonic()
                if index == 0:
                    start = now
                if index % self.step == 0:
                    readable, bgr = video.retrieve()
                    if not readable:
                        break
                    # A webcam delivers when it likes, whatever rate it claims, and waits for nobody.
                    seconds = index // self.step / self.rate if isinstance(self.place, Path) else now - start
                    yield Frame(index, seconds, np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8))
                index += 1
            if index == 0:
                raise InputError(f"{_named(self.place)}: no frame can be read: the file is empty, damaged or no video")
        finally:
            video.release()


def find_sources(inputs: Sequence[str], fps: float | None = None) -> list[Source]:
    """What the inputs of a command mean; videos and webcams are opened for their rate.

    Args:
        inputs: paths of images, folders of images (not of their subfolders) and videos, and numbers of webcams.
        fps: frames per second to take of videos and webcams at most; None for all.

    Raises:
        InputError: an input does not exist, a folder has no image, or a file is neither image nor video.
    """
    if fps is not None and not fps > 0:
        raise InputError(f"--fps {fps:g}: give a positive number")
    found: list[Source] = []
    for text in inputs:
        path = Path(text)
        if text.isdigit() and not path.exists():
            found.append(_moving(int(text), f"webcam_{text}", fps))
        elif path.is_dir():
            images = images_in(path)
            if not images:
                raise InputError(f"folder {text!r} has no images ({', '.join(IMAGE_SUFFIXES)})")
            found += [Source(image, image.stem) for image in images]
        elif not path.is_file():
            raise InputError(f"input {text!r} does not exist: give images, folders, videos or the number of a webcam")
        elif is_image(path):
            found.append(Source(path, path.stem))
        else:
            found.append(_moving(path, path.stem, fps))
    return _with_unique_names(found)


def _moving(place: Path | int, name: str, fps: float | None) -> Source:
    video = _opened(place)
    rate = video.get(cv2.CAP_PROP_FPS)
    rate = rate if 0 < rate < 1000 else USUAL_RATE
    total = int(video.get(cv2.CAP_PROP_FRAME_COUNT)) if isinstance(place, Path) else 0
    video.release()
    # Files store rates rounded: 29.97 frames per second of a video of 30000/1001 are all of them.
    step = max(1, math.ceil(rate / fps - 1e-3)) if fps else 1
    return Source(place, name, True, rate / step, step, -(-total // step) if total > 0 else None)


def _opened(place: Path | int) -> cv2.VideoCapture:
    video = cv2.VideoCapture(str(place) if isinstance(place, Path) else place)
    if not video.isOpened():
        what = "no image or video that OpenCV reads" if isinstance(place, Path) else "cannot be opened"
        raise InputError(f"{_named(place)}: {what}")
    return video


def _named(place: Path | int) -> str:
    return str(place) if isinstance(place, Path) else f"webcam {place}"


def _with_unique_names(sources: Sequence[Source]) -> list[Source]:
    names = unique_names(source.name for source in sources)
    return [replace(source, name=name) for source, name in zip(sources, names, strict=True)]


def unique_names(names: Iterable[str]) -> list[str]:
    """Names that occur before, as those of a/door.jpg and b/door.png, get numbers: no result overwrites another."""
    taken: dict[str, None] = {}
    for name in names:
        unique, number = name, 2
        while unique in taken:
            unique, number = f"{name}_{number}", number + 1
        taken[unique] = None
    return list(taken)
