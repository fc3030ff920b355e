"""Contact frames: at a point of a depth image, how a gripper approaches, where it closes, and on how much.

The frame of a contact follows REP 103 (x forward, y left, z up) for a hand that looks at the part:

- x, the approach axis: against the surface's normal, from the camera's side into the surface;
- y, the closing axis: in which the fingers of a parallel gripper move, square to the sides of the part;
- z, the long axis of the part, the end that is up in the image (to the right where it is level).

These are the columns approach, binormal and axis of GPD's hands. The tool frame of MoveIt's hands (as of the Panda and
of moveit_grasps) has z forward and y along the fingers' way: x_tool = -z, y_tool = y, z_tool = x.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hotspot_ros.positions.camera_model import CameraModel
from hotspot_ros.positions.closing_axis import ClosingAxis, closing_axis, smooth_chords
from hotspot_ros.positions.contact_axes import contact_axes, cross, norm, normals
from hotspot_ros.positions.depth import DepthImage
from hotspot_ros.positions.surface_rays import (
    RADII,
    Extent,
    Floats,
    LocalView,
    Plane,
    Samples,
    connected,
    extent,
    fit_plane,
    inverse_2x2,
    local_view,
    sample,
)

# Rays around a point: the first ones lead to the middle of a part that is thinner than so many metres, on which one
# side cannot be told from another.
_FIRST_RAYS, _RAYS, _THIN = 16, 24, 0.025
_FIRST_RADII = RADII[:12]
_ANGLES = {rays: np.arange(rays) * 2 * np.pi / rays for rays in (_FIRST_RAYS, _RAYS)}
_DIRECTIONS = {rays: np.column_stack([np.cos(angles), np.sin(angles)]) for rays, angles in _ANGLES.items()}
# Samples of a ray that planes are taken of.
_PLANE_SAMPLES = int(np.searchsorted(RADII, 0.035))
# Metres, and pixels, around a point of which its first tangent plane is taken.
_SEED_RADIUS, _SEED_PIXELS = 0.005, 2.6
_FIRST_RADIUS, _FIRST_PIXELS = 0.010, 4.0
# Metres of a part on either side of the contact of which the normal is taken, and fractions of its width.
_MIN_NORMAL_REACH, _MAX_NORMAL_REACH, _NORMAL_FRACTION = 0.004, 0.025, 0.45
# What is wider is not taken between two fingers: the contact stays where the point is.
MAX_WIDTH = 0.15
# A normal less certain than so many radians is none; nor is one on a surface steeper than this.
_MAX_NORMAL_STDDEV, _MAX_SLANT = 0.25, 1.45
# Of rays across something as narrow as so many pixels, the fraction that may end at something nearer.
_MAX_HIDDEN, _HIDDEN_PIXELS = 0.35, 4.0
# Fewest samples of a tangent plane, and the largest deviation from it in metres and as a fraction of the depth.
_MIN_SAMPLES, _MAX_NOISE, _MAX_NOISE_FRACTION = 10, 0.004, 0.015


@dataclass(frozen=True)
class Contacts:
    """Contact frames of N points in the camera's optical frame.

    Attributes:
        found: (N,) whether there is one; the other attributes are NaN where not.
        positions: (N, 3) metres: on the surface, in the middle between the part's sides where it is at most
            `MAX_WIDTH` wide.
        axes: (N, 3, 3) the frame's axes as columns: approach, closing, long.
        widths: (N,) metres along the closing axis; infinite where the part goes on farther than was looked.
        lengths: (N,) metres along the long axis, as far as was looked (`RADII`).
        noise: (N,) standard deviation of the measured depths about the surface, in metres.
    """

    found: NDArray[np.bool_]
    positions: Floats
    axes: Floats
    widths: Floats
    lengths: Floats
    noise: Floats


def contacts(depth: DepthImage, camera: CameraModel, pixels: Floats, scale: Floats) -> Contacts:
    """Contact frames at pixels of a depth image.

    Args:
        pixels: (N, 2) whole pixels of the depth image that show the part; NaN where there is none.
        scale: (2,) pixels of the depth image per pixel of the color image that `camera` took, in x and y.
    """
    count = len(pixels)
    result = Contacts(
        np.zeros(count, bool), *(np.full((count, *shape), np.nan) for shape in ((3,), (3, 3), (), (), ()))
    )
    usable = np.flatnonzero(np.isfinite(pixels).all(axis=1))
    places = pixels[usable].astype(np.int64)
    depths = depth.metres(places[:, 1], places[:, 0]).astype(np.float64)
    view = local_view(camera, pixels[usable], scale, depths)
    kept = np.isfinite(depths) & np.isfinite(view.gradient).all(axis=(1, 2)) & (view.pixel_size > 0)
    usable = usable[kept]
    if not len(usable):
        return result
    view = _centered(depth, LocalView(view.pixels[kept], view.rays[kept], view.gradient[kept], depths[kept]))
    part = _contacts(depth, view)
    for whole, found in zip(vars(result).values(), vars(part).values(), strict=True):
        whole[usable] = found
    for values in list(vars(result).values())[1:]:
        values[~result.found] = np.nan
    return result


@dataclass(frozen=True)
class _Tangent:
    """The tangent planes' frames: origins (N, 3), axes (N, 3, 3) with columns right, down, away, and pixels per metre
    to the right and down (N, 2, 2), pixels second."""

    origin: Floats
    axes: Floats
    pixels: Floats


def _contacts(depth: DepthImage, view: LocalView) -> Contacts:
    samples, seen, plane = _surface(depth, view)
    tangent = _tangent(view, plane)
    ends = _ends(view, samples, plane, tangent, seen)
    closing = closing_axis(ends, seen.closed)
    width = np.where(np.isfinite(closing.width), closing.width, np.inf)
    grasped = width <= MAX_WIDTH
    middle = np.where(grasped, (closing.low + closing.high) / 2, 0.0)
    along = np.stack([-closing.across[:, 1], closing.across[:, 0]], axis=1)
    lanes, low, high = _length(depth, view, plane, tangent, closing, along, np.where(grasped, width, 0.0), middle)
    length = np.where(closing.is_round, width, high - low)
    shift = np.where(grasped & closing.is_round, (low + high) / 2, 0.0)
    center = middle[:, None] * closing.across + shift[:, None] * along

    # On thin parts the contact's surroundings, on others those of the point itself.
    around = center * (width < 1.2 * _THIN)[:, None]
    inside = np.concatenate([seen.inside, lanes[1].inside], axis=1)
    final, number, spread = _final_plane(
        view, samples.beside(lanes[0]), inside, tangent, around, closing.across, along, width, plane
    )
    offset = (tangent.pixels @ center[..., None])[..., 0]
    inverse = final.inverse + (final.slope * offset).sum(axis=1)
    ray = np.concatenate([view.rays_at(offset), np.ones((len(offset), 1))], axis=1)
    position = ray / inverse[:, None]
    long_axis = (tangent.axes[:, :, :2] @ along[..., None])[..., 0]
    axes, stddev = contact_axes(view, final, long_axis, ray, number, spread)
    slant = np.arccos(np.minimum((axes[:, :, 0] * ray).sum(axis=1) / norm(ray)[:, 0], 1))
    found = (number >= _MIN_SAMPLES) & (inverse > 0) & (slant < _MAX_SLANT) & (stddev < _MAX_NORMAL_STDDEV)
    # A thin thing is in front of what is on its sides; a step of a staircase is not, as of a floor at a grazing angle.
    found &= (seen.hidden.mean(axis=1) < _MAX_HIDDEN) | (width > _HIDDEN_PIXELS * view.pixel_size)
    found &= final.noise < np.maximum(_MAX_NOISE, _MAX_NOISE_FRACTION * view.depths)
    found &= np.isfinite(position).all(axis=1) & np.isfinite(axes).all(axis=(1, 2))
    return Contacts(found, position, axes, width, length, final.noise)


def _centered(depth: DepthImage, view: LocalView) -> LocalView:
    """The view from the middle of the narrowest way through thin parts, by jumps of depth alone."""
    samples = sample(depth, view, np.zeros((1, 1, 2)), _star(view, _FIRST_RAYS), _FIRST_RADII)
    seen = connected(samples, view)
    half = _FIRST_RAYS // 2
    chords = smooth_chords(np.where(seen.closed, seen.end, 10.0))
    index, best = np.arange(len(chords)), chords.argmin(axis=1)
    shift = (seen.end[index, best] - seen.end[index, best + half]) / 2
    shift = np.where(chords[index, best] < _THIN, shift, 0.0)
    moved = np.rint(_star(view, _FIRST_RAYS)[index, best] * shift[:, None])
    pixels = view.pixels + moved
    places = np.clip(pixels, 0, None).astype(np.int64)
    depths = depth.metres(places[:, 1], places[:, 0]).astype(np.float64)
    valid = np.isfinite(depths) & (np.abs(depths - view.depths) < _THIN)
    moved = np.where(valid[:, None], moved, 0.0)
    rays = view.rays_at(moved)
    return LocalView(view.pixels + moved, rays, view.gradient, np.where(valid, depths, view.depths))


def _star(view: LocalView, rays: int) -> Floats:
    """(N, rays, 2) directions in all directions, in pixels per metre."""
    return np.asarray(_DIRECTIONS[rays] / view.pixel_size[:, None, None])


def _surface(depth: DepthImage, view: LocalView) -> tuple[Samples, Extent, Plane]:
    """Samples around the pixels, which of them show the surface there, and its tangent plane."""
    samples = sample(depth, view, np.zeros((1, 1, 2)), _star(view, _RAYS))
    radius = np.maximum(_FIRST_RADIUS, _FIRST_PIXELS * view.pixel_size).astype(np.float32)[:, None, None]
    length = int(np.searchsorted(RADII, radius.max(), "right"))
    near = samples.first(length)
    near_it = connected(near, view).inside
    # First of what is closest: two faces of a box fit no plane.
    seed = np.maximum(_SEED_RADIUS, _SEED_PIXELS * view.pixel_size).astype(np.float32)[:, None, None]
    short = int(np.searchsorted(RADII, seed.max(), "right"))
    first = fit_plane(view, samples, (near_it & (seed >= near.radii))[..., :short].astype(np.float32), 1)
    plane = fit_plane(view, samples, (near_it & (radius >= near.radii)).astype(np.float32), 2, first)
    return samples, extent(samples, plane, view), plane


def _tangent(view: LocalView, plane: Plane) -> _Tangent:
    away = normals(view, plane)
    right = np.array([1.0, 0, 0]) - away[:, :1] * away
    right /= norm(right)
    axes = np.stack([right, cross(away, right), away], axis=2)
    depth = 1 / plane.inverse
    origin = np.concatenate([view.rays, np.ones((len(depth), 1))], axis=1) * depth[:, None]
    moved = (axes[:, :2, :2] - view.rays[:, :, None] * axes[:, 2:, :2]) / depth[:, None, None]
    return _Tangent(origin, axes, inverse_2x2(view.gradient) @ moved)


def _ends(view: LocalView, samples: Samples, plane: Plane, tangent: _Tangent, seen: Extent) -> Floats:
    """(N, K, 2) metres in the tangent plane to the ends of rays."""
    last = np.maximum(seen.last, 0)
    count, rays = last.shape
    depth = samples.depths[np.arange(count)[:, None], np.arange(rays), last].astype(np.float64)
    depth = np.where(seen.last < 0, 1 / plane.inverse[:, None], depth)
    # Half way between the last sample that shows the surface and the first that does not; not less than half a pixel.
    end = np.maximum(seen.end, 0.5 * view.pixel_size[:, None])
    ray = view.rays_at(_star(view, rays) * end[..., None])
    position = np.concatenate([ray, np.ones((count, rays, 1))], axis=2) * depth[..., None]
    return np.asarray((position - tangent.origin[:, None]) @ tangent.axes[:, :, :2])


def _length(
    depth: DepthImage,
    view: LocalView,
    plane: Plane,
    tangent: _Tangent,
    closing: ClosingAxis,
    along: Floats,
    width: Floats,
    middle: Floats,
) -> tuple[tuple[Samples, Extent], Floats, Floats]:
    """Rays beside each other along the long axes of parts, and how far they reach down and up, in metres from the
    origin."""
    lanes = middle[:, None] + np.array([-0.25, 0, 0.25]) * width[:, None]
    starts = lanes[..., None] * (tangent.pixels @ closing.across[..., None])[:, None, :, 0]
    step = (tangent.pixels @ along[..., None])[:, None, :, 0]
    directions = np.concatenate([np.repeat(-step, 3, axis=1), np.repeat(step, 3, axis=1)], axis=1)
    samples = sample(depth, view, np.tile(starts, (1, 2, 1)), directions)
    seen = extent(samples, plane, view)
    reach = np.median(seen.end.reshape(-1, 2, 3), axis=2)
    return (samples, seen), -reach[:, 0], reach[:, 1]


def _final_plane(
    view: LocalView,
    samples: Samples,
    inside: NDArray[np.bool_],
    tangent: _Tangent,
    center: Floats,
    across: Floats,
    along: Floats,
    width: Floats,
    start: Plane,
) -> tuple[Plane, Floats, Floats]:
    """The surface at the contact, how many samples it was taken of, and their spread (N, 2) in metres across and
    along."""
    metres = inverse_2x2(tangent.pixels)
    axes = np.stack([across, along], axis=1)
    turn = (axes @ metres).astype(np.float32)[:, :, :, None, None]
    origin = (axes @ center[..., None]).astype(np.float32)[..., None]
    x, y = samples.offsets[:, :, :_PLANE_SAMPLES, 0], samples.offsets[:, :, :_PLANE_SAMPLES, 1]
    a, s = (turn[:, axis, 0] * x + turn[:, axis, 1] * y - origin[:, axis] for axis in (0, 1))
    pixel = view.pixel_size * 1.01
    half = np.clip(_NORMAL_FRACTION * width, np.maximum(_MIN_NORMAL_REACH, pixel), _MAX_NORMAL_REACH)
    reach = np.clip(width, np.maximum(_FIRST_RADIUS, 4 * pixel), _MAX_NORMAL_REACH)
    reach = np.where(width < _THIN, _MAX_NORMAL_REACH, reach)
    near = (np.abs(a) <= half[:, None, None]) & (np.abs(s) <= reach[:, None, None])
    weights = (inside[..., :_PLANE_SAMPLES] & near).astype(np.float32)
    plane = fit_plane(view, samples, weights, 2, start)
    # Far away several samples fall on one pixel.
    pixels = ((2 * half / pixel + 1) * (2 * reach / pixel + 1)).clip(1)
    number = np.minimum(weights.sum(axis=(1, 2)), pixels)
    spread = [np.sqrt((weights * v * v).sum(axis=(1, 2)) / np.maximum(number, 1)) for v in (a, s)]
    return plane, number, np.stack(spread, axis=1)
