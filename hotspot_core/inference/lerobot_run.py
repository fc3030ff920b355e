"""A data set of LeRobot again, with the hotspots of every frame."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hotspot_core.errors import check_number, select_names
from hotspot_core.hotspots.hotspot_vectors import NO_POINT, PARTS, map_stack, point_names, point_vector
from hotspot_core.hotspots.prediction import Prediction
from hotspot_core.inference.lerobot_checks import KEY, MAPS, check_files, check_output, new_keys
from hotspot_core.inference.predictor import PEAK_THRESHOLD, POINTS_PER_ACTION, HotspotPredictor
from hotspot_core.media.images import Image
from hotspot_core.media.lerobot.dataset import IMAGE, Episode, open_dataset
from hotspot_core.media.lerobot.files import read_json
from hotspot_core.media.lerobot.frames import episode_images, read_frames_of
from hotspot_core.media.lerobot.new_features import NewFeature, source_files, write_with_features
from hotspot_core.utils.files import atomic_write, make_folder, write_errors, write_text
from hotspot_core.utils.locks import exclusive

# In the folder that becomes the data set: what is predicted so far.
WORK, LOCK = ".hotspots", "lock"
DESCRIPTION = "meta/hotspots.json"
# Images that are predicted at once.
BATCH = 8

# Gets what is done, of how much, and what it is.
OnProgress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class LeRobotConfig:
    """What is predicted, and how.

    Attributes:
        root: the data set's folder.
        output: a folder that does not exist, for the new one.
        key: name of the new feature; with several cameras each has one, with the camera's name behind it.
        cameras: none for all.
        maps: whether to add heatmaps, too.
        model, device, precision, runtime: as for `HotspotPredictor`.
        actions, points_per_action, peak_threshold, score_threshold: as for `HotspotPredictor.predict`; no actions
            stand for all.
    """

    root: Path
    output: Path
    key: str = KEY
    cameras: Sequence[str] = ()
    maps: bool = False
    model: str | Path = "default"
    device: str = "auto"
    precision: str = "fp32"
    runtime: str = "auto"
    actions: Sequence[str] = ()
    points_per_action: int = POINTS_PER_ACTION
    peak_threshold: float = PEAK_THRESHOLD
    score_threshold: float = 0.0


class LeRobotRun:
    """A run that is checked: the data set is whole as far as its files tell, and nothing would be overwritten.

    Attributes:
        dataset: the source.
        keys: camera -> name of its new feature.

    Raises:
        InputError: the data set, the model, a name or a setting cannot be used.
    """

    def __init__(self, config: LeRobotConfig) -> None:
        self.config = config
        self.dataset = open_dataset(config.root)
        self.keys = new_keys(self.dataset, self.dataset.select_cameras(config.cameras), config.key, config.maps)
        check_output(config.root, config.output)
        check_files(self.dataset, list(self.keys))
        check_number("points per action", config.points_per_action, 1, whole=True)
        self.predictor = HotspotPredictor(config.model, config.device, config.precision, config.runtime)
        self.actions = select_names("action", config.actions, self.predictor.actions)
        self._predict([])
        self._partial = config.output.with_name(f".partial-{config.output.name}")
        self._work = self._partial / WORK
        self._values_of = lru_cache(maxsize=2)(self._load)

    def run(self, on_progress: OnProgress | None = None) -> int:
        """Predicts every frame and writes the data set; goes on where a run of the same settings was interrupted.

        Returns:
            The number of frames.

        Raises:
            InputError: a file cannot be read or written, or another run writes the same.
            KeyboardInterrupt: what is predicted is kept beside the output, which is not there.
        """
        report = on_progress or (lambda done, total, what: None)
        total = sum(episode.length for episode in self.dataset.episodes)
        with self._begun():
            done = 0
            for episode in self.dataset.episodes:
                report(done, total, f"episode {episode.index}")
                if not self._place(episode.index).exists():
                    self._save(episode, self._predicted(episode))
                done += episode.length
            write_with_features(
                self.dataset,
                self._partial,
                self._features(),
                self._values_of,
                lambda place: report(total, total, str(place)),
            )
            self._describe()
            check_output(self.config.root, self.config.output)
            with write_errors(self.config.output):
                shutil.rmtree(self._work)
                self._partial.rename(self.config.output)
        return total

    def episodes_done(self) -> int:
        """How many episodes are predicted."""
        return sum(self._place(episode.index).exists() for episode in self.dataset.episodes)

    def _predict(self, images: Sequence[Image]) -> list[Prediction]:
        config = self.config
        return self.predictor.predict(
            images,
            self.actions,
            points_per_action=config.points_per_action,
            peak_threshold=config.peak_threshold,
            score_threshold=config.score_threshold,
        )

    def _predicted(self, episode: Episode) -> dict[str, NDArray[np.float32]]:
        """Feature -> (frames, *shape) of an episode."""
        stored = [camera for camera in self.keys if self.dataset.features[camera]["dtype"] == IMAGE]
        frames = read_frames_of(episode, stored)
        values: dict[str, NDArray[np.float32]] = {}
        for camera, key in self.keys.items():
            points, maps = [], []
            for images in _batches(episode_images(self.dataset, episode, camera, frames)):
                for prediction in self._predict(images):
                    points.append(point_vector(prediction, self.actions, self.config.points_per_action).reshape(-1))
                    if self.config.maps:
                        maps.append(map_stack(prediction, self.actions))
            values[key] = np.stack(points)
            if maps:
                values[key + MAPS] = np.stack(maps)
        return values

    def _features(self) -> list[NewFeature]:
        """The new features; the first episode tells the maps' size."""
        values = self._values_of(self.dataset.episodes[0].index)
        names = point_names(self.actions, self.config.points_per_action)
        axes = ("actions", "height", "width")
        return [
            NewFeature(key, each.shape[1:], axes if key.endswith(MAPS) and each.ndim == 4 else names)
            for key, each in values.items()
        ]

    def _place(self, episode: int) -> Path:
        return self._work / f"episode-{episode:06d}.npz"

    def _save(self, episode: Episode, values: Mapping[str, NDArray[np.float32]]) -> None:
        with atomic_write(self._place(episode.index)) as partial:
            np.savez(partial, **values)  # type: ignore[arg-type]

    def _load(self, episode: int) -> dict[str, NDArray[np.float32]]:
        with np.load(self._place(episode)) as values:
            return dict(values)

    @contextmanager
    def _begun(self) -> Iterator[None]:
        """The folder that becomes the data set, for this run alone; emptied where it is of other settings."""
        settings = json.dumps(self._settings(), indent=1)
        make_folder(self._work, "output folder")
        refusal = f"{self.config.output}: another run writes it: wait for it, or name another folder"
        with exclusive(self._work / LOCK, refusal):
            place = self._work / "settings.json"
            if place.is_file() and place.read_text() == settings:
                print(f"{self.config.output}: goes on after {self.episodes_done()} episodes", file=sys.stderr)
            else:
                with write_errors(self.config.output):
                    _empty(self._partial)
                write_text(place, settings)
            yield

    def _settings(self) -> dict[str, Any]:
        """All that the output depends on; a run goes on where they are the same."""
        files = [(str(path), (self.config.root / path).stat()) for path in source_files(self.config.root)]
        text = "".join(f"{name} {stat.st_size} {stat.st_mtime_ns}\n" for name, stat in files)
        return self._description() | {"features": self.keys, "source": hashlib.sha256(text.encode()).hexdigest()}

    def _describe(self) -> None:
        """Says in `meta/hotspots.json` how each feature came to be, beside those that the source had already."""
        source = self.config.root / DESCRIPTION
        described = read_json(source) if source.is_file() else {}
        described |= {key: {"camera": camera} | self._description() for camera, key in self.keys.items()}
        write_text(self._partial / DESCRIPTION, json.dumps(described, indent=4) + "\n")

    def _description(self) -> dict[str, Any]:
        """All that a frame's values depend on but the frame."""
        config, info = self.config, self.predictor.info
        return {
            "model": info.name,
            "model_sha256": info.sha256,
            "precision": info.precision,
            "maps": config.maps,
            "actions": list(self.actions),
            "points_per_action": config.points_per_action,
            "point": list(PARTS),
            "no_point": list(NO_POINT),
            "peak_threshold": config.peak_threshold,
            "score_threshold": config.score_threshold,
        }


def _batches(images: Iterator[Image]) -> Iterator[list[Image]]:
    batch: list[Image] = []
    for image in images:
        batch.append(image)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _empty(folder: Path) -> None:
    """Removes all but the lock."""
    for path in folder.iterdir():
        if path.name != WORK:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for path in (folder / WORK).iterdir():
        if path.name != LOCK:
            path.unlink()
