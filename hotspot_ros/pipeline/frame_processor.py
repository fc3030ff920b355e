"""The thread that turns frames into hotspots: decode, predict as one batch, publish."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from rclpy.impl.rcutils_logger import RcutilsLogger
from sensor_msgs.msg import Image

from hotspot_core.errors import InputError
from hotspot_core.hotspots.prediction import Image as Pixels
from hotspot_core.hotspots.prediction import Prediction
from hotspot_ros.conversions.crop import WHOLE, Crop, crop, enlarged
from hotspot_ros.conversions.images import decode_compressed_image, decode_image, jpeg_reduction
from hotspot_ros.pipeline.camera import Frame, Result
from hotspot_ros.pipeline.latest_message_buffer import LatestMessageBuffer
from hotspot_ros.pipeline.model_thread import Inference, InferenceError
from hotspot_ros.pipeline.statistics import Durations
from hotspot_ros.ros.parameters import Parameters

# Seconds between two reports of the same kind.
THROTTLE = 5.0


class Settings(NamedTuple):
    """What may change from batch to batch."""

    parameters: Parameters
    actions: tuple[str, ...]


class _Decoded(NamedTuple):
    """A frame's pixels and the part to look at.

    Attributes:
        reduction: by how much the sides of `image` are shorter than the frame's.
        crop: of the frame; the whole of it where it is reduced.
        began, ended: when it was decoded (`time.perf_counter`).
    """

    frame: Frame
    image: Pixels
    reduction: int
    crop: Crop
    began: float
    ended: float


class FrameProcessor:
    """Works from its creation until `stop`.

    Frames of several cameras that wait together are inferred as one batch. It waits for no camera, and whatever a
    frame does to it is reported, counted and forgotten.

    Args:
        settings: gives the present settings.
    """

    def __init__(self, inference: Inference, settings: Callable[[], Settings], log: RcutilsLogger) -> None:
        self.buffer: LatestMessageBuffer[Frame] = LatestMessageBuffer()
        self._inference, self._settings, self._log = inference, settings, log
        self._thread = threading.Thread(target=self._work, name="worker", daemon=True)
        self._thread.start()

    def stop(self, timeout: float | None = None) -> bool:
        """Ends after the present batch; False if that took longer than `timeout` seconds."""
        for frame in self.buffer.close():
            frame.camera.counts.stopped += 1
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while (frames := self.buffer.take()) is not None:
            try:
                self._process(frames, self._settings())
            except Exception as error:  # Nothing may end the thread.
                self._log.error(f"a batch failed: {error!r}", throttle_duration_sec=THROTTLE)

    def _process(self, frames: list[Frame], settings: Settings) -> None:
        heard = [frame for frame in frames if self._is_heard(frame)]
        decoded = [d for frame in heard if (d := self._decode(frame, settings.parameters)) is not None]
        finished = self._predict(decoded, settings)
        predicted = time.perf_counter()
        results = [
            (item, self._publish(item, prediction, settings.parameters, predicted)) for item, prediction in finished
        ]
        note = "" if self._inference.checkpoint.trained else "untrained"
        for item, result in results:
            if result is not None:
                self._publish_views(item, result, settings.parameters, note)

    def _publish(
        self, item: _Decoded, prediction: Prediction, parameters: Parameters, predicted: float
    ) -> Result | None:
        """Publishes hotspots and points and takes the times; None, counted and reported, where that fails."""
        camera, arrived = item.frame.camera, item.frame.arrived
        try:
            chosen = prediction.above(parameters.score_threshold)
            result = camera.publish(item.frame, chosen, item.crop, parameters)
        except Exception as error:  # Such as a context that is shut down.
            camera.counts.failed += 1
            self._report(item.frame, error)
            return None
        now = time.perf_counter()
        camera.counts.processed += 1
        camera.durations.add(
            Durations(
                wait=item.began - arrived,
                decode=item.ended - item.began,
                inference=predicted - item.ended,
                message=now - predicted,
                total=now - arrived,
            )
        )
        return result

    def _publish_views(self, item: _Decoded, result: Result, parameters: Parameters, note: str) -> None:
        try:
            item.frame.camera.publish_views(result, item.image, parameters, note)
        except Exception as error:  # No view may cost another camera's.
            self._report(item.frame, error)

    def _is_heard(self, frame: Frame) -> bool:
        heard = frame.camera.has_listeners()
        frame.camera.counts.unheard += not heard
        return heard

    def _decode(self, frame: Frame, parameters: Parameters) -> _Decoded | None:
        """The frame's pixels; None, counted and reported, where it is faulty."""
        began = time.perf_counter()
        try:
            image, reduction = self._pixels(frame, parameters)
        except Exception as error:  # No message may end the thread.
            frame.camera.counts.faulty += 1
            self._report(frame, error)
            return None
        part = crop((image.shape[0] * reduction, image.shape[1] * reduction), parameters.region_of_interest)
        return _Decoded(frame, image, reduction, part, began, time.perf_counter())

    def _pixels(self, frame: Frame, parameters: Parameters) -> tuple[Pixels, int]:
        """The frame, and by how much its sides are reduced."""
        message = frame.message
        if isinstance(message, Image):
            return decode_image(message), 1
        reduction = 1
        # A part of the picture would have to be cut out between its blocks, and people want to see all pixels.
        if parameters.region_of_interest == WHOLE and not frame.camera.is_looked_at():
            reduction = jpeg_reduction(message, self._inference.network_size)
        return decode_compressed_image(message, reduction), reduction

    def _predict(self, decoded: list[_Decoded], settings: Settings) -> list[tuple[_Decoded, Prediction]]:
        """The frames with their predictions, without those on which the model fails, which are counted and reported."""
        if not decoded:
            return []
        parameters = settings.parameters
        limits = parameters.points_per_action, parameters.peak_threshold
        try:
            images = [item.crop.of(item.image) for item in decoded]
            predictions = self._inference.predict(images, settings.actions, *limits)
            return [(d, enlarged(one, d.reduction)) for d, one in zip(decoded, predictions, strict=True)]
        except (InferenceError, InputError) as error:
            if len(decoded) > 1:
                # One by one they need less memory, and a bad one does no harm to the others.
                return [pair for item in decoded for pair in self._predict([item], settings)]
            decoded[0].frame.camera.counts.failed += 1
            self._report(decoded[0].frame, error)
            return []

    def _report(self, frame: Frame, error: Exception) -> None:
        text = str(error) if isinstance(error, (InputError, InferenceError)) else repr(error)
        frame.camera.last_error = text
        name = f" of camera {frame.camera.name}" if frame.camera.name else ""
        self._log.error(f"skipped a frame{name}: {text}", throttle_duration_sec=THROTTLE)
