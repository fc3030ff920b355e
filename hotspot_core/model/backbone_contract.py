"""What every backbone is."""

from __future__ import annotations

from typing import ClassVar

from torch import nn


class Backbone(nn.Module):
    """Maps images (B, 3, H, W), ImageNet-normalised, H and W multiples of `stride`, to features x of
    (B, channels, H / stride, W / stride), all >= 0, as Eq. 4 takes them.

    Attributes:
        channels: number of channels of x.
        stride: pixels of the image per cell of x.
        first_cell_center: the pixel, counted from 0, on which the first cell is centred; the k-th cell is centred on
            `first_cell_center` + k * `stride`. Heatmaps are laid over the image by it.
    """

    channels: int
    stride: ClassVar[int]
    first_cell_center: ClassVar[float]
