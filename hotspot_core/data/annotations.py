"""Annotated images: where on an image each action happens, as points that people set."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hotspot_core.errors import InputError, select_names
from hotspot_core.media.images import faults, read_image, read_map

# An image may have been resized since, which rounds its sides, but not turned or cropped.
MAX_DISTORTION = 1.1


@dataclass(frozen=True)
class Annotation:
    """The points of one action on one image.

    Attributes:
        image: path of the image.
        action: name of the action.
        object: name of the object, "" where unknown.
        size_hw: height and width in pixels of the image that the points refer to.
        points: (P, 2) x, y in its pixels; P may be 0.
    """

    image: Path
    action: str
    object: str
    size_hw: tuple[int, int]
    points: NDArray[np.float64]

    def read_image(self) -> NDArray[np.uint8]:
        """The image, (H, W, 3) uint8 RGB; it may be larger or smaller than `size_hw`.

        Raises:
            InputError: it cannot be read, or has points and another shape than when it was annotated.
        """
        image = read_image(self.image)
        height, width = image.shape[:2]
        distortion = (width * self.size_hw[0]) / (height * self.size_hw[1])
        if len(self.points) and not 1 / MAX_DISTORTION < distortion < MAX_DISTORTION:
            raise InputError(
                f"{self.image}: {width}x{height} pixels, annotated as {self.size_hw[1]}x{self.size_hw[0]}: correct "
                "width, height and points (images are turned as their EXIF orientation says)"
            )
        return image


@dataclass(frozen=True)
class MapAnnotation(Annotation):
    """An entry with a map in place of points, over its whole image: (h, w), the path of a gray image of that size, or
    what reads it when it is needed."""

    heatmap: Path | NDArray[np.floating] | Callable[[], NDArray[np.floating]]

    def read_map(self) -> NDArray[np.floating]:
        """The map, (h, w).

        Raises:
            InputError: its file cannot be read.
        """
        if isinstance(self.heatmap, Path):
            return read_map(self.heatmap)
        return self.heatmap() if callable(self.heatmap) else self.heatmap


@dataclass(frozen=True)
class EmptyImage:
    """An image that affords no action: its path, its height and width in pixels."""

    image: Path
    size_hw: tuple[int, int]


@dataclass(frozen=True)
class AnnotationSet:
    """Annotated images.

    Attributes:
        path: of the file.
        actions: that it knows, in order.
        entries: what is annotated.
        empty: images that afford none of the actions.
        complete: image -> the actions that were looked for on it, where these are not all.
        exhaustive: whether an action without an entry is not afforded, where `complete` says nothing; False for data
            sets in which it may just not have been asked for.
        benchmark: the data set that figures are published for, "OPRA", "EPIC" or "AGD20K"; "" for another.
        novel: whether its objects are those that the benchmark holds out of training.
        predictions: maps of methods that come with the data set: name of the row -> file.
    """

    path: Path
    actions: tuple[str, ...]
    entries: tuple[Annotation, ...]
    empty: tuple[EmptyImage, ...] = ()
    complete: Mapping[Path, frozenset[str]] = field(default_factory=dict)
    exhaustive: bool = True
    benchmark: str = ""
    novel: bool = False
    predictions: Mapping[str, Path] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def objects(self) -> tuple[str, ...]:
        """The objects' names, sorted."""
        return tuple(sorted({entry.object for entry in self.entries}))

    def image_paths(self) -> list[Path]:
        """The images, each once: those of the entries in their order, then the empty ones."""
        images = [entry.image for entry in self.entries] + [empty.image for empty in self.empty]
        return list(dict.fromkeys(images))

    def judged(self, image: Path, afforded: Collection[str]) -> tuple[str, ...]:
        """The actions of which is known whether an image affords them, in order, `afforded` being those that it has
        entries for."""
        looked_for = self.complete.get(image, self.actions if self.exhaustive else ())
        return tuple(action for action in self.actions if action in looked_for or action in afforded)

    def where(self, keep: Callable[[Annotation], bool]) -> AnnotationSet:
        """The entries that are to be kept. What an image affords by the others only is not known any more."""
        kept = tuple(entry for entry in self.entries if keep(entry))
        lost: dict[Path, set[str]] = {}
        for entry in self.entries:
            if not keep(entry):
                lost.setdefault(entry.image, set()).add(entry.action)
        whole = frozenset(self.actions) if self.exhaustive else frozenset()
        unknown = {image: self.complete.get(image, whole) - actions for image, actions in lost.items()}
        return replace(self, entries=kept, complete={**self.complete, **unknown})

    def merged(self) -> AnnotationSet:
        """One entry per image and action, in order of first appearance, with the points of all.

        Raises:
            InputError: entries of an image differ in its size or object.
        """
        groups: dict[tuple[Path, str], list[Annotation]] = {}
        for entry in self.entries:
            groups.setdefault((entry.image, entry.action), []).append(entry)
        return replace(self, entries=tuple(self._joined(group) for group in groups.values()))

    def _joined(self, group: Sequence[Annotation]) -> Annotation:
        first = group[0]
        if any(entry.size_hw != first.size_hw or entry.object != first.object for entry in group):
            raise InputError(f"{self.path}: entries for {first.image.name} differ in size or object: make them agree")
        return replace(first, points=np.concatenate([entry.points for entry in group]))

    def selected(
        self,
        actions: Sequence[str] | None = None,
        objects: Sequence[str] | None = None,
    ) -> AnnotationSet:
        """The entries of some actions and objects; None for all.

        Raises:
            InputError: a name is unknown, or nothing is left.
        """
        chosen = select_names("action", actions, self.actions)
        kinds = select_names("object", objects, self.objects)
        kept = self.where(lambda entry: entry.action in chosen and entry.object in kinds)
        if not kept.entries:
            raise InputError(f"{self.path}: no entry for {', '.join(chosen)} on {', '.join(kinds)}")
        return replace(kept, actions=chosen)

    def missing_images(self) -> list[Path]:
        """The images that are not there, each once."""
        images = [entry.image for entry in self.entries] + [empty.image for empty in self.empty]
        return [path for path in dict.fromkeys(images) if not path.is_file()]

    def broken_images(self, workers: int = 4) -> dict[Path, str]:
        """The images that cannot be read, or are not those that were annotated, each with the reason; of `empty`, too.

        All images are decoded, in that many threads.
        """
        reads: dict[tuple[Path, tuple[int, int], bool], Callable[[], object]] = {
            (one.image, one.size_hw, False): partial(read_image, one.image) for one in self.empty
        }
        reads |= {(entry.image, entry.size_hw, len(entry.points) > 0): entry.read_image for entry in self.entries}
        return {image: reason for (image, _, _), reason in faults(reads, workers).items()}
