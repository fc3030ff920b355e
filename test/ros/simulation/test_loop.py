"""The loop over DDS with a real node, in the world that docs/closed_loop.md shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from harness import NodeProcess

from hotspot_core import load_model
from hotspot_core.errors import InputError
from hotspot_core.media.sources import open_sources
from hotspot_ros.simulation.loop import LOOKS, ClosedLoop, LoopConfig
from hotspot_ros.simulation.methods import METHODS, Role, of_role
from hotspot_ros.simulation.results import EpisodeResults
from hotspot_ros.simulation.session import Session

PAGE = (Path(__file__).parents[3] / "docs" / "closed_loop.md").read_text()
WORLD, RUN = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
SETTINGS = {"seed": 0}


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """With a node that has depth and a simulated clock."""
    parameters: dict[str, Any] = {"depth": "true", "use_sim_time": "true", "image_timeout": "0.0"}
    with NodeProcess("loop", **parameters) as node:
        made = Session(lambda: node.process.poll() is not None, "/loop")
        yield made
        made.close()


@pytest.fixture
def table() -> Any:
    """The page's world, which counts how often it is looked at and keeps what it is told to press."""
    names: dict[str, Any] = {}
    exec(WORLD, names)
    shown: Any = names["Table"]

    class Counted(shown):
        looks = 0
        pressed: tuple[tuple[float, ...], ...] = ()

        def look(self, rng: np.random.Generator) -> Any:
            self.looks += 1
            return super().look(rng)

        def act(self, point: np.ndarray, watch: Any = None) -> bool:
            self.pressed = (*self.pressed, tuple(point))
            return bool(super().act(point, watch))

    return Counted()


def run(session: Session, table: Any, results: EpisodeResults, **changes: Any) -> list[str]:
    """Runs the loop; the tasks of the episodes as they were reported."""
    advanced: list[str] = []
    config = replace(LoopConfig({"knob": "press"}, episodes=2, seed=0), **changes)
    ClosedLoop(config, results, session, lambda task: table, advanced.append).run()
    return advanced


def test_every_method_acts_on_what_it_perceives(session: Session, table: Any, tmp_path: Path) -> None:
    """1. Both episodes have an outcome of every method. 2. The truth succeeds, a point that is 10 cm off does not, and
    errors are distances to the knob. 3. The node's points are places of the table, and where it is near the knob the
    outcome is a success. 4. The first episode has a video that can be played."""
    results = EpisodeResults(tmp_path / "results.json", SETTINGS)
    assert run(session, table, results, videos=tmp_path / "videos") == ["knob", "knob"]
    found = {(each.episode, each.method): each for each in results.outcomes}
    assert set(found) == {(episode, method) for episode in (0, 1) for method in METHODS}
    for episode in (0, 1):
        assert found[episode, "truth"].success
        assert found[episode, "truth"].error == 0
        assert not found[episode, "10 cm off"].success
        assert found[episode, "10 cm off"].error == pytest.approx(0.1)
    for outcome in results.outcomes:
        if outcome.error is not None and outcome.method != "10 cm off":
            assert outcome.success == (outcome.error < 0.05)
        assert bool(outcome.model) == (outcome.method in of_role(Role.OURS))
    heights = [point[2] for point in table.pressed]
    assert all(-0.1 < height < 0.2 for height in heights)
    (source,) = open_sources([str(tmp_path / "videos" / "knob.mp4")])
    assert sum(1 for _ in source.frames()) > 5


def test_a_run_goes_on_where_it_was(session: Session, table: Any, tmp_path: Path) -> None:
    """1. After one episode, a run of two looks at the second alone. 2. A whole run looks at nothing. 3. A method that
    shall act again does, and ours again with another model."""
    path = tmp_path / "results.json"
    run(session, table, EpisodeResults(path, SETTINGS), episodes=1)
    assert table.looks == LOOKS
    run(session, table, EpisodeResults(path, SETTINGS))
    assert table.looks == 2 * LOOKS
    pressed = len(table.pressed)
    assert run(session, table, EpisodeResults(path, SETTINGS)) == ["knob", "knob"]
    assert (table.looks, len(table.pressed)) == (2 * LOOKS, pressed)
    run(session, table, EpisodeResults(path, SETTINGS), redo=("truth",))
    assert len(table.pressed) == pressed + 2

    results = EpisodeResults(path, SETTINGS)
    results.add([replace(each, model="another") for each in results.outcomes if each.model])
    before = table.looks
    run(session, table, results)
    assert table.looks == before + 2 * LOOKS
    assert {each.model for each in results.outcomes} == {"", session.model}


def test_an_action_that_the_model_lacks_is_named(session: Session, table: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="task 'knob' needs the action 'juggle', the model has open, "):
        run(session, table, EpisodeResults(tmp_path / "results.json", SETTINGS), tasks={"knob": "juggle"})


def test_a_node_that_ends_is_one_line(table: Any) -> None:
    """Instead of a wait without end."""
    with pytest.raises(InputError, match="the node has ended: see its messages above"):
        Session(lambda: True, "/nobody")


def test_the_page_shows_how_to_run_it() -> None:
    """What it imports exists, and its configuration names an action of the bundled model."""
    lines = RUN.splitlines()
    names: dict[str, Any] = {}
    exec("\n".join(line for line in lines if line.startswith(("from ", "import ", "config ="))), names)
    assert set(names["config"].tasks.values()) <= set(load_model().actions)
