"""The thread that turns frames into results: decodes, has the model infer batches, publishes what is ready."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import NamedTuple

from rclpy.impl.rcutils_logger import RcutilsLogger
from sensor_msgs.msg import Image

from hotspot_core.errors import InputError
from hotspot_core.hotspots.prediction import Image as Pixels
from hotspot_core.hotspots.prediction import Prediction
from hotspot_ros.conversions.crop import WHOLE, crop, enlarged
from hotspot_ros.conversions.images import decode_compressed_image, decode_image, jpeg_reduction
from hotspot_ros.pipeline.camera import Camera
from hotspot_ros.pipeline.frames import CameraFrame, DecodedFrame, InferredFrame, Settings
from hotspot_ros.pipeline.latest_message_buffer import LatestMessageBuffer
from hotspot_ros.pipeline.model_thread import InferenceError, ModelThread
from hotspot_ros.pipeline.reports import THROTTLE, report
from hotspot_ros.pipeline.results import Results


class _Batch(NamedTuple):
    """Frames that the model infers together."""

    frames: list[DecodedFrame]
    settings: Settings


class FrameProcessor:
    """Works from its creation until `stop`.

    Frames of several cameras that are there together are inferred as one batch. The thread waits for one thing alone:
    that something happens, be it a frame, a prediction, a depth image or the end of a patience. Whatever a frame does
    to it is reported, counted and forgotten.

    Args:
        settings: gives the present settings.

    Attributes:
        buffer: where frames come from.
    """

    def __init__(
        self, model: ModelThread, cameras: Sequence[Camera], settings: Callable[[], Settings], log: RcutilsLogger
    ) -> None:
        self._model, self._settings, self._log = model, settings, log
        self._cameras = {camera.name: camera for camera in cameras}
        self._happened = threading.Event()
        self._stopping = False
        self.buffer: LatestMessageBuffer[CameraFrame] = LatestMessageBuffer(self.notify)
        patience = settings().parameters.depth_patience
        self._results = Results(self._cameras, "" if model.info.trained else "untrained", patience, log)
        # Those that the model has yet to infer, and the first of them once the model has it.
        self._batches: deque[_Batch] = deque()
        self._predictions: Future[list[Prediction]] | None = None
        self._thread = threading.Thread(target=self._work, name="frame processor", daemon=True)
        self._thread.start()

    def notify(self) -> None:
        """Something has happened. May be called from any thread, and returns at once."""
        self._happened.set()

    def stop(self, timeout: float | None = None) -> bool:
        """Ends without waiting for the model; False if that took longer than `timeout` seconds.

        What is inferred already is published; frames that are not are counted as discarded.
        """
        self._stopping = True
        self.notify()
        self._thread.join(timeout)
        for frame in self.buffer.close():
            self._cameras[frame.camera].statistics.counts.discarded += 1
        return not self._thread.is_alive()

    def _work(self) -> None:
        while not self._stopping:
            self._happened.wait(self._results.seconds_left())
            self._happened.clear()
            self._guarded(self._advance)
        self._guarded(self._finish)

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:  # Nothing may end the thread.
            self._log.error(f"a batch failed: {error!r}", throttle_duration_sec=THROTTLE)

    def _advance(self) -> None:
        """Does all that can be done now."""
        if self._predictions is not None and self._predictions.done():
            self._collect(self._predictions)
        self._results.publish()
        if not self._batches:
            self._take_frames()
        if self._predictions is None and self._batches:
            self._infer(self._batches[0])

    def _finish(self) -> None:
        if self._predictions is not None and not self._predictions.cancel() and self._predictions.done():
            self._collect(self._predictions)
        self._results.publish_all()
        for batch in self._batches:
            for decoded in batch.frames:
                self._camera(decoded).statistics.counts.discarded += 1

    def _take_frames(self) -> None:
        settings = self._settings()
        heard = [frame for frame in self.buffer.take() if self._is_heard(frame)]
        decoded = [d for frame in heard if (d := self._decode(frame, settings)) is not None]
        if decoded:
            self._batches.append(_Batch(decoded, settings))

    def _is_heard(self, frame: CameraFrame) -> bool:
        camera = self._cameras[frame.camera]
        heard = camera.has_listeners()
        camera.statistics.counts.unheard += not heard
        return heard

    def _decode(self, frame: CameraFrame, settings: Settings) -> DecodedFrame | None:
        """The frame's pixels; None, counted and reported, where it is damaged."""
        camera, region = self._cameras[frame.camera], settings.parameters.region_of_interest
        began = time.perf_counter()
        try:
            image, reduction = self._pixels(frame, region, camera)
        except Exception as error:  # No message may end the thread.
            camera.statistics.counts.decode_error += 1
            report(camera, error, self._log)
            return None
        part = crop((image.shape[0] * reduction, image.shape[1] * reduction), region)
        return DecodedFrame(frame, image, reduction, part, began, time.perf_counter())

    def _pixels(
        self, frame: CameraFrame, region: tuple[float, float, float, float], camera: Camera
    ) -> tuple[Pixels, int]:
        """The frame, and by how much its sides are reduced."""
        message = frame.message
        if isinstance(message, Image):
            return decode_image(message), 1
        reduction = 1
        # A part of the picture would have to be cut out between its blocks, and people want to see all pixels.
        if region == WHOLE and not camera.needs_pixels():
            reduction = jpeg_reduction(message, self._model.network_size)
        return decode_compressed_image(message, reduction), reduction

    def _infer(self, batch: _Batch) -> None:
        """Has the model begin with a batch."""
        images = [decoded.crop.of(decoded.image) for decoded in batch.frames]
        # Points are those of the stabilized maps.
        self._predictions = self._model.submit(images, batch.settings.actions, points_per_action=0)
        self._predictions.add_done_callback(lambda _: self.notify())

    def _collect(self, predictions: Future[list[Prediction]]) -> None:
        """Takes what the model made of the first batch; frames on which it failed are counted and reported."""
        batch, self._predictions = self._batches.popleft(), None
        ended = time.perf_counter()
        try:
            found = predictions.result()
        except (InferenceError, InputError) as error:
            if len(batch.frames) > 1:
                # One by one they need less memory, and a bad one does no harm to the others.
                self._batches.extendleft(_Batch([decoded], batch.settings) for decoded in reversed(batch.frames))
                return
            camera = self._camera(batch.frames[0])
            camera.statistics.counts.failed += 1
            report(camera, error, self._log)
            return
        self._results.add(
            InferredFrame(decoded, enlarged(one, decoded.reduction), batch.settings, ended)
            for decoded, one in zip(batch.frames, found, strict=True)
        )

    def _camera(self, decoded: DecodedFrame) -> Camera:
        return self._cameras[decoded.frame.camera]
