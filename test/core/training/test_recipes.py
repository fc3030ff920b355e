"""The recipes that come with the library are found by name, and parse."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

from hotspot_core import train, train_affordances
from hotspot_core.errors import InputError
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
    with pytest.raises(
        InputError, match=r"recipe 'sintetic' does not exist: choose affordances, epic, opra, own, study, synthetic, or"
    ):
        train.main(["fit", "--config", "sintetic"])


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_parses(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The command takes each, with every setting that it names, and prints the whole configuration."""
    door = train_affordances if name == "affordances" else train
    with pytest.raises(SystemExit) as end:
        door.main(["fit", "--config", name, "--print_config"])
    assert end.value.code == 0
    assert "preset:" in capsys.readouterr().out
