"""How well a predicted map matches a ground-truth map: KLD, SIM, AUC-Judd, NSS; and the pointing game of points.

All take single maps (h, w) or stacks (..., h, w) and return one float64 number per map, of shape (...). Maps are >= 0,
of any scale. Definitions and constants are those behind the numbers published for interaction hotspots; NSS is the
one published for AGD20K.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from hotspot_core.data.heatmaps import resize_maps
from hotspot_core.errors import InputError

Maps = NDArray[np.float64]
Ties = Literal["exact", "jitter"]
Normalization = Literal["maximum", "range"]

# Differences this small, relative to the value, come from rounding and rank nothing.
ROUNDING = 1e-12


def kld(pred: ArrayLike, target: ArrayLike, eps: float = 1e-12) -> Maps:
    """Kullback-Leibler divergence of the target from the prediction, >= 0 up to `eps`; 0 is best.

    Both are brought to sum 1; a target that is 0 everywhere counts as uniform.

    Raises:
        InputError: see `checked`.
    """
    p, t = checked(pred, target)
    p, t = _distribution(p, eps), _distribution(_uniform_where_empty(t), eps)
    return np.asarray((t * np.log(t / (p + eps) + eps)).sum((-2, -1)))[()]


def sim(pred: ArrayLike, target: ArrayLike, eps: float = 1e-12) -> Maps:
    """Similarity: the mass that the two distributions share, in [0, 1]; 1 is best.

    Both are brought to sum 1; a target that is 0 everywhere counts as uniform.

    Raises:
        InputError: see `checked`.
    """
    p, t = checked(pred, target)
    shared = np.minimum(_distribution(p, eps), _distribution(_uniform_where_empty(t), eps))
    return np.asarray(shared.sum((-2, -1)))[()]


def auc_judd(pred: ArrayLike, target: ArrayLike, threshold: float = 0.5, ties: Ties = "exact", seed: int = 0) -> Maps:
    """Area under Judd's ROC curve, in [0, 1]; 1 is best, 0.5 (and a little more, see below) is chance.

    Cells of the target above `threshold` of its maximum are the positives. Judd's curve has one vertex per positive
    and straight lines between them, so its area is that of the ROC curve (the Mann-Whitney statistic) plus
    f / (2 n): n positives, f the fraction of negatives that rank above the last positive.

    Args:
        ties: "exact": the expected area over all orders of cells with equal values: no random numbers. "jitter":
            equal values are ordered by random numbers below 1e-7 of the map's maximum, as in the published numbers.
        seed: of the jitter.

    Returns:
        NaN where no cell, or every cell, is positive.

    Raises:
        InputError: see `checked`.
    """
    p, t = checked(pred, target)
    shape = p.shape[:-2]
    cells = p.shape[-2] * p.shape[-1]
    p, positive = p.reshape(-1, cells), _above(t.reshape(-1, cells), threshold)
    if ties == "jitter":
        scale = np.maximum(p.max(1, keepdims=True), 1e-30)
        p = p / scale + np.random.default_rng(seed).random(p.shape) * 1e-7
    return _judd_area(p, positive).reshape(shape)[()]


def nss(pred: ArrayLike, target: ArrayLike, threshold: float = 0.1) -> Maps:
    """Normalised scanpath saliency: mean of the standardised prediction over the positives; higher is better.

    The positives are the cells above `threshold` once the target's values are stretched to [0, 1].

    Returns:
        0 where the prediction is the same everywhere; NaN where the target is.

    Raises:
        InputError: see `checked`.
    """
    p, t = checked(pred, target)
    deviation = p.std((-2, -1), keepdims=True)
    flat = deviation <= ROUNDING * np.abs(p).max((-2, -1), keepdims=True)
    standard = np.where(flat, 0.0, (p - p.mean((-2, -1), keepdims=True)) / np.where(flat, 1.0, deviation))
    low, high = t.min((-2, -1), keepdims=True), t.max((-2, -1), keepdims=True)
    positive = (t - low) > threshold * (high - low)
    with np.errstate(invalid="ignore"):
        return np.asarray((standard * positive).sum((-2, -1)) / positive.sum((-2, -1)))[()]


def score(
    pred: ArrayLike,
    target: ArrayLike,
    *,
    grid: int = 28,
    blur: int = 5,
    threshold: float = 0.5,
    nss_threshold: float = 0.1,
    eps: float = 1e-12,
    ties: Ties = "exact",
    normalize: Normalization = "maximum",
) -> dict[str, Maps]:
    """Every metric under the evaluation protocol.

    Both maps are resized to the grid (bilinear); the prediction is divided by its maximum and blurred.

    Args:
        pred: (h, w) or (..., h, w), >= 0.
        target: (H, W) or (..., H, W), >= 0; its size may be another one.
        grid: cells per side.
        blur: odd size of the Gaussian kernel for the prediction in cells (OpenCV's standard deviation); 1 for none.
        threshold, nss_threshold: of the positives for AUC-Judd and NSS.
        eps: keeps KLD and SIM finite.
        ties: see `auc_judd`.
        normalize: "maximum" divides the prediction by its maximum; "range" also takes its minimum away, as AGD20K does:
            then it may be negative, and one that is the same everywhere counts as uniform.

    Returns:
        Metric -> one number per map, NaN where the metric is not defined for it. Metrics: "kld" and "sim" (an empty
        target counts as uniform), "auc_judd" and "nss" (NaN then).

    Raises:
        InputError: a map is empty, not finite or negative, or the stacks differ in number.
    """
    p, t = _map("prediction", pred, negative=normalize == "range"), _map("target", target)
    if p.shape[:-2] != t.shape[:-2]:
        raise InputError(f"predictions of shape {p.shape} for targets of shape {t.shape}: give one for each")
    p, t = resize_maps(p, (grid, grid)), resize_maps(t, (grid, grid))
    p = blurred(normalized(p, normalize, eps), blur)
    return {
        "kld": kld(p, t, eps),
        "sim": sim(p, t, eps),
        "auc_judd": auc_judd(p, t, threshold, ties),
        "nss": nss(p, t, nss_threshold),
    }


def normalized(maps: Maps, normalize: Normalization, eps: float = 1e-12) -> Maps:
    """Maps (..., h, w) over their maxima, or stretched to [0, 1]; then a map that is the same everywhere becomes 1."""
    highest = maps.max((-2, -1), keepdims=True)
    if normalize == "maximum":
        return np.asarray(maps / (highest + eps))
    lowest = maps.min((-2, -1), keepdims=True)
    flat = highest - lowest <= ROUNDING * np.abs(highest)
    return np.where(flat, 1.0, (maps - lowest) / (highest - lowest + eps))


def pointing_game(
    point_xy: ArrayLike | None, true_xy: ArrayLike, size_hw: Sequence[int], tolerance: float = 0.1
) -> bool:
    """A hit of the pointing game (Zhang et al., ECCV 2016): whether the strongest predicted point lies near a true one.

    The fraction of hits is the pointing-game accuracy. This is the one definition of a hit, in evaluation and training.

    Args:
        point_xy: the strongest predicted point in pixels; None where there is none, which is a miss.
        true_xy: (P, 2) the annotated points in pixels.
        size_hw: height and width of the image.
        tolerance: largest distance, relative to the longer side of the image.

    Raises:
        InputError: no true points.
    """
    true = np.asarray(true_xy, np.float64).reshape(-1, 2)
    if not len(true):
        raise InputError("the pointing game needs at least one true point")
    if point_xy is None:
        return False
    distances = np.linalg.norm(true - np.asarray(point_xy, np.float64), axis=1)
    return bool(distances.min() <= tolerance * max(size_hw))


def iou(pred: ArrayLike, target: ArrayLike, threshold: float, target_threshold: float = 0.5) -> float:
    """Intersection over union of the cells of a prediction (h, w) above `threshold` of its maximum and those of the
    target above `target_threshold` of its own; NaN for an empty target.

    Raises:
        InputError: see `checked`.
    """
    p, t = checked(pred, target)
    found, true = _above(p.reshape(1, -1), threshold), _above(t.reshape(1, -1), target_threshold)
    return float((found & true).sum() / (found | true).sum()) if true.any() else float("nan")


def points_above(target: ArrayLike, size_hw: Sequence[int], threshold: float = 0.5) -> NDArray[np.float64]:
    """The cells of a ground-truth map (h, w) above `threshold` of its maximum, as true points for
    `pointing_game`.

    Returns:
        (P, 2) x, y of the cells' centres in pixels of the image of `size_hw` that the map covers; (0, 0) is the
        centre of the top-left pixel.
    """
    heatmap = _map("target", target)
    rows, columns = np.nonzero(_above(heatmap.reshape(1, -1), threshold).reshape(heatmap.shape))
    scale = np.array([size_hw[1] / heatmap.shape[1], size_hw[0] / heatmap.shape[0]])
    return (np.stack([columns, rows], axis=1) + 0.5) * scale - 0.5


def blurred(maps: Maps, size: int) -> Maps:
    """Each map of a stack (..., h, w) blurred by a Gaussian of `size` x `size` cells; an odd size, 1 for none."""
    if size % 2 == 0:
        raise InputError(f"blur of {size} cells: give an odd number, or 1 for none")
    if size == 1:
        return maps
    flat = maps.reshape(-1, *maps.shape[-2:])
    stack = [cv2.GaussianBlur(one, (size, size), 0) for one in flat]
    return np.stack(stack).reshape(maps.shape) if stack else maps


def checked(pred: ArrayLike, target: ArrayLike) -> tuple[Maps, Maps]:
    """Both as float64.

    Raises:
        InputError: the shapes differ, are no (..., h, w), or a map is empty, not finite or negative.
    """
    p, t = _map("prediction", pred), _map("target", target)
    if p.shape != t.shape:
        raise InputError(f"prediction of shape {p.shape} for a target of shape {t.shape}: resize one of them")
    return p, t


def _map(name: str, values: ArrayLike, negative: bool = False) -> Maps:
    """Maps as float64, checked; `negative` says whether values below 0 are allowed."""
    maps = np.asarray(values, np.float64)
    if maps.ndim < 2 or 0 in maps.shape[-2:]:
        raise InputError(f"{name} of shape {maps.shape}: give a map (h, w) or a stack (..., h, w)")
    bad = ~np.isfinite(maps).all((-2, -1))
    below = (maps < 0).any((-2, -1)) & (not negative)
    for wrong, reason in ((bad, "values that are NaN or infinite"), (below, "negative values")):
        if wrong.any():
            which = f" {np.flatnonzero(wrong)[0]} of {wrong.size}" if wrong.ndim else ""
            raise InputError(f"{name}{which} has {reason}: a map is finite and >= 0")
    return maps


def _distribution(maps: Maps, eps: float) -> Maps:
    return np.asarray(maps / (maps.sum((-2, -1), keepdims=True) + eps))


def _uniform_where_empty(maps: Maps) -> Maps:
    empty = maps.max((-2, -1), keepdims=True) == 0
    return np.where(empty, 1.0 / (maps.shape[-2] * maps.shape[-1]), maps)


def _above(flat: Maps, threshold: float) -> NDArray[np.bool_]:
    """Where maps (N, cells) exceed `threshold` of their maxima; nowhere in a map of zeros."""
    highest = flat.max(1, keepdims=True)
    return np.asarray((flat > threshold * highest) & (highest > 0))


def _judd_area(values: Maps, positive: NDArray[np.bool_]) -> Maps:
    """Expected area under Judd's curve over all orders of equal values; (N, cells) -> (N,)."""
    order = np.argsort(values, axis=1)
    values = np.take_along_axis(values, order, 1)
    positive = np.take_along_axis(positive, order, 1)
    first, last = _tied_runs(values)
    positives = positive.sum(1)
    negatives = positive.shape[1] - positives
    ranks = (first + last) / 2 + 1
    wins = (ranks * positive).sum(1) - positives * (positives + 1) / 2
    rows = np.arange(len(values))
    lowest = positive.argmax(1)
    below, upto = first[rows, lowest], last[rows, lowest]
    tied_positives = np.where(np.arange(positive.shape[1]) <= upto[:, None], positive, False).sum(1)
    # Of q negatives tied with the p lowest positives, q * p / (p + 1) rank above the last of these on average.
    tied_negatives = upto - below + 1 - tied_positives
    outranking = negatives - below - tied_negatives + tied_negatives * tied_positives / (tied_positives + 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        area = wins / (positives * negatives) + outranking / negatives / (2 * positives)
    return np.where((positives > 0) & (negatives > 0), area, np.nan)


def _tied_runs(ascending: Maps) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each place of sorted values (N, cells) the first and the last place with an equal value."""
    cells = ascending.shape[1]
    rises = np.diff(ascending, axis=1) > ROUNDING * np.abs(ascending[:, 1:])
    edge = np.ones((len(ascending), 1), bool)
    places = np.arange(cells)
    first = np.maximum.accumulate(np.where(np.hstack([edge, rises]), places, 0), axis=1)
    ends = np.where(np.hstack([rises, edge]), places, cells - 1)
    last = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    return first, last
