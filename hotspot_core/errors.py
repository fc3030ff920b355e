"""The errors of the library: bad input, and too little memory."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


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
