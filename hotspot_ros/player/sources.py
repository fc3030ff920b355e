"""Pictures to publish: a photo, a folder of photos, a video, a webcam, or drawn scenes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from hotspot_core.errors import InputError
from hotspot_core.media.images import IMAGE_SUFFIXES, images_in, is_image, read_image

Pixels = NDArray[np.uint8]

DRAWN_SCENES, DRAWN_SIDE = 6, 480
# As fast as most deliver or faster: reading then waits for the newest image.
WEBCAM_RATE = 30.0


class Source(Protocol):
    """Named images, each (H, W, 3) uint8 RGB; every iteration begins anew.

    Attributes:
        count: number of images, None where nobody knows.
        rate: images per second that the source itself has, None where it has none.
    """

    @property
    def count(self) -> int | None: ...

    @property
    def rate(self) -> float | None: ...

    def __iter__(self) -> Iterator[tuple[str, Pixels]]: ...


@dataclass(frozen=True)
class Photos:
    """Picture files, in order."""

    paths: tuple[Path, ...]
    rate: float | None = None

    @property
    def count(self) -> int:
        """How many."""
        return len(self.paths)

    def __iter__(self) -> Iterator[tuple[str, Pixels]]:
        for path in self.paths:
            yield path.stem, read_photo(path)


@dataclass(frozen=True)
class Video:
    """The frames of a video file; InputError where not one can be read, whatever its header says."""

    path: Path
    count: int
    rate: float | None

    def __iter__(self) -> Iterator[tuple[str, Pixels]]:
        video = cv2.VideoCapture(str(self.path))
        count = 0
        for count, frame in enumerate(_captured(video), start=1):
            yield f"{self.path.stem}_{count - 1:05d}", frame
        if not count:
            raise InputError(f"{str(self.path)!r}: no frame can be read: the video is damaged, copy or encode it again")


@dataclass(frozen=True)
class Webcam:
    """A camera of this computer, by its number."""

    index: int
    count: int | None = None
    rate: float | None = WEBCAM_RATE

    def __iter__(self) -> Iterator[tuple[str, Pixels]]:
        webcam = cv2.VideoCapture(self.index)
        if not webcam.isOpened():
            raise InputError(f"webcam {self.index} cannot be opened: is it connected, and not used by something else?")
        webcam.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        for index, frame in enumerate(_captured(webcam)):
            yield f"webcam_{index:05d}", frame
        raise InputError(f"webcam {self.index} delivers no more images: connect it again")


@dataclass(frozen=True)
class Drawn:
    """Scenes of the synthetic world: nothing to download, nobody's licence."""

    count: int = DRAWN_SCENES
    rate: float | None = None

    def __iter__(self) -> Iterator[tuple[str, Pixels]]:
        for seed in range(self.count):
            yield f"drawn_{seed}", _drawn(seed)


def open_source(name: str) -> Source:
    """What a name stands for.

    Args:
        name: path of a photo, a folder of photos or a video; the number of a webcam; empty for drawn scenes.

    Raises:
        InputError: there is nothing of that name, or nothing in it that can be read.
    """
    path = Path(name)
    if not name:
        if find_spec("hotspot_core.data.synthetic") is None:
            raise InputError(
                "no pictures are named, and synthetic scenes are not installed on robots: give a photo, a folder of "
                "photos, a video or the number of a webcam"
            )
        return Drawn()
    if name.isdecimal() and not path.exists():
        return Webcam(int(name))
    if path.is_dir():
        photos = tuple(images_in(path))
        if not photos:
            raise InputError(f"folder {name!r} has no pictures ({', '.join(IMAGE_SUFFIXES)})")
        return Photos(photos)
    if not path.is_file():
        raise InputError(f"{name!r} does not exist: give a photo, a folder of photos or a video")
    return Photos((path,)) if is_image(path) else _open_video(path)


@lru_cache(maxsize=4)
def read_photo(path: Path) -> Pixels:
    """(H, W, 3) uint8 RGB, not to be written to; InputError where it is no picture."""
    return read_image(path)


def _open_video(path: Path) -> Video:
    video = cv2.VideoCapture(str(path))
    count, rate = int(video.get(cv2.CAP_PROP_FRAME_COUNT)), float(video.get(cv2.CAP_PROP_FPS))
    if count < 1:
        raise InputError(f"{str(path)!r} is neither a picture nor a video that OpenCV reads")
    return Video(path, count, rate if np.isfinite(rate) and rate > 0 else None)


def _captured(video: cv2.VideoCapture) -> Iterator[Pixels]:
    try:
        while True:
            readable, frame = video.read()
            if not readable:
                return
            yield np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8)
    finally:
        video.release()


@lru_cache(maxsize=DRAWN_SCENES)
def _drawn(seed: int) -> Pixels:
    from hotspot_core.data.synthetic import make_image

    return make_image(np.random.default_rng(seed), difficulty=0.2, size=DRAWN_SIDE).image
