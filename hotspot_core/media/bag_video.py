"""A topic of a bag read like a video: clips name it as drive.mcap#/camera/image_raw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hotspot_core.errors import InputError
from hotspot_core.media.bag import BagMessage, OpenBag, decoded, deserialized, open_bag, split_topic
from hotspot_core.media.frame_clock import TimedFrame
from hotspot_core.media.images import Image

# Seconds before a time in which the image that is still shown then is looked for, before it is from the beginning on.
LOOK_BACK = 2.0


class BagVideo:
    """Images are shown until the next one comes, the last one as long as the one before; made by `open_bag_video`.

    Attributes:
        rate: images per second, the mean of all.
        end: seconds until which the last image is shown, for which the bag's last message counts.
    """

    def __init__(self, bag: OpenBag, topic: str) -> None:
        self._bag, self._topic = bag, topic
        count = bag.message_count(topic)
        self.rate = (count - 1) / bag.duration if count > 1 and bag.duration > 0 else 1.0
        self.end = bag.duration + 1 / self.rate if count else 0.0

    def frames(
        self, start: float = 0.0, is_needed: Callable[[float, float], bool] | None = None
    ) -> Iterator[TimedFrame]:
        """Frames from one that is shown at `start` or before, or else from the first; see `image` for their pixels."""
        first = max(0.0, start - LOOK_BACK)
        earliest = next(self._bag.messages(self._topic, first), None)
        if earliest is None or earliest.time > start:
            first = 0.0
        last: TimedFrame | None = None
        for message in self._bag.messages(self._topic, first):
            gap = 1 / self.rate if last is None else message.time - last.time
            last = TimedFrame(message.time, gap, message)
            yield last

    def count(self, start: float, stop: float) -> int:
        """Number of images from `start` to before `stop`."""
        return sum(1 for _ in self._bag.messages(self._topic, start, stop))

    def image(self, message: BagMessage) -> Image:
        """(H, W, 3) uint8 RGB; InputError where it cannot be decoded."""
        try:
            return decoded(deserialized(message))
        except InputError as error:
            raise InputError(f"{self._bag.path}: {error}") from None


@contextmanager
def open_bag_video(text: str) -> Iterator[BagVideo]:
    """The topic that a text names, see `split_topic`; InputError as of `open_bag` and `OpenBag.image_topic`."""
    path, topic = split_topic(text)
    with open_bag(path) as bag:
        yield BagVideo(bag, bag.image_topic(topic))
