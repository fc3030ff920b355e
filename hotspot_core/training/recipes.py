"""The recipes that come with the library: configurations of the training command, by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hotspot_core.errors import InputError

_FOLDER = Path(__file__).parents[1] / "recipes"


def recipe_names() -> tuple[str, ...]:
    """The names, sorted: "synthetic" and others."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


def recipe_path(name: str) -> Path:
    """The file of a recipe.

    Raises:
        InputError: there is none of that name.
    """
    if name not in recipe_names():
        raise InputError(f"recipe {name!r} does not exist: choose {', '.join(recipe_names())}, or name a .yaml file")
    return _FOLDER / f"{name}.yaml"


def with_recipe_paths(arguments: Sequence[str]) -> list[str]:
    """Arguments of the training command in which `--config NAME` names the file of the recipe.

    Raises:
        InputError: a bare name is no recipe.
    """
    result = []
    for previous, argument in zip(["", *arguments], arguments, strict=False):
        if previous in ("--config", "-c"):
            result.append(_path(argument))
        elif argument.startswith("--config="):
            result.append(f"--config={_path(argument.removeprefix('--config='))}")
        else:
            result.append(argument)
    return result


def _path(value: str) -> str:
    """A value of --config: what is there, or looks like a file, stays; a bare name is a recipe."""
    is_name = value.replace("_", "").replace("-", "").isalnum()
    return str(recipe_path(value)) if is_name and not Path(value).exists() else value
