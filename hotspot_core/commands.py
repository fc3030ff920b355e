"""The console scripts: `hotspot-train` and the others do what `python -m hotspot_core.<verb>` does."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from hotspot_core.utils import command_line

# Verb -> what brings all it needs; all others need what runs a model.
EXTRAS = {"train": "train", "train_affordances": "train", "export": "export"}


def _command(verb: str) -> Callable[[], int]:
    """A console script; it returns the exit status. What is missing when its module is imported is one line, too."""

    def run(arguments: list[str] | None) -> None:
        importlib.import_module(f"hotspot_core.{verb}").main(arguments)

    return lambda: command_line.run(run, extra=EXTRAS.get(verb, "torch"))


train, train_affordances, calibrate = map(_command, ("train", "train_affordances", "calibrate"))
annotate, share = map(_command, ("annotate", "share"))
evaluate, predict, export, convert, benchmark = map(_command, ("evaluate", "predict", "export", "convert", "benchmark"))
