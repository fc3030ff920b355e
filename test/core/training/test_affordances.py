"""`python -m hotspot_core.train_affordances`: images with all their places teach where, and what is not afforded."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

from hotspot_core import HotspotPredictor, InputError, build_model, calibrate, load_model, save_model, train_affordances
from hotspot_core.data.affordance_images import AffordanceImages
from hotspot_core.data.annotation_files import read_annotations, write_annotations
from hotspot_core.data.annotations import Annotation, EmptyImage
from hotspot_core.training import affordance_losses as losses
from hotspot_core.training.affordance_data import AffordanceData
from hotspot_core.training.affordance_training import AffordanceTraining
from hotspot_core.utils import command_line

ACTIONS = ["open", "press", "pour"]
# Of `pour` there is no example.
LEARNED = ["open", "press"]
SIDE = 64


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images with a red square to open, a blue one to press, or nothing; whether one can pour is known of half."""
    folder = tmp_path_factory.mktemp("squares")
    rng = np.random.default_rng(0)
    entries, empty, complete = [], [], {}
    for index in range(18):
        image = rng.integers(90, 130, (SIDE, SIDE, 3)).astype(np.uint8)
        path = folder / f"{index:02d}.png"
        if index % 3 < 2:
            x, y = rng.integers(4, SIDE - 20, 2)
            image[y : y + 16, x : x + 16] = ((200, 20, 20), (20, 20, 200))[index % 3]
            points = np.array([[x + 8.0, y + 8.0]])
            entries.append(Annotation(path, ACTIONS[index % 3], "square", (SIDE, SIDE), points))
        else:
            empty.append(EmptyImage(path, (SIDE, SIDE)))
        if index % 2:
            complete[path] = ["open", "press"]
        cv2.imwrite(str(path), image[..., ::-1])
    write_annotations(folder / "squares.json", ACTIONS, entries, empty, complete)
    return folder / "squares.json"


def test_an_item_says_what_is_afforded_and_what_is_known(squares: Path) -> None:
    """1. Places have a sum of 1 exactly where the action is afforded. 2. `pour` is judged where the file says so. 3.
    The same number gives the same item, another epoch another one."""
    images = AffordanceImages([read_annotations(squares)], ACTIONS, items=40, size=32, augmentation="flip")
    judged = []
    for index in range(40):
        item = images[index]
        assert item["image"].shape == (3, 32, 32)
        torch.testing.assert_close(item["places"].sum(dim=(1, 2)), item["afforded"])
        assert item["judged"][:2].all()
        assert not item["afforded"][2]
        judged.append(bool(item["judged"][2]))
    assert 8 < sum(judged) < 32
    again = AffordanceImages([read_annotations(squares)], ACTIONS, items=40, size=32, augmentation="flip")
    assert torch.equal(images[3]["image"], again[3]["image"])
    again.set_epoch(1)
    assert not torch.equal(images[3]["image"], again[3]["image"])


def test_broken_images_are_left_out_and_later_ones_replaced(
    squares: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """1. Of eighteen images one with a place and one that affords nothing are damaged: the run refuses them while
    `max_broken_fraction` is less. 2. Where it may be more, they are left out. 3. Another vanishes after that check:
    two processes replace it wherever it is drawn, the other items stay what they were, and it is told and counted."""
    folder = tmp_path / "squares"
    shutil.copytree(squares.parent, folder)
    for name in ("00.png", "02.png"):
        (folder / name).write_bytes(b"damaged")
    options: dict[str, Any] = {
        "keypoints": [str(folder / squares.name)],
        "actions": LEARNED,
        "size": 32,
        "augmentation": "flip",
    }
    data = AffordanceData(**options, images_per_epoch=40, max_broken_fraction=0.1)
    with pytest.raises(InputError, match="2 images are missing or broken, for more than 10%"):
        data.setup("fit")
    data = AffordanceData(**options, images_per_epoch=40, max_broken_fraction=0.2)
    data.setup("fit")
    assert "2 images are missing or broken and left out" in capfd.readouterr().err
    before = [data.images[index]["image"] for index in range(40)]
    assert not data.failures()[0].failed
    (folder / "01.png").unlink()
    after = [item["image"] for item in DataLoader(data.images, batch_size=None, num_workers=2)]
    changed = sum(not torch.equal(a, b) for a, b in zip(before, after, strict=True))
    (found,) = data.failures()
    assert found.failed == 1
    assert 0 < changed <= found.replaced < 20
    assert capfd.readouterr().err.count("an image fails and is replaced by another one") == 1
    shutil.rmtree(folder)
    with pytest.raises(InputError, match="10 images in a row cannot be read"):
        data.images[0]


def test_losses_by_hand() -> None:
    """On maps of two actions over four cells each loss is what its definition gives."""
    places = torch.tensor([[[1.0, 0, 0, 0], [0, 0, 0, 0]]])
    afforded, judged = torch.tensor([[1.0, 0.0]]), torch.ones(1, 2)
    perfect = torch.tensor([[[5.0, 0, 0, 0], [0, 1.0, 1.0, 0]]])
    assert losses.map_divergence(perfect, places, afforded).item() == pytest.approx(0, abs=1e-4)
    even = torch.ones(1, 2, 4)
    assert losses.map_divergence(even, places, afforded).item() == pytest.approx(np.log(4), abs=1e-4)
    assert losses.misplaced_mass(perfect, places, afforded, judged, places).item() == pytest.approx(0, abs=1e-6)
    assert losses.misplaced_mass(even, places, afforded, judged, places).item() == pytest.approx(
        -np.log(0.75), abs=1e-5
    )
    assert losses.misplaced_mass(even, places, afforded, afforded, places).item() == 0  # not known: no loss
    assert losses.action_contrast(torch.zeros(1, 2, 4), places, judged).item() == pytest.approx(np.log(2))
    assert losses.cell_detection(torch.zeros(1, 2, 4), places, judged).item() == pytest.approx(np.log(2))
    assert losses.affordance_loss(torch.zeros(1, 2), afforded, judged).item() == pytest.approx(np.log(2))


def test_a_run_learns_what_is_afforded_and_goes_on(squares: Path, tmp_path: Path) -> None:
    """1. Two epochs lower the loss of what is afforded, and leave a model. 2. It goes on where it stopped, and says
    what it learned from. 3. Weights that fit no files are one line."""
    options = [
        *f"--data.actions [{','.join(LEARNED)}] --data.batch_size 6 --data.images_per_epoch 36 --data.size 32".split(),
        *[
            "--data.workers",
            "0",
            "--data.augmentation",
            "flip",
            "--model.learning_rate",
            "3e-3",
            "--model.ramp_steps",
            "0",
        ],
        *["--trainer.accelerator", "cpu", "--trainer.enable_progress_bar", "false", "--trainer.logger", "false"],
    ]
    data = ["--data.keypoints", f"[{squares}]"]
    output = ["--output", str(tmp_path / "run")]
    train_affordances.main(["fit", *options, *data, *output, "--trainer.max_epochs", "2"])
    first = load_model(tmp_path / "run" / "model.safetensors", "cpu")
    assert first.actions == tuple(LEARNED)
    resumed = ["--trainer.max_epochs", "3", "--resume"]
    train_affordances.main(["fit", *options, *data, *output, *resumed])
    second = load_model(tmp_path / "run" / "model.safetensors", "cpu")
    changed = [not torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True)]
    assert any(changed)
    other = ["--data.weights", "[1,2]", "--output", str(tmp_path / "other")]
    with pytest.raises(InputError, match="give one number, 0 or more, for each of 1 sets"):
        train_affordances.main(["fit", *options, *data, *other])


def test_parts_of_a_backbone_that_learns_stay_as_they_are() -> None:
    """By whole names: `blocks.1` is not `blocks.10`; the rest learns."""
    learning = AffordanceTraining(list(LEARNED), backbone_learning_rate=1e-4, backbone_frozen=["stem", "blocks.1"])
    weights = learning.model.backbone.named_parameters()
    frozen = {".".join(name.split(".")[:2]) for name, weight in weights if not weight.requires_grad}
    assert frozen == {"stem.0", "stem.1", "blocks.1"}


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("--data.batch_size=-2", "data.batch_size -2: give a whole number of at least 1"),
        ("--data.images_per_epoch=3", "data.images_per_epoch 3: give a whole number of at least 16"),
        ("--data.workers=-1", "data.workers -1: give a whole number of at least 0"),
        ("--data.size=0", "data.size 0: give a whole number of at least 32"),
        ("--data.seed=-1", "data.seed -1: give a whole number of at least 0"),
        (
            "--data.actions=[open,pour]",
            "no place of pour in SQUARES: nothing can be learned of it; annotate some, or leave it out of data.actions",
        ),
        ("--data.weights=[.nan]", "weights [nan]: give one number, 0 or more, for each of 1 sets"),
        ("--model.learning_rate=-1", "model.learning_rate -1: give a number above 0"),
        ("--model.backbone_learning_rate=-1", "model.backbone_learning_rate -1: give a number of at least 0"),
        (
            "--model.backbone_frozen=[stam]",
            "model.backbone_frozen stam: the backbone has no such part; it has "
            + ", ".join(
                ["stem.0", "stem.1", *(f"blocks.{index}" for index in range(11)), "expansion.0", "expansion.1"]
            ),
        ),
        ("--model.weight_decay=.nan", "model.weight_decay nan: give a number of at least 0"),
        ("--model.contrast_weight=-1", "model.contrast_weight -1: give a number of at least 0"),
        ("--model.maps_per_step=0", "model.maps_per_step 0: give a whole number of at least 1"),
        ("--model.ramp_steps=-1", "model.ramp_steps -1: give a whole number of at least 0"),
        ("--model.seed=-1", "model.seed -1: give a whole number of at least 0"),
    ],
)
def test_numbers_out_of_range_are_named(
    squares: Path, tmp_path: Path, option: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2 and one line, before the first step."""
    arguments = ["fit", "--data.keypoints", f"[{squares}]", "--data.actions", f"[{','.join(LEARNED)}]", option]
    arguments += ["--trainer.accelerator", "cpu", "--trainer.logger", "false", "--data.augmentation", "flip"]
    assert command_line.run(train_affordances.main, [*arguments, "--output", str(tmp_path / "run")]) == 2
    assert [line for line in capsys.readouterr().err.splitlines() if "error" in line] == [
        f"error: {reason}".replace("SQUARES", str(squares))
    ]


def test_calibrated_scores_are_probabilities(squares: Path, tmp_path: Path) -> None:
    """1. A model whose scores are all near 1. 2. Calibrated on eighteen images, its scores of `open` and `press` are
    what a third of the images afford, of `pour`, which none does, near 0; maps keep their places. 3. What it learned
    from, a softmax model, and its own file as output are refused."""
    torch.manual_seed(0)
    model = build_model("robot", ACTIONS, scores="independent").eval()
    with torch.no_grad():
        model.affordance.bias.fill_(5)  # type: ignore[union-attr]
    save_model(tmp_path / "before.safetensors", model)
    files = ["--annotations", str(squares), "--output", str(tmp_path / "after.safetensors")]
    calibrate.main(["--checkpoint", str(tmp_path / "before.safetensors"), *files])
    image = np.full((SIDE, SIDE, 3), 110, np.uint8)
    before = HotspotPredictor(tmp_path / "before.safetensors").predict(image)
    after = HotspotPredictor(tmp_path / "after.safetensors").predict(image)
    assert min(before.scores) > 0.98
    assert after.scores[:2] == pytest.approx([1 / 3, 1 / 3], abs=0.1)
    assert after.scores[2] < 0.25
    np.testing.assert_allclose(after.heatmaps, before.heatmaps, atol=1e-4)
    assert after.calibrated
    # Where places are is not known to a random model: about a third of the images afford it, few points are right.
    assert max(point.probability for point in after.points) < 0.5
    save_model(tmp_path / "learned.safetensors", model, {"configuration": {"data": {"keypoints": [str(squares)]}}})
    with pytest.raises(InputError, match="learned from this file"):
        calibrate.main(["--checkpoint", str(tmp_path / "learned.safetensors"), *files])
    save_model(tmp_path / "softmax.safetensors", build_model("robot", ACTIONS))
    with pytest.raises(InputError, match="softmax scores"):
        calibrate.main(["--checkpoint", str(tmp_path / "softmax.safetensors"), *files])
    with pytest.raises(InputError, match="is the checkpoint itself"):
        calibrate.main(["--checkpoint", str(tmp_path / "after.safetensors"), *files])
