"""The mailbox: newest wins, drops are counted, closing ends the wait."""

from __future__ import annotations

import threading

from hotspot_ros.mailbox import Mailbox


def test_newest_message_wins_and_drops_are_counted() -> None:
    """Three messages before the first take: one arrives, the newest; two are counted as dropped."""
    mailbox: Mailbox[int] = Mailbox()
    for message in (1, 2, 3):
        mailbox.put(message)
    assert mailbox.take() == 3
    assert (mailbox.received, mailbox.dropped) == (3, 2)
    mailbox.put(4)
    assert mailbox.take() == 4
    assert (mailbox.received, mailbox.dropped) == (4, 2)


def test_closing_wakes_a_waiting_worker() -> None:
    """A thread blocked in `take` gets None at once, and so does every later call."""
    mailbox: Mailbox[int] = Mailbox()
    taken: list[int | None] = [0]
    worker = threading.Thread(target=lambda: taken.append(mailbox.take()))
    worker.start()
    mailbox.close()
    worker.join(timeout=5)
    assert not worker.is_alive()
    mailbox.put(1)
    assert taken == [0, None]
    assert mailbox.take() is None


def test_closing_counts_what_was_never_taken() -> None:
    """A message that waits when the mailbox is closed, and one that comes later, were received and dropped."""
    mailbox: Mailbox[int] = Mailbox()
    mailbox.put(1)
    mailbox.close()
    mailbox.put(2)
    assert mailbox.take() is None
    assert (mailbox.received, mailbox.dropped) == (2, 2)
