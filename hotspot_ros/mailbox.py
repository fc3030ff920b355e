"""A mailbox with one slot: the newest message wins, and what it replaces is counted."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

Message = TypeVar("Message")


class Mailbox(Generic[Message]):
    """Hands the newest message from the executor's thread to a worker.

    Attributes:
        received: messages put in so far.
        dropped: messages that the worker never took: a newer one replaced them, or the mailbox was closed.
    """

    def __init__(self) -> None:
        self._slot: Message | None = None
        self._closed = False
        self._changed = threading.Condition()
        self.received = 0
        self.dropped = 0

    def put(self, message: Message) -> None:
        """Stores a message; never waits."""
        with self._changed:
            self.received += 1
            if self._closed:
                self.dropped += 1
                return
            self.dropped += self._slot is not None
            self._slot = message
            self._changed.notify()

    def take(self) -> Message | None:
        """Waits for a message and takes it; None once the mailbox is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._slot is not None or self._closed)
            message, self._slot = self._slot, None
            return None if self._closed else message

    def close(self) -> None:
        """Ends every present and future `take` with None; a message still waiting counts as dropped."""
        with self._changed:
            self._closed = True
            self.dropped += self._slot is not None
            self._slot = None
            self._changed.notify_all()
