"""The errors of the library: bad input, and too little memory."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from numbers import Integral, Real


class InputError(ValueError):
    """Something the user gave cannot be used. Its text names the input, the reason and the remedy."""


class OutOfMemoryError(RuntimeError):
    """The free memory does not suffice. Nothing need be wrong with the input: the same call may succeed later."""


def select_names(kind: str, requested: Sequence[str] | None, available: Sequence[str]) -> tuple[str, ...]:
    """The requested names in their order, or all available ones where `requested` is None or empty.

    Args:
        kind: what a name stands for, in the singular, for the error's text.

    Raises:
        InputError: a name is unknown (the text suggests the nearest one) or is named twice.
    """
    if isinstance(requested, str):
        requested = [requested]
    if not requested:
        return tuple(available)
    for name in requested:
        if name not in available:
            near = difflib.get_close_matches(name, available, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise InputError(f"unknown {kind} {name!r}: {hint}known are {', '.join(available)}")
    if len(set(requested)) != len(requested):
        raise InputError(f"a {kind} is named twice in {', '.join(requested)}: name each once")
    return tuple(requested)


def check_number(
    name: str,
    value: object,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    whole: bool = False,
    above: bool = False,
) -> None:
    """Refuses what is not a finite number from `low` to `high`.

    Args:
        name: what the number is, for the error's text.
        whole: whether it has to be an integer.
        above: whether it has to be larger than `low`.

    Raises:
        InputError: it is of another type, not finite, or out of the range.
    """
    number = isinstance(value, Integral if whole else Real) and not isinstance(value, bool)
    if number and -math.inf < value < math.inf and low <= value <= high and not (above and value == low):  # type: ignore[operator]
        return
    shown = (
        repr(value)
        if not isinstance(value, Real)
        else str(value)
        if whole or isinstance(value, Integral)
        else f"{value:g}"
    )
    ends = f"{'above' if above else 'of at least'} {low:g}" if high == math.inf else f"from {low:g} to {high:g}"
    if above and high < math.inf:
        ends = f"above {low:g} and up to {high:g}"
    raise InputError(f"{name} {shown}: give a {'whole ' if whole else ''}number {ends}")
