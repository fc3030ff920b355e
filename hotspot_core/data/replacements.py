"""Clips that fail while they are learned from: another one takes the place, and the run goes on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import torch

from hotspot_core.errors import InputError

Item = TypeVar("Item")

# So many in a row fail only where none can be read any more, as when a disk has gone.
MAX_IN_A_ROW = 10


class Replacements:
    """Replaces clips that cannot be read, each by one of the same action where there is another.

    What replaces which depends on the random generator that is given alone. Each clip that fails is reported once, on
    the standard error output, whichever process finds it.

    Args:
        labels: action of each clip.
    """

    def __init__(self, labels: Sequence[int]) -> None:
        self._labels = np.asarray(labels)
        # Workers have a copy of this object, but share these numbers.
        self._counts = torch.zeros(len(labels), dtype=torch.int64).share_memory_()

    @property
    def replaced(self) -> int:
        """How often a clip has been replaced."""
        return int(self._counts.sum())

    @property
    def clips(self) -> int:
        """How many clips failed at least once."""
        return int((self._counts > 0).sum())

    def item(self, index: int, read: Callable[[int], Item], generator: Callable[[], np.random.Generator]) -> Item:
        """What `read` makes of a clip's index, or of that of a clip in its place.

        Raises:
            InputError: `MAX_IN_A_ROW` clips fail one after another.
        """
        chosen, rng, failed = index, None, list[int]()
        while True:
            try:
                return read(chosen)
            except (InputError, OSError) as error:
                self._report(chosen, str(error))
                failed.append(chosen)
                rng = rng or generator()
                others = self._others(index, failed)
                if len(failed) == MAX_IN_A_ROW or not len(others):
                    raise InputError(
                        f"{len(failed)} clips in a row cannot be read: is the disk still there? The last: {error}"
                    ) from error
                chosen = int(others[int(rng.integers(len(others)))])

    def _others(self, index: int, failed: Sequence[int]) -> np.ndarray:
        """Indices of clips of the same action, or of all where there is no other, but those that failed."""
        same = np.setdiff1d(np.flatnonzero(self._labels == self._labels[index]), failed)
        return same if len(same) else np.setdiff1d(np.arange(len(self._labels)), failed)

    def _report(self, index: int, reason: str) -> None:
        self._counts[index] += 1
        if self._counts[index] == 1:
            print(f"a clip fails and is replaced by another one: {reason}", file=sys.stderr, flush=True)
