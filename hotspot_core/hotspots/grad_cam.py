"""Maps of a clip classifier on an inactive image, without anticipation: Grad-CAM, and the paper's Eq. 4 for comparison.

The baseline "LSTM+Grad-CAM" of the paper is trained on clips alone. Of an inactive image it takes one LSTM step on
P(x_I). P being a norm, the gradient at the features is d y_a / d x^k = c_ak x^k with one number c_ak per channel, so
neither read-out needs a backward pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from hotspot_core.errors import select_names
from hotspot_core.model.hotspot_model import HotspotModel

ReadOut = Literal["grad_cam", "eq4"]


@torch.no_grad()
def classifier_maps(
    model: HotspotModel, images: Tensor, actions: Sequence[str] | None = None, read_out: ReadOut = "grad_cam"
) -> Tensor:
    """Where a clip classifier looks for each action.

    Args:
        model: in eval mode; its F_ant is left out.
        images: (B, 3, H, W) float, ImageNet-normalized, H and W multiples of the backbone's stride.
        actions: names of actions; None for all.
        read_out: "grad_cam" for ReLU(sum_k w_ak x^k), w_ak the mean of the gradient over the grid (Selvaraju et al.,
            ICCV 2017, Eq. 1 and 2); "eq4" for sum_k ReLU(d y_a / d x^k * x^k).

    Returns:
        (B, A, h, w) float32 >= 0, not normalized.

    Raises:
        InputError: an unknown action.
    """
    names = select_names("action", actions, model.actions)
    indices = torch.tensor([model.actions.index(name) for name in names], device=images.device)
    features = model.backbone(images)
    pooled = model.pool(features)
    cells = features.shape[2] * features.shape[3]
    count = 1 if model.config.pooling == "sum" else cells
    slopes = model.classifier.logit_gradients(model.classifier.first_step(pooled), indices)
    coefficients = slopes * torch.where(pooled > 0, 1 / (count * pooled), 0.0)[:, None]
    if read_out == "eq4":
        return torch.einsum("bak,bkhw->bahw", coefficients.relu(), features.square())
    weights = coefficients * features.mean(dim=(2, 3))[:, None]
    return torch.einsum("bak,bkhw->bahw", weights, features).relu()
