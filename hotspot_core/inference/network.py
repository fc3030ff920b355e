"""The whole model prepared to run: pixels -> `Encoding` -> maps, in one number format."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hotspot_core.hotspots.closed_form import ClosedFormHotspots, Encoding
from hotspot_core.hotspots.convolutions import Algorithm
from hotspot_core.model.folding import folded
from hotspot_core.model.hotspot_model import HotspotModel


class HotspotNetwork(nn.Module):
    """A model's inference.

    In float32 the forward pass is the model's own, layer by layer and bit for bit (it shares the model's modules), so
    that its ReLU gates are. In smaller formats it runs on copies with batch normalisation folded in, channels last.

    Args:
        model: in eval mode, and not changed any more.
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
        self.backbone: nn.Module = model.backbone
        with torch.no_grad():
            if dtype != torch.float32:
                backbone: nn.Module = folded(model.backbone).to(dtype)
                self.backbone = backbone.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
            fastest: Algorithm = "direct" if device.type == "cuda" else "winograd"
            self.mapping = ClosedFormHotspots(model, dtype, algorithm or fastest)
        for name, values in (("mean", model.config.mean), ("std", model.config.std)):
            self.register_buffer(name, torch.tensor(values, device=device) * 255, persistent=False)
        self.dtype = dtype

    def encode(self, pixels: Tensor) -> Encoding:
        """(B, H, W, 3) uint8 RGB, H and W multiples of the stride -> what maps need."""
        return self.mapping.encode(self.backbone(self.normalized(pixels)))

    def normalized(self, pixels: Tensor) -> Tensor:
        """(B, H, W, 3) uint8 -> the backbone's input, (B, 3, H, W)."""
        channels_first = ((pixels - self.mean) / self.std).to(self.dtype).permute(0, 3, 1, 2)
        return channels_first.contiguous() if self.dtype == torch.float32 else channels_first

    def maps(self, encoding: Encoding, indices: Tensor) -> Tensor:
        """Eq. 4 for actions given by (A,) indices: (B, A, h, w) float32."""
        return self.mapping.maps(encoding, indices)
