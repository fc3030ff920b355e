"""The Parquet and JSON files of a data set; what is wrong with one becomes an InputError."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hotspot_core.errors import InputError


def parquet() -> Any:
    """`pyarrow.parquet`; InputError where it is not installed."""
    try:
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise InputError("data sets of LeRobot need pyarrow: pip install 'hotspot_core[lerobot]'") from None
    return pyarrow.parquet


@contextmanager
def parquet_errors(path: Path) -> Iterator[None]:
    """What pyarrow has against reading a file becomes an InputError that names it."""
    parquet()
    import pyarrow

    try:
        yield
    except FileNotFoundError:
        raise InputError(f"{path}: no such file: is the data set downloaded wholly?") from None
    except (pyarrow.ArrowException, OSError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise InputError(f"{path}: cannot be read ({reason[:120]}): truncated? download the file again") from None


def column_names(path: Path) -> list[str]:
    """The columns of a Parquet file; InputError where it is missing or damaged."""
    with parquet_errors(path):
        return list(parquet().read_schema(path).names)


def read_rows(path: Path, columns: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of a Parquet file, of these columns.

    Raises:
        InputError: it is missing or damaged, or lacks a column.
    """
    missing = set(columns) - set(column_names(path))
    if missing:
        raise InputError(f"{path}: no column {sorted(missing)[0]!r}: is this a data set of LeRobot?")
    with parquet_errors(path):
        # As one file: pyarrow takes chunk-000 and the like in a path for columns otherwise.
        return list(parquet().ParquetFile(path).read(columns=list(columns)).to_pylist())


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object; InputError where there is none."""
    text = _text(path)
    try:
        document = json.loads(text)
    except ValueError as error:
        raise InputError(f"{path}: no JSON ({error}): download the file again") from None
    if not isinstance(document, dict):
        raise InputError(f"{path}: no JSON object: is this a data set of LeRobot?")
    return document


def read_json_lines(path: Path) -> list[dict[str, Any]]:
    """A JSON object of each line; InputError where one is none."""
    rows = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(f"{path}: line {number} is no JSON ({error}): download the file again") from None
        if not isinstance(row, dict):
            raise InputError(f"{path}: line {number} is no JSON object: is this a data set of LeRobot?")
        rows.append(row)
    return rows


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InputError(f"{path}: {reason}: is this the folder of a LeRobot data set?") from None
