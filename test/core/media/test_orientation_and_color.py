"""Pixels of recordings: upright and unmirrored, in the colors that the file states."""

from __future__ import annotations

import itertools
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from hotspot_core.media.tone_mapping import HLG, PQ, to_standard_range
from hotspot_core.media.video import read_frames

# (kr, kb) of the matrices.
MATRICES = {"bt709": (0.2126, 0.0722), "smpte170m": (0.299, 0.114), "bt2020nc": (0.2627, 0.0593)}
RED = np.array([230, 20, 60])


def write_flat(path: Path, planes: list[int], parameters: str, pixels: str = "yuv420p") -> Path:
    """A lossless recording of flat frames with these values of Y, Cb and Cr."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt, stream.options = pixels, {"x264-params": f"{parameters}:qp=0"}
        frame = av.VideoFrame(64, 64, pixels)
        for plane, value in zip(frame.planes, planes, strict=True):
            kind = np.uint8 if pixels == "yuv420p" else np.uint16
            plane.update(np.full(plane.buffer_size // np.dtype(kind).itemsize, value, kind).tobytes())
        for index in range(3):
            frame.pts, frame.time_base = index, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize(("matrix", "full"), itertools.product(MATRICES, (False, True)))
def test_colors_are_those_that_were_recorded(tmp_path: Path, matrix: str, full: bool) -> None:
    """A red of known RGB, converted by the definition of each matrix and range, comes back to a rounding error."""
    kr, kb = MATRICES[matrix]
    red, green, blue = RED / 255
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    chroma = (blue - luma) / (2 * (1 - kb)), (red - luma) / (2 * (1 - kr))
    scale = (255, 255, 0) if full else (219, 224, 16)
    planes = [round(scale[2] + scale[0] * luma), *(round(128 + scale[1] * value) for value in chroma)]
    parameters = f"colormatrix={matrix}:fullrange={'on' if full else 'off'}"
    (frame,) = read_frames(write_flat(tmp_path / "red.mp4", planes, parameters), count=1)
    np.testing.assert_allclose(frame[32, 32], RED, atol=3)


QUARTERS = [
    (across, down, -down * mirrored, across * mirrored)
    for across, down in ((1, 0), (0, 1), (-1, 0), (0, -1))
    for mirrored in (1, -1)
]


@pytest.mark.parametrize("matrix", QUARTERS)
def test_display_matrices_are_applied(tmp_path: Path, matrix: tuple[int, int, int, int]) -> None:
    """All turns by quarters and all mirrorings: each corner of the picture comes to where the matrix, applied to its
    coordinates, puts it."""
    a, b, c, d = matrix
    picture = np.zeros((48, 64, 3), np.uint8)
    corners = {(0, 0): (240, 40, 40), (63, 0): (40, 240, 40), (0, 47): (40, 40, 240), (63, 47): (240, 240, 240)}
    for (x, y), color in corners.items():
        picture[y // 24 * 24 :, x // 32 * 32 :][:24, :32] = color
    path = tmp_path / "turned.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv444p"
        for _ in range(12):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 4 + 16 + 16 + 4
    one = 1 << 16
    data[at : at + 36] = struct.pack(">9i", a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    for start in (0.0, 0.5):
        (shown,) = read_frames(path, start, count=1)
        places = {corner: (a * corner[0] + c * corner[1], b * corner[0] + d * corner[1]) for corner in corners}
        left, top = (min(place[axis] for place in places.values()) for axis in (0, 1))
        for corner, color in corners.items():
            x, y = places[corner][0] - left, places[corner][1] - top
            inside = np.clip((y, x), 4, np.array(shown.shape[:2]) - 5)
            np.testing.assert_allclose(shown[tuple(inside)], color, atol=8)


def pq(light: float) -> float:
    """SMPTE ST 2084's code of cd/m2."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = (light / 10000) ** m1
    return ((c1 + c2 * power) / (1 + c3 * power)) ** m2


def hlg(display: float) -> float:
    """The code whose gray shines with so many cd/m2 on HLG's display of 1000."""
    scene = (display / 1000) ** (1 / 1.2)
    if scene <= 1 / 12:
        return float(np.sqrt(3 * scene))
    return float(0.17883277 * np.log(12 * scene - 0.28466892) + 0.55991073)


@pytest.mark.parametrize(("transfer", "encode"), [(PQ, pq), (HLG, hlg)], ids=["PQ", "HLG"])
def test_high_dynamic_range_becomes_a_usual_picture(transfer: int, encode: object) -> None:
    """Gray of a tenth and half of reference white has the same light in sRGB; brighter grays rise, and reach white at
    the peak; grays stay gray."""
    assert callable(encode)
    lights = [0.0, 20.3, 101.5, 203.0, 400.0, 1000.0]
    codes = np.array([[[round(65535 * encode(light))] * 3 for light in lights]], np.uint16)
    found = to_standard_range(codes, transfer)[0]
    assert (found == found[:, :1]).all()
    for light, level in zip(lights[1:3], found[1:3, 0], strict=True):
        linear = ((level / 255 + 0.055) / 1.055) ** 2.4
        assert linear == pytest.approx(light / 203, rel=0.03)
    assert found[0, 0] == 0
    assert (np.diff(found[:, 0].astype(int)) > 0).all()
    assert 215 < found[3, 0] < 245
    assert found[5, 0] == 255


def test_a_phones_hdr_video_is_not_pale(tmp_path: Path) -> None:
    """1. A recording with the transfer and primaries of HLG, gray of reference white. 2. It is read as a bright gray,
    where the codes themselves would be a middle one."""
    code = round(64 + 876 * hlg(203.0))
    parameters = "colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc"
    path = write_flat(tmp_path / "hdr.mp4", [code, 512, 512], parameters, "yuv420p10le")
    (frame,) = read_frames(path, count=1)
    assert frame.std() < 1
    assert 215 < frame.mean() < 245
    assert abs(code / 4 - 64 / 4) / 219 * 255 < 200
