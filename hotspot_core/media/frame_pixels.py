"""A decoded frame's pixels: upright RGB, in the colors and the orientation that the recording states."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hotspot_core.media.images import Image
from hotspot_core.media.pyav import av
from hotspot_core.media.tone_mapping import HLG, PQ, to_standard_range

# FFmpeg's numbers: matrices of RGB, of nothing stated and of a reserved value, for which BT.601 is taken, as FFmpeg
# does; and the full range.
_NO_MATRIX, _BT601, _FULL_RANGE = (0, 2, 3), 5, 2


class FramePixels:
    """Converts frames of one recording.

    Args:
        shorter_side: larger frames are reduced until their shorter side has so many pixels; None for never.
        transfer: FFmpeg's number of the recording's transfer characteristic, which PyAV before 17 does not know of a
            frame.
    """

    def __init__(self, shorter_side: int | None = None, transfer: int | None = None) -> None:
        self._shorter_side = shorter_side
        self._transfer = transfer
        # Shared by the frames: making one costs more than using it.
        self._reformatter = av.video.reformatter.VideoReformatter()
        # One thread, where PyAV knows more: they cost more than they save on pictures of this size.
        self._threads = {"threads": 1} if "threads" in (self._reformatter.reformat.__doc__ or "") else {}

    def __call__(self, frame: Any) -> Image:
        """(H, W, 3) uint8 RGB of a frame of PyAV's."""
        size = reduced(frame.height, frame.width, self._shorter_side)
        transfer = getattr(frame, "color_trc", self._transfer)
        if transfer in (PQ, HLG):
            pixels = to_standard_range(self._rgb(frame, size, "rgb48le"), transfer)
        else:
            pixels = self._rgb(frame, size, "rgb24")
        return upright(pixels, display_matrix(frame))

    def _rgb(self, frame: Any, size: tuple[int, int], pixel_format: str) -> NDArray[Any]:
        kind = frame.format
        colors: dict[str, Any] = {}
        if not (kind.is_rgb or kind.has_palette):
            full = frame.color_range == _FULL_RANGE or kind.name.startswith("yuvj")
            colors = {
                "src_colorspace": _BT601 if frame.colorspace in _NO_MATRIX else frame.colorspace,
                "dst_colorspace": _BT601,
                "src_color_range": "JPEG" if full else "MPEG",
                "dst_color_range": "JPEG",
            }
        height, width = size
        rgb = self._reformatter.reformat(
            frame, width, height, pixel_format, interpolation="BILINEAR", **colors, **self._threads
        )
        return np.asarray(rgb.to_ndarray())


def reduced(height: int, width: int, shorter_side: int | None) -> tuple[int, int]:
    """(height, width) with at most that shorter side, in the same shape."""
    scale = 1.0 if shorter_side is None else min(1.0, shorter_side / min(height, width))
    return round(height * scale), round(width * scale)


def display_matrix(frame: Any) -> tuple[int, int, int, int] | None:
    """(a, b, c, d) of the matrix that brings a frame's pixel (x, y) to (a x + c y, b x + d y) on a display; None where
    the recording has none. Only the signs, and which are larger, matter."""
    for side_data in frame.side_data:
        if str(getattr(side_data.type, "name", side_data.type)) == "DISPLAYMATRIX":
            a, b, _, c, d = np.frombuffer(bytes(side_data), np.int32)[:5].tolist()
            return a, b, c, d
    return None


def upright(pixels: NDArray[np.uint8], matrix: tuple[int, int, int, int] | None) -> Image:
    """(H, W, 3) pixels turned and mirrored by quarters, as near to a display matrix as that goes."""
    if matrix is not None:
        a, b, c, d = matrix
        if abs(b) + abs(c) > abs(a) + abs(d):
            pixels, a, d = pixels.transpose(1, 0, 2), c, b
        pixels = pixels[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1]
    return np.ascontiguousarray(pixels, np.uint8)
