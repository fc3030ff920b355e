"""A training run as a function: a recipe with changes in, a model file out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hotspot_core.errors import InputError
from hotspot_core.training.recipes import recipe_path
from hotspot_core.training.run_files import LAST_CHECKPOINT, MODEL


@dataclass(frozen=True)
class TrainingConfig:
    """A training run.

    Attributes:
        output: its folder.
        recipe: name of a recipe that comes with the library, or a .yaml file; None for the defaults.
        model, data, trainer: what differs from the recipe, by name; mappings are merged, all else is replaced.
        seed: of the first weights.
        resume: whether to go on from the last checkpoint where the folder has one; else that is an error.
    """

    output: Path
    recipe: str | Path | None = None
    model: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    trainer: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    resume: bool = False

    def as_arguments(self) -> dict[str, Any]:
        """The training command's arguments as data.

        Raises:
            InputError: there is no such recipe.
        """
        changes = {"model": self.model, "data": self.data, "trainer": self.trainer}
        fit = _merged(_read_recipe(self.recipe), changes)
        fit |= {"output": str(self.output), "seed_everything": self.seed}
        fit["resume"] = self.resume and (self.output / LAST_CHECKPOINT).is_file()
        return {"subcommand": "fit", "fit": fit}


def train(config: TrainingConfig) -> Path:
    """Train to the end; the model's file.

    Raises:
        InputError: bad input; the text names it.
    """
    # Here, so that one without the extra `train` can describe a run, and see the help of commands that do.
    from hotspot_core.training.command import run_command

    run_command(config.as_arguments())
    return config.output / MODEL


def _read_recipe(recipe: str | Path | None) -> dict[str, Any]:
    if recipe is None:
        return {}
    # Here, as it comes with the extra `train`.
    import yaml

    path = recipe if isinstance(recipe, Path) else recipe_path(recipe)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"recipe {str(path)!r} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise InputError(f"recipe {str(path)!r} has no model, data or trainer: give a configuration of the command")
    return content


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for name, value in changes.items():
        own = result.get(name)
        if isinstance(value, Mapping):
            result[name] = _merged(own if isinstance(own, Mapping) else {}, value)
        else:
            result[name] = str(value) if isinstance(value, Path) else value
    return result
