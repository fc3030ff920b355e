"""Where images come from, by name: a photo, a folder of photos, a video, a bag, a stream of a network, a webcam."""

from __future__ import annotations

import math
import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import ClassVar
from urllib.parse import urlsplit

import cv2
import numpy as np

from hotspot_core.errors import InputError
from hotspot_core.media.bag import names_bag, split_topic
from hotspot_core.media.bag_source import open_bag_source
from hotspot_core.media.images import IMAGE_SUFFIXES, Image, images_in, is_image, read_image
from hotspot_core.media.source import Frame as Frame
from hotspot_core.media.source import Source as Source
from hotspot_core.media.source import Warn as Warn
from hotspot_core.media.source import shortest_gap
from hotspot_core.media.urls import is_url, without_password

# Frames per second where a webcam does not say how many it has.
USUAL_FPS = 25.0
WHAT = "images, folders, videos, bags, URLs, or the number or device of a webcam"


@dataclass(frozen=True, kw_only=True)
class PictureSource(Source):
    """Picture files, one after another: a photo, or those of a folder."""

    paths: tuple[Path, ...]
    moves: ClassVar[bool] = False

    def frames(self, warn: Warn | None = None) -> Iterator[Frame]:
        readable = False
        for number, path in enumerate(self.paths):
            try:
                image = read_image(path)
            except InputError as error:
                if warn is None or len(self.paths) == 1:
                    raise
                warn(str(error))
                continue
            readable = True
            yield Frame(path.stem, number, 0.0, image)
        if not readable:
            raise InputError(f"{self.name}: none of {len(self.paths)} images can be read, first {self.paths[0]}")

    def split(self) -> list[PictureSource]:
        """Each picture as a source of its own, named like its file."""
        return [PictureSource(name=path.stem, length=1, paths=(path,)) for path in self.paths]


@dataclass(frozen=True, kw_only=True)
class RecordedSource(Source):
    """What FFmpeg opens. Frames have the times that the recording gives them.

    Attributes:
        max_fps: frames that follow another by less than its inverse are passed over; None to take all.
    """

    max_fps: float | None = None

    @property
    @abstractmethod
    def place(self) -> str:
        """The file or URL."""

    def frames(self, warn: Warn | None = None) -> Iterator[Frame]:
        # Here, so that pictures can be read where PyAV is not installed.
        from hotspot_core.media.frame_pixels import FramePixels
        from hotspot_core.media.recording import open_recording

        due, number = -math.inf, -1
        with open_recording(self.place, threads=0) as recording:
            pixels = FramePixels(transfer=recording.transfer)
            for number, timed in enumerate(recording.frames()):
                if timed.time >= due:
                    due = timed.time + shortest_gap(self.max_fps)
                    yield Frame(f"{self.name}_{number:05d}", number, timed.time, pixels(timed.frame))
        if number < 0:
            place = without_password(self.place)
            raise InputError(f"{place}: no frame can be read: the file is empty, damaged or no video")


@dataclass(frozen=True, kw_only=True)
class VideoSource(RecordedSource):
    """A video file."""

    path: Path

    @property
    def place(self) -> str:
        return str(self.path)


@dataclass(frozen=True, kw_only=True)
class StreamSource(RecordedSource):
    """A video or camera behind a URL."""

    url: str

    @property
    def place(self) -> str:
        return self.url

    @property
    def ends(self) -> bool:
        return self.length is not None


@dataclass(frozen=True, kw_only=True)
class WebcamSource(Source):
    """A camera of this computer, by its number or device. Frames carry the time by the clock: it delivers when it
    likes.

    Attributes:
        index: its number, or the path of its device.
        step: every so many-th frame is taken.
    """

    index: int | str
    step: int = 1

    @property
    def ends(self) -> bool:
        return False

    def frames(self, warn: Warn | None = None) -> Iterator[Frame]:
        webcam = _opened(self.index)
        webcam.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        start = None
        for number, image in _captured(webcam, self.step):
            now = monotonic()
            start = now if start is None else start
            yield Frame(f"{self.name}_{number:05d}", number, now - start, image)
        raise InputError(f"webcam {self.index} delivers no more images: connect it again")


def open_source(text: str, fps: float | None = None, topic: str | None = None) -> Source:
    """What a text stands for. A video or webcam is opened for its rate; a folder is one source.

    Args:
        text: path of a picture, of a folder of pictures (not of its subfolders), of a video or of a bag, also with a
            topic, as drive.mcap#/camera/image_raw; a URL that FFmpeg knows, as rtsp://camera/stream; a webcam's number,
            or its device, as /dev/video0.
        fps: frames per second to take of a video, bag or webcam at most; None for all.
        topic: of a bag that is named without one; None for the only one with images.

    Raises:
        InputError: there is nothing of that name, a folder has no pictures, or a file is neither picture nor video.
    """
    if fps is not None and not fps > 0:
        raise InputError(f"{fps:g} frames per second: give a positive number")
    path = Path(text)
    if is_url(text):
        return _open_stream(text, fps)
    if names_bag(text):
        place, named = split_topic(text)
        return open_bag_source(place, named or topic, fps)
    if text.isdecimal() and not path.exists():
        return _open_webcam(int(text), fps)
    if path.is_char_device():
        return _open_webcam(text, fps)
    if path.is_dir():
        pictures = tuple(images_in(path))
        if not pictures:
            raise InputError(f"folder {text!r} has no images ({', '.join(IMAGE_SUFFIXES)})")
        return PictureSource(name=path.resolve().name, length=len(pictures), paths=pictures)
    if not path.exists():
        raise InputError(f"input {text!r} does not exist: give {WHAT}")
    if is_image(path):
        return PictureSource(name=path.stem, length=1, paths=(path,))
    rate, length = _stated(text, fps)
    return VideoSource(name=path.stem, fps=rate, length=length, path=path, max_fps=fps)


def open_sources(texts: Iterable[str], fps: float | None = None, topic: str | None = None) -> list[Source]:
    """The same for several, with every picture of a folder as a source of its own, and no name twice."""
    sources: list[Source] = []
    for text in texts:
        source = open_source(text, fps, topic)
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


def _open_stream(url: str, fps: float | None) -> StreamSource:
    rate, length = _stated(url, fps)
    parts = urlsplit(url)
    name = re.sub(r"[^\w.-]+", "_", Path(parts.path).stem or parts.hostname or parts.scheme)
    return StreamSource(name=name, fps=rate, length=length, url=url, max_fps=fps)


def _stated(place: str, fps: float | None) -> tuple[float, int | None]:
    """The rate and number of frames that a recording's header promises, of which at most `fps` a second are taken."""
    from hotspot_core.media.recording import open_recording

    with open_recording(place) as recording:
        step = _step(recording.rate, fps)
        length = recording.stated_frames
        return recording.rate / step, -(-length // step) if length else None


def _open_webcam(index: int | str, fps: float | None) -> WebcamSource:
    webcam = _opened(index)
    rate = float(webcam.get(cv2.CAP_PROP_FPS))
    rate = rate if 0 < rate < 1000 else USUAL_FPS
    webcam.release()
    step = _step(rate, fps)
    name = f"webcam_{index}" if isinstance(index, int) else Path(index).name
    return WebcamSource(name=name, fps=rate / step, index=index, step=step)


def _opened(index: int | str) -> cv2.VideoCapture:
    webcam = cv2.VideoCapture(index)
    if not webcam.isOpened():
        raise InputError(f"webcam {index}: cannot be opened: is it connected, and not used by something else?")
    return webcam


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
