"""Models that several tests share, with random weights and random batch statistics."""

from __future__ import annotations

from typing import cast

import pytest
import torch
from torch import Tensor, nn

import hotspot_core.model.torchvision_import  # noqa: F401 - before any test imports Lightning or torchmetrics
from hotspot_core import HotspotModel, build_model

ACTIONS = ("open", "close", "pull", "push", "press", "rotate", "lift")


def randomize_statistics(model: HotspotModel) -> HotspotModel:
    """Batch statistics as after training: none of mean 0 and variance 1, which would hide mistakes."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(cast(Tensor, module.running_mean), -0.1, 0.1)
            nn.init.uniform_(cast(Tensor, module.running_var), 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.1, 0.1)
    return model.eval()


@pytest.fixture(scope="session")
def robot() -> HotspotModel:
    torch.manual_seed(1)
    return randomize_statistics(build_model("robot", ACTIONS))


@pytest.fixture(scope="session")
def paper() -> HotspotModel:
    torch.manual_seed(2)
    model = randomize_statistics(build_model("paper", ACTIONS))
    # The sums that P takes over the grid saturate an LSTM of random weights, and no digit of its gradients is left.
    cast(Tensor, model.classifier.lstm.all_weights[0][0]).data /= 50
    return model


@pytest.fixture(scope="session")
def narrow_paper() -> HotspotModel:
    """Preset `paper` with an eighth of the channels between the two layers of F_ant, and of its cost."""
    torch.manual_seed(2)
    model = randomize_statistics(build_model("paper", ACTIONS, anticipation=((256, 3), (2048, 3))))
    cast(Tensor, model.classifier.lstm.all_weights[0][0]).data /= 50
    return model


@pytest.fixture(params=["robot", "narrow_paper", pytest.param("paper", marks=pytest.mark.slow)])
def model(request: pytest.FixtureRequest) -> HotspotModel:
    return request.getfixturevalue(request.param)
