"""A hotspot model as methods: the anticipated hotspots, and what its clip classifier alone shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import torch

from hotspot_core.baselines.annotated_images import squeezed
from hotspot_core.data.annotations import Annotation
from hotspot_core.evaluation.method import Image, Maps, Method, Supervision
from hotspot_core.hotspots.closed_form import interaction_hotspots
from hotspot_core.hotspots.grad_cam import classifier_maps
from hotspot_core.hotspots.regions import heatmap_region, network_input_size, resample
from hotspot_core.model.checkpoint import load_model, read_info
from hotspot_core.model.hotspot_model import HotspotModel

ReadOut = Literal["hotspots", "grad_cam", "eq4"]
READ_OUTS: Mapping[ReadOut, str] = {
    "grad_cam": "LSTM+Grad-CAM",
    "eq4": "LSTM+Eq. 4",
    "hotspots": "Interaction hotspots",
}


class HotspotMethod(Method):
    """A trained model, read out with the paper's Eq. 4 through F_ant, or on the clip classifier alone.

    Images keep their aspect ratio and get as many pixels as in training, as `HotspotPredictor` does.

    Args:
        model: in eval mode.
        read_out: "hotspots", or "grad_cam" or "eq4" for the clip classifier without F_ant.
        name: of the row; None for the read-out's.
        supervision: what the model learned from.
    """

    def __init__(
        self,
        model: HotspotModel,
        read_out: ReadOut = "hotspots",
        name: str | None = None,
        provenance: str = "",
        supervision: Supervision = "action labels",
    ) -> None:
        self.model = model
        self.read_out = read_out
        self.name = name or READ_OUTS[read_out]
        self.actions = model.actions
        self.provenance = provenance
        self.supervision = supervision

    def __call__(self, image: Image, actions: Sequence[str], entry: Annotation | None = None) -> Maps:
        backbone, config = self.model.backbone, self.model.config
        image_hw = (image.shape[0], image.shape[1])
        size = network_input_size(image_hw, config.input_size, backbone.stride)
        images = squeezed(image, size)[None].to(next(self.model.parameters()).device)
        if self.read_out == "hotspots":
            maps = interaction_hotspots(self.model, images, actions).maps
        else:
            maps = classifier_maps(self.model, images, actions, self.read_out)
        region = heatmap_region(image_hw, size, backbone.stride, backbone.first_cell_center)
        return resample(maps[0].cpu().numpy(), region, image_hw, (maps.shape[2], maps.shape[3]))


def hotspot_methods(
    source: str | Path, read_outs: Sequence[ReadOut], device: str | torch.device | None = None, name: str | None = None
) -> list[HotspotMethod]:
    """The wanted read-outs of a checkpoint.

    Raises:
        InputError: the checkpoint or the device cannot be used.
    """
    info = read_info(source)
    model = load_model(source, device)
    state = f"{info.name}, sha256 {info.sha256[:12]}{'' if info.trained else ', untrained'}"
    titles = {read_out: f"{READ_OUTS[read_out]} ({name})" if name else None for read_out in read_outs}
    supervision: Supervision = "action maps" if info.learned_keypoints else "action labels"
    return [HotspotMethod(model, read_out, titles[read_out], state, supervision) for read_out in read_outs]
