"""Losses that tell actions apart: on maps of several actions of the same images, and on what the images afford.

All take maps (B, A, n) >= 0 of Eq. 4 over n cells, in units of their usual value, and ground truth `places` (B, A, n)
of sum 1 per map, or 0 where the image does not afford the action; `afforded` and `judged` (B, A) are 1 or 0: whether
the image affords an action, and whether that is known.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

# Added to the sum of a map, and to a map of sum 1, see `hotspot_core.hotspots.map_loss`.
EPSILON = 1e-6
# Relative to a place's maximum: cells that belong to it, and cells that certainly do not.
INSIDE, OUTSIDE = 0.3, 0.05
# How many times a cell of a place counts against one outside.
PLACE_WEIGHT = 5.0
# How many times more a cell counts in which another action happens.
OTHERS_WEIGHT = 2.0
# Added to a map before the logarithm.
FLOOR = 1e-4


def map_divergence(maps: Tensor, places: Tensor, afforded: Tensor) -> Tensor:
    """Mean KL divergence of the places from the maps of the actions that images afford; 0 where they afford none."""
    predicted = normalized(maps)
    divergence = (places * ((places + EPSILON).log() - (predicted + EPSILON).log())).sum(dim=2)
    return _mean(divergence, afforded)


def misplaced_mass(maps: Tensor, places: Tensor, afforded: Tensor, judged: Tensor, all_places: Tensor) -> Tensor:
    """How much a map of an action that an image does not afford lies on places of other actions: mean -log(1 - mass).

    Args:
        all_places: (B, all actions, n) places of every action of the images, not only of those that have maps.
    """
    inside = relative(all_places).amax(dim=1)
    mass = (normalized(maps) * inside[:, None]).sum(dim=2)
    elsewhere = (1 - afforded) * judged * (inside.amax(dim=1) > 0)[:, None]
    return _mean(-(1 - mass).clamp_min(1e-3).log(), elsewhere)


def action_contrast(log_maps: Tensor, places: Tensor, judged: Tensor) -> Tensor:
    """Cross-entropy between the actions of a cell and the softmax over actions of its log map, mean over cells of
    places in images of which all actions are judged."""
    inside = (relative(places) > INSIDE).float()
    labels = inside / inside.sum(dim=1, keepdim=True).clamp_min(1)
    cells = inside.amax(dim=1) * judged.amin(dim=1, keepdim=True)
    return _mean(-(labels * functional.log_softmax(log_maps, dim=1)).sum(dim=1), cells)


def cell_detection(logits: Tensor, places: Tensor, judged: Tensor) -> Tensor:
    """Binary cross-entropy of every cell's logit: does it belong to a place of the action? Cells between clearly
    inside and clearly outside do not count."""
    closeness = relative(places)
    labels = (closeness > INSIDE).float()
    weights = (
        torch.where(labels > 0, PLACE_WEIGHT, 1.0) * ((closeness > INSIDE) | (closeness < OUTSIDE)) * judged[..., None]
    )
    return _mean(functional.binary_cross_entropy_with_logits(logits, labels, reduction="none"), weights)


def place_detection(logits: Tensor, all_places: Tensor, judged: Tensor) -> Tensor:
    """Binary cross-entropy of every cell's logit of the place head: how close is it to a place of the action?

    Cells near a place count more than others, and so do places of other actions, which an action is mistaken for.

    Args:
        logits: (B, all actions, n).
        all_places: (B, all actions, n).
        judged: (B, all actions).
    """
    closeness = relative(all_places)
    others = closeness.amax(dim=1, keepdim=True)
    weights = (1 + (PLACE_WEIGHT - 1) * closeness + OTHERS_WEIGHT * (others - closeness)) * judged[..., None]
    return _mean(functional.binary_cross_entropy_with_logits(logits, closeness, reduction="none"), weights)


def affordance_loss(logits: Tensor, afforded: Tensor, judged: Tensor) -> Tensor:
    """Mean binary cross-entropy of the actions' logits (B, A): each action by itself is afforded or not."""
    return _mean(functional.binary_cross_entropy_with_logits(logits, afforded, reduction="none"), judged)


def normalized(maps: Tensor) -> Tensor:
    """Maps (B, A, n) of sum 1, of less where they hardly have one."""
    return maps / (maps.sum(dim=2, keepdim=True) + EPSILON)


def relative(places: Tensor) -> Tensor:
    """Places (B, A, n) divided by their maximum, 0 everywhere where there is no place."""
    return places / places.amax(dim=2, keepdim=True).clamp_min(1e-9)


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    return (values * weights).sum() / weights.sum().clamp_min(1)
