"""The latest-message buffer: the newest of each sender wins, what is there is taken together, closing hands back."""

from __future__ import annotations

from hotspot_ros.pipeline.latest_message_buffer import LatestMessageBuffer


def nothing() -> None:
    pass


def test_newest_item_of_each_sender_wins() -> None:
    """1. Three items of one sender and one of another: the overwritten ones are handed back. 2. The newest of both are
    taken at once, longest waiting first. 3. The buffer is empty then."""
    buffer: LatestMessageBuffer[int] = LatestMessageBuffer(nothing)
    assert [buffer.put("front", item) for item in (1, 2)] == [None, 1]
    assert buffer.put("wrist", 7) is None
    assert buffer.put("front", 3) == 2
    assert buffer.take() == [7, 3]
    assert buffer.take() == []
    assert buffer.put("front", 4) is None
    assert buffer.take() == [4]


def test_the_reader_is_told_of_every_item_once_it_can_be_taken() -> None:
    """Whoever is told finds the item; of what a closed buffer does not take nobody is told."""
    found: list[list[int]] = []
    buffer: LatestMessageBuffer[int] = LatestMessageBuffer(lambda: found.append(buffer.take()))
    buffer.put("front", 1)
    buffer.put("front", 2)
    buffer.close()
    buffer.put("front", 3)
    assert found == [[1], [2]]


def test_closing_returns_what_was_never_taken() -> None:
    """An item that waits when the buffer is closed, and one that comes later, are handed back."""
    buffer: LatestMessageBuffer[int] = LatestMessageBuffer(nothing)
    buffer.put("front", 1)
    assert buffer.close() == [1]
    assert buffer.put("front", 2) == 2
    assert buffer.take() == []
