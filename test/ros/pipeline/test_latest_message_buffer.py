"""The mailbox: newest of each sender wins, what waits is taken together, closing ends the wait."""

from __future__ import annotations

import threading

from hotspot_ros.pipeline.latest_message_buffer import Mailbox


def test_newest_item_of_each_sender_wins() -> None:
    """1. Three items of one sender and one of another: the replaced ones are handed back. 2. The newest of both are
    taken at once, longest waiting first. 3. The mailbox is empty then."""
    mailbox: Mailbox[int] = Mailbox()
    assert [mailbox.put("front", item) for item in (1, 2)] == [None, 1]
    assert mailbox.put("wrist", 7) is None
    assert mailbox.put("front", 3) == 2
    assert mailbox.take() == [7, 3]
    assert mailbox.put("front", 4) is None
    assert mailbox.take() == [4]


def test_closing_wakes_a_waiting_worker() -> None:
    """A thread blocked in `take` gets None at once, and so does every later call."""
    mailbox: Mailbox[int] = Mailbox()
    taken: list[list[int] | None] = [[0]]
    worker = threading.Thread(target=lambda: taken.append(mailbox.take()))
    worker.start()
    assert mailbox.close() == []
    worker.join(timeout=5)
    assert not worker.is_alive()
    assert taken == [[0], None]
    assert mailbox.take() is None


def test_closing_returns_what_was_never_taken() -> None:
    """An item that waits when the mailbox is closed, and one that comes later, are handed back."""
    mailbox: Mailbox[int] = Mailbox()
    mailbox.put("front", 1)
    assert mailbox.close() == [1]
    assert mailbox.put("front", 2) == 2
    assert mailbox.take() is None
