"""From aligned depth images to positions: the depth of the surface that a pixel shows, times the pixel's ray."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from geometry_msgs.msg import Point
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image

from hotspot_core.errors import InputError
from hotspot_core.media.compressed_images import check_picture
from hotspot_ros.conversions.images import pixel_view
from hotspot_ros.msg import InteractionPoint
from hotspot_ros.positions.camera_model import CameraModel

# REP 118: integers are millimetres, floats metres. Some drivers call the former mono16.
_ENCODINGS = {"16UC1": ("u2", 0.001), "mono16": ("u2", 0.001), "32FC1": ("f4", 1.0)}
# compressed_depth_image_transport puts a format and two quantisation numbers before the PNG.
_COMPRESSED_HEADER = struct.Struct("<iff")

# Depth cameras see no farther than these metres; every so many rows and columns are looked at.
_MAX_METRES, _UNIT_STEP = 100.0, 8

# The largest side of an image for OpenCV's look-up.
_REMAP_LIMIT = 32767

# A gap between surfaces: more than this fraction of the depth, these metres, and so many times the usual difference
# between neighboring pixels.
_GAP_FRACTION, _MIN_GAP, _GAP_ROUGHNESS = 0.01, 0.003, 1.5
# Fewer pixels than the first fraction of the window are noise. Fewer than the second fraction of its valid ones are a
# thin thing, such as a handle; but where a broader surface is nearer and another farther, the blurred edge of these.
_MIN_FRACTION, _BROAD_FRACTION = 0.1, 0.25
WINDOW_RADIUS = 3


@dataclass(frozen=True)
class DepthImage:
    """A depth image as it came, converted only where it is looked at.

    Attributes:
        pixels: (H, W) uint16 or float32 of either byte order, a view into the message where possible.
        unit: metres per unit of the pixels.
    """

    pixels: NDArray[np.uint16] | NDArray[np.float32]
    unit: float

    def metres(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float32]:
        """Depths at pixels, in the shape of the indices; NaN outside and where invalid (0, negative, NaN, infinite)."""
        height, width = self.pixels.shape
        inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        if inside.all():
            raw = self.pixels[rows, columns]
        else:
            raw = self.pixels[np.where(inside, rows, 0), np.where(inside, columns, 0)]
        depths = raw.astype(np.float32) * np.float32(self.unit)
        return np.where(inside & (depths > 0) & (depths < np.inf), depths, np.float32(np.nan))

    def metres_at(self, places: NDArray[np.float32]) -> NDArray[np.float32]:
        """As `metres`, many at a time, at whole numbers of pixels (rows, columns, 2), x and y."""
        pixels = self.pixels
        if not (pixels.dtype.isnative and pixels.dtype.itemsize in (2, 4) and max(pixels.shape) < _REMAP_LIMIT):
            whole = places.astype(np.int64)
            return self.metres(whole[..., 1], whole[..., 0])
        # OpenCV's look-up takes a tenth of the time of NumPy's.
        raw = cv2.remap(pixels, places, None, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT)  # type: ignore[call-overload]
        depths = raw.astype(np.float32) * np.float32(self.unit)
        if pixels.dtype.kind == "u":
            depths[raw == 0] = np.nan
            return depths
        return np.where((depths > 0) & (depths < np.inf), depths, np.float32(np.nan))


def decode_depth(message: Image) -> DepthImage:
    """A depth image in millimetres (16UC1) or metres (32FC1), of either byte order, with padded rows or not.

    Raises:
        InputError: another encoding, an empty image, or data that do not fit the header.
    """
    if message.encoding not in _ENCODINGS:
        raise InputError(
            f"depth encoding {message.encoding!r} is not supported: publish 16UC1 in millimetres or 32FC1 in metres"
        )
    dtype, unit = _ENCODINGS[message.encoding]
    return _checked(DepthImage(pixel_view(message, dtype, 1)[..., 0], unit))


def decode_compressed_depth(message: CompressedImage) -> DepthImage:
    """A depth image as compressed_depth_image_transport sends it: PNG with 16UC1, or with quantised inverse 32FC1.

    Raises:
        InputError: another format or data that cannot be decoded.
    """
    data = np.frombuffer(message.data, np.uint8)
    what = f"compressed depth image (format {message.format!r}, {data.size} bytes)"
    encoding = message.format.partition(";")[0].strip()
    if encoding not in _ENCODINGS or "compressedDepth" not in message.format or "rvl" in message.format.lower():
        raise InputError(
            f"{what} is not supported: publish '16UC1; compressedDepth png' or '32FC1; compressedDepth png'"
        )
    picture = data[_COMPRESSED_HEADER.size :]
    check_picture(picture, what)
    try:
        pixels = cv2.imdecode(picture, cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise InputError(f"{what} cannot be decoded: {error.err}") from error
    if pixels is None or pixels.dtype != np.uint16 or pixels.ndim != 2:
        raise InputError(f"{what} cannot be decoded: it holds no grey 16-bit PNG")
    dtype, unit = _ENCODINGS[encoding]
    if dtype == "u2":
        return DepthImage(np.asarray(pixels, np.uint16), unit)
    _, factor, offset = _COMPRESSED_HEADER.unpack(data[: _COMPRESSED_HEADER.size].tobytes())
    if not (np.isfinite((factor, offset)).all() and factor > 0):
        raise InputError(f"{what} cannot be decoded: its quantisation is {factor}, {offset}")
    with np.errstate(divide="ignore", invalid="ignore"):
        metres = np.where(pixels > 0, factor / (pixels - np.float32(offset)), np.float32(np.nan))
    for code in _nowhere(offset):
        metres[pixels == code] = np.nan
    return _checked(DepthImage(np.asarray(metres, np.float32), unit))


def _nowhere(offset: float) -> tuple[int, ...]:
    """What the encoder of 32FC1 makes of -inf (too near), for which it has no code: `offset` alone is cast to 16 bits,
    which wraps a negative number around on x86; and of 0, which is too large a number for ARM, the largest one."""
    wrapped = int(offset) % 2**16
    return (2**16 - 1, wrapped) if offset < 0 else (2**16 - 1,)


def _checked(depth: DepthImage) -> DepthImage:
    """Refuses metres that are millimetres: nothing nearer than 100 m in a whole image."""
    if depth.pixels.dtype.kind == "f":
        sampled = np.asarray(depth.pixels[::_UNIT_STEP, ::_UNIT_STEP], np.float32)
        valid = sampled[(sampled > 0) & (sampled < np.inf)]
        if valid.size and np.quantile(valid, 0.05) > _MAX_METRES:
            raise InputError(
                f"depth of 32FC1 is in metres (REP 118), but the whole image is farther than {_MAX_METRES:.0f}: "
                "publish millimetres as 16UC1, or divide them by 1000"
            )
    return depth


def surface_depths(depth: DepthImage, pixels: NDArray[np.float64], radius: int = WINDOW_RADIUS) -> NDArray[np.float64]:
    """The depth of the surface at each of some pixels, robust against noise and holes.

    The valid depths in a window are split into surfaces wherever, in order of depth, there is a gap. The surface that
    the pixel itself shows is taken; where that is unknown (a hole, or a stray value between two surfaces) the nearest
    to the camera. The result is a median of that surface alone, and one of its measured depths: it is never a mixture
    of foreground and background. Where the surface ends within the window, its pixels are used in pairs opposite to
    each other, so that a slanted one is not biased towards its middle.

    Args:
        pixels: (N, 2) x and y in pixels of the depth image.
        radius: the window has 2 * radius + 1 pixels on each side.

    Returns:
        (N,) metres along the optical axis; NaN where the window shows no surface.
    """
    # Far outside is outside; and no number of a message may overflow an index.
    centers = np.clip(np.nan_to_num(np.rint(pixels), nan=-1e6), -1e6, 1e6).astype(np.int64).reshape(-1, 2)
    steps = np.arange(-radius, radius + 1)
    rows = centers[:, 1, None, None] + steps[:, None]
    columns = centers[:, 0, None, None] + steps
    window = depth.metres(*np.broadcast_arrays(rows, columns)).astype(np.float64)
    flat = window.reshape(len(centers), -1)
    is_member = _surface_of_center(flat, window)
    opposite = is_member & is_member[:, ::-1]
    shows_it = is_member[:, flat.shape[1] // 2]
    return _median(flat, np.where(shows_it[:, None], opposite, is_member))


@dataclass(frozen=True)
class Surfaces:
    """The depths of N windows, split wherever, in order of depth, there is a gap.

    Attributes:
        depths: (N, M) as they are.
        ordered: (N, M) sorted, NaN last.
        number: (N, M) the number of each sorted depth's surface, from 0 for the nearest one on.
        size: (N, M) pixels of each surface, by its number.
        lies_between: (N, M) whether a surface is small while a broad one is nearer and another farther: the blurred
            edge of these.
    """

    depths: NDArray[np.float64]
    ordered: NDArray[np.float64]
    number: NDArray[np.int64]
    size: NDArray[np.int64]
    lies_between: NDArray[np.bool_]

    def number_at(self, depths: NDArray[np.float64]) -> NDArray[np.int64]:
        """(N,) the surface of one depth of each window."""
        below = (self.ordered < depths[:, None]).sum(axis=1)
        return np.asarray(self.number[np.arange(len(depths)), np.minimum(below, self.ordered.shape[1] - 1)])

    def members(self, chosen: NDArray[np.int64], allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(N, M) which depths belong to a surface (N,) of their window; none where it is not allowed, (N, M)."""
        is_allowed = allowed[np.arange(len(chosen)), chosen][:, None]
        is_chosen = (self.number == chosen[:, None]) & np.isfinite(self.ordered) & is_allowed
        nearest = np.where(is_chosen, self.ordered, np.inf).min(axis=1)
        farthest = np.where(is_chosen, self.ordered, -np.inf).max(axis=1)
        return np.asarray((self.depths >= nearest[:, None]) & (self.depths <= farthest[:, None]))


def split_surfaces(flat: NDArray[np.float64], window: NDArray[np.float64]) -> Surfaces:
    """The surfaces of windows, given as (N, M) and as (N, k, k)."""
    roughness = _roughness(window)
    index, count = np.arange(len(flat)), flat.shape[1]
    ordered = np.sort(flat, axis=1)  # NaN last
    valid = np.isfinite(ordered)
    limit = np.maximum(np.fmax(_GAP_FRACTION * ordered[:, :-1], _MIN_GAP), _GAP_ROUGHNESS * roughness[:, None])
    gaps = (np.diff(ordered, axis=1) > limit).astype(np.int64)
    number = np.pad(np.cumsum(gaps, axis=1), ((0, 0), (1, 0)))
    size = np.bincount((index[:, None] * count + number)[valid], minlength=len(flat) * count).reshape(-1, count)
    is_broad = size >= np.maximum(_BROAD_FRACTION * valid.sum(axis=1, keepdims=True), 1)
    broad_so_far = np.cumsum(is_broad, axis=1)
    lies_between = (broad_so_far > 0) & (broad_so_far < broad_so_far[:, -1:]) & ~is_broad
    return Surfaces(flat, ordered, number, size, lies_between)


def _surface_of_center(flat: NDArray[np.float64], window: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(N, M) which pixels of windows belong to the surface at their centre; see `surface_depths`."""
    surfaces, count = split_surfaces(flat, window), flat.shape[1]
    is_large = (surfaces.size >= _MIN_FRACTION * count) & ~surfaces.lies_between
    center = flat[:, count // 2]
    own = surfaces.number_at(center)
    is_known = np.isfinite(center) & is_large[np.arange(len(flat)), own]
    return surfaces.members(np.where(is_known, own, is_large.argmax(axis=1)), is_large)


def _roughness(window: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,) the usual difference of neighbours in (N, k, k): large on steep or noisy surfaces, which are one all the
    same, but not for an edge; 0 where there are no neighbours."""
    steps = np.abs(np.diff(window, axis=1)), np.abs(np.diff(window, axis=2))
    medians = [_median(s.reshape(len(window), -1), np.isfinite(s).reshape(len(window), -1)) for s in steps]
    return np.nan_to_num(np.fmax(*medians))


def _median(values: NDArray[np.float64], used: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(N,) the lower median of the used values of each row of (N, M), NaN where there are none."""
    count = used.sum(axis=1)
    ordered = np.sort(np.where(used, values, np.inf), axis=1)
    return np.where(count > 0, ordered[np.arange(len(values)), np.maximum(count - 1, 0) // 2], np.nan)


def positions(
    depth: DepthImage, camera: CameraModel, pixels: NDArray[np.float64], image_hw: tuple[int, int]
) -> NDArray[np.float64]:
    """Where pixels of the color image lie in space.

    Args:
        depth: aligned to the color image: taken, or registered, from the same place with the same lens. Its
            resolution may differ, its aspect ratio may not.
        pixels: (N, 2) x and y in pixels of the color image.
        image_hw: (height, width) of the color image.

    Returns:
        (N, 3) metres in the camera's optical frame (REP 103), or NaN where there is no valid depth or no ray.

    Raises:
        InputError: the depth image has another aspect ratio than the color image.
    """
    scale = depth_scale(depth, image_hw)
    depths = surface_depths(depth, (pixels + 0.5) * scale - 0.5)
    with np.errstate(over="ignore", invalid="ignore"):  # Infinite is no position either.
        return np.asarray(depths[:, None] * camera.rays(pixels))


def depth_scale(depth: DepthImage, image_hw: tuple[int, int]) -> NDArray[np.float64]:
    """(2,) pixels of the depth image per pixel of the color image, in x and y.

    Raises:
        InputError: the two have different aspect ratios, so they cannot be aligned.
    """
    height, width = depth.pixels.shape
    if abs(width * image_hw[0] - height * image_hw[1]) > max(width, height, *image_hw):
        raise InputError(
            f"the depth image has {width} x {height} pixels, the image {image_hw[1]} x {image_hw[0]}: they are not "
            "aligned; give the depth that is registered to the color camera (aligned_depth_to_color, depth_registered)"
        )
    return np.array([width / image_hw[1], height / image_hw[0]])


def set_positions(points: Sequence[InteractionPoint], found: NDArray[np.float64]) -> None:
    """Writes positions (N, 3) into messages; a point whose row is not finite gets `has_position` false."""
    for point, (x, y, z) in zip(points, found.tolist(), strict=True):
        point.has_position = bool(np.isfinite((x, y, z)).all())
        point.position = Point(x=x, y=y, z=z) if point.has_position else Point()
