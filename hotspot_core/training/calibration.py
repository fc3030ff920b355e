"""Calibration: the scores of a model become probabilities, on images that it did not learn from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track
from torch.nn import functional

from hotspot_core.data.annotations import AnnotationSet
from hotspot_core.data.readers.registry import read_annotated_images
from hotspot_core.errors import InputError
from hotspot_core.inference.predictor import HotspotPredictor
from hotspot_core.media.images import read_image
from hotspot_core.model.checkpoint import load_model, read_info, save_model
from hotspot_core.model.hotspot_model import HotspotModel
from hotspot_core.training.point_calibration import fit_points

# Scores of 0 and 1 have no logit.
SMALLEST_SCORE = 1e-6
# How strongly shifts are drawn to 0: keeps that of an action finite which all images afford, or none.
PRIOR = 0.1


@dataclass(frozen=True)
class CalibrationConfig:
    """A calibration.

    Attributes:
        checkpoint: a .safetensors file, or "default".
        annotations: annotated images that say what they afford; none of them learned from.
        output: the file to write, which may not be `checkpoint`.
    """

    checkpoint: str
    annotations: tuple[str, ...]
    output: Path


@dataclass(frozen=True)
class Calibration:
    """What was found.

    Attributes:
        scale: of all logits, > 0, so that no action's images change their order.
        shifts: action -> added to its scaled logit.
        pairs: number of pairs of image and action that were judged.
        before, after: mean cross-entropy of the scores on those pairs, in nats.
        points: number of points whose probabilities were fitted.
    """

    scale: float
    shifts: dict[str, float]
    pairs: int
    before: float
    after: float
    points: int = 0


def calibrate(config: CalibrationConfig) -> Calibration:
    """Writes the model with calibrated scores and points.

    One scale for all logits and a shift for each action (Platt, 1999) are found by the cross-entropy of what images are
    known to afford, and become part of the layer behind the scores; maps stay as they are. Then the probability of a
    point is fitted to whether it lies near an annotated place, see `hotspot_core.training.point_calibration`.

    Raises:
        InputError: the checkpoint's scores are a softmax, an annotation file cannot be used, shares images with those
            that the model learned from, or judges no action of the model.
    """
    info = read_info(config.checkpoint)
    if info.config.scores != "independent":
        raise InputError(
            f"checkpoint {config.checkpoint!r} has softmax scores, which are no probabilities of single actions: train "
            "it with python -m hotspot_core.train_affordances"
        )
    if info.path is not None and config.output.resolve() == info.path.resolve():
        raise InputError(f"output {str(config.output)!r} is the checkpoint itself: name another file")
    sets = [read_annotated_images(source) for source in config.annotations]
    learned_from = info.training.get("configuration", {}).get("data", {}).get("keypoints") or []
    _refuse_learned_images(sets, config.annotations, learned_from)
    model = load_model(config.checkpoint, "cpu")
    logits, afforded, judged = _judged_logits(model, sets)
    found = _fitted(model.actions, logits, afforded, judged)
    linear = model.affordance
    assert linear is not None
    with torch.no_grad():
        linear.weight.mul_(found.scale)
        if linear.place_gain is not None:
            linear.place_gain.mul_(found.scale)
        linear.bias.mul_(found.scale).add_(torch.tensor([found.shifts[name] for name in model.actions]))
    model.config = replace(model.config, point_calibration=None)
    weights, points = fit_points(HotspotPredictor(model), sets)
    model.config = replace(model.config, point_calibration=weights)
    found = replace(found, points=points)
    calibration = {"annotations": list(config.annotations), "pairs": found.pairs, "points": points}
    training = {**info.training, "calibration": calibration}
    save_model(config.output, model, training, info.data_licenses)
    return found


def _refuse_learned_images(sets: Sequence[AnnotationSet], sources: Sequence[str], learned_from: Iterable[str]) -> None:
    learned: dict[Path, str] = {}
    for source in learned_from:
        if source in sources:
            raise InputError(f"{source}: the model learned from this file: calibrate it on others")
        try:
            known = read_annotated_images(source, "train")
        except InputError:
            continue  # It is not here any more.
        learned.update({path.resolve(): source for path in known.image_paths()})
    for one in sets:
        shared = [path for path in one.image_paths() if path.resolve() in learned]
        if shared:
            raise InputError(
                f"{one.path}: {len(shared)} of its images, first {shared[0]}, are those of "
                f"{learned[shared[0].resolve()]}, from which the model learned: calibrate it on others"
            )


def _judged_logits(
    model: HotspotModel, sets: Sequence[AnnotationSet]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """(images, actions) each: logits, whether the image affords the action, whether that is known."""
    predictor = HotspotPredictor(model)
    images = [(one, path) for one in sets for path in one.image_paths()]
    logits, afforded, judged = [], [], []
    for one, path in track(images, "scores"):
        own = {entry.action for entry in one.entries if entry.image == path}
        known = one.judged(path, own)
        predictor.set_image(read_image(path))
        scores = predictor.predict(top_k=0).all_scores
        clipped = np.clip(list(scores.values()), SMALLEST_SCORE, 1 - SMALLEST_SCORE)
        logits.append(np.log(clipped / (1 - clipped)))
        afforded.append([name in own for name in scores])
        judged.append([name in known for name in scores])
    if not np.any(judged):
        raise InputError(f"{sets[0].path}: no image says whether it affords {', '.join(model.actions)}")
    return np.array(logits), np.array(afforded), np.array(judged)


def _fitted(
    actions: Sequence[str], logits: NDArray[np.float64], afforded: NDArray[np.bool_], judged: NDArray[np.bool_]
) -> Calibration:
    x, y, known = torch.from_numpy(logits), torch.from_numpy(afforded).double(), torch.from_numpy(judged).double()
    log_scale = torch.zeros((), dtype=torch.float64, requires_grad=True)
    shifts = torch.zeros(len(actions), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_scale, shifts], max_iter=200, line_search_fn="strong_wolfe")

    def entropy() -> torch.Tensor:
        values = functional.binary_cross_entropy_with_logits(log_scale.exp() * x + shifts, y, reduction="none")
        return (values * known).sum()

    def step() -> torch.Tensor:
        optimizer.zero_grad()
        loss = entropy() + 0.5 * PRIOR * shifts.square().sum()
        loss.backward()
        return loss

    before = float(entropy().detach())
    optimizer.step(step)
    after, pairs = float(entropy().detach()), int(judged.sum())
    values = dict(zip(actions, shifts.tolist(), strict=True))
    return Calibration(float(log_scale.exp().detach()), values, pairs, before / pairs, after / pairs)
