"""The plain way to Eq. 4, as research code does it: one backward pass per action. The benchmark's yardstick."""

from __future__ import annotations

import torch
from torch import Tensor

from hotspot_core.model.hotspot_model import HotspotModel


def backward_per_action(model: HotspotModel, images: Tensor, actions: int) -> Tensor:
    """Maps of the first `actions` actions by automatic differentiation, weight gradients included.

    The backbone runs without gradients, everything after it once forwards and once backwards per action.

    Args:
        images: (1, 3, H, W), normalized.

    Returns:
        (actions, h, w).
    """
    with torch.no_grad():
        features = model.backbone(images)
    features.requires_grad_()
    head = [*model.anticipation.parameters(), *model.classifier.parameters()]
    with torch.enable_grad():
        # A view: PyTorch's counter of FLOPs does not take a module whose input is what the gradient is asked for.
        pooled = model.pool(model.anticipation(features.view_as(features)))
        logits = model.classifier.linear(model.classifier.first_step(pooled).hidden)[0]
        maps = []
        for logit in logits[:actions]:
            gradient = torch.autograd.grad(logit, [features, *head], retain_graph=True, allow_unused=True)[0]
            maps.append((gradient * features).relu().sum(dim=1)[0].detach())
    return torch.stack(maps)
