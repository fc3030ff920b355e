"""A lock between processes that ends with the process that holds it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hotspot_core.errors import InputError


@contextmanager
def exclusive(path: Path, refusal: str) -> Iterator[None]:
    """Within, no other process is within with the same file, which stays. Systems without such locks have none.

    Args:
        path: a file in a folder that exists.
        refusal: the error's text where another process is within.

    Raises:
        InputError: another process is.
    """
    with path.open("w") as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ModuleNotFoundError:  # Windows
            pass
        except BlockingIOError:
            raise InputError(refusal) from None
        yield
