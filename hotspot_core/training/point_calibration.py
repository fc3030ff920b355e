"""Calibration of points: from place, value and score to the probability that the action can be done there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from rich.progress import track
from torch.nn import functional

from hotspot_core.data.annotations import Annotation, AnnotationSet
from hotspot_core.errors import InputError
from hotspot_core.evaluation.protocol import Protocol
from hotspot_core.hotspots.places import point_features
from hotspot_core.inference.predictor import HotspotPredictor
from hotspot_core.media.images import read_image

# How strongly the weights are drawn to 1 for the first three and 0 for the constant: keeps them finite.
PRIOR = 0.1
START = (1.0, 1.0, 1.0, 0.0)


def fit_points(
    predictor: HotspotPredictor, sets: Sequence[AnnotationSet]
) -> tuple[tuple[float, float, float, float], int]:
    """`ModelConfig.point_calibration` by logistic regression over the points of all judged actions, and their number.

    A point is right where it lies near an annotated place of its action, as in the pointing game.

    Args:
        predictor: of a model whose scores are calibrated already, and whose points are not.

    Raises:
        InputError: the model has no point on any image.
    """
    rows = [row for one in sets for row in _points(predictor, one)]
    if not rows:
        raise InputError(f"{sets[0].path}: the model points to nothing on these images: there is nothing to calibrate")
    features = torch.tensor([row[0] for row in rows], dtype=torch.float64)
    right = torch.tensor([row[1] for row in rows], dtype=torch.float64)
    start = torch.tensor(START, dtype=torch.float64)
    weights = start.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def step() -> torch.Tensor:
        optimizer.zero_grad()
        entropy = functional.binary_cross_entropy_with_logits(features @ weights, right, reduction="sum")
        loss = entropy + 0.5 * PRIOR * (weights - start).square().sum()
        loss.backward()
        return loss

    optimizer.step(step)
    place, value, score, constant = weights.tolist()
    return (place, value, score, constant), len(rows)


def _points(predictor: HotspotPredictor, annotations: AnnotationSet) -> Iterator[tuple[tuple[float, ...], bool]]:
    """Features of every point of every judged action, and whether it is right."""
    protocol, merged = Protocol(), annotations.merged()
    entries: dict[Path, dict[str, Annotation]] = {path: {} for path in merged.image_paths()}
    for entry in merged.entries:
        entries[entry.image][entry.action] = entry
    for path, own in track(entries.items(), "points"):
        judged = [name for name in merged.judged(path, own) if name in predictor.actions]
        if not judged:
            continue
        image = read_image(path)
        prediction = predictor.predict(image, judged)
        scores = dict(zip(prediction.actions, prediction.scores.tolist(), strict=True))
        for point in prediction.points:
            # Without calibration, that of its place.
            place = None if prediction.places is None else point.probability
            right = False
            if point.action in own:
                of_action = own[point.action]
                scale = np.array(of_action.size_hw)[::-1] / np.array(image.shape[1::-1])
                pixel = (np.array([point.x, point.y]) + 0.5) * scale - 0.5
                right = protocol.is_near(pixel, protocol.places(of_action), of_action.size_hw)
            yield point_features(place, point.value, scores[point.action]), right
