"""The mailbox: newest of each sender wins, what waits is taken together, closing ends the wait."""

from __future__ import annotations

import threading

from hotspot_ros.pipeline.latest_message_buffer import LatestMessageBuffer


def test_newest_item_of_each_sender_wins() -> None:
    """1. Three items of one sender and one of another: the replaced ones are handed back. 2. The newest of both are
    taken at once, longest waiting first. 3. The mailbox is empty then."""
    buffer: LatestMessageBuffer[int] = LatestMessageBuffer()
    assert [buffer.put("front", item) for item in (1, 2)] == [None, 1]
    assert buffer.put("wrist", 7) is None
    assert buffer.put("front", 3) == 2
    assert buffer.take() == [7, 3]
    assert buffer.put("front", 4) is None
    assert buffer.take() == [4]


def test_closing_wakes_a_waiting_worker() -> None:
    """A thread blocked in `take` gets None at once, and so does every later call."""
    buffer: LatestMessageBuffer[int] = LatestMessageBuffer()
    taken: list[list[int] | None] = [[0]]
    frame_processor = threading.Thread(target=lambda: taken.append(buffer.take()))
    frame_processor.start()
    assert buffer.close() == []
    frame_processor.join(timeout=5)
    assert not frame_processor.is_alive()
    assert taken == [[0], None]
    assert buffer.take() is None


def test_closing_returns_what_was_never_taken() -> None:
    """An item that waits when the mailbox is closed, and one that comes later, are handed back."""
    buffer: LatestMessageBuffer[int] = LatestMessageBuffer()
    buffer.put("front", 1)
    assert buffer.close() == [1]
    assert buffer.put("front", 2) == 2
    assert buffer.take() is None
