"""Pictures and videos as files: the one place that encodes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hotspot_core.errors import InputError
from hotspot_core.media.images import Image
from hotspot_core.utils.files import atomic_write, write_bytes, write_errors

JPEG_QUALITY, JPEG_SUFFIXES = 92, (".jpg", ".jpeg", ".jpe")
# Per second, of pictures with times of their own.
TICKS = 90_000
X264_OPTIONS = {"crf": "20", "preset": "veryfast"}


def encode_picture(picture: Image | NDArray[np.uint16], suffix: str, quality: int = JPEG_QUALITY) -> bytes:
    """A picture as the bytes of a file.

    Args:
        picture: (H, W, 3) RGB or (H, W) gray, uint8; as PNG uint16, too.
        suffix: of the format, such as ".jpg" or ".png".
        quality: of a JPEG, 0 to 100.

    Raises:
        InputError: OpenCV has no such format, or the format takes no picture of this size.
    """
    options = [cv2.IMWRITE_JPEG_QUALITY, quality] if suffix.lower() in JPEG_SUFFIXES else []
    try:
        bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR) if picture.ndim == 3 else picture
        encoded, data = cv2.imencode(suffix, bgr, options)
    except cv2.error:
        encoded = False
    if not encoded:
        height, width = picture.shape[:2]
        raise InputError(f"OpenCV encodes no {suffix} of {width} x {height} pixels: give a smaller image")
    return data.tobytes()


def write_picture(path: Path, picture: Image | NDArray[np.uint16], quality: int = JPEG_QUALITY) -> None:
    """Writes a picture, see `encode_picture`, by the path's suffix, in one step.

    Raises:
        InputError: it cannot be encoded or written.
    """
    try:
        data = encode_picture(picture, path.suffix, quality)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    write_bytes(path, data)


def check_inputs_survive(inputs: Iterable[Path], targets: Iterable[Path]) -> None:
    """InputError where a file that would be written is one of the inputs."""
    places = {path.resolve() for path in inputs}
    for target in targets:
        if target.resolve() in places:
            raise InputError(f"input {str(target)!r} would be overwritten: give another folder as --output")


class VideoFile:
    """An H.264 video that grows frame by frame, and can be played however many there are in the end.

    Args:
        path: the .mp4 file; it appears with the first frame.
        fps: frames per second.
        options: x264's; None for `X264_OPTIONS`.

    Raises:
        InputError: PyAV is not installed, or the file cannot be written; the latter by `add`.
    """

    def __init__(self, path: Path, fps: float, options: Mapping[str, str] | None = None) -> None:
        # Only where a video is written: importing it takes its time.
        from hotspot_core.media.pyav import av

        self._open, self._frame = av.open, av.VideoFrame
        self._path = path
        self._fps = Fraction(fps).limit_denominator(1001)
        self._options = dict(X264_OPTIONS if options is None else options)
        self._container: Any = None
        self._stream: Any = None
        self._start: float | None = None
        self._tick = -1

    def add(self, picture: Image, time: float | None = None) -> None:
        """Appends (H, W, 3) uint8 RGB; all of one size, odd sides lose their last row or column.

        Args:
            time: seconds at which it is shown, the first one's counting as 0; None for steady times by `fps`. All have
                one or none has.
        """
        height, width = (side - side % 2 for side in picture.shape[:2])
        frame = self._frame.from_ndarray(picture[:height, :width].copy(), format="rgb24")
        with write_errors(self._path):
            if self._container is None:
                self._container = self._open(str(self._path), "w")
                self._stream = self._container.add_stream("libx264", rate=self._fps)
                self._stream.height, self._stream.width, self._stream.pix_fmt = height, width, "yuv420p"
                self._stream.options = self._options
                if time is not None:
                    self._stream.codec_context.time_base = Fraction(1, TICKS)
            if time is not None:
                self._start = time if self._start is None else self._start
                self._tick = max(self._tick + 1, round((time - self._start) * TICKS))
                frame.pts, frame.time_base = self._tick, Fraction(1, TICKS)
            self._container.mux(self._stream.encode(frame))

    def __enter__(self) -> VideoFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._container is not None:
            with write_errors(self._path):
                self._container.mux(self._stream.encode())
                self._container.close()


def write_video(path: Path, frames: Iterable[Image], fps: float, quality: int) -> None:
    """Writes frames (H, W, 3) uint8 RGB as H.264 in one step; the same frames give the same bytes every time.

    Args:
        path: the .mp4 file.
        frames: at least one, all of one size.
        fps: frames per second.
        quality: x264's crf, 0 to 51; lower is better.

    Raises:
        InputError: see `VideoFile`.
    """
    # Macroblock trees and several threads make x264 write different bytes for the same frames.
    options = {"crf": str(quality), "preset": "veryfast", "threads": "1", "x264-params": "mbtree=0"}
    with atomic_write(path) as partial, VideoFile(partial, fps, options) as video:
        for frame in frames:
            video.add(frame)
