"""How far the surface at a pixel of a depth image goes, along rays in the image: to edges, creases and holes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hotspot_ros.positions.camera_model import CameraModel
from hotspot_ros.positions.depth import DepthImage

Floats = NDArray[np.float64]
Radii = NDArray[np.float32]

# Where rays are sampled, in metres from their start, square to the line of sight: finely where grippers close.
RADII = np.array(
    [2, 4, 6, 8, 10, 12, 14, 16, 18, 21, 24, 28, 32, 37, 43, 50, 58, 68, 80, 95, 112, 135, 165, 205], np.float32
) / np.float32(1000)
# From the start of a ray on, and between samples; what is sampled are these radii or the first of them.
_REACH = np.concatenate([np.zeros(1, np.float32), RADII])
_GAPS = np.diff(_REACH)
# A surface turns away from the tangent plane by at most this slope between samples, and towards the camera by that;
# its slope never decreases on the way by more than the third, or there is a crease between two things.
_MAX_AWAY, _MAX_TOWARDS, _MAX_CREASE = 2.5, 1.2, 0.6
# Samples between which a slope is measured.
_LAG = 3
# A hole of more than these metres, and pixels, ends a surface.
_MAX_HOLE, _MAX_HOLE_PIXELS = 0.008, 3.0
# Within so many standard deviations of a first plane samples count for the next one.
_START_NOISES = 5.0
# Before the noise is known: metres, and a fraction of the depth.
_MIN_JUMP, _JUMP_FRACTION = 0.003, 0.006
# Jumps, and decreases of slope over a lag, of more than so many standard deviations are none of noise.
_NOISE_FACTOR, _CREASE_NOISES = 5.5, 8.0


@dataclass(frozen=True)
class LocalView:
    """The camera around N pixels of a depth image, to first order.

    Attributes:
        pixels: (N, 2) x and y.
        rays: (N, 2) x and y of the pixels' rays at depth 1.
        gradient: (N, 2, 2) change of a ray's x and y (second axis) with the pixel's x and y (third).
        depths: (N,) metres at the pixels.
    """

    pixels: Floats
    rays: Floats
    gradient: Floats
    depths: Floats

    @property
    def pixel_size(self) -> Floats:
        """(N,) metres across a pixel, square to the line of sight."""
        return self.depths * self.gradient_scale

    @property
    def gradient_scale(self) -> Floats:
        """(N,) change of a ray at depth 1 with a pixel."""
        g = self.gradient
        return np.asarray(np.sqrt(np.abs(g[:, 0, 0] * g[:, 1, 1] - g[:, 0, 1] * g[:, 1, 0])))

    def rays_at(self, offsets: Floats) -> Floats:
        """(N, ..., 2) x and y at depth 1 at offsets (N, ..., 2) in pixels from the pixels."""
        flat = offsets.reshape(len(self.rays), -1, 2)
        return (self.rays[:, None] + flat @ self.gradient.transpose(0, 2, 1)).reshape(offsets.shape)


def local_view(camera: CameraModel, pixels: Floats, scale: Floats, depths: Floats) -> LocalView:
    """The camera around pixels of a depth image.

    Args:
        scale: (2,) pixels of the depth image per pixel of the color image that `camera` took, in x and y.
    """
    step = 2.0
    shifts = np.array([[0, 0], [step, 0], [-step, 0], [0, step], [0, -step]])
    around = ((pixels[:, None] + shifts) + 0.5) / scale - 0.5
    rays = camera.rays(around.reshape(-1, 2)).reshape(-1, 5, 3)[..., :2]
    gradient = np.stack([rays[:, 1] - rays[:, 2], rays[:, 3] - rays[:, 4]], axis=-1) / (2 * step)
    return LocalView(pixels, rays[:, 0], gradient, depths)


def inverse_2x2(matrices: Floats) -> Floats:
    """(N, 2, 2)."""
    a, b, c, d = matrices.reshape(-1, 4).T
    result = np.empty((len(matrices), 2, 2))
    result[:, 0, 0], result[:, 0, 1], result[:, 1, 0], result[:, 1, 1] = d, -b, -c, a
    result /= (a * d - b * c)[:, None, None]
    return result


@dataclass(frozen=True)
class Samples:
    """Depths along K rays from each of N pixels, L on each.

    Attributes:
        offsets: (N, K, L, 2) in pixels from the view's pixels; whole pixels of the depth image are sampled.
        depths: (N, K, L) metres; NaN where there is none.
        radii: (L,) metres from a ray's start to its samples, square to the line of sight: the first of `RADII`.
        image_hw: (height, width) of the depth image.
    """

    offsets: NDArray[np.float32]
    depths: NDArray[np.float32]
    radii: Radii
    image_hw: tuple[int, int]

    def beside(self, other: Samples) -> Samples:
        """These rays and those of another, which have the same radii."""
        offsets = np.concatenate([self.offsets, other.offsets], axis=1)
        return replace(self, offsets=offsets, depths=np.concatenate([self.depths, other.depths], axis=1))

    def first(self, length: int) -> Samples:
        """The first samples of every ray alone."""
        offsets, depths = self.offsets[:, :, :length], self.depths[..., :length]
        return Samples(offsets, depths, self.radii[:length], self.image_hw)


def sample(depth: DepthImage, view: LocalView, starts: Floats, directions: Floats, radii: Radii = RADII) -> Samples:
    """Depths along rays.

    Args:
        starts: (N, K, 2) pixels from the view's pixels.
        directions: (N, K, 2) pixels per metre.
        radii: (L,) metres from a ray's start, the first of `RADII`.
    """
    origin = (view.pixels[:, None] + starts).astype(np.float32)[:, :, None]
    places = np.rint(origin + directions.astype(np.float32)[:, :, None] * radii[:, None])
    count, rays, length, _ = places.shape
    depths = depth.metres_at(places.reshape(count * rays, length, 2)).reshape(count, rays, length)
    return Samples(places - view.pixels.astype(np.float32)[:, None, None], depths, radii, depth.pixels.shape)


@dataclass(frozen=True)
class Plane:
    """Tangent planes: 1 / depth is linear in the pixels.

    Attributes:
        inverse: (N,) 1 / depth at the view's pixels.
        slope: (N, 2) its change per pixel in x and y.
        noise: (N,) standard deviation of depths about the plane, in metres.
    """

    inverse: Floats
    slope: Floats
    noise: Floats

    def depths_at(self, offsets: NDArray[np.float32]) -> NDArray[np.float32]:
        """Metres at offsets (N, K, L, 2); infinite beyond the plane's horizon."""
        slope = self.slope.astype(np.float32)[:, None, None]
        inverse = self.inverse.astype(np.float32)[:, None, None] + offsets[..., 0] * slope[..., 0]
        inverse += offsets[..., 1] * slope[..., 1]
        return np.asarray(1 / np.maximum(inverse, np.float32(1e-6)))


def fit_plane(
    view: LocalView, samples: Samples, weights: NDArray[np.float32], rounds: int = 3, start: Plane | None = None
) -> Plane:
    """Planes through samples, robust against those that lie off: Tukey's weights on their distances.

    Args:
        weights: (N, K, L) of the samples' first L radii, 0 for those that do not count.
        start: planes from which distances are taken first.
    """
    count, _, length = weights.shape
    given = weights.reshape(count, -1)
    counts = given > 0
    x = samples.offsets[:, :, :length].reshape(count, -1, 2)
    z = np.where(counts, samples.depths[:, :, :length].reshape(count, -1), np.float32(1))
    scale = 0.01 / view.pixel_size + 1  # Of the order of the offsets of those that count.
    design = np.empty((count, x.shape[1], 3), np.float32)
    design[..., 0] = 1
    design[..., 1:] = x / scale[:, None, None].astype(np.float32)
    # Differences from the depth at the pixel: 32 bits would not hold the sums' small parts.
    middle = (1 / view.depths).astype(np.float32)[:, None]
    inverse = 1 / z - middle
    weight, squared = given, z * z
    number = np.maximum(counts.sum(axis=1) - 1, 0)
    rows = np.arange(count)
    ridge = np.diag([1e-9, 1e-6, 1e-6])
    if start is not None:
        away = samples.depths[:, :, :length] - start.depths_at(samples.offsets[:, :, :length])
        cutoff = np.maximum(_START_NOISES * start.noise, _MIN_JUMP / 2).astype(np.float32)[:, None]
        deviation = np.where(counts, away.reshape(count, -1), 0) / cutoff
        weight = given * np.maximum(1 - deviation * deviation, 0) ** 2
    for _ in range(rounds):
        weighted = design * weight[..., None]
        normal = (weighted.transpose(0, 2, 1) @ design).astype(np.float64)
        normal += ridge * (1 + weight.sum(axis=1))[:, None, None]
        right = (weighted.transpose(0, 2, 1) @ inverse[..., None]).astype(np.float64)
        solution = np.linalg.solve(normal, right)[..., 0]
        residual = (inverse - (design @ solution.astype(np.float32)[..., None])[..., 0]) * squared
        ordered = np.sort(np.where(counts, np.abs(residual), np.float32(np.inf)), axis=1)
        spread = np.where(number > 0, ordered[rows, number // 2], 0) * 1.4826
        noise = np.maximum(spread, 1e-4 * view.depths)
        distance = residual * (1 / (4.0 * noise)).astype(np.float32)[:, None]
        weight = given * np.maximum(1 - distance * distance, 0) ** 2
    return Plane(solution[:, 0] + middle[:, 0], solution[:, 1:] / scale[:, None], noise)


@dataclass(frozen=True)
class Extent:
    """How far a surface goes along rays.

    Attributes:
        inside: (N, K, L) samples that show it.
        last: (N, K) index of the last of them; -1 where there is none.
        end: (N, K) metres from the ray's start to the surface's end, square to the line of sight.
        closed: (N, K) whether it ends; False where the ray, or the image, ends before.
        hidden: (N, K) whether it ends at something nearer.
    """

    inside: NDArray[np.bool_]
    last: NDArray[np.int64]
    end: Floats
    closed: NDArray[np.bool_]
    hidden: NDArray[np.bool_]


def connected(samples: Samples, view: LocalView) -> Extent:
    """By jumps of depth alone: nothing is known of the surface yet."""
    jump = np.maximum(_MIN_JUMP, _JUMP_FRACTION * view.depths)
    return _extent(samples, samples.depths, view.depths[:, None], view, jump, _MAX_AWAY, _MAX_AWAY, None)


def extent(samples: Samples, plane: Plane, view: LocalView) -> Extent:
    """Along a surface with a tangent plane, which bends away from the camera but has no creases."""
    ahead = samples.depths - plane.depths_at(samples.offsets)
    noise = np.maximum(plane.noise, 3e-4 * view.depths)
    jump = np.maximum(_MIN_JUMP / 2, _NOISE_FACTOR * noise)
    return _extent(samples, ahead, np.zeros((len(jump), 1)), view, jump, _MAX_AWAY, _MAX_TOWARDS, noise)


def _extent(
    samples: Samples,
    values: NDArray[np.float32],
    first: Floats,
    view: LocalView,
    jump: Floats,
    away: float,
    towards: float,
    noise: Floats | None,
) -> Extent:
    """See `connected` and `extent`; `values` are depths, from `first` (N, 1 or K) at the start of a ray on."""
    count, rays, length = values.shape
    radii = samples.radii
    reach, gaps = _REACH[: length + 1], _GAPS[:length]
    valid = np.isfinite(samples.depths)
    index = np.arange(length)
    padded = np.empty((count, rays, length + 1), np.float32)
    padded[..., 0] = first
    padded[..., 1:] = values
    if valid.all():
        step, gap = padded[..., 1:] - padded[..., :-1], gaps
    else:
        padded[..., 1:][~valid] = 0
        # The valid sample before each one, 0 for the start.
        latest = np.maximum.accumulate(np.where(valid, index + 1, 0), axis=2)
        before = np.concatenate([np.zeros((count, rays, 1), latest.dtype), latest[..., :-1]], axis=2)
        flat = before + (np.arange(count * rays) * (length + 1)).reshape(count, rays, 1)
        step = padded[..., 1:] - padded.ravel()[flat]
        gap = radii - reach[before]
    limit = jump.astype(np.float32)[:, None, None]
    broken = (step > np.float32(away) * gap + limit) | (step < np.float32(-towards) * gap - limit)
    hole = np.maximum(_MAX_HOLE, _MAX_HOLE_PIXELS * view.pixel_size).astype(np.float32)[:, None, None] + gaps
    broken = (broken & valid) | (gap > hole)
    if noise is not None:
        broken |= _creases(padded, reach, valid, noise)
    first_broken = np.where(broken.any(axis=2), broken.argmax(axis=2), length)
    inside = valid & (index < first_broken[..., None])
    last = np.where(inside, index, -1).max(axis=2)
    # The first sample after the last one inside: that of a break, or a hole before one.
    follows = np.minimum(last + 1, length - 1)
    end = (reach[last + 1] + radii[follows]) / 2
    at = np.arange(count)[:, None], np.arange(rays), follows
    places = samples.offsets[at] + view.pixels[:, None]
    beyond = ((places < 0) | (places >= samples.image_hw[::-1])).any(axis=2)
    nearer = valid[at] & (step[at] < -limit[..., 0])
    closed = (first_broken < length) & ~beyond
    return Extent(inside, last, end.astype(np.float64), closed, closed & nearer)


def _creases(
    padded: NDArray[np.float32], reach: NDArray[np.float32], valid: NDArray[np.bool_], noise: Floats
) -> NDArray[np.bool_]:
    """(N, K, L) where a slope has decreased; padded (N, K, L + 1) has the start before the samples."""
    run = (reach[_LAG:] - reach[:-_LAG]).astype(np.float32)
    slope = (padded[..., _LAG:] - padded[..., :-_LAG]) / run
    known = np.concatenate([np.ones_like(valid[..., :1]), valid], axis=2)
    known = known[..., _LAG:] & known[..., :-_LAG]
    slope = np.where(known, slope, -np.inf)
    steepest = np.maximum(np.maximum.accumulate(slope, axis=2), 0)
    allowed = _MAX_CREASE + (_CREASE_NOISES * noise.astype(np.float32))[:, None, None] / run
    crease = known & (steepest - slope > allowed)
    # What is seen over a lag happened in its middle.
    found = np.zeros(valid.shape, bool)
    found[..., _LAG - 2 : -1] = crease
    return found
