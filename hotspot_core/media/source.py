"""What a source of images is, of whatever kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from hotspot_core.media.images import Image

# Seconds by which frames may follow each other sooner than they should: files round times to thousandths. (Cameras'
# clocks are off by less than a fiftieth.)
ROUNDING = 7e-4

# Gets the reason why something is passed over.
Warn = Callable[[str], None]


class Frame(NamedTuple):
    """An image of a source.

    Attributes:
        name: unique within the source: a file's stem, or the source's name and the frame's number.
        number: in the source, from 0; frames that are passed over count.
        time: seconds, in a video as players count them, of a webcam since its first frame; 0 in a picture.
        image: (H, W, 3) uint8 RGB.
        stamp: of a message, in nanoseconds; None where there is none.
    """

    name: str
    number: int
    time: float
    image: Image
    stamp: int | None = None


@dataclass(frozen=True, kw_only=True)
class Source(ABC):
    """One input.

    Attributes:
        name: of the input, for files that are written for it and for messages.
        fps: frames per second of `frames`, in a video as its header says; None for pictures, which have no time.
        length: number of frames, in a video as its header says; None where nobody knows.
        moves: whether it has a time.
        ends: whether it ends by itself; a webcam does not.
    """

    name: str
    fps: float | None = None
    length: int | None = None
    moves: ClassVar[bool] = True

    @property
    def ends(self) -> bool:
        return True

    @abstractmethod
    def frames(self, warn: Warn | None = None) -> Iterator[Frame]:
        """The frames in order; every iteration begins anew.

        Args:
            warn: gets the reason for each of several pictures that cannot be read and is passed over; None where such
                a picture shall be an error.

        Raises:
            InputError: one cannot be read, or there is not a single one.
        """


def shortest_gap(fps: float | None) -> float:
    """Seconds after which a frame may follow another."""
    return min(0.98 / fps, 1 / fps - ROUNDING) if fps else 0.0
