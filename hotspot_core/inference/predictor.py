"""From an RGB image to a prediction: the one door for applications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, overload

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from hotspot_core.errors import InputError, select_names
from hotspot_core.hotspots.peaks import find_peaks
from hotspot_core.hotspots.prediction import Image, InteractionPoint, Prediction
from hotspot_core.hotspots.regions import heatmap_region, network_input_size
from hotspot_core.inference.load import load_runtime
from hotspot_core.model.hotspot_model import HotspotModel


@dataclass
class _Scene:
    """What is known of images that were encoded together, in the order that they came in.

    Attributes:
        pixels: (B, H, W, 3), what the network saw.
        image_sizes: (height, width) of each image.
        encoding: the runtime's.
        scores: (B, all actions), once known.
        maps: action's index -> (B, h, w) in [0, 1], of those that were asked for so far.
    """

    pixels: Image
    image_sizes: list[tuple[int, int]]
    encoding: Any
    scores: NDArray[np.float32] | None = None
    maps: dict[int, NDArray[np.float32]] = field(default_factory=dict)


class HotspotPredictor:
    """Predicts interaction hotspots of images of any size and aspect ratio.

    Args:
        model: a `HotspotModel`, which must not change any more, or a file: a .safetensors checkpoint, an
            export (.onnx, .pt2), or "default" for the bundled model.
        device: "cpu", "cuda" ...; None for the model's own device, or, where `model` is a file, the best one.
        points_per_action: largest number of points per action.
        peak_threshold: least value of a point, relative to the strongest of its action, in [0, 1].
        precision: "fp32"; "bf16" or, on CUDA, "fp16", which are several times faster where the device has units for
            them; "auto" for the fastest. An export keeps the precision that it was made with.

    Raises:
        InputError: the file or the device cannot be used, the device does not support the precision, or a number is
            out of its range.
    """

    def __init__(
        self,
        model: HotspotModel | str | Path = "default",
        device: str | torch.device | None = None,
        points_per_action: int = 3,
        peak_threshold: float = 0.3,
        precision: str = "fp32",
    ) -> None:
        if points_per_action < 0:
            raise InputError(f"{points_per_action} points per action: give 0 or more")
        if not 0 <= peak_threshold <= 1:
            raise InputError(f"least value of a point {peak_threshold:g}: give a number from 0 to 1")
        self._runtime = load_runtime(model, device, precision)
        self.points_per_action = points_per_action
        self.peak_threshold = peak_threshold
        self._scene: _Scene | None = None

    @property
    def actions(self) -> tuple[str, ...]:
        """All actions that the model knows."""
        return self._runtime.config.actions

    @property
    def device(self) -> torch.device:
        """Where the model runs."""
        return self._runtime.device

    def set_image(self, image: Image) -> None:
        """Computes all that no action changes; `predict(actions=...)` then costs only what those actions need.

        Args:
            image: (H, W, 3) uint8 RGB.

        Raises:
            InputError: an image of another shape or type.
        """
        self._see([image], self._network_size(image))

    @overload
    def predict(
        self,
        image: Image | None = None,
        actions: Sequence[str] | None = None,
        score_threshold: float = 0.0,
        top_k: int | None = None,
    ) -> Prediction: ...
    @overload
    def predict(
        self,
        image: Sequence[Image],
        actions: Sequence[str] | None = None,
        score_threshold: float = 0.0,
        top_k: int | None = None,
    ) -> list[Prediction]: ...

    def predict(
        self,
        image: Image | Sequence[Image] | None = None,
        actions: Sequence[str] | None = None,
        score_threshold: float = 0.0,
        top_k: int | None = None,
    ) -> Prediction | list[Prediction]:
        """Hotspots of an image, or of a list of images as one batch per input size.

        Maps are computed for the actions in the result only. An image that the network sees just as the one before
        it is not computed again, nor are its maps.

        Args:
            image: (H, W, 3) uint8 RGB, or a list of them, sizes may differ; None for the last single image, see
                `set_image`.
            actions: names of actions, at least one; None for all that the model knows.
            score_threshold: leave out actions with a lower softmax score.
            top_k: of what remains keep only so many with the highest scores. On CUDA a `score_threshold` or `top_k`
                costs one more wait for the device, which has to tell the scores first.

        Returns:
            A `Prediction`, or a list of them in the images' order.

        Raises:
            InputError: an image of another shape or type, no image at all, an unknown action, an empty list of
                actions, a negative `top_k`, or too little memory.
        """
        wanted = _indices(actions, self.actions)
        if top_k is not None and top_k < 0:
            raise InputError(f"top_k is {top_k}: give 0 or more, or None for all")
        if image is None:
            if self._scene is None:
                raise InputError("there is no image: give one to predict() or call set_image() first")
            return self._query(self._scene, wanted, score_threshold, top_k)[0]
        if not isinstance(image, Sequence):
            return self._query(self._see([image], self._network_size(image)), wanted, score_threshold, top_k)[0]
        by_size: dict[tuple[int, int], list[int]] = {}
        for index, one in enumerate(image):
            by_size.setdefault(self._network_size(one), []).append(index)
        predictions: dict[int, Prediction] = {}
        for size, indices in by_size.items():
            scene = self._see([image[i] for i in indices], size)
            predictions.update(zip(indices, self._query(scene, wanted, score_threshold, top_k), strict=True))
        if by_size:
            self._scene = None
        return [predictions[index] for index in range(len(image))]

    def network_size(self, image_hw: tuple[int, int]) -> tuple[int, int]:
        """(height, width) to which an image of this size is resized before the network sees it."""
        runtime = self._runtime
        return runtime.fixed_size or network_input_size(image_hw, runtime.config.input_size, runtime.stride)

    def _network_size(self, image: Image) -> tuple[int, int]:
        _check_image(image)
        return self.network_size((image.shape[0], image.shape[1]))

    def _see(self, images: list[Image], size: tuple[int, int]) -> _Scene:
        """Encodes images, unless they look like the last ones."""
        pixels = np.stack([_resize(image, size) for image in images])
        image_sizes = [(image.shape[0], image.shape[1]) for image in images]
        if self._scene is not None and np.array_equal(self._scene.pixels, pixels):
            self._scene.image_sizes = image_sizes
        else:
            self._scene = None  # its encoding may share memory with the next one
            self._scene = _Scene(pixels, image_sizes, self._runtime.encode(pixels))
        return self._scene

    def _query(self, scene: _Scene, wanted: list[int], score_threshold: float, top_k: int | None) -> list[Prediction]:
        if score_threshold > 0 or top_k is not None:
            if scene.scores is None:
                scene.scores = self._runtime.scores(scene.encoding)
            kept = [_select(scores, wanted, score_threshold, top_k) for scores in scene.scores]
        else:
            kept = [wanted] * len(scene.pixels)
        missing = sorted({index for indices in kept for index in indices} - scene.maps.keys())
        if missing or scene.scores is None:
            scene.scores, maps = self._runtime.maps(scene.encoding, missing)
            heatmaps = maps / maps.max(axis=(2, 3), keepdims=True).clip(np.finfo(np.float32).tiny)
            scene.maps.update(zip(missing, heatmaps.swapaxes(0, 1), strict=True))
        return [self._prediction(scene, row, indices) for row, indices in enumerate(kept)]

    def _prediction(self, scene: _Scene, row: int, indices: list[int]) -> Prediction:
        runtime, size = self._runtime, scene.image_sizes[row]
        height, width = size
        assert scene.scores is not None
        scores, network_size = scene.scores[row], scene.pixels.shape[1:3]
        region = heatmap_region(size, network_size, runtime.stride, runtime.first_cell_center)
        grid = network_size[0] // runtime.stride, network_size[1] // runtime.stride
        heatmaps = np.stack([scene.maps[i][row] for i in indices]) if indices else np.zeros((0, *grid), np.float32)
        names = tuple(self.actions[i] for i in indices)
        points = []
        for name, heatmap in zip(names, heatmaps, strict=True):
            for peak in find_peaks(heatmap, self.points_per_action, self.peak_threshold):
                x, y = region.to_pixels(peak.column, peak.row, heatmap.shape)
                inside = min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0)
                points.append(InteractionPoint(name, *inside, peak.value))
        all_scores = dict(zip(self.actions, scores.tolist(), strict=True))
        return Prediction(names, scores[indices], heatmaps, points, region, size, all_scores)


def _indices(actions: Sequence[str] | None, known: tuple[str, ...]) -> list[int]:
    """Where the wanted actions are among the known ones. None means all; an empty list is somebody's mistake."""
    if actions is not None:
        actions = list(actions) if np.iterable(actions) and not isinstance(actions, str) else [actions]
        if not actions or not all(isinstance(name, str) for name in actions):
            raise InputError(f"actions {actions}: give names, such as [{known[0]!r}], or None for all")
    return [known.index(name) for name in select_names("action", actions, known)]


def _select(scores: NDArray[np.float32], wanted: list[int], score_threshold: float, top_k: int | None) -> list[int]:
    """Those of the wanted actions that score high enough, in their order."""
    kept = [index for index in wanted if scores[index] >= score_threshold]
    best = set(sorted(kept, key=lambda index: -scores[index])[:top_k])
    return [index for index in kept if index in best]


def _check_image(image: Image) -> None:
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        what = f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise InputError(f"image of type {what}: give an (H, W, 3) uint8 RGB array")
    if 0 in image.shape:
        raise InputError(f"image of shape {image.shape} is empty")


def _resize(image: Image, size_hw: tuple[int, int]) -> Image:
    """Resizes to (h, w), averaging where it shrinks so that small parts do not vanish between samples."""
    # Means of 2x2 pixels are fast; while three of them in a row make one pixel in the end, the detour hardly shows.
    while image.shape[0] % 2 == image.shape[1] % 2 == 0 and all(np.array(image.shape[:2]) >= 6 * np.array(size_hw)):
        image = np.asarray(cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    shrinks = size_hw[0] < image.shape[0] or size_hw[1] < image.shape[1]
    resized = cv2.resize(image, size_hw[::-1], interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(resized, np.uint8)
