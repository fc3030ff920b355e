"""3x3 convolutions in a quarter of the multiplications (Winograd's minimal filtering, F(4x4, 3x3)).

Shmuel Winograd, "Arithmetic Complexity of Computations", 1980; Lavin and Gray, "Fast Algorithms for Convolutional
Neural Networks", CVPR 2016. Each 4x4 tile of the output is a sum over channels of 36 products per channel, of a
transformed 6x6 tile of the input and the transformed filter, where the direct sum takes 144. It is the same function:
float32 stays within 2e-6 of it. The interpolation points are 0, 1, -1, 1/2, -2 and infinity, which round several times
less than the usual 0, 1, -1, 2, -2 (Barabasz et al., "Error Analysis and Improving the Accuracy of Winograd
Convolution for Deep Neural Networks", 2020).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

TILE = 4
KERNEL = 3
PATCH = TILE + KERNEL - 1
PART = 2**18
POINTS = (0.0, 1.0, -1.0, 0.5, -2.0)


class WinogradConvolution(nn.Module):
    """A 3x3 convolution of stride 1 and padding 1, without bias: (N, h, w, in) -> (N, h, w, out).

    Args:
        weight: (out, in, 3, 3).
        dtype: of the products; their sums are rounded to it as well.
    """

    weight: Tensor
    patch_transform: Tensor
    tile_transform: Tensor

    def __init__(self, weight: Tensor, dtype: torch.dtype) -> None:
        super().__init__()
        outputs, inputs = weight.shape[:2]
        to_tile, of_kernel, of_patch = (np.kron(m, m) for m in _one_dimensional())
        kernels = weight.permute(2, 3, 1, 0).reshape(KERNEL * KERNEL, -1)
        transform = torch.as_tensor(of_kernel, device=weight.device).to(weight.dtype)
        transformed = torch.empty(PATCH * PATCH, inputs * outputs, dtype=dtype, device=weight.device)
        # In parts: the whole before its rounding to `dtype` would be four times the weights.
        for part, result in zip(kernels.split(PART, dim=1), transformed.split(PART, dim=1), strict=True):
            result.copy_(transform @ part)
        self.register_buffer("weight", transformed.view(-1, inputs, outputs), persistent=False)
        for name, matrix in (("patch_transform", of_patch), ("tile_transform", to_tile)):
            self.register_buffer(name, torch.as_tensor(matrix, device=weight.device).to(dtype), persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        return self.tiles(self.multiply(self.patches(features)), features.shape[1:3])

    def patches(self, features: Tensor) -> Tensor:
        """The transformed patches of (N, h, w, in): (36, N * tiles, in)."""
        height, width, channels = features.shape[1:]
        bottom, right = (-size % TILE + 1 for size in (height, width))
        padded = functional.pad(features, (0, 0, 1, right, 1, bottom))
        patches = padded.unfold(1, PATCH, TILE).unfold(2, PATCH, TILE).permute(4, 5, 0, 1, 2, 3)
        return (self.patch_transform @ patches.reshape(PATCH * PATCH, -1)).view(PATCH * PATCH, -1, channels)

    def multiply(self, patches: Tensor) -> Tensor:
        """(36, n, in) -> (36, n, out): where the time goes."""
        return torch.bmm(patches, self.weight)

    def tiles(self, products: Tensor, size_hw: torch.Size) -> Tensor:
        """(36, N * tiles, out) -> (N, h, w, out)."""
        height, width = size_hw
        rows, columns = (-(-size // TILE) for size in size_hw)
        tiles = (self.tile_transform @ products.flatten(1)).view(TILE, TILE, -1, rows, columns, products.shape[2])
        whole = tiles.permute(2, 3, 0, 4, 1, 5).reshape(-1, rows * TILE, columns * TILE, products.shape[2])
        return whole[:, :height, :width]


def _one_dimensional() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The matrices A^T (4, 6), G (6, 3) and B^T (6, 6) of A^T [(G g) * (B^T d)], after Toom and Cook."""
    finite = len(POINTS)
    to_tile, of_kernel, of_patch = np.zeros((TILE, PATCH)), np.zeros((PATCH, KERNEL)), np.zeros((PATCH, PATCH))
    for index, point in enumerate(POINTS):
        others = [other for other in POINTS if other != point]
        to_tile[:, index] = point ** np.arange(TILE)
        of_kernel[index] = point ** np.arange(KERNEL) / np.prod(point - np.array(others))
        of_patch[index, :finite] = np.polynomial.polynomial.polyfromroots(others)
    to_tile[-1, -1] = of_kernel[-1, -1] = 1  # the point at infinity
    of_patch[-1] = np.polynomial.polynomial.polyfromroots(POINTS)
    return to_tile, of_kernel, of_patch
