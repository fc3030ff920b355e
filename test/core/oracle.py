"""Plain implementations, one sample and one action at a time, that the library is held against."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from hotspot_core.model.hotspot_model import HotspotModel


def pool(model: HotspotModel, features: Tensor) -> Tensor:
    """(C, h, w) -> (C,): the L2 norm, or root mean square, of each channel."""
    squares = features.square().sum(dim=(1, 2))
    if model.config.pooling == "mean":
        squares = squares / (features.shape[1] * features.shape[2])
    return squares.sqrt()


def run_lstm(model: HotspotModel, sequence: Tensor) -> Tensor:
    """(T, C) -> hidden states (T, hidden), with torch's own LSTM from the learned initial state."""
    classifier = model.classifier
    state = classifier.initial_hidden[None, None], classifier.initial_cell[None, None]
    return classifier.lstm(sequence[None], state)[0][0]


def still_logits(model: HotspotModel, features: Tensor) -> Tensor:
    """Logits (actions,) of one still image from its backbone features (C, h, w)."""
    anticipated = model.anticipation(features[None])[0]
    return model.classifier.linear(run_lstm(model, pool(model, anticipated)[None])[0])


def hotspots(model: HotspotModel, images: Tensor, actions: list[str]) -> tuple[Tensor, Tensor]:
    """Eq. 4 by automatic differentiation: maps (B, A, h, w), logits (B, all actions)."""
    maps, logits = [], []
    for image in images:
        features = model.backbone(image[None])[0].detach().requires_grad_()
        y = still_logits(model, features)
        logits.append(y.detach())
        for action in actions:
            (gradient,) = torch.autograd.grad(y[model.actions.index(action)], features, retain_graph=True)
            maps.append((gradient * features).relu().sum(dim=0).detach())
    return torch.stack(maps).unflatten(0, (len(images), len(actions))), torch.stack(logits)


def losses(
    model: HotspotModel,
    frames: Tensor,
    lengths: Tensor,
    inactive: Tensor,
    action: Tensor,
    negative: Tensor | None,
) -> dict[str, list[float]]:
    """The three losses of each sample of a batch, written sample by sample from the paper's text."""
    result: dict[str, list[float]] = {"cls": [], "ant": [], "aux": []}
    for index in range(len(frames)):
        clip = frames[index, : lengths[index]]
        target = action[index]
        pooled = torch.stack([pool(model, model.backbone(frame[None])[0]) for frame in clip])
        logits = model.classifier.linear(run_lstm(model, pooled))
        result["cls"].append(functional.cross_entropy(logits[-1], target).item())
        active = pooled[logits.log_softmax(dim=1)[:, target].argmax()]
        features = model.backbone(inactive[index, None])[0]
        anticipated = pool(model, model.anticipation(features[None])[0])
        result["aux"].append(functional.cross_entropy(still_logits(model, features), target).item())
        if negative is None:
            result["ant"].append(0.1 * (anticipated - active).square().mean().item())
        else:
            other = pool(model, model.backbone(negative[index, None])[0])
            a, p, n = (v / v.norm() for v in (anticipated, active, other))
            result["ant"].append(max(0.0, (a - p).norm().item() - (a - n).norm().item() + 0.5))
    return result
