"""results.json: what came of every episode so far, whole at any time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hotspot_core.errors import InputError
from hotspot_core.utils.files import write_text
from hotspot_ros.simulation.provenance import Provenance, provenance

FORMAT = 1


@dataclass(frozen=True)
class EpisodeOutcome:
    """What came of one episode of a task with one method.

    Attributes:
        error: from the true point to the one that was acted on, in metres; None where there was none.
        model: the checksum of the model that it depends on; empty for none.
    """

    task: str
    episode: int
    method: str
    success: bool
    error: float | None
    model: str = ""


class EpisodeResults:
    """The outcomes of a run, read from its file where there is one, and written to it after every change.

    Args:
        settings: what else the outcomes depend on; JSON.

    Attributes:
        provenance: of the last of them; None where it is not known.

    Raises:
        InputError: the file cannot be read, or is of a run with other settings.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any]) -> None:
        self.path, self.settings = path, json.loads(json.dumps(settings))
        self.provenance: Provenance | None = None
        self._outcomes: dict[tuple[str, int, str], EpisodeOutcome] = {}
        if path.exists():
            self._read()

    @property
    def outcomes(self) -> list[EpisodeOutcome]:
        """All of them, in the order of tasks, episodes and methods in which they came."""
        return list(self._outcomes.values())

    def has(self, task: str, episode: int, method: str, model: str = "") -> bool:
        """Whether an outcome is there; one of another model does not count."""
        found = self._outcomes.get((task, episode, method))
        return found is not None and found.model == model

    def add(self, outcomes: list[EpisodeOutcome]) -> None:
        """Takes outcomes, in the place of older ones, and writes the file."""
        self._outcomes.update({(each.task, each.episode, each.method): each for each in outcomes})
        rows = ",\n".join(json.dumps(asdict(outcome)) for outcome in self.outcomes)
        self.provenance = provenance()
        head = json.dumps({"format": FORMAT, "settings": self.settings, "provenance": asdict(self.provenance)})[:-1]
        write_text(self.path, f'{head}, "outcomes": [\n{rows}\n]}}\n')

    def _read(self) -> None:
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            version, settings = content["format"], content["settings"]
            outcomes = [EpisodeOutcome(**row) for row in content["outcomes"]]
            if "provenance" in content:
                self.provenance = Provenance(**content["provenance"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{self.path}: no results of a closed loop ({error}): give another output folder"
            ) from error
        if version != FORMAT:
            raise InputError(f"{self.path}: has the format {version}, not {FORMAT}: give another output folder")
        for name, value in self.settings.items():
            if settings.get(name) != value:
                other = f"{name} {settings.get(name)}, not {value}"
                raise InputError(f"{self.path}: is of a run with {other}: give another output folder")
        self._outcomes = {(each.task, each.episode, each.method): each for each in outcomes}
