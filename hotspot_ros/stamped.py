"""The message whose stamp is nearest to another's."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any, Generic, TypeVar

Message = TypeVar("Message")


def nanoseconds(stamp: Any) -> int:
    """A builtin_interfaces/Time as one number, whatever its fields hold."""
    return int(stamp.sec) * 10**9 + int(stamp.nanosec)


class NearestMessage(Generic[Message]):
    """Keeps the newest messages with a header and finds the one that belongs to an image. Safe between threads.

    Messages are kept in the order of arrival, not of their stamps: when a bag jumps back, what came before the jump
    leaves by itself, and of two equally near messages the later arrival is found.

    Args:
        slop: largest difference of stamps in seconds; None where any is near enough, as with a calibration that does
            not change.
        capacity: number of messages kept.
    """

    def __init__(self, slop: float | None, capacity: int = 10) -> None:
        self._slop = None if slop is None else round(slop * 10**9)
        self._messages: deque[Message] = deque(maxlen=capacity)
        self._lock = threading.Lock()

    def put(self, message: Message) -> None:
        """Stores a message; the oldest one goes when there is no room."""
        with self._lock:
            self._messages.append(message)

    def nearest(self, stamp: Any) -> Message | None:
        """The message nearest to a builtin_interfaces/Time; None where there is none within the slop."""
        wanted = nanoseconds(stamp)
        with self._lock:
            newest_first = list(reversed(self._messages))
        gaps = [abs(nanoseconds(message.header.stamp) - wanted) for message in newest_first]  # type: ignore[attr-defined]
        if not gaps or (self._slop is not None and min(gaps) > self._slop):
            return None
        return newest_first[gaps.index(min(gaps))]

    def clear(self) -> None:
        """Forgets every message."""
        with self._lock:
            self._messages.clear()
