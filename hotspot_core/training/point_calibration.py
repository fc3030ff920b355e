"""Calibration of points: from place, value and score to the probability that the action can be done there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from rich.progress import track
from torch.nn import functional

from hotspot_core.data.annotations import AnnotationSet
from hotspot_core.errors import InputError
from hotspot_core.evaluation.protocol import Protocol
from hotspot_core.hotspots.peaks import find_peaks
from hotspot_core.hotspots.places import point_features, value_at
from hotspot_core.inference.predictor import PEAK_THRESHOLD, POINTS_PER_ACTION, HotspotPredictor
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
        predictor: of a model whose scores are calibrated already.

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
    protocol = Protocol()
    merged = annotations.merged()
    for path in track(merged.image_paths(), "points"):
        entries = {entry.action: entry for entry in merged.entries if entry.image == path}
        judged = merged.judged(path, set(entries))
        image = read_image(path)
        prediction = predictor.predict(image, [name for name in predictor.actions if name in judged] or None)
        for index, action in enumerate(prediction.actions):
            if action not in judged:
                continue
            heatmap = prediction.heatmaps[index]
            entry = entries.get(action)
            for peak in find_peaks(heatmap, POINTS_PER_ACTION, PEAK_THRESHOLD):
                place = None if prediction.places is None else value_at(prediction.places[index], peak)
                features = point_features(place, peak.value, float(prediction.scores[index]))
                right = False
                if entry is not None:
                    scale = np.array(entry.size_hw)[::-1] / np.array(image.shape[1::-1])
                    point = np.array(prediction.region.to_pixels(peak.column, peak.row, heatmap.shape))
                    right = protocol.is_near((point + 0.5) * scale - 0.5, protocol.places(entry), entry.size_hw)
                yield features, right
