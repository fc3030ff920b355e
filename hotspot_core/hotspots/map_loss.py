"""A loss for maps: the mapping of Eq. 4, differentiated once more, against annotated keypoints."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from hotspot_core.model.hotspot_model import HotspotModel

# Added to a map of sum 1: what a cell that the map leaves out costs is bounded.
EPSILON = 1e-6


def map_loss(model: HotspotModel, images: Tensor, actions: Tensor, targets: Tensor) -> Tensor:
    """KL divergence of ground truth from the hotspots of annotated images, as the evaluation measures it.

    Args:
        images: (B, 3, H, W) float, ImageNet-normalized.
        actions: (B,) int, the action whose map of each image is compared.
        targets: (B, g, g) ground truth over exactly the images, of sum 1.

    Returns:
        (B,) float32.
    """
    maps = differentiable_hotspots(model, model.backbone(images), actions)
    maps = over_images(model, maps[:, None], images.shape[2:], targets.shape[1:]).flatten(1)
    maps = maps / maps.sum(dim=1, keepdim=True).clamp_min(torch.finfo(maps.dtype).tiny)
    targets = targets.flatten(1)
    return (targets * ((targets + EPSILON).log() - (maps + EPSILON).log())).sum(dim=1)


def differentiable_hotspots(model: HotspotModel, features: Tensor, actions: Tensor) -> Tensor:
    """Eq. 4 up to a factor, by automatic differentiation, so that the weights can learn from the map.

    Args:
        features: x_I, (B, C, h, w).
        actions: (B,) int, one action for each image.

    Returns:
        (B, h, w) float32 >= 0.
    """
    if not features.requires_grad:
        features = features.detach().requires_grad_()
    pooled = model.pool(model.anticipation(features))
    logits = model.classifier.linear(model.classifier.first_step(pooled).hidden).float()
    # The gradient of a pooled logit gets smaller with the grid, which float16 would round to 0.
    logit = logits[torch.arange(len(actions), device=actions.device), actions].sum() * features[0, 0].numel()
    (gradient,) = torch.autograd.grad(logit, features, create_graph=True)
    return (gradient.float() * features.float()).relu().sum(dim=1)


def over_images(model: HotspotModel, maps: Tensor, image_hw: Sequence[int], grid_hw: Sequence[int]) -> Tensor:
    """Maps (B, A, h, w) on the model's own grid -> (B, A, *grid_hw) over exactly the images, bilinear, edges continued.

    `hotspot_core.hotspots.regions.resample` for tensors that are learned from.
    """
    offset = model.backbone.first_cell_center + 0.5 - model.backbone.stride / 2
    shift = [-2 * offset / side for side in (image_hw[1], image_hw[0])]
    affine = maps.new_tensor([[[1, 0, shift[0]], [0, 1, shift[1]]]])
    places = functional.affine_grid(affine, [1, 1, *grid_hw], align_corners=False)
    places = places.expand(len(maps), -1, -1, -1)
    return functional.grid_sample(maps, places, padding_mode="border", align_corners=False)
