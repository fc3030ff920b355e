"""Where images come from, by name: a photo, a folder of photos, a video, a webcam."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import ClassVar, NamedTuple

import cv2
import numpy as np

from hotspot_core.errors import InputError
from hotspot_core.media.images import IMAGE_SUFFIXES, Image, images_in, is_image, read_image

# Frames per second where a webcam or video does not say how many it has.
USUAL_FPS = 25.0


class Frame(NamedTuple):
    """An image of a source.

    Attributes:
        name: unique within the source: a file's stem, or the source's name and the frame's number.
        number: in the source, from 0; frames that are passed over count.
        time: seconds since its first frame; 0 in a picture.
        image: (H, W, 3) uint8 RGB.
    """

    name: str
    number: int
    time: float
    image: Image


@dataclass(frozen=True, kw_only=True)
class Source(ABC):
    """One input.

    Attributes:
        name: of the input, for files that are written for it and for messages.
        fps: frames per second of `frames`; None for pictures, which have no time.
        length: number of frames; None where nobody knows.
        moves: whether it is a video or a webcam.
        ends: whether it ends by itself; a webcam does not.
    """

    name: str
    fps: float | None = None
    length: int | None = None
    moves: ClassVar[bool] = True
    ends: ClassVar[bool] = True

    @abstractmethod
    def frames(self) -> Iterator[Frame]:
        """The frames in order; every iteration begins anew.

        Raises:
            InputError: one cannot be read, or there is not a single one.
        """


@dataclass(frozen=True, kw_only=True)
class PictureSource(Source):
    """Picture files, one after another: a photo, or those of a folder."""

    paths: tuple[Path, ...]
    moves: ClassVar[bool] = False

    def frames(self) -> Iterator[Frame]:
        for number, path in enumerate(self.paths):
            yield Frame(path.stem, number, 0.0, read_image(path))

    def split(self) -> list[PictureSource]:
        """Each picture as a source of its own, named like its file."""
        return [PictureSource(name=path.stem, length=1, paths=(path,)) for path in self.paths]


@dataclass(frozen=True, kw_only=True)
class VideoSource(Source):
    """A video file. `length` is what its header says: a damaged video has fewer frames.

    Attributes:
        step: every so many-th frame is taken.
    """

    path: Path
    step: int = 1

    def frames(self) -> Iterator[Frame]:
        video = _opened(self.path, str(self.path))
        number = -1
        for number, image in _captured(video, self.step):
            yield Frame(f"{self.name}_{number:05d}", number, number / self.step / (self.fps or USUAL_FPS), image)
        if number < 0:
            raise InputError(f"{self.path}: no frame can be read: the file is empty, damaged or no video")


@dataclass(frozen=True, kw_only=True)
class WebcamSource(Source):
    """A camera of this computer, by its number. Frames carry the time by the clock: it delivers when it likes.

    Attributes:
        step: every so many-th frame is taken.
    """

    index: int
    step: int = 1
    ends: ClassVar[bool] = False

    def frames(self) -> Iterator[Frame]:
        webcam = _opened(self.index, f"webcam {self.index}")
        webcam.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        start = None
        for number, image in _captured(webcam, self.step):
            now = monotonic()
            start = now if start is None else start
            yield Frame(f"{self.name}_{number:05d}", number, now - start, image)
        raise InputError(f"webcam {self.index} delivers no more images: connect it again")


def open_source(text: str, fps: float | None = None) -> Source:
    """What a text stands for. A video or webcam is opened for its rate; a folder is one source.

    Args:
        text: path of a picture, of a folder of pictures (not of its subfolders) or of a video, or a webcam's number.
        fps: frames per second to take of a video or webcam at most; None for all.

    Raises:
        InputError: there is nothing of that name, a folder has no pictures, or a file is neither picture nor video.
    """
    if fps is not None and not fps > 0:
        raise InputError(f"{fps:g} frames per second: give a positive number")
    path = Path(text)
    if text.isdecimal() and not path.exists():
        return _open_webcam(int(text), fps)
    if path.is_dir():
        pictures = tuple(images_in(path))
        if not pictures:
            raise InputError(f"folder {text!r} has no images ({', '.join(IMAGE_SUFFIXES)})")
        return PictureSource(name=path.resolve().name, length=len(pictures), paths=pictures)
    if not path.is_file():
        raise InputError(f"input {text!r} does not exist: give images, folders, videos or the number of a webcam")
    if is_image(path):
        return PictureSource(name=path.stem, length=1, paths=(path,))
    return _open_video(path, fps)


def open_sources(texts: Iterable[str], fps: float | None = None) -> list[Source]:
    """The same for several, with every picture of a folder as a source of its own, and no name twice."""
    sources: list[Source] = []
    for text in texts:
        source = open_source(text, fps)
        sources += source.split() if isinstance(source, PictureSource) else [source]
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


def _open_video(path: Path, fps: float | None) -> VideoSource:
    video = _opened(path, str(path))
    rate, total = _rate(video), int(video.get(cv2.CAP_PROP_FRAME_COUNT))
    video.release()
    step = _step(rate, fps)
    length = -(-total // step) if total > 0 else None
    return VideoSource(name=path.stem, fps=rate / step, length=length, path=path, step=step)


def _open_webcam(index: int, fps: float | None) -> WebcamSource:
    webcam = _opened(index, f"webcam {index}")
    rate = _rate(webcam)
    webcam.release()
    step = _step(rate, fps)
    return WebcamSource(name=f"webcam_{index}", fps=rate / step, index=index, step=step)


def _opened(place: Path | int, name: str) -> cv2.VideoCapture:
    video = cv2.VideoCapture(str(place) if isinstance(place, Path) else place)
    if not video.isOpened():
        reason = "no image or video that OpenCV reads"
        if isinstance(place, int):
            reason = "cannot be opened: is it connected, and not used by something else?"
        raise InputError(f"{name}: {reason}")
    return video


def _rate(video: cv2.VideoCapture) -> float:
    rate = float(video.get(cv2.CAP_PROP_FPS))
    return rate if 0 < rate < 1000 else USUAL_FPS


def _step(rate: float, fps: float | None) -> int:
    # Files store rates rounded: 29.97 frames per second of a video of 30000/1001 are all of them.
    return max(1, math.ceil(rate / fps - 1e-3)) if fps else 1


def _captured(video: cv2.VideoCapture, step: int) -> Iterator[tuple[int, Image]]:
    """Every `step`-th frame with its number, until there are no more; the others are not converted."""
    try:
        number = 0
        while video.grab():
            if number % step == 0:
                readable, bgr = video.retrieve()
                if not readable:
                    return
                yield number, np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
            number += 1
    finally:
        video.release()
