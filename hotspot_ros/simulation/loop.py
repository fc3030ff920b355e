"""Tasks, episodes, methods: each scene is looked at once, then every method acts on it from the beginning."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hotspot_core.errors import InputError
from hotspot_ros.msg import HotspotArray
from hotspot_ros.simulation.methods import METHODS, Role, Sight, of_role
from hotspot_ros.simulation.recording import episode_video
from hotspot_ros.simulation.results import EpisodeOutcome, EpisodeResults
from hotspot_ros.simulation.session import Session
from hotspot_ros.simulation.world import Position, TaskWorld, Watch

# Images that the camera shows before the robot moves: the answer to the last is taken.
LOOKS = 3
# Simulated seconds from one episode to the next.
BETWEEN_EPISODES = 60.0


@dataclass(frozen=True)
class LoopConfig:
    """What to run.

    Attributes:
        tasks: name -> action to ask for.
        episodes: of each task.
        seed: of the sensor's noise and of the method that guesses; the worlds have their own.
        videos: folder for a video of the first episode of each task; None for none.
        fps: pictures per second that the worlds show.
        redo: methods that act again where there are outcomes already.
    """

    tasks: Mapping[str, str]
    episodes: int
    seed: int
    videos: Path | None = None
    fps: float = 20.0
    redo: tuple[str, ...] = ()


class ClosedLoop:
    """A run: what is in the results already is left as it is.

    Args:
        open_world: makes the world of a task.
        advance: called with a task's name after each of its episodes.

    Raises:
        InputError: the model has no such action.
    """

    def __init__(
        self,
        config: LoopConfig,
        results: EpisodeResults,
        session: Session,
        open_world: Callable[[str], TaskWorld],
        advance: Callable[[str], None],
    ) -> None:
        for task, action in config.tasks.items():
            if action not in session.actions:
                raise InputError(
                    f"task {task!r} needs the action {action!r}, the model has {', '.join(session.actions)}: "
                    "leave the task out, or take another model"
                )
        self._config, self._results, self._session = config, results, session
        self._open_world, self._advance = open_world, advance

    def run(self) -> None:
        """All of it."""
        for task in self._config.tasks:
            with contextlib.ExitStack() as stack:
                world: TaskWorld | None = None
                for episode in range(self._config.episodes):
                    methods = self._missing(task, episode)
                    if methods and world is None:
                        world = stack.enter_context(contextlib.closing(self._open_world(task)))
                    if methods and world is not None:
                        self._episode(world, task, episode, methods)
                    self._advance(task)

    def _missing(self, task: str, episode: int) -> list[str]:
        return [
            name
            for name in METHODS
            if name in self._config.redo or not self._results.has(task, episode, name, self._model(name))
        ]

    def _model(self, method: str) -> str:
        return self._session.model if METHODS[method].role is Role.OURS else ""

    def _episode(self, world: TaskWorld, task: str, episode: int, methods: list[str]) -> None:
        sight = self._look(world, task, episode, not set(of_role(Role.OURS)).isdisjoint(methods))
        outcomes = []
        for method in methods:
            point = METHODS[method].find(sight, self._generator(task, episode, method))
            success = self._act(world, task, episode, method, point, sight)
            error = None if point is None else float(np.linalg.norm(point - sight.target))
            outcomes.append(EpisodeOutcome(task, episode, method, success, error, self._model(method)))
        self._results.add(outcomes)

    def _look(self, world: TaskWorld, task: str, episode: int, ask: bool) -> Sight:
        noise = self._generator(task, episode, "noise")
        world.reset(episode)
        self._session.camera.pass_time(BETWEEN_EPISODES)
        hotspots: HotspotArray | None = None
        for _ in range(LOOKS):
            seen = world.look(noise)
            if ask:
                hotspots = self._session.ask(seen)
            else:
                self._session.camera.show(seen)
        transform = self._session.transform(hotspots.header if hotspots is not None else seen.info.header)
        return Sight(self._config.tasks[task], seen, transform, hotspots, world.target())

    def _generator(self, task: str, episode: int, use: str) -> np.random.Generator:
        return np.random.default_rng((self._config.seed, zlib.crc32(f"{task} {use}".encode()), episode))

    def _act(
        self, world: TaskWorld, task: str, episode: int, method: str, point: Position | None, sight: Sight
    ) -> bool:
        folder = self._config.videos
        if folder is None or episode or method != of_role(Role.OURS)[0]:
            return self._try(world, episode, point)
        with episode_video(folder / f"{task}.mp4", sight, self._config.fps) as video:
            success = self._try(world, episode, point, video.add)
            video.finish(success)
        return success

    @staticmethod
    def _try(world: TaskWorld, episode: int, point: Position | None, watch: Watch | None = None) -> bool:
        """Begins the episode anew and acts; without a point nothing is done."""
        if point is None:
            return False
        world.reset(episode)
        return world.act(point, watch)


def count(config: LoopConfig) -> Iterator[str]:
    """The task of every episode of a run, in order."""
    for task in config.tasks:
        yield from [task] * config.episodes
