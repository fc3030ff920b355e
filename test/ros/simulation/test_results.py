"""results.json: what is there is kept, what is of another run is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from hotspot_core.errors import InputError
from hotspot_ros.simulation.provenance import provenance
from hotspot_ros.simulation.results import EpisodeOutcome, EpisodeResults

SETTINGS = {"seed": 3, "position": (0.5, 1.0)}
OURS = EpisodeOutcome("door-open", 0, "hotspots", True, 0.02, model="abc")
TRUTH = EpisodeOutcome("door-open", 0, "truth", False, 0.0)


def test_outcomes_are_there_again(tmp_path: Path) -> None:
    """Written at once; read by the next run, and replaced one by one."""
    path = tmp_path / "run" / "results.json"
    results = EpisodeResults(path, SETTINGS)
    results.add([OURS])
    results.add([TRUTH])
    again = EpisodeResults(path, SETTINGS)
    assert again.outcomes == [OURS, TRUTH]
    better = EpisodeOutcome("door-open", 0, "truth", True, 0.0)
    again.add([better])
    assert EpisodeResults(path, SETTINGS).outcomes == [OURS, better]


def test_it_is_known_where_they_are_from(tmp_path: Path) -> None:
    """Of the last ones that were added, read again with them; of a file without it nothing is known."""
    path = tmp_path / "results.json"
    results = EpisodeResults(path, SETTINGS)
    assert results.provenance is None
    results.add([OURS])
    made = EpisodeResults(path, SETTINGS).provenance
    assert made is not None
    assert made == results.provenance == provenance()
    assert re.fullmatch(r"20\d\d-\d\d-\d\d(, commit [0-9a-f]{7,}(-dirty)?)?, on .+, \d+ cores", str(made))
    content = json.loads(path.read_text())
    del content["provenance"]
    path.write_text(json.dumps(content))
    assert EpisodeResults(path, SETTINGS).provenance is None


def test_an_outcome_of_another_model_does_not_count(tmp_path: Path) -> None:
    results = EpisodeResults(tmp_path / "results.json", SETTINGS)
    results.add([OURS, TRUTH])
    assert results.has("door-open", 0, "hotspots", "abc")
    assert not results.has("door-open", 0, "hotspots", "def")
    assert results.has("door-open", 0, "truth")
    assert not results.has("door-open", 1, "truth")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no results of a closed loop"),
        ("[]", "no results of a closed loop"),
        ('{"format": 0, "settings": {}, "outcomes": []}', "has the format 0, not 1"),
        ('{"format": 1, "settings": {"seed": 4}, "outcomes": []}', "is of a run with seed 4, not 3"),
        ('{"format": 1, "settings": {"seed": 3}, "outcomes": [{"task": "a"}]}', "no results of a closed loop"),
    ],
)
def test_another_file_is_refused_in_one_line(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(InputError, match=rf"results\.json: {reason}.*give another output folder$"):
        EpisodeResults(path, SETTINGS)
    assert path.read_text() == text
