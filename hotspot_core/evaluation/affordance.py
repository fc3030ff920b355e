"""Whether a method knows which actions an image affords: metrics over all actions of an image, not one at a time.

All are computed from `JudgedAction`s: what a method said of one action on one image, and whether that is right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hotspot_core.evaluation.summary import Summary, summarize

# Metric -> its heading, and whether higher is better.
AFFORDANCE_METRICS: Mapping[str, tuple[str, bool]] = {
    "cross_action": ("Cross-action", False),
    "action_auc": ("Action AUC", True),
    "average_precision": ("AP", True),
    "mean_average_precision": ("mAP", True),
    "calibration_error": ("ECE", False),
    "point_calibration_error": ("Point ECE", False),
}
BINS = 10
RESAMPLES = 200


@dataclass(frozen=True)
class JudgedAction:
    """What a method said of an action on an image.

    Attributes:
        image, action: which.
        afforded: whether the image affords the action.
        score: how sure the method is that it does, in [0, 1]; None where it does not say.
        values: of its points for the action, strongest first.
        hits: whether each of these points lies near an annotated place of this action.
        cross_hits: of an action that is not afforded, whether the strongest point lies near an annotated place of each
            afforded one.
        probabilities: of its points, that the action can be done there; empty where the method does not say.
    """

    image: Path
    action: str
    afforded: bool
    score: float | None
    values: tuple[float, ...]
    hits: tuple[bool, ...]
    cross_hits: tuple[bool, ...] = ()
    probabilities: tuple[float, ...] = ()

    @property
    def confidences(self) -> tuple[float, ...]:
        """What ranks its points among those of all actions and images: their probabilities, else score times value."""
        if self.probabilities:
            return self.probabilities
        return tuple((1.0 if self.score is None else self.score) * value for value in self.values)


def summaries(judged: Sequence[JudgedAction]) -> dict[str, Summary]:
    """Every metric of `AFFORDANCE_METRICS`, with its standard error over images; NaN where it is not defined."""
    by_image: dict[Path, list[JudgedAction]] = {}
    for one in judged:
        by_image.setdefault(one.image, []).append(one)
    images = list(by_image.values())
    return {
        "cross_action": _resampled(cross_action_accuracy, images),
        "action_auc": summarize([action_auc(image) for image in images]),
        "average_precision": _resampled(average_precision, images),
        "mean_average_precision": _resampled(mean_average_precision, images),
        "calibration_error": _resampled(calibration_error, images),
        "point_calibration_error": _resampled(point_calibration_error, images),
    }


def cross_action_accuracy(judged: Sequence[JudgedAction]) -> float:
    """The pointing game with the wrong action: for every afforded action of an image, the fraction of those that are
    not afforded whose strongest point lies near its places. Lower is better; a method that does not tell actions apart
    gets its pointing-game accuracy. NaN where there are none."""
    hits = [hit for one in judged for hit in one.cross_hits]
    return float(np.mean(hits)) if hits else float("nan")


def action_auc(judged: Sequence[JudgedAction]) -> float:
    """How often the score of an afforded action exceeds that of another one of the same image, ties counted half, in
    [0, 1]; 0.5 is chance. NaN without scores, or where all or none are afforded."""
    afforded, others = (np.array([one.score for one in judged if one.afforded is side]) for side in (True, False))
    if not len(afforded) or not len(others) or any(one.score is None for one in judged):
        return float("nan")
    differences = afforded[:, None] - others[None]
    return float((differences > 0).mean() + 0.5 * (differences == 0).mean())


def average_precision(judged: Sequence[JudgedAction]) -> float:
    """Area under the precision-recall curve of all points of all actions on all images, ranked by `confidences`.

    A point is right where it lies near an annotated place of its action; only the first right one of an image and
    action counts, later ones are left out. Every point for an action that is not afforded is wrong. Equal ranks enter
    together. NaN where nothing is afforded.
    """
    positives = sum(one.afforded for one in judged)
    ranked: list[tuple[float, bool]] = []
    for one in judged:
        first = one.hits.index(True) if True in one.hits else None
        for index, (confidence, right) in enumerate(zip(one.confidences, one.hits, strict=True)):
            if not right or index == first:
                ranked.append((confidence, right))
    if not positives:
        return float("nan")
    if not ranked:
        return 0.0
    values, correct = np.array([value for value, _ in ranked]), np.array([hit for _, hit in ranked])
    order = np.argsort(-values, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(values[order])), len(order) - 1)
    recalled = np.cumsum(correct[order])[ends]
    gained = np.diff(recalled, prepend=0)
    return float((gained * recalled / (ends + 1)).sum() / positives)


def mean_average_precision(judged: Sequence[JudgedAction]) -> float:
    """Mean over the actions that some image affords of their own `average_precision`: rare actions count like common
    ones, and scores need not be comparable between actions."""
    by_action: dict[str, list[JudgedAction]] = {}
    for one in judged:
        by_action.setdefault(one.action, []).append(one)
    values = [average_precision(items) for items in by_action.values() if any(one.afforded for one in items)]
    return float(np.mean(values)) if values else float("nan")


def calibration_error(judged: Sequence[JudgedAction]) -> float:
    """Expected calibration error of the scores (Guo et al., ICML 2017) in ten bins of equal width: mean difference of
    score and frequency, weighted by the bins' sizes; 0 is best. NaN without scores."""
    return _expected_error(reliability(judged))


def point_calibration_error(judged: Sequence[JudgedAction]) -> float:
    """The same of the points' probabilities and whether they hit; NaN without probabilities."""
    return _expected_error(point_reliability(judged))


class Bin(NamedTuple):
    """Of the statements whose probability falls into a bin: their mean, how often they are true, their number."""

    probability: float
    frequency: float
    size: int


def reliability(judged: Sequence[JudgedAction]) -> list[Bin]:
    """Scores against how often the image affords the action, in bins of equal width; those that hold something. Empty
    where a score is missing."""
    scores = [one.score for one in judged if one.score is not None]
    return _bins(scores, [one.afforded for one in judged]) if len(scores) == len(judged) else []


def point_reliability(judged: Sequence[JudgedAction]) -> list[Bin]:
    """Probabilities of points against how often they hit, likewise; empty where a probability is missing."""
    if any(len(one.probabilities) != len(one.hits) for one in judged):
        return []
    return _bins([p for one in judged for p in one.probabilities], [hit for one in judged for hit in one.hits])


def _bins(probabilities: Sequence[float], true: Sequence[bool]) -> list[Bin]:
    values, facts = np.array(probabilities, np.float64), np.array(true, np.float64)
    index = np.minimum((values * BINS).astype(int), BINS - 1)
    inside = [index == number for number in range(BINS)]
    return [Bin(float(values[one].mean()), float(facts[one].mean()), int(one.sum())) for one in inside if one.any()]


def _expected_error(bins: Sequence[Bin]) -> float:
    total = sum(one.size for one in bins)
    return sum(one.size * abs(one.probability - one.frequency) for one in bins) / total if total else float("nan")


def _resampled(metric: Callable[[Sequence[JudgedAction]], float], images: Sequence[Sequence[JudgedAction]]) -> Summary:
    """A metric of all images together, and its standard error by a bootstrap over images."""
    mean = metric([one for image in images for one in image])
    if np.isnan(mean):
        return Summary(mean, float("nan"), 0, len(images))
    rng = np.random.default_rng(0)
    draws: list[NDArray[np.int64]] = [rng.integers(len(images), size=len(images)) for _ in range(RESAMPLES)]
    values = [metric([one for index in draw for one in images[index]]) for draw in draws]
    return Summary(mean, float(np.nanstd(values)), len(images), 0)
