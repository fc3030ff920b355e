"""The geometry between an image and its heatmaps: the size of the network's input, where the cells of a map lie in the
image, and maps resampled to it.

Pixel coordinates follow OpenCV and sensor_msgs/CameraInfo: (0, 0) is the *center* of the top-left pixel. A `Region`
is measured in the same unit from the outer *corner* of that pixel, which lies at (-0.5, -0.5).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hotspot_core.errors import InputError

# No side of a network input gets shorter than this, however long and thin the image.
SHORTEST_SIDE = 32


@dataclass(frozen=True)
class Region:
    """The rectangle of an image, in its pixels, that a heatmap covers.

    It can reach over the image by less than one cell, see `heatmap_region`.
    """

    x: float
    y: float
    width: float
    height: float

    def to_pixels(self, column: float, row: float, grid_hw: tuple[int, int]) -> tuple[float, float]:
        """Pixel coordinates (x, y) of a place on a grid (h, w); (0, 0) is the center of the first cell."""
        height, width = grid_hw
        return (
            self.x + (column + 0.5) * self.width / width - 0.5,
            self.y + (row + 0.5) * self.height / height - 0.5,
        )


def network_input_size(image_hw: tuple[int, int], side: int, stride: int) -> tuple[int, int]:
    """Height and width to which the whole image is resized for the network.

    The image keeps its aspect ratio and gets about side * side pixels, whatever its shape: cost and the statistics
    of pooled features stay those of the square crops that the model was trained on, and nothing is cut off or
    padded. Both sides are multiples of `stride`, at least 32.

    Raises:
        InputError: an empty image.
    """
    height, width = image_hw
    if height < 1 or width < 1:
        raise InputError(f"an image of {height} x {width} pixels is empty: give positive sides")
    aspect = (height / width) ** 0.5
    limits = SHORTEST_SIDE, side * side // SHORTEST_SIDE // stride * stride
    sides = (round(side * factor / stride) * stride for factor in (aspect, 1 / aspect))
    resized_height, resized_width = (min(max(s, limits[0]), limits[1]) for s in sides)
    return resized_height, resized_width


def heatmap_region(
    image_hw: tuple[int, int], input_hw: tuple[int, int], stride: int, first_cell_center: float
) -> Region:
    """The region of the image covered by a heatmap of input_hw / stride cells.

    Args:
        first_cell_center: input pixel on which the first cell is centerd. For a ResNet 0, not (stride - 1) / 2: its
            cells are centerd on every `stride`-th pixel, and taking them for blocks of pixels would shift every
            point by almost half a cell.
    """
    offset = first_cell_center + 0.5 - stride / 2
    scale_y, scale_x = (image / network for image, network in zip(image_hw, input_hw, strict=True))
    return Region(offset * scale_x, offset * scale_y, float(image_hw[1]), float(image_hw[0]))


def resample(
    heatmaps: NDArray[np.float32], region: Region, image_hw: tuple[int, int], size_hw: tuple[int, int]
) -> NDArray[np.float32]:
    """Heatmaps (A, h, w) over `region` -> (A, *size_hw) over exactly the image, bilinear, edges continued.

    Raises:
        InputError: a side of `size_hw` is not positive.
    """
    if min(size_hw) < 1:
        raise InputError(f"heatmaps of {size_hw[0]} x {size_hw[1]} pixels: give positive sides")
    grid_height, grid_width = heatmaps.shape[1:]
    cells_x, cells_y = grid_width / region.width, grid_height / region.height
    step_x, step_y = image_hw[1] / size_hw[1] * cells_x, image_hw[0] / size_hw[0] * cells_y
    grid_from_output = np.array(
        [
            [step_x, 0, 0.5 * step_x - region.x * cells_x - 0.5],
            [0, step_y, 0.5 * step_y - region.y * cells_y - 0.5],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    resampled = [
        cv2.warpAffine(m, grid_from_output, size_hw[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)
        for m in heatmaps
    ]
    return np.stack(resampled) if resampled else np.zeros((0, *size_hw), np.float32)
