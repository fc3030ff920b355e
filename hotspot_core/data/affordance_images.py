"""Images with the places of all their actions at once, to learn what an image affords, where, and what it does not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from hotspot_core.data.annotations import Annotation, AnnotationSet
from hotspot_core.data.augmentation import Augmentation, Image, View, policy, random_view
from hotspot_core.data.dataset import network_input
from hotspot_core.data.replacements import MAX_IN_A_ROW, Failures
from hotspot_core.data.targets import GRID, is_annotated, target_in_view
from hotspot_core.errors import InputError
from hotspot_core.media.images import read_image

# A view that shows no annotated place although the image has some is drawn anew so many times.
TRIES = 3


class AffordanceImages(Dataset[dict[str, Tensor]]):
    """Randomly drawn, varied images of several annotation sets.

    What item i of an epoch is depends on (seed, epoch, i) alone, so that a resumed run repeats exactly. An image that
    cannot be read any more is replaced by another draw, reported and counted in `failures`.

    Args:
        sets: annotation sets whose `complete` and `empty` say what images do not afford.
        actions: names in the order of the model.
        items: number per epoch.
        weights: how often images come from each set, relative to the others; None for equally often.
        size: side S of the pictures in pixels.
        augmentation: a policy, or its name.
        seed: of all random choices.

    Items:
        image: (3, S, S) float32, ImageNet-normalized;
        places: (A, 28, 28) float32 ground truth of sum 1, or 0 where the view shows no place of the action;
        afforded: (A,) float32, 1 where it does;
        judged: (A,) float32, 1 where it is known whether the view affords the action.

    Raises:
        InputError: a set has no image with a place of any of the actions, or the weights do not fit the sets.
    """

    def __init__(
        self,
        sets: Sequence[AnnotationSet],
        actions: Sequence[str],
        items: int,
        weights: Sequence[float] | None = None,
        size: int = 224,
        augmentation: Augmentation | str = "strong",
        seed: int = 0,
    ) -> None:
        if not sets:
            raise InputError("no annotation sets: name at least one file to learn from")
        fits = weights is None or (len(weights) == len(sets) and min(weights) >= 0 and 0 < sum(weights) < math.inf)
        if not fits:
            raise InputError(f"weights {weights}: give one number, 0 or more, for each of {len(sets)} sets")
        self.actions, self.items, self.size, self.seed, self.epoch = tuple(actions), items, size, seed, 0
        self.augmentation = policy(augmentation)
        self._images = [_images_of(one, self.actions) for one in sets]
        for number, image in enumerate(chain.from_iterable(self._images)):
            image.number = number
        self.failures = Failures(sum(map(len, self._images)), "image")
        chosen = np.ones(len(sets)) if weights is None else np.array(weights, float)
        self._weights = chosen / chosen.sum()

    def set_epoch(self, epoch: int) -> None:
        """Draws anew."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.items

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        rng = np.random.default_rng([self.seed, self.epoch, index])
        for _ in range(MAX_IN_A_ROW):
            images = self._images[rng.choice(len(self._images), p=self._weights)]
            chosen = images[int(rng.integers(len(images)))]
            try:
                return self._item(chosen, rng)
            except (InputError, OSError) as error:
                self.failures.add(chosen.number, error)
                reason = error
        raise self.failures.all_gone(MAX_IN_A_ROW, reason)

    def _item(self, chosen: _Image, rng: np.random.Generator) -> dict[str, Tensor]:
        image = read_image(chosen.path)
        view, places = self._view(chosen, image, rng)
        afforded = places.sum(axis=(1, 2)) > 0
        # An action whose places the view has cut away may still be hinted at by what is left of its object.
        judged = np.array([name in chosen.judged for name in self.actions]) & (
            afforded | ~chosen.has_place(self.actions)
        )
        return {
            "image": network_input(view.apply(image), (self.size, self.size)),
            "places": torch.from_numpy(places),
            "afforded": torch.from_numpy(afforded.astype(np.float32)),
            "judged": torch.from_numpy(judged.astype(np.float32)),
        }

    def _view(self, chosen: _Image, image: Image, rng: np.random.Generator) -> tuple[View, NDArray[np.float32]]:
        for _ in range(TRIES):
            view = random_view(rng, image.shape[:2], self.size, self.augmentation, may_blur=True)
            places = np.zeros((len(self.actions), GRID, GRID), np.float32)
            for entry in chosen.entries:
                places[self.actions.index(entry.action)] = target_in_view(entry, view, image.shape[:2])
            if not chosen.entries or places.any():
                break
        return view, places


class _Image:
    """An image and what is known of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: list[Annotation] = []
        self.judged: frozenset[str] = frozenset()
        self.number = 0

    def has_place(self, actions: Sequence[str]) -> NDArray[np.bool_]:
        """(A,) bool."""
        own = {entry.action for entry in self.entries}
        return np.array([name in own for name in actions])


def check_examples(sets: Sequence[AnnotationSet], actions: Sequence[str]) -> None:
    """Makes sure that every action can be learned.

    Raises:
        InputError: no set has a place of one of them.
    """
    shown = {entry.action for one in sets for entry in one.entries if is_annotated(entry)}
    if missing := [name for name in actions if name not in shown]:
        raise InputError(
            f"no place of {', '.join(missing)} in {', '.join(str(one.path) for one in sets)}: nothing can be learned "
            "of it; annotate some, or leave it out of data.actions"
        )


def _images_of(annotations: AnnotationSet, actions: Sequence[str]) -> list[_Image]:
    images: dict[Path, _Image] = {}
    for entry in annotations.merged().entries:
        if is_annotated(entry) and entry.action in actions:
            images.setdefault(entry.image, _Image(entry.image)).entries.append(entry)
    for image in images.values():
        image.judged = frozenset(annotations.judged(image.path, {entry.action for entry in image.entries}))
    for empty in annotations.empty:
        images.setdefault(empty.image, _Image(empty.image)).judged = frozenset(annotations.judged(empty.image, ()))
    if not images:
        raise InputError(f"{annotations.path}: no image has places of {', '.join(actions)}: there is nothing to learn")
    return list(images.values())
