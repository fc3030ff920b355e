"""The closed form of Eq. 4, written so that weights can learn from maps of many actions at once.

`hotspot_core.hotspots.closed_form` gives the same maps faster, without a gradient; `hotspot_core.hotspots.map_loss`
differentiates Eq. 4 automatically a second time and keeps every intermediate gradient of every action. Here the two
widest steps, into and out of the features' many channels, compute what their backward passes need anew, image by image
and action by action, in the processor's cache. Gates of ReLUs have no derivative, so the result is exact.

Batch normalization takes part with its running statistics, as in the model that is read out later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from hotspot_core.errors import InputError
from hotspot_core.model.anticipation import ConvBlock
from hotspot_core.model.hotspot_model import HotspotModel
from hotspot_core.model.place_head import PlaceHead

# Below the square of any activation that matters: keeps the slope of a root finite.
TINY = 1e-12


class TrainableHotspots(NamedTuple):
    """What images say, to learn from.

    Attributes:
        maps: (B, A, h, w) float32 >= 0, Eq. 4, not normalized.
        logits: (B, all actions) float32, those of the scores.
        cells: (B, all actions, h, w) float32, the place head's logits; None without one.
    """

    maps: Tensor
    logits: Tensor
    cells: Tensor | None


def trainable_hotspots(model: HotspotModel, features: Tensor, actions: Tensor) -> TrainableHotspots:
    """Eq. 4 for some actions of every image, and what else the model says of all actions.

    Args:
        model: whose F_ant begins and ends with 1x1 convolutions, as that of preset `robot`.
        features: x_I, (B, C, h, w); bfloat16 or float32, in which the wide steps are computed.
        actions: (A,) indices.

    Raises:
        InputError: F_ant has another form.
    """
    blocks = model.anticipation.blocks()
    if len(blocks) < 2 or any(block.convolution.kernel_size != (1, 1) for block in (blocks[0], blocks[-1])):
        raise InputError(
            f"F_ant of {model.config.anticipation}: its first and last convolution must be 1x1 to learn so"
        )
    height, width = features.shape[2:]
    dtype = features.dtype
    activations, weights = [features], []
    for block in blocks:
        weight, bias = _folded(block)
        weights.append(weight)
        convolved = functional.conv2d(
            activations[-1],
            weight.to(dtype),
            bias.to(dtype),
            padding=block.convolution.padding,
        )
        activations.append(convolved.relu())
    norm = (activations[-1].float().square().sum(dim=(2, 3)) + TINY).sqrt()
    count = float(height * width) if model.config.pooling == "mean" else 1.0
    step = model.classifier.first_step(norm / count**0.5)
    # What an image affords does not change where the maps look.
    pooled = (norm / count**0.5).detach()
    cells = None if model.places is None else _cells(model.places, features)
    affordance = model.affordance
    logits = model.classifier.linear(step.hidden).float() if affordance is None else affordance(pooled, cells)
    factors = model.classifier.logit_gradients(step, actions, torch.float32) / (norm * count**0.5)[:, None]
    gradient = _Narrow.apply(activations[-1].flatten(2), factors.to(dtype), weights[-1][:, :, 0, 0].to(dtype))
    gradient = _through_middle(gradient, weights[1:-1], activations[1:-1], (height, width))
    maps = _Widen.apply(gradient, weights[0][:, :, 0, 0].to(dtype), features.flatten(2))
    return TrainableHotspots(maps.unflatten(2, (height, width)), logits, cells)


def _cells(head: PlaceHead, features: Tensor) -> Tensor:
    with torch.autocast(features.device.type, features.dtype, enabled=features.dtype != torch.float32):
        return head(features).float()


def _through_middle(
    gradient: Tensor, weights: Sequence[Tensor], activations: Sequence[Tensor], grid_hw: tuple[int, int]
) -> Tensor:
    """(B, A, j, cells) behind the last layer but one -> behind the first, through gates and transposed convolutions."""
    gradient = gradient * _gate(activations[-1], gradient)
    for weight, activation in zip(reversed(weights), reversed(activations[:-1]), strict=True):
        images = gradient.flatten(0, 1).unflatten(2, grid_hw)
        passed = functional.conv_transpose2d(images, weight.to(images.dtype), padding=weight.shape[2] // 2)
        gradient = passed.flatten(2).unflatten(0, gradient.shape[:2]).to(gradient.dtype)
        gradient = gradient * _gate(activation, gradient)
    return gradient


def _gate(activation: Tensor, gradient: Tensor) -> Tensor:
    return (activation > 0).to(gradient.dtype).flatten(2)[:, None]


def _folded(block: ConvBlock) -> tuple[Tensor, Tensor]:
    """Weight and bias of a block's convolution with its batch normalization; gradients reach all four tensors."""
    norm = block.normalization
    assert norm.running_mean is not None
    gain = block.normalization_gain()
    bias = block.convolution.bias
    assert bias is not None
    return block.convolution.weight * gain[:, None, None, None], (bias - norm.running_mean) * gain + norm.bias


class _Narrow(torch.autograd.Function):
    """x~ (B, k, n), factors (B, A, k), weight (k, j) -> weight^T (x~ * factors): (B, A, j, n)."""

    @staticmethod
    def forward(ctx: Any, anticipated: Tensor, factors: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(anticipated, factors, weight)
        scaled = (weight * factors[..., None]).transpose(2, 3)
        return torch.stack([scaled[b] @ anticipated[b] for b in range(len(anticipated))])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        anticipated, factors, weight = ctx.saved_tensors
        to_anticipated, to_factors = torch.empty_like(anticipated), torch.empty_like(factors)
        to_weight = torch.zeros_like(weight, dtype=torch.float32)
        for b, gradient in enumerate(gradients[0]):
            scaled = (weight * factors[b][..., None]).transpose(0, 1).flatten(1)  # (k, A j)
            to_anticipated[b] = scaled @ gradient.flatten(0, 1)
            outer = (anticipated[b] @ gradient.flatten(0, 1).T).float().unflatten(1, gradient.shape[:2])  # (k, A, j)
            to_factors[b] = (outer * weight.float()[:, None]).sum(dim=2).T.to(factors.dtype)
            to_weight += (outer * factors[b].T.float()[..., None]).sum(dim=1)
        return to_anticipated, to_factors, to_weight.to(weight.dtype)


class _Widen(torch.autograd.Function):
    """Gradient (B, A, j, n), weight (j, k), x_I (B, k, n) -> sum over k of x_I ReLU(weight^T gradient): (B, A, n)."""

    @staticmethod
    def forward(ctx: Any, gradient: Tensor, weight: Tensor, features: Tensor) -> Tensor:
        ctx.save_for_backward(gradient, weight, features)
        transposed = weight.T.contiguous()
        maps = gradient.new_empty((*gradient.shape[:2], gradient.shape[3]), dtype=torch.float32)
        for b, actions in enumerate(gradient):
            for a, one in enumerate(actions):
                wide = (transposed @ one).relu_().mul_(features[b])
                torch.sum(wide, dim=0, dtype=torch.float32, out=maps[b, a])
        return maps

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        gradient, weight, features = ctx.saved_tensors
        transposed = weight.T.contiguous()
        to_gradient, to_weight = torch.empty_like(gradient), torch.zeros_like(weight, dtype=torch.float32)
        to_features = torch.zeros_like(features, dtype=torch.float32) if ctx.needs_input_grad[2] else None
        for b, actions in enumerate(gradient):
            for a, one in enumerate(actions):
                wide, outer = transposed @ one, gradients[0][b, a].to(gradient.dtype)
                if to_features is not None:
                    to_features[b] += wide.relu() * outer
                to_wide = (wide > 0).to(gradient.dtype).mul_(features[b]).mul_(outer)
                to_gradient[b, a] = weight @ to_wide
                to_weight += (one @ to_wide.T).float()
        return (
            to_gradient,
            to_weight.to(weight.dtype),
            None if to_features is None else to_features.to(features.dtype),
        )
