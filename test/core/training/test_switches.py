"""Lightning's own switches, and what a first day trips over: each works, or is one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from training.runs import run, write_small_set

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

from hotspot_core import InputError, train
from hotspot_core.training.recipes import recipe_path


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return write_small_set(tmp_path_factory.mktemp("switches"))


@pytest.mark.parametrize("switch", ["logger", "enable_checkpointing"])
def test_what_is_switched_off_is_not_needed(configuration: list[str], tmp_path: Path, switch: str) -> None:
    """A run without it trains, and leaves a model; without checkpoints there is none."""
    run([*configuration, f"--trainer.{switch}", "false", "--trainer.max_epochs", "1", "--output", str(tmp_path)])
    assert (tmp_path / "model.safetensors").is_file()
    assert (tmp_path / "last.ckpt").is_file() == (switch != "enable_checkpointing")


def test_one_clip_table_needs_no_list(configuration: list[str], tmp_path: Path) -> None:
    """`--data.train clips.csv` with the recipe `own`, as it stands but for the time that it takes."""
    table = configuration[configuration.index("--data.train") + 1].strip("[]")
    arguments = ["--config", "own", "--data.train", table, "--data.cache", str(tmp_path / "cache")]
    run([*arguments, "--data.size", "64", "--trainer.max_epochs", "1", "--output", str(tmp_path / "run")])
    assert (tmp_path / "run" / "model.safetensors").is_file()
    assert "backbone_weights: imagenet" in recipe_path("own").read_text()


def test_a_frozen_random_backbone_is_refused(configuration: list[str], tmp_path: Path) -> None:
    """Nothing could be learned from what it sees; one that learns may begin at random."""
    arguments = ["fit", *configuration, "--model.backbone_weights", "null", "--output", str(tmp_path)]
    with pytest.raises(InputError, match="a frozen backbone of random weights sees nothing: give imagenet"):
        train.main(arguments)


def test_commands_that_there_are_not(configuration: list[str]) -> None:
    """Lightning's test and predict, and a validation without images."""
    for command in ("test", "predict"):
        with pytest.raises(InputError, match=command):
            train.main([command, *configuration])
    with pytest.raises(InputError, match="no annotated images to score: name them with"):
        train.main(["validate", *configuration[: configuration.index("--data.validation")]])
