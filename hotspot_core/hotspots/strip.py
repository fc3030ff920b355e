"""Which frames of a recording its picture over time shows."""

from __future__ import annotations

import numpy as np

from hotspot_core.hotspots.prediction import Image, Prediction

STRIP_FRAMES = 8


def strip_places(count: int, max_frames: int = STRIP_FRAMES) -> list[int]:
    """Which of `count` frames, from 0, the strip of them shows."""
    step = 1
    while -(-count // step) >= 2 * max_frames:
        step *= 2
    kept = range(0, count, step)
    return [kept[place] for place in _spread(len(kept), max_frames)]


def _spread(count: int, max_count: int) -> list[int]:
    """At most so many places of `count`, the first and the last among them."""
    places: list[int] = np.linspace(0, count - 1, min(max_count, count)).round().astype(int).tolist()
    return places


class Strip:
    """Frames evenly spread over a recording whose length need not be known, with their predictions.

    Args:
        max_frames: how many are shown at most.
    """

    def __init__(self, max_frames: int = STRIP_FRAMES) -> None:
        self.max_frames = max_frames
        self._step = 1
        self._added = 0
        self._frames: list[tuple[Image, Prediction]] = []

    def add(self, image: Image, prediction: Prediction) -> None:
        """Keeps a frame where it falls on the present step; doubles the step where there get to be too many."""
        if self._added % self._step == 0:
            self._frames.append((image, prediction))
            if len(self._frames) == 2 * self.max_frames:
                self._frames = self._frames[::2]
                self._step *= 2
        self._added += 1

    def spread(self) -> list[tuple[Image, Prediction]]:
        """At most so many of the kept frames, the first and the last among them."""
        return [self._frames[place] for place in _spread(len(self._frames), self.max_frames)]
