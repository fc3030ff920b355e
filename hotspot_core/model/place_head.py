"""The place head: of every cell of the grid and every action, whether the action can be done there."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from hotspot_core.model.anticipation import ConvBlock


class PlaceHead(nn.Module):
    """x_I (B, C, h, w) -> logits (B, actions, h, w), each action by itself.

    Eq. 4 says where in an image an action happens if it happens anywhere; its maps are relative. The head says how
    probable it is that a cell is such a place at all, so that points of different actions and images can be compared.
    Each cell sees its neighbors and, through the mean over the grid, the whole image.

    Args:
        channels: C.
        width: channels within.
        actions: number of actions.
    """

    def __init__(self, channels: int, width: int, actions: int) -> None:
        super().__init__()
        self.blocks = nn.Sequential(ConvBlock(channels, width, 1), ConvBlock(width, width, 3))
        self.context = nn.Linear(width, width)
        self.output = nn.Conv2d(width, actions, 1)
        # Places are rare.
        nn.init.constant_(cast(Tensor, self.output.bias), -3.0)

    def forward(self, features: Tensor) -> Tensor:
        cells = self.blocks(features)
        context = self.context(cells.mean(dim=(2, 3)))
        return cast(Tensor, self.output((cells + context[:, :, None, None]).relu()))


class ScoreLayer(nn.Linear):
    """What an image affords: a linear layer on P(x~_I), and the place head's most probable cell of each action.

    Args:
        channels: C, of P(x~_I).
        actions: number of actions.
        has_places: whether there is a place head.
    """

    def __init__(self, channels: int, actions: int, has_places: bool) -> None:
        super().__init__(channels, actions)
        self.place_gain = nn.Parameter(torch.ones(actions)) if has_places else None

    def forward(self, pooled: Tensor, cells: Tensor | None = None) -> Tensor:
        """P(x~_I) (B, C) and the place head's logits (B, actions, h, w) -> logits (B, actions) float32."""
        logits = super().forward(pooled).float()
        if self.place_gain is None:
            return logits
        assert cells is not None
        return logits + self.place_gain * cells.float().amax(dim=(2, 3))
