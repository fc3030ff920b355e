"""The one error for bad input, and how it names what was meant."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


class InputError(ValueError):
    """Something the user gave cannot be used. Its text names the input, the reason and the remedy."""


class OutOfMemoryError(InputError):
    """The memory that is free is too small for the input."""


def select_names(kind: str, wanted: Sequence[str] | None, known: Sequence[str]) -> tuple[str, ...]:
    """The wanted names in their order, or all known ones where `wanted` is None or empty.

    Args:
        kind: what a name stands for, in the singular, for the error's text.

    Raises:
        InputError: a name is unknown (the text suggests the nearest one) or is given twice.
    """
    if isinstance(wanted, str):
        wanted = [wanted]
    if not wanted:
        return tuple(known)
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise InputError(f"unknown {kind} {name!r}: {hint}known are {', '.join(known)}")
    if len(set(wanted)) != len(wanted):
        raise InputError(f"a {kind} is named twice in {', '.join(wanted)}: name each once")
    return tuple(wanted)
