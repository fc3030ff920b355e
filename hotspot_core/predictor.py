"""From an RGB image to a prediction: the one door for applications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, overload

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from hotspot_core.checkpoint import load_model, select_device
from hotspot_core.errors import InputError, select_names
from hotspot_core.geometry import Region, heatmap_region, network_input_size, resample
from hotspot_core.mapping import interaction_hotspots
from hotspot_core.model.hotspot_model import HotspotModel
from hotspot_core.peaks import find_peaks

Image = NDArray[np.uint8]


class InteractionPoint(NamedTuple):
    """A peak of an action's heatmap: x, y in pixels of the input image, value in [0, 1]."""

    action: str
    x: float
    y: float
    value: float


@dataclass(frozen=True)
class Prediction:
    """The hotspots of one image.

    Attributes:
        actions: the A names asked for.
        scores: (A,) softmax probabilities over all actions of the model.
        heatmaps: (A, h, w) float32 in [0, 1], each divided by its maximum, on the model's grid; 0 everywhere where
            the model sees no place for the action.
        points: strongest first within an action, actions in order; (0, 0) is the centre of the top-left pixel.
        region: the part of the image that the heatmaps cover.
        image_size: (height, width) of the image in pixels.
    """

    actions: tuple[str, ...]
    scores: NDArray[np.float32]
    heatmaps: NDArray[np.float32]
    points: list[InteractionPoint]
    region: Region
    image_size: tuple[int, int]

    def above(self, min_score: float) -> Prediction:
        """The same with only the actions whose score is at least `min_score`."""
        kept = np.flatnonzero(self.scores >= min_score)
        if len(kept) == len(self.actions):
            return self
        actions = tuple(self.actions[i] for i in kept)
        points = [point for point in self.points if point.action in actions]
        return replace(self, actions=actions, scores=self.scores[kept], heatmaps=self.heatmaps[kept], points=points)

    def heatmaps_at(self, height: int, width: int) -> NDArray[np.float32]:
        """The heatmaps resampled to (A, height, width), covering exactly the image."""
        return resample(self.heatmaps, self.region, self.image_size, (height, width))


class HotspotPredictor:
    """Predicts interaction hotspots of images of any size and aspect ratio.

    Args:
        model: a `HotspotModel`, or what `load_model` takes: a .safetensors path or "default".
        device: "cpu", "cuda" ...; None for the model's own device, or, where `model` is a source, the best one.
        points_per_action: largest number of points per action.
        min_value: least value of a point, relative to the strongest of its action, in [0, 1].

    Raises:
        InputError: the checkpoint or the device cannot be used.
    """

    def __init__(
        self,
        model: HotspotModel | str | Path = "default",
        device: str | torch.device | None = None,
        points_per_action: int = 3,
        min_value: float = 0.3,
    ) -> None:
        if not isinstance(model, HotspotModel):
            model = load_model(model, device)
        elif device is not None:
            model = model.to(select_device(device))
        self.model = model.eval()
        self.device = next(model.parameters()).device
        self.points_per_action = points_per_action
        self.min_value = min_value
        self._mean = torch.tensor(model.config.mean, device=self.device).view(3, 1, 1) * 255
        self._std = torch.tensor(model.config.std, device=self.device).view(3, 1, 1) * 255

    @property
    def actions(self) -> tuple[str, ...]:
        """All actions that the model knows."""
        return self.model.actions

    @overload
    def predict(self, image: Image, actions: Sequence[str] | None = None) -> Prediction: ...
    @overload
    def predict(self, image: Sequence[Image], actions: Sequence[str] | None = None) -> list[Prediction]: ...

    def predict(
        self, image: Image | Sequence[Image], actions: Sequence[str] | None = None
    ) -> Prediction | list[Prediction]:
        """Hotspots of an image, or of a list of images as one batch per input size.

        Args:
            image: (H, W, 3) uint8 RGB, or a list of them; sizes may differ.
            actions: names of actions; None for all that the model knows.

        Returns:
            A `Prediction`, or a list of them in the images' order.

        Raises:
            InputError: an image of another shape or type, or an unknown action.
        """
        if isinstance(image, np.ndarray):
            return self._predict_list([image], actions)[0]
        return self._predict_list(list(image), actions)

    def _predict_list(self, images: list[Image], actions: Sequence[str] | None) -> list[Prediction]:
        names = select_names("action", actions, self.model.actions)
        by_size: dict[tuple[int, int], list[int]] = {}
        for index, image in enumerate(images):
            _check_image(image)
            size = network_input_size(image.shape[:2], self.model.config.input_size, self.model.backbone.stride)
            by_size.setdefault(size, []).append(index)
        predictions: dict[int, Prediction] = {}
        for size, indices in by_size.items():
            batch = self._predict_batch([images[i] for i in indices], size, names)
            predictions.update(zip(indices, batch, strict=True))
        return [predictions[index] for index in range(len(images))]

    def _predict_batch(self, images: list[Image], size: tuple[int, int], names: tuple[str, ...]) -> list[Prediction]:
        hotspots = interaction_hotspots(self.model, self._network_input(images, size), names)
        scores = hotspots.logits.softmax(dim=1)[:, [self.model.actions.index(name) for name in names]]
        heatmaps = hotspots.maps / hotspots.maps.amax(dim=(2, 3), keepdim=True).clamp_min(1e-30)
        return [
            self._prediction(image, size, names, s, h)
            for image, s, h in zip(images, scores.cpu().numpy(), heatmaps.cpu().numpy(), strict=True)
        ]

    def _network_input(self, images: list[Image], size: tuple[int, int]) -> torch.Tensor:
        """(B, 3, *size) normalised, on the device."""
        resized = np.stack([_resize(image, size) for image in images])
        batch = torch.from_numpy(resized).to(self.device).permute(0, 3, 1, 2)
        return (batch.float() - self._mean) / self._std

    def _prediction(
        self,
        image: Image,
        size: tuple[int, int],
        names: tuple[str, ...],
        scores: NDArray[np.float32],
        heatmaps: NDArray[np.float32],
    ) -> Prediction:
        height, width = image.shape[:2]
        backbone = self.model.backbone
        region = heatmap_region((height, width), size, backbone.stride, backbone.first_cell_center)
        points = []
        for name, heatmap in zip(names, heatmaps, strict=True):
            for peak in find_peaks(heatmap, self.points_per_action, self.min_value):
                x, y = region.to_pixels(peak.column, peak.row, heatmap.shape)
                inside = min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0)
                points.append(InteractionPoint(name, *inside, peak.value))
        return Prediction(names, scores, heatmaps, points, region, (height, width))


def _check_image(image: Image) -> None:
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        what = f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise InputError(f"image of type {what}: give an (H, W, 3) uint8 RGB array")
    if 0 in image.shape:
        raise InputError(f"image of shape {image.shape} is empty")


def _resize(image: Image, size_hw: tuple[int, int]) -> Image:
    """Resizes to (h, w), averaging where it shrinks so that small parts do not vanish between samples."""
    shrinks = size_hw[0] < image.shape[0] or size_hw[1] < image.shape[1]
    resized = cv2.resize(image, size_hw[::-1], interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(resized, np.uint8)
