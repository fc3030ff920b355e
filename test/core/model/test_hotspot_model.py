"""The model's losses, presets and dilation layouts."""

from __future__ import annotations

import dataclasses
from typing import Literal

import pytest
import torch
from oracle import losses

from hotspot_core import HotspotModel, InputError, build_model
from hotspot_core.model.resnet import ResNetBackbone


def batch() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return {
        "frames": torch.randn(3, 4, 3, 32, 32, generator=generator),
        "lengths": torch.tensor([4, 1, 3]),
        "inactive": torch.randn(3, 3, 32, 32, generator=generator),
        "action": torch.tensor([6, 0, 3]),
    }


@pytest.mark.parametrize("kind", ["mse", "triplet"])
def test_losses_equal_the_sample_by_sample_oracle(model: HotspotModel, kind: Literal["mse", "triplet"]) -> None:
    """Padded clips of three lengths; both forms of the anticipation loss; both presets; each loss to 1e-4."""
    model.config = dataclasses.replace(model.config, anticipation_loss=kind)
    negative = torch.randn(3, 3, 32, 32) if kind == "triplet" else None
    with torch.no_grad():
        found = model.losses(**batch(), negative=negative)
        expected = losses(model, **batch(), negative=negative)
    model.config = dataclasses.replace(model.config, anticipation_loss="mse")
    assert set(found) == {"cls", "ant", "aux"}
    for name, values in expected.items():
        torch.testing.assert_close(found[name], torch.tensor(values), rtol=1e-4, atol=1e-5)


def test_padding_does_not_matter(robot: HotspotModel) -> None:
    """Whatever stands in the padding, the losses are the same."""
    inputs = batch()
    with torch.no_grad():
        before = robot.losses(**inputs)
        inputs["frames"][1, 1:] = 100.0
        after = robot.losses(**inputs)
    for name in before:
        torch.testing.assert_close(before[name], after[name])


def test_gradients_reach_every_trainable_weight() -> None:
    """Backbone, F_ant, LSTM, its initial state and the linear layer all learn; nothing is NaN."""
    model = build_model("robot", ["a", "b", "c", "d", "e", "f", "g"], freeze_backbone=False)
    torch.stack(list(model.losses(**batch()).values())).mean().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name


def test_frozen_backbone_keeps_weights_and_statistics() -> None:
    """1. A frozen backbone stays in eval mode under train(). 2. A training step leaves its whole state as it was."""
    model = build_model("robot", ["open", "close"], freeze_backbone=True).train()
    assert not model.backbone.training
    assert model.anticipation.training
    before = {name: value.clone() for name, value in model.backbone.state_dict().items()}
    inputs = batch() | {"action": torch.tensor([0, 1, 1])}
    torch.stack(list(model.losses(**inputs).values())).mean().backward()
    assert all(p.grad is None for p in model.backbone.parameters())
    assert all(torch.equal(before[name], value) for name, value in model.backbone.state_dict().items())


def test_dilation_layouts() -> None:
    """`first_block` dilates one block of stages 3 and 4; `every_block` is torchvision's own layout."""

    def rates(model: HotspotModel) -> list[list[int]]:
        assert isinstance(model.backbone, ResNetBackbone)
        stages = [model.backbone.stages[index].children() for index in (2, 3)]
        return [[block.get_submodule("conv2").dilation[0] for block in stage] for stage in stages]  # type: ignore

    with torch.device("meta"):
        assert rates(build_model("paper", ["open"])) == [[2, 1, 1, 1, 1, 1], [4, 1, 1]]
        assert rates(build_model("paper", ["open"], dilation="every_block")) == [[1, 2, 2, 2, 2, 2], [2, 4, 4]]


@pytest.mark.parametrize(("preset", "channels"), [("paper", 2048), ("robot", 672)])
def test_presets_have_output_stride_8(preset: str, channels: int) -> None:
    """224x224 images give 28x28 features, and the configuration says what was built."""
    with torch.device("meta"):
        model = build_model(preset, ["open", "close"])
        features = model.eval().backbone(torch.zeros(1, 3, 224, 224))
    assert features.shape == (1, channels, 28, 28)
    assert model.config.preset == preset
    assert model.actions == ("open", "close")


def test_wrong_model_options_are_named() -> None:
    """Mistyped preset, option, backbone, action list and missing negatives each give one clear error."""
    with pytest.raises(InputError, match="unknown preset 'robto': did you mean 'robot'"):
        build_model("robto", ["open"])
    with pytest.raises(InputError, match="unknown model option 'hiden_size': did you mean 'hidden_size'"):
        build_model("robot", ["open"], hiden_size=3)
    with pytest.raises(InputError, match="unknown backbone 'alexnet'"):
        build_model("robot", ["open"], backbone="alexnet")
    with pytest.raises(InputError, match="give a list of names"):
        build_model("robot", "open")
    with pytest.raises(InputError, match="each once"):
        build_model("robot", ["open", "open"])
    model = build_model("robot", ["a", "b", "c", "d", "e", "f", "g"], anticipation_loss="triplet")
    with pytest.raises(InputError, match="needs `negative`"):
        model.losses(**batch())
