"""Models that a study needs: trained by the training command when they are not there yet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hotspot_core.training.recipes import recipe_path


def trained_model(run: Path, configuration: str, options: Mapping[str, object]) -> Path:
    """The model file of a run; the run is started, or resumed, where it is not finished.

    Args:
        run: its folder.
        configuration: name of a recipe.
        options: of the training command, over those of the file: "data.size" -> 128.

    Raises:
        InputError: there is no such recipe, or see the training command.
    """
    # Not at the top: a study that only reads results needs no Lightning.
    from hotspot_core import train

    model, finished = run / "model.safetensors", run / "finished"
    if finished.is_file():
        return model
    arguments = ["fit", "--config", str(recipe_path(configuration)), "--output", str(run)]
    arguments += [f"--{name}={value}" for name, value in options.items()]
    train.main([*arguments, "--resume"] if (run / "last.ckpt").is_file() else arguments)
    finished.touch()
    return model
