"""The recipes that come with the library are found by name, and parse."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

from hotspot_core import train, train_affordances
from hotspot_core.errors import InputError
from hotspot_core.model.classifier import ActionClassifier
from hotspot_core.training.recipes import recipe_names, recipe_path, with_recipe_paths


@pytest.mark.parametrize("spelling", [["--config", "opra"], ["--config=opra"], ["-c", "opra"]])
def test_a_name_becomes_its_file(spelling: list[str]) -> None:
    """However the option is written, and nothing else of the command line changes."""
    result = with_recipe_paths(["fit", *spelling, "--output", "opra"])
    assert result[0] == "fit"
    assert result[-2:] == ["--output", "opra"]
    assert " ".join(result[1:-2]) == " ".join(spelling).replace("opra", str(recipe_path("opra")))


def test_files_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path is left alone, also one that does not exist, and also a file that is called like a recipe."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study").touch()
    arguments = ["fit", "--config", "mine/opra.yaml", "--config", "study"]
    assert with_recipe_paths(arguments) == arguments


def test_an_unknown_name_is_refused() -> None:
    names = "affordances, epic, epic_release, opra, opra_release, own, study, synthetic"
    with pytest.raises(InputError, match=f"recipe 'sintetic' does not exist: choose {names}, or"):
        train.main(["fit", "--config", "sintetic"])


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_parses(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The command takes each, with every setting that it names, and prints the whole configuration."""
    door = train_affordances if name == "affordances" else train
    with pytest.raises(SystemExit) as end:
        door.main(["fit", "--config", name, "--print_config"])
    assert end.value.code == 0
    assert "preset:" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "fps", "negatives"), [("opra_release", 5.0, False), ("epic_release", 6.0, True)])
def test_the_released_recipes_are_the_releases(
    name: str, fps: float, negatives: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole configuration, defaults included, has the release's numbers: optimizer, schedule, sampling, clips,
    precision, and a new view of each clip in each epoch."""
    with pytest.raises(SystemExit):
        train.main(["fit", "--config", name, "--print_config"])
    settings = yaml.safe_load(capsys.readouterr().out)
    model, data, trainer = (settings[part] for part in ("model", "data", "trainer"))
    assert (model["preset"], model["optimizer"], model["learning_rate"]) == ("paper", "adam", 1e-4)
    assert (model["weight_decay"], model["decay_epochs"]) == (5e-4, [15])
    assert [model[f"{loss}_weight"] for loss in ("ant", "aux")] == [1.0, 1.0]
    assert (data["batch_size"], data["frames"], data["fps"], data["size"]) == (128, 8, fps, 224)
    assert (data["clip_views"], data["cache"], data["negatives"]) == (None, None, negatives)
    assert (trainer["max_epochs"], trainer["precision"]) == (20, "32-true")


def test_first_states_start_as_in_the_release() -> None:
    """Normal, with a deviation of .03125 for 2,048 units: Xavier with a gain of sqrt 2 of a tensor (1, 1, 2048)."""
    torch.manual_seed(0)
    expected = torch.nn.init.xavier_normal_(torch.empty(1, 1, 2048), gain=2**0.5).std()
    classifier = ActionClassifier(2048, 2048, 7)
    for state in (classifier.initial_hidden, classifier.initial_cell):
        assert float(state.std()) == pytest.approx(0.03125, rel=0.06)
        assert float(state.std()) == pytest.approx(float(expected), rel=0.08)
