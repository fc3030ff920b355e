"""What the compared networks see with: layers of a network that was trained on ImageNet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, cast

import torch
from torch import Tensor, nn

from hotspot_core.errors import InputError, select_names
from hotspot_core.model.backbone import EFFICIENTNET_LITE, RESNETS, build_backbone
from hotspot_core.model.efficientnet_lite import EfficientNetLiteBackbone
from hotspot_core.model.resnet import ResNetBackbone
from hotspot_core.model.torch_file import read_torch_file
from hotspot_core.model.torchvision_import import torchvision

# "top" is the last layer, "multi_level" three layers of falling resolution, "deep" the layers of the last stage.
Taps = Literal["top", "multi_level", "deep"]

VGGS = ("vgg16", "vgg19")
ENCODERS = (EFFICIENTNET_LITE, *RESNETS, *VGGS)

# Places in torchvision's `features`: the pooling before the last stage, and the tapped layers: pool3, pool4 and conv5;
# and for VGG-19 those of DeepGaze II, conv5_1, relu5_1, relu5_2, conv5_3 and relu5_4.
_LAST_POOLING = {"vgg16": 23, "vgg19": 27}
_VGG_TAPS: dict[str, dict[str, tuple[int, ...]]] = {
    "vgg16": {"top": (29,), "multi_level": (16, 23, 29), "deep": (24, 25, 27, 28, 29)},
    "vgg19": {"top": (35,), "multi_level": (18, 27, 35), "deep": (28, 29, 31, 32, 35)},
}


class Encoder(nn.Module):
    """Images (B, 3, H, W), ImageNet-normalized -> the tapped features, all of (B, C_i, H / stride, W / stride).

    Args:
        name: "efficientnet_lite0", a torchvision ResNet, "vgg16" or "vgg19".
        taps: which layers.
        weights: "imagenet", another name or a file, see `build_backbone`; None for random ones.
        frozen: keep weights and batch statistics.
        stride: 8, or 16 as VGG has it.
        inputs: channels of the images; weights for other numbers than 3 start as the mean over RGB.

    Attributes:
        channels: C_i.

    Raises:
        InputError: an unknown encoder, or weights that cannot be had.
    """

    def __init__(
        self,
        name: str = EFFICIENTNET_LITE,
        taps: Taps = "top",
        weights: str | None = "imagenet",
        frozen: bool = True,
        stride: int = 8,
        inputs: int = 3,
    ) -> None:
        super().__init__()
        select_names("encoder", [name], ENCODERS)
        self.frozen = frozen
        self.stride = stride if name in VGGS else 8
        layers, self.taps = _vgg(name, taps, weights, stride) if name in VGGS else _backbone(name, taps, weights)
        self.layers = nn.ModuleList(layers)
        if inputs != 3:
            _widen_input(self.layers, inputs)
        self.inputs = inputs
        self.layers.requires_grad_(not frozen)
        self.channels = self._tapped_channels()

    def train(self, mode: bool = True) -> Encoder:
        super().train(mode)
        if self.frozen:
            self.layers.eval()
        return self

    def forward(self, images: Tensor) -> list[Tensor]:
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen):
            return list(self._tapped(images))

    def _tapped(self, features: Tensor) -> Iterator[Tensor]:
        for index, layer in enumerate(self.layers):
            features = layer(features)
            if index in self.taps:
                yield features

    def _tapped_channels(self) -> tuple[int, ...]:
        self.layers.eval()
        with torch.no_grad():
            return tuple(level.shape[1] for level in self._tapped(torch.zeros(1, self.inputs, 32, 32)))


def _backbone(name: str, taps: Taps, weights: str | None) -> tuple[list[nn.Module], tuple[int, ...]]:
    lite = name == EFFICIENTNET_LITE
    backbone = build_backbone(name, 5 if lite else 4, "first_block", weights)
    if isinstance(backbone, EfficientNetLiteBackbone):
        # The ends of stages 3 and 4 and the expansion; the three blocks of stage 5 and the expansion.
        levels = {"top": (12,), "multi_level": (5, 8, 12), "deep": (9, 10, 11, 12)}
        return [backbone.stem, *backbone.blocks, backbone.expansion], levels[taps]
    assert isinstance(backbone, ResNetBackbone)
    stages = [list(cast(nn.Sequential, stage)) for stage in backbone.stages]
    ends = [sum(map(len, stages[: k + 1])) for k in range(len(stages))]
    levels = {"top": (ends[3],), "multi_level": tuple(ends[1:]), "deep": tuple(range(ends[2] + 1, ends[3] + 1))}
    return [backbone.stem, *(block for stage in stages for block in stage)], levels[taps]


def _vgg(name: str, taps: Taps, weights: str | None, stride: int) -> tuple[list[nn.Module], tuple[int, ...]]:
    places = _VGG_TAPS[name][taps]
    layers = list(_torchvision_vgg(name, weights).features)[: max(places) + 1]
    for layer in layers:
        if isinstance(layer, nn.ReLU):
            layer.inplace = False  # what is tapped before it must stay as it is
    if stride == 8:
        # As MLNet has it: the last pooling keeps the resolution. All values are >= 0, so zeros pad it like nothing.
        layers[_LAST_POOLING[name]] = nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.MaxPool2d(2, stride=1))
    return layers, places


def _torchvision_vgg(name: str, weights: str | None) -> torchvision.models.VGG:
    file = Path(weights) if weights is not None and weights != "imagenet" and not weights.isidentifier() else None
    published = None if file is not None else ("DEFAULT" if weights == "imagenet" else weights)
    own = None if file is None else read_torch_file(file, f"weights of {name}")
    try:
        network = torchvision.models.get_model(name, weights=published)
        if own is not None:
            network.load_state_dict(own)
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"the weights {weights!r} of {name} cannot be had ({str(error).splitlines()[0]}): name a local file of "
            f"torchvision's with --encoder-weights FILE, or use --encoder {EFFICIENTNET_LITE}"
        ) from error
    return network


def _widen_input(layers: nn.ModuleList, inputs: int) -> None:
    """Makes the first convolution take `inputs` channels, each with the mean over RGB, scaled to the same sum."""
    first = next(module for module in layers.modules() if isinstance(module, nn.Conv2d))
    mean = first.weight.data.mean(dim=1, keepdim=True)
    first.weight = nn.Parameter(mean.expand(-1, inputs, -1, -1) * 3 / inputs)
    first.in_channels = inputs
