"""The whole model prepared to run: pixels -> `Encoding` -> maps, in one number format."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hotspot_core.inference.convolutions import Algorithm
from hotspot_core.inference.folding import folded
from hotspot_core.mapping import Encoding, HotspotMapping
from hotspot_core.model.hotspot_model import HotspotModel


class HotspotNetwork(nn.Module):
    """A model's inference, with batch normalisation folded into the convolutions.

    It keeps copies of the backbone and F_ant: later changes of the model do not reach it.

    Args:
        model: in eval mode.
        dtype: float32, or bfloat16 or float16 where the device has them.
        algorithm: of F_ant's 3x3 convolutions; None for the fastest on the device: cuDNN's on CUDA, else Winograd's.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self, model: HotspotModel, dtype: torch.dtype = torch.float32, algorithm: Algorithm | None = None
    ) -> None:
        super().__init__()
        device = next(model.parameters()).device
        with torch.no_grad():
            backbone: nn.Module = folded(model.backbone).to(dtype)
            self.backbone = backbone.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
            self.mapping = HotspotMapping(
                model, dtype, algorithm or ("direct" if device.type == "cuda" else "winograd")
            )
        for name, values in (("mean", model.config.mean), ("std", model.config.std)):
            self.register_buffer(name, torch.tensor(values, device=device) * 255, persistent=False)
        self.dtype = dtype

    def encode(self, pixels: Tensor) -> Encoding:
        """(B, H, W, 3) uint8 RGB, H and W multiples of the stride -> what maps need."""
        normalised = ((pixels - self.mean) / self.std).to(self.dtype)
        return self.mapping.encode(self.backbone(normalised.permute(0, 3, 1, 2)))

    def maps(self, encoding: Encoding, indices: Tensor) -> Tensor:
        """Eq. 4 for actions given by (A,) indices: (B, A, h, w) float32."""
        return self.mapping.maps(encoding, indices)
