"""The read-outs of a clip classifier are what automatic differentiation gives."""

from __future__ import annotations

import pytest
import torch
from oracle import pool, run_lstm

from hotspot_core import HotspotModel, InputError
from hotspot_core.hotspots.grad_cam import ReadOut, classifier_maps


@pytest.mark.parametrize("read_out", ["grad_cam", "eq4"])
def test_maps_equal_automatic_differentiation(robot: HotspotModel, read_out: ReadOut) -> None:
    """1. Two images, actions out of order. 2. The gradient at the features by autograd. 3. Grad-CAM's and Eq. 4's
    formulas on it. 4. Equal maps."""
    images = torch.randn(2, 3, 48, 64, generator=torch.Generator().manual_seed(0))
    actions = ["press", "open"]
    found = classifier_maps(robot, images, actions, read_out)
    assert found.shape == (2, 2, 6, 8)
    for image, maps in zip(images, found, strict=True):
        features = robot.backbone(image[None])[0].detach().requires_grad_()
        logits = robot.classifier.linear(run_lstm(robot, pool(robot, features)[None])[0])
        for action, heatmap in zip(actions, maps, strict=True):
            (gradient,) = torch.autograd.grad(logits[robot.actions.index(action)], features, retain_graph=True)
            gradient = gradient.nan_to_num()  # a channel that is 0 everywhere has no defined slope of its norm
            if read_out == "grad_cam":
                expected = (gradient.mean(dim=(1, 2), keepdim=True) * features).sum(dim=0).relu()
            else:
                expected = (gradient * features).relu().sum(dim=0)
            torch.testing.assert_close(heatmap, expected.detach(), rtol=1e-4, atol=1e-9)


def test_an_unknown_action_is_named(robot: HotspotModel) -> None:
    """A mistyped action is refused with the nearest name."""
    with pytest.raises(InputError, match="did you mean 'open'"):
        classifier_maps(robot, torch.zeros(1, 3, 32, 32), ["opne"])
