"""A training run as a function: what it makes of a recipe and of changes, and that the command does the same."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from safetensors.torch import load_file
from training.runs import SMALL, write_small_set

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

from hotspot_core import InputError, train
from hotspot_core.training import run
from hotspot_core.training.run import TrainingConfig
from hotspot_core.utils import command_line


def test_changes_are_merged_into_the_recipe(tmp_path: Path) -> None:
    """1. Named values replace those of a recipe, mappings within it are merged, the rest stays. 2. A run that has no
    checkpoint is not resumed, whatever is asked for."""
    options = {"model_options": {"input_size": 96}, "ant_weight": 0.0}
    config = TrainingConfig(tmp_path, "study", options, {"cache": tmp_path / "c"}, {"max_epochs": 1}, 5, resume=True)
    fit = config.as_arguments()["fit"]
    assert fit["model"]["model_options"] == {"input_size": 96, "anticipation": [[128, 1], [128, 3], [672, 1]]}
    assert fit["model"]["learning_rate"] == 5e-4
    assert fit["model"]["ant_weight"] == 0
    assert fit["data"]["cache"] == str(tmp_path / "c")
    assert (fit["trainer"]["max_epochs"], fit["trainer"]["precision"]) == (1, "bf16-mixed")
    assert (fit["output"], fit["seed_everything"], fit["resume"]) == (str(tmp_path), 5, False)
    (tmp_path / "last.ckpt").touch()
    assert config.as_arguments()["fit"]["resume"]


def test_wrong_recipes_are_named(tmp_path: Path) -> None:
    """No such name, no such file, no mapping."""
    (tmp_path / "list.yaml").write_text("[1, 2]")
    for recipe, reason in (
        ("sudy", "recipe 'sudy' does not exist"),
        (tmp_path / "none.yaml", r"none\.yaml' cannot be read"),
        (tmp_path / "list.yaml", r"list\.yaml' has no model, data or trainer"),
    ):
        with pytest.raises(InputError, match=reason):
            TrainingConfig(tmp_path, recipe).as_arguments()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model": {"learning_rat": 1}}, "does not accept option 'model.learning_rat'"),
        ({"trainer": {"max_epochs": "many"}}, "option 'trainer.max_epochs': Expected a int.*Given value: many"),
        ({"data": {"frames": "x"}}, "option 'data.frames': Expected a .*int.*Got value: x"),
        ({"model": {"optimizer": "sgd"}}, r"option 'model.optimizer': .*'adamw'.*Got value: sgd"),
    ],
)
def test_wrong_options_are_named(
    changes: dict[str, Any], reason: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The function raises one line that names the option, what it has to be and where to look; it neither ends the
    process nor prints anything, nor makes the folder."""
    with pytest.raises(InputError, match=reason) as error:
        run.train(TrainingConfig(tmp_path / "run", **changes))
    assert "python -m hotspot_core.train fit --help" in str(error.value)
    assert "\n" not in str(error.value)
    assert capfd.readouterr() == ("", "")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("verb", ["train", "train_affordances"])
def test_wrong_options_of_the_command_are_one_line(verb: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A wrong value and a wrong name: exit status 2 and one line, without pages of usage."""
    command = importlib.import_module(f"hotspot_core.{verb}").main
    for option, name in (("--trainer.max_epochs=many", "trainer.max_epochs"), ("--trainer.epohs=1", "trainer.epohs")):
        assert command_line.run(command, ["fit", option]) == 2
        (line,) = capfd.readouterr().err.splitlines()
        assert line.startswith("error: ")
        assert name in line
        assert f"python -m hotspot_core.{verb} fit --help" in line


def test_the_function_does_what_the_command_does(tmp_path: Path) -> None:
    """1. One epoch by the command. 2. The same by the function, from data alone. 3. The same weights, bit for bit. 4.
    On a folder that holds a run it goes on where that is asked for, and refuses where it is not."""
    arguments = write_small_set(tmp_path)
    train.main(["fit", *arguments, "--trainer.max_epochs", "1", "--output", str(tmp_path / "command")])
    data = {"train": [str(tmp_path / "set" / "train.csv")], "validation": tmp_path / "set" / "val.json"}
    config = TrainingConfig(tmp_path / "function", tmp_path / "small.yaml", data=data, trainer={"max_epochs": 1})
    assert yaml.safe_load(SMALL)["trainer"]["max_epochs"] == 3
    path = run.train(config)
    expected, found = load_file(tmp_path / "command" / "model.safetensors"), load_file(path)
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    with pytest.raises(InputError, match="holds a run already"):
        run.train(config)
    resumed = TrainingConfig(**{**vars(config), "resume": True})
    assert run.train(resumed) == path
