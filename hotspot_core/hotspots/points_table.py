"""points.csv: the interaction points of many images as a table."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from hotspot_core.hotspots.prediction import Prediction
from hotspot_core.utils.files import write_errors

COLUMNS = ("input", "frame", "time", "action", "score", "rank", "x", "y", "value", "probability", "stamp")


class PointsTable:
    """A file that grows frame by frame, one line per point, strongest first; its lines are whole at any time.

    The columns are the input's name, the frame's number and time in seconds, the action and its score, the point's rank
    among those of its action (from 1), x and y in pixels of the input image, its value in [0, 1] relative to the
    strongest of its action, the probability that the action can be done there, and of a bag's image its stamp in
    seconds, as exact as in the message; blank otherwise.

    Args:
        path: the file; one that exists is overwritten.

    Raises:
        InputError: it cannot be written; also later, by `add`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with write_errors(path):
            self._file = path.open("w", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file)
        self._writer.writerow(COLUMNS)

    def add(self, name: str, frame: int, time: float, prediction: Prediction, stamp: int | None = None) -> None:
        """The points of a frame, whose message has `stamp` in nanoseconds, if it was one."""
        self._writer.writerows(point_rows(name, frame, time, prediction, stamp))
        with write_errors(self._path):
            self._file.flush()

    def __enter__(self) -> PointsTable:
        return self

    def __exit__(self, *_: object) -> None:
        with write_errors(self._path):
            self._file.close()


def point_rows(
    name: str, frame: int, time: float, prediction: Prediction, stamp: int | None = None
) -> Iterator[tuple[str | int, ...]]:
    """The lines of a frame; see `PointsTable.add`."""
    exact = "" if stamp is None else f"{stamp // 10**9}.{stamp % 10**9:09d}"
    scores = dict(zip(prediction.actions, prediction.scores.tolist(), strict=True))
    ranks: dict[str, int] = {}
    for point in prediction.points:
        ranks[point.action] = ranks.get(point.action, 0) + 1
        place = f"{point.x:.1f}", f"{point.y:.1f}", f"{point.value:.3f}", f"{point.probability:.4f}"
        score = f"{scores[point.action]:.4f}"
        yield name, frame, f"{time:.3f}", point.action, score, ranks[point.action], *place, exact
