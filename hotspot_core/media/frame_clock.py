"""The times of decoded frames."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class TimedFrame:
    """A decoded frame of PyAV's; `time` and `duration` in seconds."""

    time: float
    duration: float
    frame: Any


@dataclass
class FrameClock:
    """Gives decoded frames their times, since a seek.

    Attributes:
        seconds: the time of a tick of the stream.
        tick: seconds.
        rate: frames per second where nothing else says how long one is shown.
        stated: whether the file keeps the times of presentation; else frames have those of their packets in turn.
        pending: times of packets whose frames are still to come.
        last, duration: of the last frame; None before the first.
    """

    seconds: Callable[[int], float]
    tick: float
    rate: float
    stated: bool
    pending: list[int] = field(default_factory=list)
    last: float | None = None
    duration: float = 0.0

    def sent(self, packet: Any) -> None:
        """A packet that becomes a frame, now or later."""
        if not self.stated and packet.dts is not None and packet.size:
            heapq.heappush(self.pending, packet.dts)

    def dropped(self, count: int) -> None:
        """The decoder has kept so many frames, the first ones, for itself."""
        for _ in range(min(count, len(self.pending))):
            heapq.heappop(self.pending)

    def knows(self, frame: Any) -> bool:
        """Whether the time of the frame that comes next does not depend on what came before a seek."""
        return self.last is not None or bool(self.pending) or (self.stated and frame.pts is not None)

    def timed(self, frame: Any) -> TimedFrame:
        """The frame that comes next."""
        ticks = frame.pts
        if not self.stated:
            ticks = heapq.heappop(self.pending) if self.pending else None
        following = 0.0 if self.last is None else self.last + self.duration
        time = following if ticks is None else self.seconds(ticks)
        gap = 0.0 if self.last is None else time - self.last
        stated = float((frame.duration or 0) * self.tick) if self.stated else 0.0
        self.last, self.duration = time, stated or max(gap, 0) or 1 / self.rate
        return TimedFrame(time, self.duration, frame)
