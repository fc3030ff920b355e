"""One slot per sender: the newest item wins, and a reader takes what waits in all slots at once."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class LatestMessageBuffer(Generic[Item]):
    """Hands the newest item of every sender from the executor's thread to a worker."""

    def __init__(self) -> None:
        self._slots: dict[Hashable, Item] = {}
        self._closed = False
        self._changed = threading.Condition()

    def put(self, sender: Hashable, item: Item) -> Item | None:
        """Stores an item without waiting.

        Returns:
            The item that will never be taken for it: the sender's older one, or `item` itself in a closed mailbox.
        """
        with self._changed:
            if self._closed:
                return item
            replaced = self._slots.pop(sender, None)
            self._slots[sender] = item
            self._changed.notify()
            return replaced

    def take(self) -> list[Item] | None:
        """Waits for an item and takes all that are there, longest waiting first; None once the mailbox is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._slots or self._closed)
            if self._closed:
                return None
            items = list(self._slots.values())
            self._slots.clear()
            return items

    def close(self) -> list[Item]:
        """Ends every present and future `take` with None; returns the items that were never taken."""
        with self._changed:
            self._closed = True
            left = list(self._slots.values())
            self._slots.clear()
            self._changed.notify_all()
            return left
