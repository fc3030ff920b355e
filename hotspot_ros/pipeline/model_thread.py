"""The predictor, shared by all cameras and the service, and brought back when it fails."""

from __future__ import annotations

import functools
import gc
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from hotspot_core.errors import InputError
from hotspot_core.hotspots.prediction import Image, Prediction
from hotspot_core.inference.model_info import ModelInfo
from hotspot_core.inference.predictor import PEAK_THRESHOLD, POINTS_PER_ACTION, HotspotPredictor
from hotspot_core.utils.gpu import gpu_memory, release_gpu_memory

# Failures in a row after which the model is loaded anew, and the smallest number of seconds between two such attempts.
FAILURES_BEFORE_RELOAD = 3
RELOAD_PAUSE = 1.0


class InferenceError(RuntimeError):
    """The model failed on an image that has nothing wrong with it (out of memory, a lost device ...)."""


class ModelThread:
    """A loaded and warmed-up model, in a thread of its own that alone computes.

    With two cores that makes a frame a third faster: every thread that computes brings helpers of OpenMP's with it, and
    where all of them are more than there are cores, they no longer spin at their barriers but go to sleep.

    Args:
        source: a .safetensors, .onnx or .pt2 file, hf://owner/name[/file][@revision], or "default".
        device, precision, runtime, download: as for `HotspotPredictor`.

    Attributes:
        info: what is known of the model, and how it runs.
        failure: why the last prediction failed; empty since one has succeeded.

    Raises:
        InputError: the checkpoint or the device cannot be used.
        InferenceError: the model cannot make a prediction.
    """

    info: ModelInfo

    def __init__(
        self, source: str, device: str, precision: str = "auto", runtime: str = "auto", download: bool = False
    ) -> None:
        self.failure = ""
        self._load = functools.partial(HotspotPredictor, source, device, precision, runtime, download)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")
        self._failures = 0
        self._reloaded = time.monotonic()
        try:
            self._predictor: HotspotPredictor | None = self._thread.submit(self._load).result()
            self.info = self._predictor.info
            self._warm_up()
        except BaseException:
            self._thread.shutdown(wait=False)
            raise

    @property
    def actions(self) -> tuple[str, ...]:
        """All actions that the model knows."""
        return self.info.config.actions

    @property
    def device(self) -> str:
        """Where the model runs."""
        return self.info.device

    def network_size(self, image_hw: tuple[int, int]) -> tuple[int, int]:
        """(height, width) in which the network sees an image of this size; the image's own while no model works."""
        predictor = self._predictor
        return image_hw if predictor is None else predictor.network_size(image_hw)

    def submit(
        self,
        images: Sequence[Image],
        actions: Sequence[str],
        points_per_action: int = POINTS_PER_ACTION,
        peak_threshold: float = PEAK_THRESHOLD,
    ) -> Future[list[Prediction]]:
        """Asks for the hotspots of images as one batch, after those asked for before. May be called from any thread.

        Returns:
            A future with one prediction per image. Its errors are

            - InputError: an image or an action that the model cannot take,
            - InferenceError: the model failed; `failure` says why. It recovers by itself where it can: memory that
              was cached is given back at once, and after some failures in a row the model is loaded anew.
        """
        return self._thread.submit(self._predict, list(images), actions, points_per_action, peak_threshold)

    def memory(self) -> int | None:
        """Bytes of GPU memory in use by this process's tensors; None on the CPU."""
        return gpu_memory(self.info.device)

    def close(self) -> None:
        """Gives the model's memory back as soon as the computation in hand ends, for which this does not wait."""
        self._thread.submit(self._forget)
        self._thread.shutdown(wait=False)

    def join(self) -> None:
        """Waits until a closed model's memory is given back."""
        self._thread.shutdown()

    def _predict(
        self, images: list[Image], actions: Sequence[str], points_per_action: int, peak_threshold: float
    ) -> list[Prediction]:
        try:
            predictions = self._working_predictor().predict(
                images, actions, points_per_action=points_per_action, peak_threshold=peak_threshold
            )
        except InputError:
            raise
        except Exception as error:
            self._failures += 1
            self.failure = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}"
            _release_memory()
            raise InferenceError(f"the model failed on a batch of {len(images)}: {self.failure}") from error
        self._failures, self.failure = 0, ""
        return predictions

    def _working_predictor(self) -> HotspotPredictor:
        """The predictor; a new one where the present one has failed too often."""
        if self._predictor is not None and self._failures < FAILURES_BEFORE_RELOAD:
            return self._predictor
        if time.monotonic() - self._reloaded >= RELOAD_PAUSE:
            self._reloaded = time.monotonic()
            self._forget()
            try:
                self._predictor = self._load()
            except InputError as error:  # Of the model: nothing is wrong with the image.
                raise InferenceError(str(error)) from error
        if self._predictor is None:
            raise InferenceError(self.failure)
        return self._predictor

    def _forget(self) -> None:
        self._predictor = None
        _release_memory()

    def _warm_up(self) -> None:
        """The first predictions are slow (memory, kernels): better now than on the robot's first frames."""
        side = self.info.config.input_size
        for _ in range(2):
            self.submit([np.zeros((side, side, 3), np.uint8)], self.actions).result()


def _release_memory() -> None:
    gc.collect()
    release_gpu_memory()
