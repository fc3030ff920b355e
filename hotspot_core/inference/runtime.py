"""What runs a model behind the predictor: arrays in, arrays out. It is read without PyTorch."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from hotspot_core.model.config import ModelConfig

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


class Outputs(NamedTuple):
    """What a model says of B images and A actions.

    Attributes:
        scores: (B, all actions) in [0, 1], see `ModelConfig.scores`.
        maps: (B, A, h, w) >= 0, Eq. 4, not normalized.
        places: (B, A, h, w) in [0, 1], the place head's probabilities; None without one.
    """

    scores: Floats
    maps: Floats
    places: Floats | None = None


class Runtime(Protocol):
    """A model that can be run.

    Attributes:
        name: of the runtime: "pytorch", "openvino", "onnxruntime" or "aotinductor".
        precision: of its computation: "fp32", "bf16" or "fp16".
        config: of the model; its `actions` are those that it has scores and maps for.
        device: where it runs: "cpu", "cuda:0", "gpu" ...
        stride, first_cell_center: of its grid, see `heatmap_region`.
        fixed_size: (height, width) of the only input that it takes; None for any multiple of the stride.
    """

    name: str
    precision: str
    config: ModelConfig
    device: str
    stride: int
    first_cell_center: float
    fixed_size: tuple[int, int] | None

    def encode(self, pixels: Pixels, *, keep: bool = False) -> Any:
        """All that no action changes, computed once.

        Args:
            pixels: (B, H, W, 3) uint8 RGB.
            keep: whether other images may be encoded before the last use of this encoding.

        Returns:
            What `scores` and `maps` take.
        """

    def scores(self, encoding: Any) -> Floats:
        """(B, all actions) in [0, 1], see `ModelConfig.scores`."""

    def maps(self, encoding: Any, indices: list[int]) -> Outputs:
        """Scores as above, and what there is of the actions at `indices`."""
