"""Pictures of predictions beside the ground truth: a choice of images, and every method's map on them."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hotspot_core.data.annotations import Annotation, AnnotationSet
from hotspot_core.evaluation.comparison import Comparison
from hotspot_core.evaluation.method import Method
from hotspot_core.evaluation.protocol import Protocol
from hotspot_core.evaluation.results import Item
from hotspot_core.hotspots.overlay import draw_heatmap
from hotspot_core.media.writers import encode_picture

SIDE = 220


@dataclass(frozen=True)
class Example:
    """An image with an action, as pictures.

    Attributes:
        item: which one, with the reference method's scores.
        truth: (h, w, 3) uint8 RGB, the image under the ground truth.
        maps: method -> the image under its map.
    """

    item: Item
    truth: NDArray[np.uint8]
    maps: Mapping[str, NDArray[np.uint8]]


@dataclass(frozen=True)
class Gallery:
    """Examples from good to bad, and the best and worst ones, of the reference method by KLD."""

    spread: tuple[Example, ...]
    best: tuple[Example, ...]
    worst: tuple[Example, ...]


def draw_gallery(
    comparison: Comparison, methods: Sequence[Method], annotations: AnnotationSet, protocol: Protocol, count: int
) -> Gallery | None:
    """Pictures for a comparison; None where its reference has no items with images."""
    merged = {(entry.image, entry.action): entry for entry in annotations.merged().entries}
    row = next(row for row in comparison.rows if row.name == comparison.reference)
    items = [item for item in row.evaluation.items if item.image.is_file() and (item.image, item.action) in merged]
    items = sorted(_one_per_image(items), key=lambda item: item.scores["kld"])
    if not items or not count:
        return None
    places = np.unique(np.linspace(0, len(items) - 1, count).round().astype(int))
    reference = [method for method in methods if method.name == comparison.reference]
    few = max(1, min(4, len(items) // 2))

    def examples(chosen: Sequence[Item], by: Sequence[Method]) -> tuple[Example, ...]:
        return tuple(_example(item, merged[item.image, item.action], by, protocol) for item in chosen)

    return Gallery(
        examples([items[place] for place in places], methods),
        examples(items[:few], reference),
        examples(items[-few:][::-1], reference),
    )


def as_data_uri(picture: NDArray[np.uint8]) -> str:
    """A picture as a JPEG inside a page."""
    data = encode_picture(picture, ".jpg", quality=82)
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"


def _one_per_image(items: Sequence[Item]) -> list[Item]:
    """For each image one of its actions, so that pictures show as many images and actions as they can."""
    chosen: dict[str, Item] = {}
    counts: dict[str, int] = {}
    for item in items:
        key = str(item.image)
        if key not in chosen or counts.get(item.action, 0) < counts.get(chosen[key].action, 0):
            chosen[key] = item
            counts[item.action] = counts.get(item.action, 0) + 1
    return list(chosen.values())


def _example(item: Item, entry: Annotation, methods: Sequence[Method], protocol: Protocol) -> Example:
    image = entry.read_image()
    maps = {
        method.name: _drawn(image, method(image, (entry.action,), entry)[0])
        for method in methods
        if method.predicts(entry)
    }
    return Example(item, _drawn(image, protocol.target(entry)), maps)


def _drawn(image: NDArray[np.uint8], heatmap: NDArray[np.floating]) -> NDArray[np.uint8]:
    """An image, reduced, under a map."""
    scale = SIDE / max(image.shape[:2])
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return draw_heatmap(small, np.asarray(heatmap, np.float32))
