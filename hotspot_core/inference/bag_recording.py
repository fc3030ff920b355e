"""A bag again, with hotspots beside its topics."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from hotspot_core.errors import InputError
from hotspot_core.hotspots.bag_messages import hotspot_array, overlay_image, point_array
from hotspot_core.hotspots.prediction import Image, Prediction
from hotspot_core.media.bag import BagMessage, deserialized, open_bag
from hotspot_core.media.bag_source import BagSource
from hotspot_core.media.bag_writer import BagWriter
from hotspot_core.media.source import Frame, Warn

HOTSPOTS, POINTS, OVERLAY = "/hotspots", "/hotspots/points", "/hotspots/overlay/compressed"


class BagRecording:
    """Copies a bag message by message, and puts each frame's results behind its image; both have one time and stamp.

    Args:
        source: what is predicted.
        path: see `BagWriter`.
        stop: seconds from which on nothing is copied; None for no end.
        warn: gets the reason where a topic cannot be copied.

    Raises:
        InputError: see `BagWriter`; the bag has topics of these names already.
    """

    def __init__(self, source: BagSource, path: Path, stop: float | None = None, warn: Warn | None = None) -> None:
        self._source, self._stop = source, stop
        self._warn = warn or (lambda reason: None)
        self._writer = BagWriter(path)
        self._stack = ExitStack()

    def __enter__(self) -> BagRecording:
        with ExitStack() as stack:
            bag = stack.enter_context(open_bag(self._source.path))
            taken = {HOTSPOTS, POINTS, OVERLAY} & {each.topic for each in bag.connections}
            if taken:
                raise InputError(f"bag {str(bag.path)!r} has topic {sorted(taken)[0]} already: give the original bag")
            stack.enter_context(self._writer)
            self._writer.copy_topics(bag, self._warn)
            self._messages = bag.messages(stop=self._stop)
            self._stack = stack.pop_all()
        return self

    def add(self, frame: Frame, prediction: Prediction, drawn: Image) -> None:
        """The results of a frame; frames come in their order."""
        message = self._copied_up_to(frame)
        header = deserialized(message).header
        self._writer.write(HOTSPOTS, message.log_time, hotspot_array(prediction, header))
        self._writer.write(POINTS, message.log_time, point_array(prediction, header))
        self._writer.write(OVERLAY, message.log_time, overlay_image(drawn, header))

    def _copied_up_to(self, frame: Frame) -> BagMessage:
        for message in self._messages:
            self._writer.copy(message)
            if message.connection.topic == self._source.topic and message.time >= frame.time:
                return message
        raise InputError(f"bag {str(self._source.path)!r} has changed while it was read")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._stack.__exit__(kind, error, trace)
            return
        with self._stack:
            for message in self._messages:
                self._writer.copy(message)
