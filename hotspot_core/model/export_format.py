"""What an exported model says of itself: the JSON that the command `export` puts into its files."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any, BinaryIO, cast

from hotspot_core.errors import InputError

ONNX, PACKAGE = ".onnx", ".pt2"
EXPORTS = (ONNX, PACKAGE)
EXPORT_VERSION = 1
EXPORT_KEYS = ("device", "batch", "size", "actions_are_an_input", "stride", "first_cell_center")
METADATA_KEY = "hotspot"
# Where a package, a zip archive with one top folder, keeps files of its user.
PACKAGE_ENTRY = "extra/hotspot.json"
# Numbers of the fields of ONNX's messages ModelProto and StringStringEntryProto, and of protobuf's wire types.
MODEL_METADATA, ENTRY_KEY, ENTRY_VALUE = 14, 1, 2
VARINT, FIXED_64, BYTES, FIXED_32 = 0, 1, 2, 5


def read_export(path: Path) -> dict[str, Any]:
    """The description of an export, without loading its weights.

    Returns:
        What a checkpoint's metadata holds, and "export": the batch size (None: any), input size, kind of actions,
        stride and place of the first cell.

    Raises:
        InputError: not a file of the command `export`, or of another version of it.
    """
    try:
        text = _onnx_metadata(path) if path.suffix == ONNX else _package_metadata(path)
    except (OSError, EOFError, UnicodeDecodeError, zipfile.BadZipFile) as error:
        raise InputError(f"{str(path)!r} is not a whole {path.suffix} file ({error}): export it again") from error
    if text is None:
        raise InputError(
            f"{str(path)!r} has no description of a hotspot model: make it with python -m hotspot_core.export"
        )
    try:
        description = json.loads(text)
        export = description["export"]
        version = export["format_version"]
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"{str(path)!r} has a damaged description ({error}): export the model again") from error
    if version != EXPORT_VERSION:
        raise InputError(
            f"{str(path)!r} is an export of format version {version}, this library reads {EXPORT_VERSION}: export the "
            "model again with the installed hotspot_core"
        )
    if missing := [key for key in EXPORT_KEYS if key not in export]:
        raise InputError(f"{str(path)!r} has a description without {', '.join(missing)}: export the model again")
    return cast(dict[str, Any], description)


def _package_metadata(path: Path) -> str | None:
    with zipfile.ZipFile(path) as archive:
        entries = [name for name in archive.namelist() if name.endswith(PACKAGE_ENTRY)]
        return archive.read(entries[0]).decode() if entries else None


def _onnx_metadata(path: Path) -> str | None:
    """The model's metadata property, found by skipping from field to field: weights are not read."""
    with path.open("rb") as file:
        size = path.stat().st_size
        while file.tell() < size:
            number, length = _next_field(file)
            if file.tell() + length > size:
                raise EOFError("it is truncated")
            if number != MODEL_METADATA:
                file.seek(length, 1)
                continue
            end, entry = file.tell() + length, {}
            while file.tell() < end:
                inner, inner_length = _next_field(file)
                entry[inner] = file.read(inner_length).decode()
            if entry.get(ENTRY_KEY) == METADATA_KEY:
                return entry.get(ENTRY_VALUE)
    return None


def _next_field(file: BinaryIO) -> tuple[int, int]:
    """Number of the protobuf field that begins here, and the bytes of its value that follow."""
    tag = _varint(file)
    kind = tag & 7
    if kind == VARINT:
        _varint(file)
        return tag >> 3, 0
    if kind not in (FIXED_64, BYTES, FIXED_32):
        raise EOFError("it is no ONNX file")
    return tag >> 3, _varint(file) if kind == BYTES else 8 if kind == FIXED_64 else 4


def _varint(file: BinaryIO) -> int:
    value = shift = 0
    while True:
        byte = file.read(1)
        if not byte or shift > 63:
            raise EOFError("it is truncated or no ONNX file")
        value |= (byte[0] & 127) << shift
        shift += 7
        if byte[0] < 128:
            return value
