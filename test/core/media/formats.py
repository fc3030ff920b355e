"""Recordings in many containers and codecs, each of numbered frames that tell their number after any codec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

FRAMES, RATE = 96, 24
HEIGHT, WIDTH = 96, 128
GOP = "keyint=24:min-keyint=24:scenecut=0"


@dataclass(frozen=True)
class Format:
    """A container and a codec.

    Attributes:
        suffix: of the file; tells the container.
        codec: FFmpeg's name of the encoder.
        options: the encoder's.
        container: the container's options.
        pixels: FFmpeg's name of the pixel format.
        size: (height, width), where the codec does not take any.
        rate: frames per second.
        untimed: whether the file keeps no times of presentation.
    """

    suffix: str
    codec: str
    options: Mapping[str, str] = field(default_factory=dict)
    container: Mapping[str, str] = field(default_factory=dict)
    pixels: str = "yuv420p"
    size: tuple[int, int] = (HEIGHT, WIDTH)
    rate: int = RATE
    untimed: bool = False


H264 = {"x264-params": f"{GOP}:bframes=3:b-pyramid=normal"}
FORMATS: dict[str, Format] = {
    "MP4, H.264": Format("mp4", "libx264", H264),
    "MP4, H.264, open groups": Format("mp4", "libx264", {"x264-params": f"{GOP}:bframes=3:open-gop=1"}),
    "MP4, H.264, intra refresh": Format("mp4", "libx264", {"x264-params": "intra-refresh=1:keyint=24:bframes=0"}),
    "MP4, H.264, interlaced": Format("mp4", "libx264", {"x264-params": f"{GOP}:tff=1:interlaced=1"}),
    "MP4 in fragments, H.264": Format("mp4", "libx264", H264, {"movflags": "frag_keyframe+empty_moov"}),
    "MOV, H.264": Format("mov", "libx264", H264),
    "Matroska, H.264": Format("mkv", "libx264", H264),
    "MPEG-TS, H.264": Format("ts", "libx264", H264),
    "MPEG-TS, H.264, open groups": Format("ts", "libx264", {"x264-params": f"{GOP}:bframes=3:open-gop=1"}),
    "MPEG-TS, H.264, intra refresh": Format("ts", "libx264", {"x264-params": "intra-refresh=1:keyint=24:bframes=0"}),
    "M2TS, H.264, interlaced": Format("m2ts", "libx264", {"x264-params": f"{GOP}:tff=1:interlaced=1"}),
    "AVI, H.264": Format("avi", "libx264", {"x264-params": f"{GOP}:bframes=0"}, untimed=True),
    "AVI, H.264, B-frames": Format("avi", "libx264", H264, untimed=True),
    "FLV, H.264": Format("flv", "libx264", H264),
    "H.264 alone": Format("h264", "libx264", H264, untimed=True),
    "MP4, H.265": Format("mp4", "libx265", {"x265-params": f"{GOP}:bframes=3:log-level=none"}),
    "MP4, H.265, open groups": Format("mp4", "libx265", {"x265-params": f"{GOP}:bframes=3:open-gop=1:log-level=none"}),
    "Matroska, H.265": Format("mkv", "libx265", {"x265-params": f"{GOP}:bframes=3:log-level=none"}),
    "MPEG-TS, H.265, open groups": Format(
        "ts", "libx265", {"x265-params": f"{GOP}:bframes=3:open-gop=1:log-level=none"}
    ),
    "MP4, AV1": Format("mp4", "libsvtav1", {"preset": "10", "g": "24"}),
    "Matroska, AV1": Format("mkv", "libsvtav1", {"preset": "10", "g": "24"}),
    "WebM, VP8": Format("webm", "libvpx", {"g": "24", "deadline": "realtime"}),
    "WebM, VP9": Format("webm", "libvpx-vp9", {"g": "24", "deadline": "realtime", "lag-in-frames": "16"}),
    "AVI, MPEG-4": Format("avi", "mpeg4", {"g": "24"}, untimed=True),
    "AVI, MPEG-4, B-frames": Format("avi", "mpeg4", {"g": "24", "bf": "2"}, untimed=True),
    "MP4, MPEG-4, B-frames": Format("mp4", "mpeg4", {"g": "24", "bf": "2"}),
    "AVI, Motion JPEG": Format("avi", "mjpeg", pixels="yuvj420p", untimed=True),
    "MOV, Motion JPEG": Format("mov", "mjpeg", pixels="yuvj420p"),
    "MPEG-PS, MPEG-2": Format("mpg", "mpeg2video", {"g": "12", "bf": "2"}, {"format": "vob"}),
    "MPEG-TS, MPEG-2": Format("ts", "mpeg2video", {"g": "12", "bf": "2"}),
    "MXF, MPEG-2": Format("mxf", "mpeg2video", {"g": "12", "bf": "2"}),
    "MPEG-PS, MPEG-1": Format("mpg", "mpeg1video", {"g": "12", "bf": "2"}),
    "ASF, WMV 2": Format("wmv", "wmv2", {"g": "24"}),
    "3GP, H.263": Format("3gp", "h263", {"g": "24"}, size=(144, 176)),
    "MOV, ProRes": Format("mov", "prores_ks", pixels="yuv422p10le"),
    "Matroska, FFV1": Format("mkv", "ffv1"),
    "NUT, H.264": Format("nut", "libx264", H264),
    "GIF": Format("gif", "gif", pixels="rgb8", rate=25),
}


def numbered(number: int, size: tuple[int, int] = (HEIGHT, WIDTH)) -> np.ndarray:
    """(H, W, 3) uint8 RGB: seven bright or dark squares at the top tell the number, a colored bar moves below."""
    height, width = size
    side = width // 8
    image = np.full((height, width, 3), 100, np.uint8)
    for bit in range(7):
        image[: 2 * side, side * bit : side * (bit + 1)] = 220 if number >> bit & 1 else 20
    left = number * 3 % (width - side)
    image[3 * side : 4 * side, left : left + side] = 200, 40, 40
    return image


def number_of(image: np.ndarray) -> int:
    """The number that a frame tells."""
    side = image.shape[1] // 8
    inner = slice(side // 2, side + side // 2)
    squares = (image[inner, side * bit + side // 4 : side * (bit + 1) - side // 4].mean() for bit in range(7))
    return sum((1 << bit) * int(value > 120) for bit, value in enumerate(squares))


def write_format(path: Path, wanted: Format, frames: int = FRAMES) -> None:
    """Writes numbered frames."""
    options = dict(wanted.container)
    with av.open(str(path), "w", format=options.pop("format", None), options=options) as container:
        stream = container.add_stream(wanted.codec, rate=wanted.rate)
        stream.height, stream.width = wanted.size
        stream.pix_fmt, stream.options = wanted.pixels, {"threads": "1", **wanted.options}
        stream.codec_context.time_base = Fraction(1, wanted.rate)
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(numbered(number, wanted.size), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, wanted.rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
