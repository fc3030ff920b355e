"""The backbone for robots: EfficientNet-Lite0, whose last stages keep their resolution (output stride 8)."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from hotspot_core.errors import InputError
from hotspot_core.model.backbone_contract import Backbone
from hotspot_core.model.depthwise import DepthwiseConvolution

OUTPUT_STRIDE = 8

# Kernel size, stride, expansion and channels of the blocks of each stage, and their number (Tan and Le, ICML 2019,
# table 1, without squeeze-and-excitation and with ReLU6, as in the "Lite" release).
STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)


class MBConv(nn.Module):
    """Inverted residual: 1x1 expansion, depthwise convolution, linear 1x1 projection."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int, dilation: int) -> None:
        super().__init__()
        inner = inputs * expansion
        layers = [] if expansion == 1 else [_convolution(inputs, inner, 1)]
        layers.append(_convolution(inner, inner, kernel, stride, groups=inner, dilation=dilation))
        layers.append(_convolution(inner, outputs, 1, activation=None))
        self.layers = nn.Sequential(*layers)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, features: Tensor) -> Tensor:
        change = cast(Tensor, self.layers(features))
        return features + change if self.residual else change


class EfficientNetLiteBackbone(Backbone):
    """EfficientNet-Lite0 up to a stage, and the expansion of the block after it, at output stride 8.

    Maps images (B, 3, H, W), ImageNet-normalized, H and W multiples of 8, to features x of
    (B, channels, H / 8, W / 8), all in [0, 6]. A stage ends in a linear layer, whose values have both signs; the
    expansion that follows it is where the network itself makes them >= 0.

    Stages 4 to 6 have stride 1; what follows the place of a missing stride is dilated by 2, and by 4 after the
    second. Padding is symmetric: features are those of the released network on an image shifted by 7 pixels.

    Args:
        stages: how many stages to keep, 3 to 6.
    """

    stride = OUTPUT_STRIDE
    # A strided convolution with symmetric padding centers its k-th output on input pixel stride * k.
    first_cell_center = 0.0

    def __init__(self, stages: int = 5) -> None:
        super().__init__()
        if not 3 <= stages < len(STAGES):
            raise InputError(f"backbone stages {stages}: efficientnet_lite0 at a stride of 8 needs 3, 4, 5 or 6")
        self.stem = _convolution(3, 32, 3, stride=2)
        blocks: list[nn.Module] = []
        inputs, reached, dilation = 32, 2, 1
        for kernel, stride, expansion, outputs, repeats in STAGES[:stages]:
            for block in range(repeats):
                step = stride if block == 0 and reached < OUTPUT_STRIDE else 1
                blocks.append(MBConv(inputs, outputs, kernel, step, expansion, dilation))
                if block == 0 and stride > step:
                    dilation *= stride
                inputs, reached = outputs, reached * step
        self.blocks = nn.Sequential(*blocks)
        self.channels = inputs * STAGES[stages][2]
        self.expansion = _convolution(inputs, self.channels, 1)

    def forward(self, images: Tensor) -> Tensor:
        return cast(Tensor, self.expansion(self.blocks(self.stem(images))))

    def load_released(self, weights: dict[str, Tensor]) -> None:
        """Takes the weights of the whole network under the names of its PyTorch release.

        Raises:
            InputError: a weight is missing or has another shape.
        """
        released = dict(_released_names(self))
        missing = [name for name in released.values() if name not in weights]
        if missing:
            raise InputError(f"these are no weights of EfficientNet-Lite0: {missing[0]} is missing")
        state = {own: weights[name] for own, name in released.items()}
        try:
            self.load_state_dict(state)
        except RuntimeError as error:
            raise InputError(f"these are no weights of EfficientNet-Lite0: {str(error).splitlines()[-1]}") from error


def _convolution(
    inputs: int,
    outputs: int,
    kernel: int,
    stride: int = 1,
    groups: int = 1,
    dilation: int = 1,
    activation: type[nn.ReLU6] | None = nn.ReLU6,
) -> nn.Sequential:
    # As torchvision's Conv2dNormActivation, whose import takes longer than all the rest of the library's.
    padding = (kernel - 1) // 2 * dilation
    build = DepthwiseConvolution if groups > 1 else nn.Conv2d
    layers: list[nn.Module] = [
        build(inputs, outputs, kernel, stride, padding, dilation, groups, bias=False),
        nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01),
    ]
    return nn.Sequential(*layers, *([] if activation is None else [activation(inplace=True)]))


def _released_names(backbone: EfficientNetLiteBackbone) -> list[tuple[str, str]]:
    """(our name, released name) of every tensor."""
    places = [("stem", "", "_conv_stem", "_bn0")]
    for index, block in enumerate(backbone.blocks):
        count = len(cast(MBConv, block).layers)
        parts = [("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")][-count:]
        places += [(f"blocks.{index}.layers.{k}", f"_blocks.{index}.", *part) for k, part in enumerate(parts)]
    places.append(("expansion", f"_blocks.{len(backbone.blocks)}.", "_expand_conv", "_bn0"))
    tensors = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    return [
        pair
        for own, prefix, convolution, norm in places
        for pair in [
            (f"{own}.0.weight", f"{prefix}{convolution}.weight"),
            *((f"{own}.1.{tensor}", f"{prefix}{norm}.{tensor}") for tensor in tensors),
        ]
    ]
