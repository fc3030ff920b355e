"""Clips and images that fail while they are learned from: another one takes the place, and the run goes on."""

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


class Failures:
    """Counts things that fail and are replaced. Each is reported once, on the standard error output, whichever process
    finds it.

    Args:
        number: of things.
        noun: what one is, such as "clip".
    """

    def __init__(self, number: int, noun: str) -> None:
        self.noun = noun
        # Workers have a copy of this object, but share these numbers.
        self._counts = torch.zeros(number, dtype=torch.int64).share_memory_()

    @property
    def replaced(self) -> int:
        """How often one has been replaced."""
        return int(self._counts.sum())

    @property
    def failed(self) -> int:
        """How many failed at least once."""
        return int((self._counts > 0).sum())

    def add(self, index: int, reason: object) -> None:
        """One has failed, and is replaced."""
        self._counts[index] += 1
        if self._counts[index] == 1:
            article = "an" if self.noun[0] in "aeiou" else "a"
            print(f"{article} {self.noun} fails and is replaced by another one: {reason}", file=sys.stderr, flush=True)

    def all_gone(self, in_a_row: int, reason: object) -> InputError:
        """What ends a run."""
        return InputError(
            f"{in_a_row} {self.noun}s in a row cannot be read: is the disk still there? The last: {reason}"
        )


class Replacements:
    """Replaces clips that cannot be read, each by one of the same action where there is another.

    What replaces which depends on the random generator that is given alone.

    Args:
        labels: action of each clip.

    Attributes:
        failures: their numbers.
    """

    def __init__(self, labels: Sequence[int]) -> None:
        self._labels = np.asarray(labels)
        self.failures = Failures(len(labels), "clip")

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
                self.failures.add(chosen, error)
                failed.append(chosen)
                rng = rng or generator()
                others = self._others(index, failed)
                if len(failed) == MAX_IN_A_ROW or not len(others):
                    raise self.failures.all_gone(len(failed), error) from error
                chosen = int(others[int(rng.integers(len(others)))])

    def _others(self, index: int, failed: Sequence[int]) -> np.ndarray:
        """Indices of clips of the same action, or of all where there is no other, but those that failed."""
        same = np.setdiff1d(np.flatnonzero(self._labels == self._labels[index]), failed)
        return same if len(same) else np.setdiff1d(np.arange(len(self._labels)), failed)


def first_readable(index: int, number: int, read: Callable[[int], Item], failures: Failures) -> Item:
    """What `read` makes of one of `number` things or, where it cannot be read, of the next one that can.

    Raises:
        InputError: `MAX_IN_A_ROW` cannot be read one after another.
    """
    following = [(index + further) % number for further in range(min(MAX_IN_A_ROW, number))]
    reason: Exception | None = None
    for one in following:
        try:
            return read(one)
        except (InputError, OSError) as error:
            failures.add(one, error)
            reason = error
    raise failures.all_gone(len(following), reason) from reason
