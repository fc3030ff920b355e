"""Which frames of a recording its picture over time shows."""

from __future__ import annotations

import numpy as np

from hotspot_core.hotspots.prediction import Image, Prediction

STRIP_FRAMES = 8


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
        count = min(self.max_frames, len(self._frames))
        places = np.linspace(0, len(self._frames) - 1, count).round().astype(int)
        return [self._frames[place] for place in places]
