"""The paper's backbone: an ImageNet ResNet whose last stages keep their resolution (output stride 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from torch import Tensor, nn

from hotspot_core.errors import InputError
from hotspot_core.model.backbone_contract import Backbone
from hotspot_core.model.config import Dilation as Dilation

if TYPE_CHECKING:
    from hotspot_core.model.torchvision_import import torchvision

OUTPUT_STRIDE = 8
STAGES = ("layer1", "layer2", "layer3", "layer4")


class ResNetBackbone(Backbone):
    """A torchvision ResNet up to a stage, at output stride 8.

    Maps images (B, 3, H, W), ImageNet-normalized, H and W multiples of 8, to features x of
    (B, channels, H / 8, W / 8), all >= 0.

    Stages 3 and 4 have stride 1. With the dilation layout `first_block` only the first block of each is dilated
    (by 2 and by 4), as in the paper's released checkpoints; with `every_block` all of them are, as in
    torchvision's `replace_stride_with_dilation`, which dilates the first block of a stage by the dilation of the
    stage before it and the others by the stage's own (1, 2, 2 ... and 2, 4, 4 ...).

    Args:
        network: a torchvision ResNet; its modules are taken over.
        stages: how many residual stages to keep: 4 is the whole network, 3 ends after `layer3`.
        dilation: the layout, see above.

    Raises:
        InputError: no such number of stages or dilation layout.
    """

    stride = OUTPUT_STRIDE
    # A strided convolution with symmetric padding centers its k-th output on input pixel stride * k.
    first_cell_center = 0.0

    def __init__(self, network: torchvision.models.ResNet, stages: int = 4, dilation: Dilation = "first_block") -> None:
        super().__init__()
        if not 2 <= stages <= len(STAGES):
            raise InputError(f"backbone stages {stages}: a stride of 8 needs 2, 3 or 4")
        self.stem = nn.Sequential(network.conv1, network.bn1, network.relu, network.maxpool)
        kept: list[nn.Sequential] = [getattr(network, stage) for stage in STAGES[:stages]]
        for index, stage in enumerate(kept[2:]):
            _keep_resolution(stage, 2 ** (index + 1), dilation)
        self.stages = nn.Sequential(*kept)
        self.channels = _last_convolution(kept[-1]).out_channels

    def forward(self, images: Tensor) -> Tensor:
        return cast(Tensor, self.stages(self.stem(images)))


def _keep_resolution(stage: nn.Sequential, dilation: int, layout: Dilation) -> None:
    """Gives a stage stride 1 and dilates its 3x3 convolutions according to the layout."""
    if layout not in ("first_block", "every_block"):
        raise InputError(f"unknown dilation layout {layout!r}: known are first_block, every_block")
    for index, block in enumerate(stage):
        first_block, other_blocks = (dilation, 1) if layout == "first_block" else (dilation // 2, dilation)
        rate = first_block if index == 0 else other_blocks
        for convolution in block.modules():
            if isinstance(convolution, nn.Conv2d):
                convolution.stride = (1, 1)
                if convolution.kernel_size == (3, 3):
                    convolution.dilation = convolution.padding = (rate, rate)


def _last_convolution(stage: nn.Sequential) -> nn.Conv2d:
    block = stage[-1]
    return cast(nn.Conv2d, block.conv3 if hasattr(block, "conv3") else block.conv2)
