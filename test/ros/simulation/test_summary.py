"""What the outcomes say."""

from __future__ import annotations

import math

import pytest

from hotspot_ros.simulation.results import EpisodeOutcome
from hotspot_ros.simulation.summary import LoopSummary, markdown


def outcomes(task: str, method: str, *results: tuple[bool, float | None]) -> list[EpisodeOutcome]:
    return [EpisodeOutcome(task, episode, method, *result) for episode, result in enumerate(results)]


# Two tasks; the experts with the truth do 4 of 4 and 1 of 2.
RUN = LoopSummary(
    [
        *outcomes("a", "truth", (True, 0), (True, 0), (True, 0), (True, 0)),
        *outcomes("a", "hotspots", (True, 0.015), (False, 0.04), (False, 0.2), (False, None)),
        *outcomes("a", "center", (False, 0.3), (False, 0.3), (False, 0.3), (True, 0.02)),
        *outcomes("b", "truth", (True, 0), (False, 0)),
        *outcomes("b", "hotspots", (True, 0.025), (False, 0.01)),
        *outcomes("b", "center", (False, 0.3), (False, 0.3)),
    ]
)


def test_tasks_have_the_same_weight() -> None:
    """(1/4 + 1/2) / 2, and the standard error by hand."""
    assert RUN.mean("truth") == 0.75
    assert RUN.mean("hotspots") == 0.375
    assert RUN.deviation("hotspots") == pytest.approx(math.sqrt(0.25 * 0.75 / 3 + 0.5 * 0.5 / 1) / 2)
    assert RUN.deviation("truth") == pytest.approx(math.sqrt(0.25) / 2)


def test_errors_are_those_of_points_that_there_were() -> None:
    """The median of 0.015, 0.04 and 0.2; classes begin with their lower end."""
    assert RUN.median_error("hotspots", "a") == 0.04
    classes = {name: (rate.done, rate.episodes) for name, rate in RUN.by_error("hotspots")}
    assert classes == {
        "0 to 1 cm": (0, 0),
        "1 to 2 cm": (1, 2),
        "2 to 3 cm": (1, 1),
        "3 to 5 cm": (0, 1),
        "5 to 10 cm": (0, 0),
        "over 10 cm": (0, 1),
        "no point": (0, 1),
    }
    assert math.isnan(LoopSummary(outcomes("a", "hotspots", (False, None))).median_error("hotspots"))


def test_the_sentences_have_the_numbers() -> None:
    assert RUN.verdict("hotspots") == (
        "hotspots: 0.38, 0.50 of the truth's 0.75 and 3.0 times the best naive one's, center, 0.12"
    )
    assert RUN.failures("hotspots") == (
        "hotspots failed 4 times, 1 of them where the truth fails, too; of the other 3, 1 had no point, 2 one that was "
        "3 cm or more off and 0 one that was nearer"
    )


def test_the_page_has_rows_for_tasks_and_means() -> None:
    lines = markdown(RUN).splitlines()
    assert lines[0] == "| task | truth | hotspots | center | error of hotspots, cm |"
    assert lines[2] == "| a | 1.00 | 0.25 | 0.25 | 4.0 |"
    assert lines[4].startswith("| mean | 0.75 ± 0.25 | 0.38 ± 0.28 | 0.12 ± 0.12 | ")
    assert "| 1 to 2 cm | 0.50 of 2 | - of 0 |" in lines
