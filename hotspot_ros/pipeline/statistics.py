"""What became of a camera's frames, and how long each step took."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field, fields
from typing import NamedTuple

import numpy as np

# Frames whose durations the percentiles are taken of.
WINDOW = 300


@dataclass
class FrameCounts:
    """Frames since the camera was activated first.

    Every received frame ends up in exactly one of the fields after `received`, but for one that waits or is being
    worked on. `lost` frames never arrived.

    Attributes:
        received: given to the node by the middleware.
        processed: hotspots were published.
        overwritten: a newer frame came before the model was free.
        rate_limited: came sooner than the parameter max_rate allows.
        unheard: nobody subscribed to any result.
        decode_error: could not be decoded.
        failed: the model failed on it, or its hotspots could not be published.
        discarded: the node was deactivated before the model was done with it.
        lost: gaps in the publisher's sequence numbers, where the middleware tells them.
    """

    received: int = 0
    processed: int = 0
    overwritten: int = 0
    rate_limited: int = 0
    unheard: int = 0
    decode_error: int = 0
    failed: int = 0
    discarded: int = 0
    lost: int = 0

    def __str__(self) -> str:
        return (
            f"{self.received} frames received, {self.processed} processed, {self.overwritten} overwritten by a newer "
            f"one, {self.rate_limited} over the rate limit, {self.decode_error} that could not be decoded, "
            f"{self.failed} failed, {self.unheard} passed over while nobody listened, {self.discarded} discarded, "
            f"{self.lost} lost on the way"
        )

    def dropped(self) -> dict[str, int]:
        """Cause -> frames, of all that brought no result."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("received", "processed")}


class Durations(NamedTuple):
    """The seconds of one frame, from the callback that received it to its published hotspots.

    Attributes:
        wait: until the frame processor began with it.
        decode: message to RGB array.
        inference: the predictor, resizing and peaks included, and the decoding of other frames of its batch.
        message: waiting for a late depth image or transform, positions, building and publishing hotspots and points.
        total: the sum.
    """

    wait: float
    decode: float
    inference: float
    message: float
    total: float


class DurationWindow:
    """Percentiles over the last frames; one thread adds while another reads."""

    def __init__(self) -> None:
        self._rows: deque[Durations] = deque(maxlen=WINDOW)
        self._lock = threading.Lock()

    def add(self, durations: Durations) -> None:
        with self._lock:
            self._rows.append(durations)

    def percentiles(self, *ranks: float) -> dict[str, tuple[float, ...]]:
        """Name of a step -> its seconds at each rank in [0, 100]; empty before the first frame."""
        with self._lock:
            rows = np.array(self._rows)
        if not len(rows):
            return {}
        values = np.percentile(rows, ranks, axis=0).T
        return {name: tuple(map(float, row)) for name, row in zip(Durations._fields, values, strict=True)}


@dataclass
class CameraStatistics:
    """What became of a camera's frames.

    Attributes:
        durations: of the last processed frames.
        last_error: why its last frame that could not be decoded or failed was skipped; empty if none was.
        position_problem: why the points of the last frame have no positions; empty if they have, or need none.
    """

    counts: FrameCounts = field(default_factory=FrameCounts)
    durations: DurationWindow = field(default_factory=DurationWindow)
    last_error: str = ""
    position_problem: str = ""
