"""When depth images come, and why an image has none."""

from __future__ import annotations

import time
from collections import deque

# A depth stream is alive, and worth waiting for, if it sent something within so many seconds before the image before.
ALIVE = 1.0
# Images without depth that are remembered, in case that it comes after all.
_REMEMBERED = 30


class DepthTiming:
    """The stamps and arrivals of a stream of depth images.

    Args:
        slop: largest difference of the stamps of an image and its depth, in seconds.
        patience: seconds that a result waits for depth.
    """

    def __init__(self, slop: float, patience: float) -> None:
        self._slop, self._patience = slop, patience
        self._newest, self._arrival = 0, -ALIVE
        # Stamp, and arrival, of images that were given up, and how much later the depth of the last of them came.
        self._missed: deque[tuple[int, float]] = deque(maxlen=_REMEMBERED)
        self._late: float | None = None
        # Stamp and arrival of the newest image, arrival of the one before, and whether images have jumped back since.
        self._image: tuple[int, float] | None = None
        self._before: float | None = None
        self._jumped = False

    def expected(self, stamp: int) -> None:
        """An image with a stamp in nanoseconds is here. Where stamps jump back, depth of before is none to go by; where
        images have paused as long as depth has, depth is alive."""
        if self._image is not None:
            last, self._before = self._image
            self._jumped = self._jumped or (stamp < last and stamp < self._newest)
        self._image = stamp, time.monotonic()

    def arrived(self, stamp: int) -> None:
        """A depth image with a stamp in nanoseconds is here."""
        now = time.monotonic()
        self._newest, self._arrival, self._jumped = stamp, now, False
        for missed, began in list(self._missed):
            if abs(missed - stamp) <= self._slop * 1e9:
                self._late = now - began
                self._missed.remove((missed, began))

    def is_settled(self, stamp: int) -> bool:
        """Whether no nearer depth image is to be expected: one that is not older has come, or the stream is dead."""
        came = self._newest >= stamp and not self._jumped
        return came or (time.monotonic() if self._before is None else self._before) - self._arrival >= ALIVE

    def missing(self, stamp: int, began: float, topic: str) -> str:
        """Why the image with this stamp, which came at `began` (`time.monotonic`), has no depth image, and what to do.

        Args:
            topic: of the depth images.
        """
        self._missed.append((stamp, began))
        silent = began - self._arrival
        if not self._newest:
            return f"no depth image has come on {topic}"
        if silent >= ALIVE:
            return f"no depth image has come on {topic} for {silent:.1f} s"
        gap = (self._newest - stamp) / 1e9
        if self._late is not None and self._late > self._patience:
            return (
                f"depth images on {topic} come late, the last one {1000 * self._late:.0f} ms after its image: set "
                f"depth_patience, which is {self._patience:g} s, to more than that"
            )
        if gap < -self._slop:
            return (
                f"the newest depth image on {topic} is {_text(-gap)} older than the image: where depth comes late, set "
                f"depth_patience, which is {self._patience:g} s, to more; else see that both cameras have one clock"
            )
        return (
            f"no depth image on {topic} has a stamp within depth_slop ({self._slop:g} s) of the image's; the newest is "
            f"{_text(abs(gap))} {'newer' if gap >= 0 else 'older'}: synchronise the cameras, or set depth_slop to more"
        )


def _text(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
