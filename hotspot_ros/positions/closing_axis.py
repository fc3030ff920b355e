"""Across which axis a parallel gripper closes on a part, from where the part ends in all directions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Fraction by which the widths of a round part differ; of a square it is .41, of a hexagon .15.
_ROUND = 0.22
# Fraction of a round part's ends that are seen.
_SEEN = 0.75
# How far along the part its sides are looked at, in widths and within these metres.
_REACH, _MIN_REACH, _MAX_REACH = 1.5, 0.015, 0.06
# Distance of an end from its side's line at which it counts no more, in metres and in widths.
_MIN_OUTLIER, _OUTLIER = 0.004, 0.12
# Added to the distance of an end that was not seen.
_UNSEEN = 1.0


@dataclass(frozen=True)
class ClosingAxis:
    """Of N parts, in their tangent planes.

    Attributes:
        across: (N, 2) unit vectors in which a gripper closes.
        low, high: (N,) metres from the origin to the part's sides along them; NaN where one was not seen.
        is_round: (N,) whether any axis is as good; then `across` is the first one of the plane.
    """

    across: Floats
    low: Floats
    high: Floats
    is_round: NDArray[np.bool_]

    @property
    def width(self) -> Floats:
        """(N,) metres; NaN where a side was not seen."""
        return self.high - self.low


def closing_axis(ends: Floats, closed: NDArray[np.bool_]) -> ClosingAxis:
    """The narrowest way through a part, square to its sides.

    Args:
        ends: (N, K, 2) metres in the tangent plane from the origin to where the part ends, along K rays of which ray
            k + K / 2 is opposite to ray k.
        closed: (N, K) whether the end was seen.
    """
    count, rays = closed.shape
    reach = np.hypot(ends[..., 0], ends[..., 1]) + np.where(closed, 0, _UNSEEN)
    smooth = smooth_chords(reach)
    best, index = smooth.argmin(axis=1), np.arange(count)
    narrowest = smooth[index, best]
    longest = np.where(closed, reach, 0).max(axis=1)
    is_round = (smooth.max(axis=1) < (1 + _ROUND) * narrowest) & (longest < 2 * narrowest)
    is_round &= closed.mean(axis=1) > _SEEN
    across = _unit(ends[index, best] - ends[index, best + rays // 2])
    across = np.where(is_round[:, None], [1.0, 0.0], across)
    low = high = np.full(count, np.nan)
    for turn in range(3):
        slope, low, high = _sides(ends, closed, across, narrowest)
        # The ends of something round lie on no straight sides.
        slope = np.where(is_round | (turn == 2), 0.0, np.minimum(np.maximum(slope, -0.35), 0.35))
        across = _unit(across - slope[:, None] * _along(across))
    if is_round.any():
        center, radius = _circles(ends, closed)
        low = np.where(is_round, center[:, 0] - radius, low)
        high = np.where(is_round, center[:, 0] + radius, high)
    return ClosingAxis(across, low, high, is_round)


def _circles(ends: Floats, closed: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Circles (N, 2), (N,) through ends: Kasa's fit, with Tukey's weights in its second round."""
    squares = (ends * ends).sum(axis=2)
    design = np.concatenate([2 * ends, np.ones((*ends.shape[:2], 1))], axis=2)
    weight = closed.astype(np.float64)
    center, radius = np.zeros((len(ends), 2)), np.zeros(len(ends))
    for _ in range(2):
        weighted = (design * weight[..., None]).transpose(0, 2, 1)
        found = np.linalg.solve(weighted @ design + 1e-12 * np.eye(3), weighted @ squares[..., None])[..., 0]
        center = found[:, :2]
        radius = np.sqrt(np.maximum(found[:, 2] + (center * center).sum(axis=1), 0))
        away = ends - center[:, None]
        deviation = (np.sqrt((away * away).sum(axis=2)) - radius[:, None]) / (0.4 * radius[:, None] + 1e-6)
        weight = closed * np.maximum(1 - deviation * deviation, 0) ** 2
    return center, radius


def smooth_chords(reach: Floats) -> Floats:
    """(N, K / 2) how far it is through a part, of how far K rays reach (N, K) of which ray k + K / 2 is opposite to ray
    k. One ray may slip through, or end too early: the median of three neighbors."""
    half = reach.shape[1] // 2
    chords = reach[:, :half] + reach[:, half:]
    before = np.concatenate([chords[:, -1:], chords[:, :-1]], axis=1)
    after = np.concatenate([chords[:, 1:], chords[:, :1]], axis=1)
    return np.asarray(np.maximum(np.minimum(before, after), np.minimum(chords, np.maximum(before, after))))


def _sides(ends: Floats, closed: NDArray[np.bool_], across: Floats, width: Floats) -> tuple[Floats, Floats, Floats]:
    """Two parallel lines through the ends on either side: their slope against the long axis, and their places."""
    a, s = (ends @ axis[..., None] for axis in (across, _along(across)))
    a, s = a[:, None, :, 0], s[:, None, :, 0]
    distance = np.abs(s)
    reach = np.minimum(np.maximum(_REACH * width, _MIN_REACH), _MAX_REACH)[:, None, None]
    on_sides = np.concatenate([a, -a], axis=1) < 0  # (N, 2, K), the lower side first
    usable = closed[:, None] & (distance <= reach) & on_sides
    cutoff = 2 * np.maximum(_MIN_OUTLIER, _OUTLIER * width)[:, None, None]
    close = np.maximum(0.5 * width, _MIN_REACH / 2)[:, None, None]
    place, seen = _median_where(a, usable & (distance <= close))
    slope = np.zeros((len(a), 1, 1))
    for _ in range(2):
        deviation = (a - place - slope * s) / cutoff
        weight = usable * np.maximum(1 - deviation * deviation, 0) ** 2
        total = np.maximum(weight.sum(axis=2, keepdims=True), 1e-12)
        mean_a = (weight * a).sum(axis=2, keepdims=True) / total
        mean_s = (weight * s).sum(axis=2, keepdims=True) / total
        away = weight * (s - mean_s)
        top = (away * (a - mean_a)).sum(axis=(1, 2), keepdims=True)
        slope = top / ((away * (s - mean_s)).sum(axis=(1, 2), keepdims=True) + 1e-12)
        place = mean_a - slope * mean_s
    place = np.where(seen, place[..., 0], np.nan)
    return slope[:, 0, 0], place[:, 0], place[:, 1]


def _median_where(values: Floats, chosen: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.bool_]]:
    """(N, 2, 1) medians of the chosen ones of (N, 1 or 2, K), and (N, 2) whether there are any; 0 where not."""
    ordered = np.sort(np.where(chosen, values, np.inf), axis=2)
    number = chosen.sum(axis=2)
    middle = np.take_along_axis(ordered, (np.maximum(number - 1, 0) // 2)[..., None], axis=2)
    return np.where((number > 0)[..., None], middle, 0.0), number > 0


def _along(across: Floats) -> Floats:
    return np.stack([-across[:, 1], across[:, 0]], axis=1)


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12))
