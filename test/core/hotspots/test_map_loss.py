"""The loss of maps on marked stills: it is the evaluation's, of the very maps that are read out, and it teaches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from evaluation.squares import ACTIONS, square_images
from torch import Tensor
from training.runs import write_small_set

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

from hotspot_core import HotspotModel, build_model, train
from hotspot_core.data.annotation_files import write_annotations
from hotspot_core.data.dataset import IMAGENET_MEAN, IMAGENET_STD
from hotspot_core.data.heatmaps import ground_truth
from hotspot_core.data.keypoint_images import KeypointImages
from hotspot_core.errors import InputError
from hotspot_core.evaluation.metrics import kld
from hotspot_core.hotspots.closed_form import interaction_hotspots
from hotspot_core.hotspots.map_loss import differentiable_hotspots, map_loss
from hotspot_core.hotspots.regions import heatmap_region, resample
from hotspot_core.model.checkpoint import read_info
from hotspot_core.training.hotspot_training import HotspotTraining


def test_the_maps_are_those_that_are_read_out(model: HotspotModel) -> None:
    """Up to one factor per image, the differentiable maps are Eq. 4 in closed form, for both presets."""
    images, actions = torch.randn(2, 3, 64, 96), torch.tensor([3, 0])
    expected = interaction_hotspots(model, images).maps[torch.arange(2), actions]
    with torch.enable_grad():
        found = differentiable_hotspots(model, model.backbone(images), actions).detach()
    assert found.shape == (2, 8, 12)
    torch.testing.assert_close(found / found.amax((1, 2), True), expected / expected.amax((1, 2), True))


def test_the_loss_is_the_divergence_that_the_evaluation_reports(robot: HotspotModel) -> None:
    """It is the KLD of the map, resampled to exactly the image as the evaluation does it."""
    images = torch.randn(1, 3, 64, 64)
    place = ground_truth([[20, 40], [24, 41]], (64, 64))
    found = map_loss(robot, images, torch.tensor([2]), torch.from_numpy(place)[None]).item()
    region = heatmap_region((64, 64), (64, 64), robot.backbone.stride, robot.backbone.first_cell_center)
    own_grid = interaction_hotspots(robot, images, [robot.actions[2]]).maps[0].numpy()
    (expected,) = kld(resample(own_grid, region, (64, 64), (28, 28)), place[None])
    assert found == pytest.approx(expected, rel=0.01)


def test_stills_without_a_mark_change_nothing() -> None:
    """1. Two marked stills, and the same two with a black one whose action is not marked, in training mode. 2. Loss and
    batch statistics of F_ant are the same. 3. Of a batch without any mark the loss is 0."""
    place = torch.from_numpy(ground_truth([[20, 40]], (64, 64)))
    keypoints = {
        "keypoints": torch.randn(2, 3, 64, 64),
        "action": torch.tensor([0, 1]),
        "place": place.expand(2, -1, -1),
    }
    empty = {"keypoints": torch.zeros(1, 3, 64, 64), "action": torch.tensor([0]), "place": torch.zeros(1, 28, 28)}
    found = []
    for batch in (keypoints, {name: torch.cat([keypoints[name], empty[name]]) for name in keypoints}):
        torch.manual_seed(0)
        training = HotspotTraining(["open", "close"], ["door"], has_keypoints=True)
        loss = training._map_divergence(batch).item()
        found.append([loss, training.model.anticipation.state_dict()["0.normalization.running_mean"].sum().item()])
    assert found[0] == pytest.approx(found[1], rel=1e-5)
    assert found[0][0] > 0
    assert training._map_divergence(empty).item() == 0


def test_it_teaches_where_to_look(tmp_path: Path) -> None:
    """1. Pictures of a red and a blue square, marked with an action each. 2. Sixty steps with this loss alone. 3. On
    new pictures the strongest cell for an action is within a cell of its square, for most."""
    torch.manual_seed(0)
    model = build_model("robot", ACTIONS, backbone_weights="imagenet", hidden_size=32)
    stills = KeypointImages([square_images(tmp_path / "train", count=24)])
    optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=2e-3)
    rng = np.random.default_rng(0)
    for _ in range(60):
        actions = torch.arange(8) % 2
        drawn = [stills.draw(ACTIONS[a], rng, 64) for a in actions]
        places = torch.stack([torch.from_numpy(place) for _, place in drawn])
        loss = map_loss(model, _tensor([picture for picture, _ in drawn]), actions, places).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    hits = []
    test = KeypointImages([square_images(tmp_path / "test", count=12, seed=1)])
    for index, action in enumerate(ACTIONS):
        for _ in range(12):
            picture, place = test.draw(action, rng, 64)
            own_grid = interaction_hotspots(model.eval(), _tensor([picture])).maps[0, index].numpy()
            row, column = np.unravel_index(own_grid.argmax(), own_grid.shape)
            true_row, true_column = np.unravel_index(place.argmax(), place.shape)
            # The centre of a cell of the model's grid is at every eighth pixel; a cell of the truth is 64 / 28 pixels.
            distance = np.hypot(8 * row - (true_row + 0.5) * 64 / 28, 8 * column - (true_column + 0.5) * 64 / 28)
            hits.append(distance < 10)
    assert np.mean(hits) > 0.8


def _tensor(pictures: list[np.ndarray]) -> Tensor:
    scaled = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
    return (scaled - torch.tensor(IMAGENET_MEAN)[:, None, None]) / torch.tensor(IMAGENET_STD)[:, None, None]


def test_a_run_learns_from_images_with_keypoints_too(tmp_path: Path) -> None:
    """1. A run with annotated images logs the new loss and says in its metadata what it learned from. 2. Actions
    without one are learned from clips alone. 3. Files with other actions or without points are refused."""
    configuration = write_small_set(tmp_path)
    keypoints = tmp_path / "set" / "test_seen.json"
    arguments = ["fit", *configuration, "--trainer.max_epochs", "1"]
    train.main([*arguments, "--data.keypoints", f"[{keypoints}]", "--output", str(tmp_path / "run")])
    training = read_info(tmp_path / "run" / "model.safetensors").training
    assert 0 < training["results"]["train/map"] < 14
    assert training["configuration"]["data"]["keypoints"] == [str(keypoints)]
    squares = square_images(tmp_path / "squares", count=2)
    arguments += ["--data.keypoints", f"[{squares.path}]"]
    train.main([*arguments, "--trainer.precision", "bf16-mixed", "--output", str(tmp_path / "few")])
    arguments += ["--output", str(tmp_path / "none")]
    write_annotations(squares.path, ["juggle"], [replace(entry, action="juggle") for entry in squares.entries])
    with pytest.raises(InputError, match=r"images\.json annotates juggle: none of"):
        train.main(arguments)
    write_annotations(squares.path, ACTIONS, [replace(entry, points=np.zeros((0, 2))) for entry in squares.entries])
    with pytest.raises(InputError, match=r"images\.json: no entry has points or a map"):
        train.main(arguments)
