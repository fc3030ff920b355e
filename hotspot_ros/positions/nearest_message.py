"""The message whose stamp is nearest to another's."""

from __future__ import annotations

import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

Message = TypeVar("Message")


def nanoseconds(stamp: Any) -> int:
    """A builtin_interfaces/Time as one number, whatever its fields hold."""
    return int(stamp.sec) * 10**9 + int(stamp.nanosec)


class Match(Generic[Message]):
    """The message that belongs to an image, as far as it has come; see `NearestMessage.match`.

    Attributes:
        message: the nearest so far; None where there is none within the slop.
    """

    def __init__(self, stamp: Any, slop: int | None) -> None:
        self.message: Message | None = None
        self._stamp, self._min_gap = nanoseconds(stamp), slop

    def offer(self, message: Message) -> None:
        """Takes a message that is at least as near as the one before."""
        gap = abs(nanoseconds(message.header.stamp) - self._stamp)  # type: ignore[attr-defined]
        if self._min_gap is None or gap <= self._min_gap:
            self.message, self._min_gap = message, gap


class NearestMessage(Generic[Message]):
    """Keeps the messages of the last seconds and finds the one that belongs to an image. Safe between threads.

    Messages are kept in the order of arrival, not of their stamps: when a bag jumps back, what came before the jump
    leaves by itself, and of two equally near messages the later arrival is found.

    However many messages come while an image is worked on, its match keeps the one that belongs to it.

    Args:
        slop: largest difference of stamps in seconds; None where any is near enough, as with a calibration that does
            not change.
        seconds: for which a message is kept after its arrival; the newest one is kept for good.
        clock: monotonic, in seconds.
    """

    def __init__(self, slop: float | None, seconds: float = 0.5, clock: Callable[[], float] = time.monotonic) -> None:
        self._slop = None if slop is None else round(slop * 10**9)
        self._seconds, self._clock = seconds, clock
        self._messages: deque[tuple[float, Message]] = deque()
        self._matches: weakref.WeakSet[Match[Message]] = weakref.WeakSet()
        self._lock = threading.Lock()

    def put(self, message: Message) -> None:
        """Stores a message; those that are too old go."""
        now = self._clock()
        with self._lock:
            while self._messages and self._messages[0][0] < now - self._seconds:
                self._messages.popleft()
            self._messages.append((now, message))
            for match in self._matches:
                match.offer(message)

    def match(self, stamp: Any) -> Match[Message]:
        """The message nearest to a builtin_interfaces/Time, also of those that come as long as the match is held."""
        match: Match[Message] = Match(stamp, self._slop)
        with self._lock:
            for _, message in self._messages:
                match.offer(message)
            self._matches.add(match)
        return match
