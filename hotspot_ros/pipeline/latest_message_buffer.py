"""One slot per sender: the newest item wins, and a reader takes what is in all slots at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class LatestMessageBuffer(Generic[Item]):
    """Hands the newest item of every sender from one thread to another. Nothing here waits.

    Args:
        notify: called, in the sender's thread, when there is an item to take.
    """

    def __init__(self, notify: Callable[[], None]) -> None:
        self._notify = notify
        self._slots: dict[Hashable, Item] = {}
        self._closed = False
        self._lock = threading.Lock()

    def put(self, sender: Hashable, item: Item) -> Item | None:
        """Stores an item.

        Returns:
            The item that will never be taken for it: the sender's older one, or `item` itself in a closed buffer.
        """
        with self._lock:
            if self._closed:
                return item
            overwritten = self._slots.pop(sender, None)
            self._slots[sender] = item
        self._notify()
        return overwritten

    def take(self) -> list[Item]:
        """Takes all items that are there, longest waiting first."""
        with self._lock:
            items = list(self._slots.values())
            self._slots.clear()
        return items

    def close(self) -> list[Item]:
        """Takes nothing in any more; returns the items that were never taken."""
        with self._lock:
            self._closed = True
        return self.take()
