"""What is written: pictures, videos, and a table of points. Each file is whole whenever the writing is interrupted."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2

from hotspot_core.errors import InputError
from hotspot_core.hotspots.prediction import Image, Prediction

COLUMNS = ("input", "frame", "time", "action", "score", "rank", "x", "y", "value")


def check_inputs_survive(inputs: Iterable[Path], targets: Iterable[Path]) -> None:
    """InputError where a file that would be written is one of the inputs."""
    places = {path.resolve() for path in inputs}
    for target in targets:
        if target.resolve() in places:
            raise InputError(f"input {str(target)!r} would be overwritten: give another folder as --output")


def write_picture(path: Path, picture: Image) -> None:
    """Write (H, W, 3) uint8 RGB by the path's suffix.

    Raises:
        InputError: it cannot be written.
    """
    try:
        encoded, data = cv2.imencode(path.suffix, picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
    except cv2.error:
        encoded = False
    if not encoded:
        height, width = picture.shape[:2]
        raise InputError(f"{path}: OpenCV encodes no {path.suffix} of {width} x {height} pixels: give a smaller image")
    with _writing(path):
        path.write_bytes(data.tobytes())


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """What the system has against writing a file becomes an InputError."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error


class PointsFile:
    """points.csv, which grows line by line: one per point, pixels of the input image, strongest first.

    Args:
        path: the file; one that exists is replaced.

    Raises:
        InputError: it cannot be written; also later, by `add`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with _writing(path):
            self._file = path.open("w", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file)
        self._writer.writerow(COLUMNS)

    def add(self, name: str, frame: int, time: float, prediction: Prediction) -> None:
        """The points of a frame."""
        scores = dict(zip(prediction.actions, prediction.scores.tolist(), strict=True))
        ranks: dict[str, int] = {}
        for point in prediction.points:
            ranks[point.action] = ranks.get(point.action, 0) + 1
            place = f"{point.x:.1f}", f"{point.y:.1f}", f"{point.value:.3f}"
            score = f"{scores[point.action]:.4f}"
            self._writer.writerow((name, frame, f"{time:.3f}", point.action, score, ranks[point.action], *place))
        with _writing(self._path):
            self._file.flush()

    def __enter__(self) -> PointsFile:
        return self

    def __exit__(self, *_: object) -> None:
        with _writing(self._path):
            self._file.close()


class VideoFile:
    """An H.264 video that grows frame by frame, and can be played however many there are in the end.

    Args:
        path: the .mp4 file; it appears with the first frame.
        rate: frames per second.

    Raises:
        InputError: PyAV is not installed, or the file cannot be written; the latter by `add`.
    """

    def __init__(self, path: Path, rate: float) -> None:
        try:
            import av
        except ModuleNotFoundError:
            raise InputError("writing videos needs PyAV: pip install 'av>=12'") from None
        self._av = av
        self._path = path
        self._rate = Fraction(rate).limit_denominator(1001)
        self._container: Any = None
        self._stream: Any = None

    def add(self, picture: Image) -> None:
        """Append (H, W, 3) uint8 RGB; all of one size, odd sides lose their last row or column."""
        height, width = (side - side % 2 for side in picture.shape[:2])
        frame = self._av.VideoFrame.from_ndarray(picture[:height, :width].copy(), format="rgb24")
        with _writing(self._path):
            if self._container is None:
                self._container = self._av.open(str(self._path), "w")
                self._stream = self._container.add_stream("libx264", rate=self._rate)
                self._stream.height, self._stream.width, self._stream.pix_fmt = height, width, "yuv420p"
                self._stream.options = {"crf": "20", "preset": "veryfast"}
            self._container.mux(self._stream.encode(frame))

    def __enter__(self) -> VideoFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._container is not None:
            with _writing(self._path):
                self._container.mux(self._stream.encode())
                self._container.close()
