"""The trainable closed form is Eq. 4, and its gradients are those of automatic differentiation."""

from __future__ import annotations

import pytest
import torch

from hotspot_core import HotspotModel, InputError, build_model
from hotspot_core.hotspots.closed_form import interaction_hotspots
from hotspot_core.hotspots.map_loss import differentiable_hotspots
from hotspot_core.hotspots.trainable import trainable_hotspots


def test_it_is_the_closed_form(robot: HotspotModel) -> None:
    """Maps of chosen actions, and logits of all, are those that are read out."""
    images = torch.randn(2, 3, 64, 96)
    expected = interaction_hotspots(robot, images)
    maps, logits, cells = trainable_hotspots(robot, robot.backbone(images), torch.tensor([2, 0]))
    torch.testing.assert_close(maps, expected.maps[:, [2, 0]], rtol=2e-3, atol=1e-5 * float(expected.maps.max()))
    torch.testing.assert_close(logits, expected.logits)
    assert cells is None


def test_its_gradients_are_those_of_automatic_differentiation(robot: HotspotModel) -> None:
    """1. A random function of one action's maps, by either way. 2. Its derivatives by every weight of F_ant and
    classifier and by the features agree."""
    # Of some draws rounding flips the ReLU of a gradient that is almost 0, which moves the cells around it.
    torch.manual_seed(2)
    features = torch.rand(2, robot.backbone.channels, 6, 8)
    weights = torch.rand(2, 6, 8)
    learned = [*robot.anticipation.parameters(), *robot.classifier.parameters()]
    found = []
    for closed_form in (True, False):
        x = features.clone().requires_grad_()
        with torch.enable_grad():
            for parameter in learned:
                parameter.requires_grad_()
            if closed_form:
                maps = trainable_hotspots(robot, x, torch.tensor([1]))[0][:, 0] * (6 * 8)
            else:
                maps = differentiable_hotspots(robot, x, torch.tensor([1, 1]))
            found.append(torch.autograd.grad((maps * weights).sum(), [x, *learned], allow_unused=True))
    for ours, expected in zip(*found, strict=True):
        if expected is None:
            assert ours is None or not ours.any()
        else:
            assert ours is not None
            torch.testing.assert_close(ours, expected, rtol=2e-3, atol=1e-3 * float(expected.abs().max()))


def test_another_form_of_the_anticipation_is_refused() -> None:
    """A model whose F_ant begins with a 3x3 convolution is named, not computed wrongly."""
    model = build_model("robot", ["open"], anticipation=((8, 3), (672, 1))).eval()
    with pytest.raises(InputError, match="must be 1x1"):
        trainable_hotspots(model, torch.rand(1, 672, 4, 4), torch.tensor([0]))
