"""The images of a topic of a bag, as a source."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hotspot_core.errors import InputError
from hotspot_core.media.bag import BagMessage, decoded, deserialized, open_bag, stamp_of
from hotspot_core.media.source import Frame, Source, Warn, shortest_gap


@dataclass(frozen=True, kw_only=True)
class BagSource(Source):
    """The images of one topic. Times count from the bag's first message, of whatever topic, as Foxglove and `ros2 bag`
    have it; `fps` is the mean of all images, and stamps are those of the messages' headers.

    Attributes:
        path: the bag.
        topic: of its images.
        max_fps: frames that follow another by less than its inverse are passed over; None to take all.
    """

    path: Path
    topic: str
    max_fps: float | None = None

    def frames(self, warn: Warn | None = None) -> Iterator[Frame]:
        """See `Source.frames`; with `warn` messages that cannot be decoded are passed over, each reason told once."""
        for frame, _ in self.frames_and_messages(warn):
            yield frame

    def frames_and_messages(self, warn: Warn | None = None) -> Iterator[tuple[Frame, BagMessage]]:
        """The same, each with the message that it was."""
        due, size, faults = -math.inf, None, dict[str, None]()
        with open_bag(self.path) as bag:
            for number, message in enumerate(bag.messages(self.topic)):
                if message.time < due:
                    continue
                try:
                    frame = self._frame(number, message, size)
                except InputError as error:
                    if warn is None:
                        raise InputError(f"{self.path}: {error}") from None
                    if str(error) not in faults:
                        warn(f"{self.path}: image {number} of {self.topic}: {error}")
                    faults[str(error)] = None
                    continue
                due, size = message.time + shortest_gap(self.max_fps), frame.image.shape[:2]
                yield frame, message
        if size is None:
            raise InputError(f"{self.path}: no image of topic {self.topic} can be read: {next(iter(faults), 'empty')}")

    def _frame(self, number: int, message: BagMessage, size: tuple[int, ...] | None) -> Frame:
        content = deserialized(message)
        image = decoded(content)
        if size is not None and image.shape[:2] != size:
            raise InputError(f"another size than those before, {image.shape[1]} x {image.shape[0]}")
        return Frame(f"{self.name}_{number:05d}", number, message.time, image, stamp_of(content))


def open_bag_source(path: Path, topic: str | None = None, fps: float | None = None) -> BagSource:
    """The images of a bag.

    Args:
        path: the bag.
        topic: None for the only one with images.
        fps: images per second to take at most; None for all.

    Raises:
        InputError: see `open_bag` and `OpenBag.image_topic`; the topic is empty.
    """
    with open_bag(path) as bag:
        name = bag.image_topic(topic)
        count = bag.message_count(name)
        if not count:
            raise InputError(f"bag {str(path)!r}: topic {name} has no messages")
        rate = (count - 1) / bag.duration if count > 1 and bag.duration > 0 else 1.0
        if fps is not None and fps < rate:
            rate, count = fps, min(count, math.ceil(bag.duration * fps) + 1)
    stem = path.resolve().name if path.is_dir() else path.stem
    return BagSource(name=stem, fps=rate, length=count, path=path, topic=name, max_fps=fps)
