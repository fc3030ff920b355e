"""From an RGB image to a prediction: the one door for applications."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from hotspot_core.errors import InputError, OutOfMemoryError, check_number, select_names
from hotspot_core.hotspots.places import published_heatmaps
from hotspot_core.hotspots.points import find_points
from hotspot_core.hotspots.prediction import Image, Prediction
from hotspot_core.hotspots.regions import heatmap_region, network_input_size
from hotspot_core.inference.load import load_runtime
from hotspot_core.inference.model_info import ModelInfo
from hotspot_core.inference.pixels import check_image, resize
from hotspot_core.utils.memory import is_out_of_memory

if TYPE_CHECKING:
    import torch

    from hotspot_core.model.hotspot_model import HotspotModel

POINTS_PER_ACTION, PEAK_THRESHOLD = 3, 0.3


@dataclass
class _Encoded:
    """Images of one input size that were encoded together, and what has been computed of them so far.

    Attributes:
        image_sizes: (height, width) of each image.
        input_size: (height, width) in which the network saw them.
        encoding: the runtime's.
        scores: (B, all actions).
        maps: action's index -> (B, h, w), Eq. 4.
        places: the same, probabilities of the place head; empty without one.
    """

    image_sizes: list[tuple[int, int]]
    input_size: tuple[int, int]
    encoding: Any
    scores: NDArray[np.float32] | None = None
    maps: dict[int, NDArray[np.float32]] = field(default_factory=dict)
    places: dict[int, NDArray[np.float32]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Query:
    """What is asked of images: indices of actions, and the settings of `HotspotPredictor.predict`."""

    actions: list[int]
    points_per_action: int
    peak_threshold: float
    score_threshold: float
    top_k: int | None

    def __post_init__(self) -> None:
        check_number("points per action", self.points_per_action, 0, whole=True)
        check_number("peak threshold", self.peak_threshold, 0, 1)
        check_number("score threshold", self.score_threshold, 0, 1)
        if self.top_k is not None:
            check_number("top_k", self.top_k, 0, whole=True)

    @property
    def selects(self) -> bool:
        """Whether scores decide which actions are kept."""
        return self.score_threshold > 0 or self.top_k is not None

    def selected(self, scores: NDArray[np.float32]) -> list[int]:
        """Those of the actions that score high enough, in their order."""
        kept = [index for index in self.actions if scores[index] >= self.score_threshold]
        best = set(sorted(kept, key=lambda index: -scores[index])[: self.top_k])
        return [index for index in kept if index in best]


class HotspotPredictor:
    """Predicts interaction hotspots of images of any size and aspect ratio.

    The image of `set_image` is all that it keeps from call to call.

    Args:
        model: a `HotspotModel`, which must not change any more, or a file: a .safetensors checkpoint, an
            export (.onnx, .pt2), hf://owner/name[/file][@revision] for either of the Hugging Face hub, or "default" for
            the bundled model.
        device: "cpu", "cuda" ..., of OpenVINO also "gpu", "gpu:1", "npu", of ONNX Runtime also "tensorrt"; None for the
            model's own device, or, where `model` is a file, the best one.
        precision: "fp32"; "bf16" or, on GPUs, "fp16", which are several times faster where the device has units for
            them; "auto" for the fastest.
        runtime: "pytorch", "openvino", "onnxruntime" or "aotinductor"; "auto" for the fastest of those that are
            installed and run such a file. `info` says which.
        download: whether the network may be used for a file of the hub; if not, it has to be in the local cache.

    Attributes:
        info: everything known of the model, and how it runs.

    Raises:
        InputError: the file, the device or the runtime cannot be used, or the device does not support the precision.
    """

    info: ModelInfo

    def __init__(
        self,
        model: HotspotModel | str | Path = "default",
        device: str | torch.device | None = None,
        precision: str = "fp32",
        runtime: str = "auto",
        download: bool = True,
    ) -> None:
        self._runtime, self.info = load_runtime(model, device, precision, runtime, download)
        self._image: _Encoded | None = None

    @property
    def actions(self) -> tuple[str, ...]:
        """All actions that the model knows."""
        return self.info.actions

    @property
    def device(self) -> str:
        """Where the model runs: "cpu", "cuda:0", "gpu" ..."""
        return self.info.device

    def network_size(self, image_hw: tuple[int, int]) -> tuple[int, int]:
        """(height, width) to which an image of this size is resized before the network sees it."""
        runtime = self._runtime
        return runtime.fixed_size or network_input_size(image_hw, runtime.config.input_size, runtime.stride)

    def set_image(self, image: Image) -> None:
        """Keeps an image with all that no action changes; `predict(actions=...)` then costs only what those need.

        What was kept of another image is forgotten, also where this one fails.

        Args:
            image: (H, W, 3) uint8 RGB.

        Raises:
            InputError: an image of another shape or type.
            OutOfMemoryError: the memory does not suffice.
        """
        self.reset_image()
        self._image = self._encode([image], self._input_size(image), keep=True)

    def reset_image(self) -> None:
        """Forgets the image of `set_image` and frees its memory."""
        self._image = None

    @overload
    def predict(
        self,
        image: Image | None = None,
        actions: Sequence[str] | None = None,
        *,
        points_per_action: int = POINTS_PER_ACTION,
        peak_threshold: float = PEAK_THRESHOLD,
        score_threshold: float = 0.0,
        top_k: int | None = None,
    ) -> Prediction: ...
    @overload
    def predict(
        self,
        image: Sequence[Image],
        actions: Sequence[str] | None = None,
        *,
        points_per_action: int = POINTS_PER_ACTION,
        peak_threshold: float = PEAK_THRESHOLD,
        score_threshold: float = 0.0,
        top_k: int | None = None,
    ) -> list[Prediction]: ...

    def predict(
        self,
        image: Image | Sequence[Image] | None = None,
        actions: Sequence[str] | None = None,
        *,
        points_per_action: int = POINTS_PER_ACTION,
        peak_threshold: float = PEAK_THRESHOLD,
        score_threshold: float = 0.0,
        top_k: int | None = None,
    ) -> Prediction | list[Prediction]:
        """Hotspots of an image, or of a list of images as one batch per input size.

        Maps are computed for the actions in the result only. An image that is given here is not kept, nor does it
        touch the one of `set_image`.

        Args:
            image: (H, W, 3) uint8 RGB, or a list of them, sizes may differ; None for the one of `set_image`.
            actions: names of actions, at least one; None for all that the model knows.
            points_per_action: largest number of points per action.
            peak_threshold: smallest value of a point, relative to the strongest of its action, in [0, 1].
            score_threshold: leave out actions with a lower score, in [0, 1].
            top_k: of what remains keep only so many with the highest scores. On CUDA a `score_threshold` or `top_k`
                costs one more wait for the device, which has to tell the scores first.

        Returns:
            A `Prediction`, or a list of them in the images' order.

        Raises:
            InputError: an image of another shape or type, no image at all, an unknown action, an empty list of
                actions, or a number out of its range.
            OutOfMemoryError: the memory does not suffice.
        """
        indices = _indices(actions, self.actions)
        query = _Query(indices, points_per_action, peak_threshold, score_threshold, top_k)
        if image is None:
            if self._image is None:
                raise InputError("there is no image: give one to predict() or call set_image() first")
            return self._answer(self._image, query)[0]
        if not isinstance(image, Sequence):
            return self._answer(self._encode([image], self._input_size(image)), query)[0]
        by_size: dict[tuple[int, int], list[int]] = {}
        for index, one in enumerate(image):
            by_size.setdefault(self._input_size(one), []).append(index)
        predictions: dict[int, Prediction] = {}
        for size, rows in by_size.items():
            encoded = self._encode([image[row] for row in rows], size)
            predictions.update(zip(rows, self._answer(encoded, query), strict=True))
        return [predictions[index] for index in range(len(image))]

    def _input_size(self, image: Image) -> tuple[int, int]:
        check_image(image)
        return self.network_size((image.shape[0], image.shape[1]))

    def _encode(self, images: list[Image], size: tuple[int, int], keep: bool = False) -> _Encoded:
        pixels = np.stack([resize(image, size) for image in images])
        with _memory_for(len(images), size):
            encoding = self._runtime.encode(pixels, keep=keep)
        return _Encoded([(image.shape[0], image.shape[1]) for image in images], size, encoding)

    def _answer(self, encoded: _Encoded, query: _Query) -> list[Prediction]:
        images = range(len(encoded.image_sizes))
        with _memory_for(len(images), encoded.input_size):
            if query.selects and encoded.scores is None:
                encoded.scores = self._runtime.scores(encoded.encoding)
            kept = [query.actions for _ in images]
            if query.selects and encoded.scores is not None:
                kept = [query.selected(scores) for scores in encoded.scores]
            missing = sorted({index for indices in kept for index in indices} - encoded.maps.keys())
            if missing or encoded.scores is None:
                encoded.scores, maps, places = self._runtime.maps(encoded.encoding, missing)
                encoded.maps.update(zip(missing, maps.swapaxes(0, 1), strict=True))
                if places is not None:
                    encoded.places.update(zip(missing, places.swapaxes(0, 1), strict=True))
        return [self._prediction(encoded, row, kept[row], query) for row in images]

    def _prediction(self, encoded: _Encoded, row: int, indices: list[int], query: _Query) -> Prediction:
        runtime, size, input_size = self._runtime, encoded.image_sizes[row], encoded.input_size
        assert encoded.scores is not None
        scores = encoded.scores[row]
        region = heatmap_region(size, input_size, runtime.stride, runtime.first_cell_center)
        grid = input_size[0] // runtime.stride, input_size[1] // runtime.stride
        maps = np.stack([encoded.maps[i][row] for i in indices]) if indices else np.zeros((0, *grid), np.float32)
        places = np.stack([encoded.places[i][row] for i in indices]) if indices and encoded.places else None
        heatmaps = published_heatmaps(maps, places)
        names = tuple(self.actions[i] for i in indices)
        all_scores = dict(zip(self.actions, scores.tolist(), strict=True))
        prediction = Prediction(
            names,
            scores[indices],
            heatmaps,
            [],
            region,
            size,
            all_scores,
            maps,
            places,
            runtime.config.point_calibration,
        )
        return replace(prediction, points=find_points(prediction, query.points_per_action, query.peak_threshold))


def _indices(actions: Sequence[str] | None, available: tuple[str, ...]) -> list[int]:
    """Where the requested actions are among all. None means all; an empty list is somebody's mistake."""
    if actions is not None:
        actions = list(actions) if np.iterable(actions) and not isinstance(actions, str) else [actions]
        if not actions or not all(isinstance(name, str) for name in actions):
            raise InputError(f"actions {actions}: give names, such as [{available[0]!r}], or None for all")
    return [available.index(name) for name in select_names("action", actions, available)]


@contextmanager
def _memory_for(images: int, size: tuple[int, int]) -> Iterator[None]:
    """Calls a runtime's lack of memory by its name."""
    try:
        yield
    except OutOfMemoryError:
        raise
    except Exception as error:  # ONNX Runtime's have no common base
        if not is_out_of_memory(error):
            raise
        first_line = str(error).strip().partition("\n")[0]
        raise OutOfMemoryError(
            f"too little memory for {images} images of {size[0]}x{size[1]} pixels ({first_line}): give fewer, or "
            "free memory"
        ) from error
