"""What the bytes of a JPEG or PNG say before anything decodes them: kind, size, and whether they are whole.

OpenCV fills what is missing of a picture with grey and says nothing, allocates whatever a header claims, and tries
dozens of other formats on bytes that come from the network.
"""

from __future__ import annotations

import re
import struct
from typing import Any

from hotspot_core.errors import InputError

MAX_PIXELS = 2**26
# What a whole picture has among its last bytes, before the zeros with which some cameras pad.
_LONGEST_ENDING = 64
_BLOCK = 4096
_PNG_START = b"\x89PNG\r\n\x1a\n"
_JPEG_START = b"\xff\xd8"
_JPEG_END, _JPEG_SCAN = re.compile(b"\xff\xd9"), 0xDA
# Markers of a JPEG that begin a frame header: SOF0 to SOF15 but DHT, JPG and DAC.
_JPEG_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def check_picture(data: Any, what: str) -> None:
    """Refuses what is no whole JPEG or PNG of a sensible size.

    Args:
        data: the file, anything with the buffer protocol.
        what: names the input in the error's text.

    Raises:
        InputError: another kind of data, an end that is missing, or more than 2^26 pixels.
    """
    view = memoryview(data).cast("B")
    end = _padding_start(view)
    ending = bytes(view[max(0, end - _LONGEST_ENDING) : end])
    if bytes(view[: len(_PNG_START)]) == _PNG_START:
        whole, size = b"IEND" in ending or _png_ends(view), _png_size(view)
    elif bytes(view[: len(_JPEG_START)]) == _JPEG_START:
        whole, size = b"\xff\xd9" in ending or _jpeg_ends(view), _jpeg_size(view)
    else:
        raise InputError(f"{what} cannot be decoded: it is neither JPEG nor PNG")
    if not whole or size is None:
        raise InputError(f"{what} is truncated")
    if not 0 < size[0] * size[1] <= MAX_PIXELS:
        raise InputError(f"{what} claims {size[0]} x {size[1]} pixels: from 1 to {MAX_PIXELS} are allowed")


def jpeg_size(data: Any) -> tuple[int, int] | None:
    """(height, width) that a JPEG claims; None where the data are no JPEG."""
    view = memoryview(data).cast("B")
    if bytes(view[: len(_JPEG_START)]) != _JPEG_START or (size := _jpeg_size(view)) is None:
        return None
    return size[1], size[0]


def _padding_start(view: memoryview) -> int:
    """Where the zeros at the end begin."""
    for end in range(len(view), 0, -_BLOCK):
        start = max(0, end - _BLOCK)
        if kept := bytes(view[start:end]).rstrip(b"\0"):
            return start + len(kept)
    return 0


def _png_size(view: memoryview) -> tuple[int, int] | None:
    """(width, height) of the first chunk, IHDR."""
    if len(view) < 24 or bytes(view[12:16]) != b"IHDR":
        return None
    width, height = struct.unpack(">II", view[16:24])
    return width, height


def _png_ends(view: memoryview) -> bool:
    """Whether the last chunk is there, whatever comes behind it."""
    place = len(_PNG_START)
    while place + 12 <= len(view):
        if bytes(view[place + 4 : place + 8]) == b"IEND":
            return True
        place += 12 + int.from_bytes(view[place : place + 4], "big")
    return False


def _jpeg_ends(view: memoryview) -> bool:
    """Whether the picture has its end, whatever comes behind it. Pictures within it, such as previews, have theirs in
    segments, which are passed over; in the compressed data no end marker can occur."""
    place = len(_JPEG_START)
    while place + 4 <= len(view) and view[place] == 0xFF:
        marker = view[place + 1]
        if marker == _JPEG_SCAN:
            return _JPEG_END.search(view, place) is not None
        place += 1 if marker == 0xFF else 2 + int.from_bytes(view[place + 2 : place + 4], "big")
    return False


def _jpeg_size(view: memoryview) -> tuple[int, int] | None:
    """(width, height) of the frame header; segments before it are passed over."""
    place = len(_JPEG_START)
    while place + 9 <= len(view) and view[place] == 0xFF:
        marker = view[place + 1]
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", view[place + 5 : place + 9])
            return width, height
        # 0xFF may be repeated before a marker; every other segment before the frame has a length.
        place += 1 if marker == 0xFF else 2 + int.from_bytes(view[place + 2 : place + 4], "big")
    return None
