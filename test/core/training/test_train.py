"""Training by its command, on real video files: it learns, it loses nothing, and it refuses early."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from data.readers.miniatures import epic_authors_file, epic_release, opra_release
from media.recordings import numbered_frames, write_image, write_video
from safetensors.torch import load_file
from training.runs import record, recorded, run, run_elsewhere, write_small_set

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

from hotspot_core import load_model, train
from hotspot_core.data.annotation_files import write_annotations
from hotspot_core.data.annotations import Annotation
from hotspot_core.data.dataset import ClipDataset
from hotspot_core.errors import InputError
from hotspot_core.model.checkpoint import read_info
from hotspot_core.utils import command_line


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """On pictures of 32 pixels more threads only wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return write_small_set(tmp_path_factory.mktemp("training"))


def test_a_run_writes_a_model_that_says_what_it_is(configuration: list[str], tmp_path: Path) -> None:
    """1. Train three epochs, one of them warm-up of a backbone that learns. 2. The model loads, knows the actions of
    the table, and its metadata has the settings and the results of the validation. 3. TensorBoard has pictures."""
    options = ["--model.warmup_epochs", "1", "--model.object_weight", "0.3"]
    learned = ["--model.model_options", "{freeze_backbone: false}"]
    train.main(["fit", *configuration, *options, *learned, "--output", str(tmp_path / "run")])
    path = tmp_path / "run" / "model.safetensors"
    info = read_info(path)
    assert info.trained
    assert info.training["epochs"] == 3
    assert info.training["configuration"]["model"]["learning_rate"] == 1e-3
    validation = {"val/kld", "val/sim", "val/auc_judd", "val/pointing_game", "val/cross_action"}
    assert validation | {"train/clip_accuracy", "train/samples_per_second"} <= set(info.training["results"])
    assert 0 <= info.training["results"]["train/waiting_for_data"] <= 1
    (log,) = (tmp_path / "run" / "lightning_logs").glob("*/events*")
    assert b"hotspots/0" in log.read_bytes()
    assert len(load_model(path, "cpu").actions) > 3


def test_bfloat16_is_not_emulated(
    configuration: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A configuration that asks for bfloat16 runs on a CPU without units for it, in float32, and says so."""
    monkeypatch.setattr("hotspot_core.inference.precision.has_bf16_units", lambda: False)
    options = ["--trainer.precision", "bf16-mixed", "--trainer.max_epochs", "1", "--output", str(tmp_path / "run")]
    train.main(["fit", *configuration, *options])
    assert "this CPU has no bfloat16 units: 32-true is used, not bf16-mixed" in capsys.readouterr().err
    trainer = read_info(tmp_path / "run" / "model.safetensors").training["configuration"]["trainer"]
    assert trainer["precision"] == "32-true"


def test_wrong_starts_are_refused_before_any_time_is_spent(configuration: list[str], tmp_path: Path) -> None:
    """A run that exists already, nothing to resume, a missing table, an unknown action: one line each."""
    run = tmp_path / "run"
    run.mkdir()
    (run / "last.ckpt").touch()
    with pytest.raises(InputError, match="holds a run already"):
        train.main(["fit", *configuration, "--output", str(run)])
    with pytest.raises(InputError, match="nothing to resume"):
        train.main(["fit", *configuration, "--output", str(tmp_path / "new"), "--resume"])
    with pytest.raises(InputError, match=r"missing\.csv"):
        train.main(["fit", *configuration, "--data.train", "[missing.csv]", "--output", str(tmp_path / "new")])
    with pytest.raises(InputError, match="unknown action 'opne'"):
        train.main(["fit", *configuration, "--data.actions", "[opne]", "--output", str(tmp_path / "new")])
    cached = ["--data.cache", str(tmp_path / "cache"), "--data.clip_views", "1", "--model.warmup_epochs", "1"]
    with pytest.raises(InputError, match="use one of them"):
        train.main(["fit", *configuration, *cached, "--output", str(tmp_path / "new")])
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        train.main(["fit", *configuration, "--output", str(tmp_path / "file" / "run")])


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("--data.batch_size=-2", "data.batch_size -2: give a whole number of at least 1"),
        ("--data.workers=-1", "data.workers -1: give a whole number of at least 0"),
        ("--data.frames=0", "data.frames 0: give a whole number of at least 1"),
        ("--data.frames=-1", "data.frames -1: give a whole number of at least 1"),
        ("--data.size=0", "data.size 0: give a whole number of at least 32"),
        ("--data.fps=-1", "data.fps -1: give a number above 0"),
        ("--data.fps=.nan", "data.fps nan: give a number above 0"),
        ("--data.clip_views=0", "data.clip_views 0: give a whole number of at least 1"),
        ("--data.max_broken_fraction=2", "data.max_broken_fraction 2: give a number from 0 to 1"),
        ("--data.seed=-1", "data.seed -1: give a whole number of at least 0"),
        ("--model.learning_rate=-1", "model.learning_rate -1: give a number above 0"),
        ("--model.learning_rate=.nan", "model.learning_rate nan: give a number above 0"),
        ("--model.map_weight=-1", "model.map_weight -1: give a number of at least 0"),
        ("--model.weight_decay=.inf", "model.weight_decay inf: give a number of at least 0"),
        ("--model.warmup_epochs=-1", "model.warmup_epochs -1: give a whole number of at least 0"),
        ("--model.ramp_steps=-1", "model.ramp_steps -1: give a whole number of at least 0"),
        ("--model.decay_epochs=[-1]", "model.decay_epochs -1: give a whole number of at least 0"),
    ],
)
def test_numbers_out_of_range_are_named(
    configuration: list[str], tmp_path: Path, option: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2 and one line, before the first step."""
    arguments = ["fit", *configuration, option, "--output", str(tmp_path / "run")]
    assert command_line.run(train.main, arguments) == 2
    assert [line for line in capsys.readouterr().err.splitlines() if "error" in line] == [f"error: {reason}"]


def test_a_damaged_checkpoint_is_named(
    configuration: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """1. A run of one epoch. 2. Its checkpoint is cut short, emptied, replaced by text and by another file of
    PyTorch's: each time --resume ends with exit status 2 and one line. 3. The whole one is refused by another model,
    and gone on with by its own."""
    output = tmp_path / "run"
    arguments = ["fit", *configuration, "--output", str(output), "--trainer.max_epochs"]
    train.main([*arguments, "1"])
    last = output / "last.ckpt"
    whole = last.read_bytes()
    torch.save({"state_dict": {}}, tmp_path / "other.ckpt")
    torch.save(torch.zeros(3), tmp_path / "tensor.ckpt")
    for content, reason in (
        (whole[: len(whole) // 2], "is damaged"),
        (b"", "is damaged"),
        (b"no checkpoint", "is damaged"),
        ((tmp_path / "other.ckpt").read_bytes(), "lacks optimizer_states"),
        ((tmp_path / "tensor.ckpt").read_bytes(), "is damaged"),
    ):
        last.write_bytes(content)
        capsys.readouterr()
        assert command_line.run(train.main, [*arguments, "2", "--resume"]) == 2
        (line,) = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
        assert line.startswith(f"error: checkpoint {str(last)!r} {reason}")
        assert line.endswith("remove it and start without --resume")
    last.write_bytes(whole)
    with pytest.raises(InputError, match=r"last\.ckpt' is of another model: resume with the settings"):
        train.main([*arguments, "2", "--resume", "--model.model_options", "{hidden_size: 8}"])
    train.main([*arguments, "2", "--resume"])
    assert read_info(output / "model.safetensors").training["epochs"] == 2


def test_annotated_images_are_looked_at_before_any_time_is_spent(configuration: list[str], tmp_path: Path) -> None:
    """1. An image with keypoints that lies on its side, and one for validation that is cut short: the run is refused
    with the reason. 2. Where most may be broken, they are named and left out, and the rest is learned from."""
    picture = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    points = np.array([[10.0, 20.0]])
    files = []
    for name, size_hw in (("turned", (64, 48)), ("cut", (48, 64))):
        folder = tmp_path / name
        images = [write_image(folder / f"{index}.png", picture) for index in range(2)]
        if name == "cut":
            images[0].write_bytes(images[0].read_bytes()[:100])
        sizes = size_hw, (48, 64)
        entries = [Annotation(image, "lift", "mug", size, points) for image, size in zip(images, sizes, strict=True)]
        files.append(folder / "images.json")
        write_annotations(files[-1], ["lift"], entries)
    options = ["fit", *configuration, "--trainer.max_epochs", "1", "--output", str(tmp_path / "new")]
    keypoints, validation = ["--data.keypoints", f"[{files[0]}]"], ["--data.validation", str(files[1])]
    with pytest.raises(InputError, match=r"1 images are missing or broken, .*0\.png: 64x48 .* annotated as 48x64"):
        train.main([*options, *keypoints])
    with pytest.raises(
        InputError, match=r"1 images are missing or broken, .*data\.max_broken_fraction.*0\.png: no image"
    ):
        train.main([*options, *validation])
    train.main([*options, *keypoints, *validation, "--data.max_broken_fraction", "0.5"])
    assert "val/kld" in read_info(tmp_path / "new" / "model.safetensors").training["results"]


def test_a_curriculum_needs_clips_in_its_first_epoch(configuration: list[str], tmp_path: Path) -> None:
    """Where the chosen actions leave the first epoch's table without a clip, that is said before any time is spent."""
    table = Path(configuration[3].strip("[]"))
    header, *rows = table.read_text().splitlines()
    first, *others = sorted({row.split(",")[3] for row in rows})
    easy = table.with_name("easy.csv")
    easy.write_text("\n".join([header, *(row for row in rows if row.split(",")[3] == first)]))
    tables = ["--data.train", f"[{easy},{table}]", "--data.first_epochs", "[0, 1]", "--data.actions", f"[{others[0]}]"]
    with pytest.raises(InputError, match=r"data\.first_epochs \[0, 1\]: no clip of \w+ is used in epoch 0"):
        train.main(["fit", *configuration, *tables, "--output", str(tmp_path / "new")])


def test_a_loss_that_is_no_number_stops_the_run(configuration: list[str], tmp_path: Path) -> None:
    """A learning rate beyond reason ends in one clear error instead of a spoiled model."""
    arguments = ["fit", *configuration, "--output", str(tmp_path / "run"), "--model.learning_rate", "1e30"]
    with pytest.raises(InputError, match=r"resume with a lower --model\.learning_rate"):
        train.main(arguments)


@pytest.mark.parametrize("of_images", [False, True])
def test_a_cache_changes_nothing_but_the_time(
    configuration: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of_images: bool
) -> None:
    """1. A run with two views of each clip, and of its inactive image. 2. The same with a cache, which is filled.
    3. The same from that cache, without looking at a clip's frames, or at its inactive image. 4. The last two have the
    same weights, bit for bit, and the first one but for rounding, as the backbone ran on other batches. (A bias before
    a batch norm has no gradient but rounding.)"""
    arguments = ["fit", *configuration, "--data.clip_views", "2"]
    if of_images:
        arguments += ["--data.inactive_views", "2"]
    cached = ["--data.cache", str(tmp_path / "cache")]
    weights = []
    for name, options in (("plain", []), ("filled", cached), ("read", cached)):
        if name == "read":
            monkeypatch.setattr(ClipDataset, "frames_item", lambda *_: pytest.fail("a clip was decoded"))
            if of_images:
                monkeypatch.setattr(ClipDataset, "inactive_view", lambda *_: pytest.fail("an image was decoded"))
        train.main([*arguments, *options, "--output", str(tmp_path / name)])
        weights.append(load_file(tmp_path / name / "model.safetensors"))
    assert len(list((tmp_path / "cache").iterdir())) == 1 + of_images
    plain, filled, read = weights
    assert all(torch.equal(filled[name], read[name]) for name in read)
    for name in read:
        if not name.endswith(("convolution.bias", "running_mean")):
            torch.testing.assert_close(read[name], plain[name], rtol=1e-3, atol=2e-4 if of_images else 5e-5)


def test_a_cache_needs_a_frozen_backbone_and_views(configuration: list[str], tmp_path: Path) -> None:
    """What changes in training cannot be kept: both mistakes are named before the first step."""
    arguments = ["fit", *configuration, "--data.cache", str(tmp_path / "cache")]
    with pytest.raises(InputError, match=r"data\.clip_views"):
        train.main([*arguments, "--output", str(tmp_path / "one")])
    arguments += ["--data.clip_views", "1"]
    options = ["--data.inactive_views", "1", "--data.negatives", "true"]
    with pytest.raises(InputError, match=r"keeps no images of other objects"):
        train.main([*arguments, *options, "--output", str(tmp_path / "three")])
    options = ["--model.model_options", "{freeze_backbone: false}"]
    with pytest.raises(InputError, match="frozen backbone"):
        train.main([*arguments, *options, "--output", str(tmp_path / "two")])


def test_two_processes_learn_what_one_does(configuration: list[str], tmp_path: Path) -> None:
    """1. One process accumulates two batches per step. 2. Two processes (gloo) take a batch each. 3. Their loss curves
    are the same, batch by batch."""
    options = [*configuration, "--data.validation", "null", "--data.batch_size", "2"]
    one, two = tmp_path / "one", tmp_path / "two"
    accumulated = ["--trainer.accumulate_grad_batches", "2"]
    run([*options, *accumulated, *record(one / "losses"), "--output", str(one)])
    distributed = ["--trainer.strategy", "ddp", "--trainer.devices", "2"]
    run_elsewhere([*options, *distributed, *record(two / "losses"), "--output", str(two)])
    (expected,) = recorded(one / "losses")
    found = recorded(two / "losses")
    assert len(expected) == 18
    assert [loss for pair in zip(*found, strict=True) for loss in pair] == pytest.approx(expected, rel=1e-4)


def test_opra_and_epic_as_they_are_released(tmp_path: Path) -> None:
    """A run on each data set in miniature: OPRA with the squared distance, EPIC-Kitchens with the triplet loss."""
    small = ["--data.size", "32", "--data.workers", "0", "--data.batch_size", "2", "--trainer.max_epochs", "1"]
    small += ["--trainer.accelerator", "cpu", "--trainer.enable_progress_bar", "false"]
    opra = ["--data.kind", "opra", "--data.root", str(opra_release(tmp_path))]
    train.main(["fit", *small, *opra, "--output", str(tmp_path / "run_opra")])
    assert load_model(tmp_path / "run_opra" / "model.safetensors", "cpu").actions == ("put down", "rotate")
    root = epic_release(tmp_path)
    epic = ["--data.kind", "epic", "--data.root", str(root), "--data.annotations", str(epic_authors_file(root))]
    epic += ["--data.negatives", "true", "--model.model_options", "{anticipation_loss: triplet}"]
    with pytest.raises(InputError, match=r"more than 5% .* first .*P01_17_301\.jpg"):
        train.main(["fit", *small, *epic, "--output", str(tmp_path / "run_epic")])
    write_image(tmp_path / "authors" / "images" / "P01_17_301.jpg", numbered_frames(1, 80, 120)[0])
    train.main(["fit", *small, *epic, "--output", str(tmp_path / "run_epic")])
    assert load_model(tmp_path / "run_epic" / "model.safetensors", "cpu").config.anticipation_loss == "triplet"


def test_wrong_data_are_named_before_any_time_is_spent(configuration: list[str], tmp_path: Path) -> None:
    """A table without a column, clips of one frame, a file without video, options of another data set, a checkpoint of
    another preset: one line each."""

    def refused(match: str, *options: str) -> None:
        with pytest.raises(InputError, match=match):
            train.main(
                ["fit", *configuration, "--data.validation", "null", *options, "--output", str(tmp_path / "run")]
            )

    header = "clip,start,stop,action,object,inactive_image\n"
    (tmp_path / "column.csv").write_text("clip,start,stop,object,inactive_image\na.mp4,,,cup,a.jpg\n")
    refused("no column action", "--data.train", f"[{tmp_path / 'column.csv'}]")
    (tmp_path / "empty.csv").write_text(header)
    refused("the table is empty", "--data.train", f"[{tmp_path / 'empty.csv'}]")
    write_video(tmp_path / "one.mp4", numbered_frames(1))
    write_image(tmp_path / "door.png", np.zeros((8, 8, 3), np.uint8))
    (tmp_path / "one.csv").write_text(header + "one.mp4,,,open,door,door.png\n")
    refused("one frame only", "--data.train", f"[{tmp_path / 'one.csv'}]")
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "text.csv").write_text(header + "text.mp4,,,open,door,door.png\n")
    refused("not a video", "--data.train", f"[{tmp_path / 'text.csv'}]")
    refused("no data.train", "--data.kind", "opra")
    refused("one epoch for each", "--data.first_epochs", "[0, 1]")
    refused("has preset", "--model.start", "default", "--model.preset", "paper")
