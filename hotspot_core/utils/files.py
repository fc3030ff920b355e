"""Writing files: each is whole whenever the writing is interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hotspot_core.errors import InputError

# As a new file gets it from most programs: some libraries write files that only their owner can read.
PERMISSIONS = 0o644


@contextmanager
def atomic_write(path: str | Path) -> Iterator[Path]:
    """A place beside a file to write its new contents to; at the end they take the file's place in one step.

        with atomic_write("model.safetensors") as partial:
            save_file(tensors, partial)

    The folder is made where it does not exist. Where the writing fails, what was at `path` stays as it was, and
    nothing is left beside it.

    Yields:
        A path in the same folder with the same suffix.

    Raises:
        InputError: the file cannot be written; the text tells the system's reason.
    """
    # A link stays one: what it points to is replaced.
    path = Path(path).resolve() if Path(path).is_symlink() else Path(path)
    partial = path.with_name(f".partial-{path.name}")
    try:
        with write_errors(path):
            if path.exists() and not path.is_file() and not path.is_dir():
                raise InputError(f"{path}: cannot be written: it is no regular file")
            path.parent.mkdir(parents=True, exist_ok=True)
            yield partial
            partial.chmod(PERMISSIONS)
            partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink()


def write_bytes(path: str | Path, data: bytes) -> None:
    """Writes a file in one step, see `atomic_write`."""
    with atomic_write(path) as partial:
        partial.write_bytes(data)


def write_text(path: str | Path, text: str) -> None:
    """Writes a file in UTF-8 in one step, see `atomic_write`."""
    with atomic_write(path) as partial:
        partial.write_text(text, encoding="utf-8")


@contextmanager
def write_errors(path: str | Path) -> Iterator[None]:
    """What the system has against writing a file becomes an InputError that names it."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error


def make_folder(path: Path, name: str) -> None:
    """Makes a folder, and those above it, where it does not exist.

    Args:
        name: what the folder is for, such as "output folder".

    Raises:
        InputError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{name} {str(path)!r} cannot be written: {error.strerror or error}") from error
