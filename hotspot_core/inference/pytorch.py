"""The runtime for checkpoints: PyTorch."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor

from hotspot_core.hotspots.closed_form import Encoding
from hotspot_core.inference.network import HotspotNetwork
from hotspot_core.inference.precision import precision_name, select_precision
from hotspot_core.inference.runtime import Floats, Outputs, Pixels
from hotspot_core.model.hotspot_model import HotspotModel, scores_of
from hotspot_core.utils.memory import keep_freed_memory
from hotspot_core.utils.threads import warn_if_too_late

# Selections of actions whose indices stay on the device.
KEPT_SELECTIONS = 256


class TorchRuntime:
    """PyTorch.

    Args:
        model: in eval mode, see `HotspotNetwork`.
        precision: see `select_precision`.

    Raises:
        InputError: the device does not support the precision.
    """

    name = "pytorch"
    fixed_size: tuple[int, int] | None = None

    def __init__(self, model: HotspotModel, precision: str = "fp32") -> None:
        self.config = model.config
        self._device = next(model.parameters()).device
        self.device = str(self._device)
        self.stride = model.backbone.stride
        self.first_cell_center = model.backbone.first_cell_center
        dtype = select_precision(precision, self._device)
        self.precision = precision_name(dtype)
        self.network = HotspotNetwork(model, dtype)
        if self._device.type == "cpu":
            keep_freed_memory()
            warn_if_too_late()
        self._indices: dict[tuple[int, ...], Tensor] = {}

    @torch.inference_mode()
    def encode(self, pixels: Pixels, *, keep: bool = False) -> Any:
        return self.network.encode(torch.from_numpy(pixels).to(self.device))

    @torch.inference_mode()
    def scores(self, encoding: Any) -> Floats:
        return _to_numpy(scores_of(encoding.logits, self.config.scores))

    @torch.inference_mode()
    def maps(self, encoding: Any, indices: list[int]) -> Outputs:
        values = _to_numpy(self._outputs(encoding, self._on_device(indices)))
        actions, kinds = len(self.config.actions), 2 if self.config.place_channels else 1
        grids = values[:, actions:].reshape(len(values), kinds, len(indices), *encoding.features.shape[1:3])
        return Outputs(values[:, :actions], *grids.swapaxes(0, 1))

    def _outputs(self, encoding: Encoding, indices: Tensor) -> Tensor:
        """All in one tensor (B, n): one copy to the host."""
        scores = scores_of(encoding.logits, self.config.scores)
        if not len(indices):
            return scores
        parts = [scores, self.network.maps(encoding, indices).flatten(1)]
        if self.config.place_channels:
            parts.append(encoding.cells[:, indices].sigmoid().flatten(1))
        return torch.cat(parts, dim=1)

    def _on_device(self, indices: list[int]) -> Tensor:
        """Kept, so that a frame copies nothing but its image."""
        key = tuple(indices)
        if key not in self._indices:
            if len(self._indices) >= KEPT_SELECTIONS:
                self._indices.clear()
            self._indices[key] = torch.tensor(indices, dtype=torch.long, device=self.device)
        return self._indices[key]


def _to_numpy(values: Tensor) -> Floats:
    return cast(Floats, values.cpu().numpy())
