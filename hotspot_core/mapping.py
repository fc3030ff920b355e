"""Interaction hotspots: the paper's Eq. 4, exactly, in closed form and batched over images and actions.

    H_a = sum_k ReLU( d y_a / d x_I^k  *  x_I^k )

y_a is the logit of action a after F_ant, L2-pooling and one LSTM step; x_I^k the k-th channel of the backbone's
features. Plain automatic differentiation needs one backward pass per action. Here the gradient is written down:
the LSTM step and the pooling have small closed-form Jacobians, the ReLU masks of F_ant are shared by all actions,
and what remains is one transposed convolution per layer of F_ant for a batch of (image, action) pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from hotspot_core.errors import InputError, select_names
from hotspot_core.model.anticipation import ConvBlock
from hotspot_core.model.hotspot_model import HotspotModel

# Values of one gradient tensor held at a time: bounds memory whatever the number of actions.
GRADIENT_VALUES = 2**25


@dataclass(frozen=True)
class Hotspots:
    """Maps of a batch of images.

    Attributes:
        maps: (B, A, h, w) float32 >= 0, Eq. 4, not normalised.
        logits: (B, all actions of the model) float32.
        actions: the A names that `maps` follows.
    """

    maps: Tensor
    logits: Tensor
    actions: tuple[str, ...]


@torch.no_grad()
def interaction_hotspots(model: HotspotModel, images: Tensor, actions: Sequence[str] | None = None) -> Hotspots:
    """Where each action happens in each image.

    Args:
        model: in eval mode.
        images: (B, 3, H, W) float on the model's device, ImageNet-normalised, H and W multiples of 8.
        actions: names of actions; None for all.

    Raises:
        InputError: the model is in training mode, the images' shape is wrong, or an action is unknown.
    """
    if model.training:
        raise InputError("the model is in training mode: call model.eval() before asking for maps")
    stride = model.backbone.stride
    if images.ndim != 4 or images.shape[1] != 3 or images.shape[2] % stride or images.shape[3] % stride:
        raise InputError(f"images of shape {tuple(images.shape)}: give (B, 3, H, W), H and W multiples of {stride}")
    return hotspots_from_features(model, model.backbone(images), actions)


@torch.no_grad()
def hotspots_from_features(model: HotspotModel, features: Tensor, actions: Sequence[str] | None = None) -> Hotspots:
    """The same from the backbone's features x_I, (B, C, h, w)."""
    names = select_names("action", actions, model.actions)
    indices = torch.tensor([model.actions.index(name) for name in names], device=features.device)
    blocks = model.anticipation.blocks()
    activations = [features]
    for block in blocks:
        activations.append(block(activations[-1]))
    pooled = model.pool(activations[-1])
    step = model.classifier.first_step(pooled)
    pooled_gradients = model.classifier.logit_gradients(step, indices) * _pool_derivative(
        model, activations[-1], pooled
    )
    gates = [_gate(block, out) for block, out in zip(blocks, activations[1:], strict=True)]
    per_chunk = max(1, GRADIENT_VALUES // activations[-1].numel())
    maps = [_maps_of_chunk(model, activations, gates, chunk) for chunk in pooled_gradients.split(per_chunk, dim=1)]
    return Hotspots(torch.cat(maps, dim=1), model.classifier.linear(step.hidden).float(), names)


def _pool_derivative(model: HotspotModel, anticipated: Tensor, pooled: Tensor) -> Tensor:
    """d(P_k) / d(x_k) = x_k / (n P_k), n = 1 or h * w: its factor 1 / (n P_k), (B, 1, C); 0 where a channel is 0."""
    count = 1 if model.config.pooling == "sum" else anticipated.shape[2] * anticipated.shape[3]
    return torch.where(pooled > 0, 1 / (count * pooled), 0.0)[:, None]


def _gate(block: ConvBlock, output: Tensor) -> Tensor:
    """d(output) / d(convolved): the batch normalisation's gain where the ReLU is open, else 0. (B, C, h, w)."""
    return (output > 0) * block.normalisation_gain()[:, None, None]


def _maps_of_chunk(
    model: HotspotModel, activations: list[Tensor], gates: list[Tensor], pooled_gradients: Tensor
) -> Tensor:
    """(B, a, C) gradients at P's output -> (B, a, h, w) maps."""
    batch, actions = pooled_gradients.shape[:2]
    gradient = pooled_gradients[..., None, None] * activations[-1][:, None]
    for block, gate in zip(reversed(model.anticipation.blocks()), reversed(gates), strict=True):
        gated = (gradient * gate[:, None]).flatten(0, 1)
        convolution = block.convolution
        back = functional.conv_transpose2d(gated, convolution.weight, padding=convolution.kernel_size[0] // 2)
        gradient = back.unflatten(0, (batch, actions))
    return (gradient * activations[0][:, None]).relu().sum(dim=2).float()
