"""A data set of LeRobot: its cameras, and its episodes with their tasks and files.

Version 3.0 keeps several episodes in one Parquet file and in one video; `meta/episodes` says from which second on an
episode is shown. Version 2.1 has a file of each kind per episode. The places come from info.json in both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from hotspot_core.errors import InputError, check_number, select_names
from hotspot_core.media.lerobot.files import column_names, read_json, read_json_lines, read_rows

V2, V3 = "v2.1", "v3.0"
INFO, EPISODES_V2, EPISODES_V3 = "meta/info.json", "meta/episodes.jsonl", "meta/episodes"
VIDEO, IMAGE = "video", "image"
TASK_FILES = {V2: "meta/tasks.jsonl", V3: "meta/tasks.parquet"}


@dataclass(frozen=True)
class VideoPart:
    """Where a camera's video of an episode is: a file, and the second in it at which the episode begins."""

    path: Path
    start: float


@dataclass(frozen=True)
class Episode:
    """An episode.

    Attributes:
        index: its number in the data set.
        length: number of frames.
        tasks: what is done in it, in words, each once.
        data: the Parquet file that holds its frames, perhaps beside those of others.
        videos: camera -> where its video is; empty of cameras whose images are in the Parquet file.
    """

    index: int
    length: int
    tasks: tuple[str, ...]
    data: Path
    videos: Mapping[str, VideoPart]


@dataclass(frozen=True)
class LeRobotDataset:
    """A data set; made by `open_dataset`.

    Attributes:
        root: its folder.
        version: "v2.1" or "v3.0".
        fps: frames per second.
        features: name -> description, as info.json has it.
        episodes: in the order of their numbers.
    """

    root: Path
    version: str
    fps: float
    features: Mapping[str, Mapping[str, Any]]
    episodes: Sequence[Episode]

    @property
    def cameras(self) -> tuple[str, ...]:
        """The features that are videos or images."""
        return tuple(key for key, feature in self.features.items() if feature.get("dtype") in (VIDEO, IMAGE))

    def select_cameras(self, names: Sequence[str]) -> tuple[str, ...]:
        """Cameras by name, all for none; InputError where there is none of a name, or none at all."""
        if not self.cameras:
            raise InputError(f"{self.root}: the data set has no cameras: its features are {', '.join(self.features)}")
        return select_names("camera", names, self.cameras)

    def data_files(self) -> list[Path]:
        """The Parquet files with the frames, each once."""
        return list(dict.fromkeys(episode.data for episode in self.episodes))


def open_dataset(root: str | Path) -> LeRobotDataset:
    """What the data set's description says; no frame is read.

    Raises:
        InputError: the folder is none of a data set, or of a version that is not known; a file is missing or damaged,
            or says what cannot be.
    """
    root = Path(root)
    info = read_json(root / INFO)
    version = info.get("codebase_version")
    if version not in (V2, V3):
        raise InputError(
            f"{root}: LeRobot data set of version {version!r}: {V2} and {V3} are read; convert it with LeRobot's "
            "lerobot.datasets scripts, convert_dataset_v20_to_v21 or convert_dataset_v21_to_v30"
        )
    features = info.get("features")
    if not isinstance(features, dict) or not all(isinstance(each, dict) for each in features.values()):
        raise InputError(f"{root / INFO}: no object 'features': is this a data set of LeRobot?")
    check_number(f"{root / INFO}: fps", info.get("fps"), 0, above=True)
    cameras = [key for key, feature in features.items() if feature.get("dtype") == VIDEO]
    layout = _Layout(root, info)
    try:
        episodes = _episodes_v3(layout, cameras) if version == V3 else _episodes_v2(layout, cameras)
    except (KeyError, TypeError, IndexError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{root}: the description of an episode lacks or has a wrong {error}") from None
    if not episodes:
        raise InputError(f"{root}: the data set has no episodes")
    episodes.sort(key=lambda episode: episode.index)
    return LeRobotDataset(root, version, float(info["fps"]), features, episodes)


def select_episodes(dataset: LeRobotDataset, ranges: str | None) -> list[Episode]:
    """Episodes by their numbers.

    Args:
        ranges: numbers and ranges by comma, whose ends are left out: "0:80,90"; None for all.

    Raises:
        InputError: it is written otherwise, or names none of the data set's.
    """
    if ranges is None:
        return list(dataset.episodes)
    chosen: set[int] = set()
    last = dataset.episodes[-1].index
    for part in str(ranges).split(","):
        first, colon, end = part.strip().partition(":")
        try:
            low = int(first or 0)
            chosen.update(range(low, (int(end) if end else last + 1) if colon else low + 1))
        except ValueError:
            raise InputError(f"episodes {ranges!r}: give numbers and ranges, such as 0:80,90") from None
    episodes = [episode for episode in dataset.episodes if episode.index in chosen]
    if not episodes:
        raise InputError(f"episodes {ranges!r}: {dataset.root} has none of them, but 0 to {last}")
    return episodes


def task_names(dataset: LeRobotDataset) -> dict[int, str]:
    """Number of a task -> its words; InputError where the table of tasks cannot be read."""
    path = dataset.root / TASK_FILES[dataset.version]
    if dataset.version == V2:
        return {int(row["task_index"]): str(row["task"]) for row in read_json_lines(path)}
    words = next(iter(set(column_names(path)) - {"task_index"}), "task")
    return {int(row["task_index"]): str(row[words]) for row in read_rows(path, ["task_index", words])}


@dataclass(frozen=True)
class _Layout:
    """Where files lie, by the patterns of info.json."""

    root: Path
    info: Mapping[str, Any]

    def path(self, kind: str, **numbers: Any) -> Path:
        pattern = str(self.info.get(kind))
        try:
            place = PurePosixPath(pattern.format(**numbers))
        except (KeyError, IndexError, ValueError, AttributeError):
            raise InputError(
                f"{self.root / INFO}: {kind} {pattern!r} is no pattern of version {self.info['codebase_version']}"
            ) from None
        if place.is_absolute() or ".." in place.parts:
            raise InputError(f"{self.root / INFO}: {kind} {pattern!r} leads out of the data set")
        return self.root / place


def _episodes_v3(layout: _Layout, cameras: Sequence[str]) -> list[Episode]:
    files = sorted((layout.root / EPISODES_V3).glob("*/*.parquet"))
    if not files:
        raise InputError(f"{layout.root / EPISODES_V3}: no Parquet file in it: is the data set downloaded wholly?")
    parts = ("chunk_index", "file_index", "from_timestamp")
    columns = ["episode_index", "tasks", "length", "data/chunk_index", "data/file_index"]
    columns += [f"videos/{camera}/{part}" for camera in cameras for part in parts]
    return [_episode_v3(layout, row, cameras) for file in files for row in read_rows(file, columns)]


def _episode_v3(layout: _Layout, row: Mapping[str, Any], cameras: Sequence[str]) -> Episode:
    def place(kind: str, prefix: str, **names: str) -> Path:
        chunk, file = int(row[f"{prefix}/chunk_index"]), int(row[f"{prefix}/file_index"])
        return layout.path(kind, chunk_index=chunk, file_index=file, **names)

    videos = {
        camera: VideoPart(
            place("video_path", f"videos/{camera}", video_key=camera), float(row[f"videos/{camera}/from_timestamp"])
        )
        for camera in cameras
        # Null where this camera was not there yet.
        if row[f"videos/{camera}/chunk_index"] is not None
    }
    return _episode(row, place("data_path", "data"), videos)


def _episodes_v2(layout: _Layout, cameras: Sequence[str]) -> list[Episode]:
    rows = read_json_lines(layout.root / EPISODES_V2)
    size = int(layout.info["chunks_size"])
    episodes = []
    for row in rows:
        index = int(row["episode_index"])
        where = {"episode_chunk": index // size, "episode_index": index}
        videos = {camera: VideoPart(layout.path("video_path", video_key=camera, **where), 0.0) for camera in cameras}
        episodes.append(_episode(row, layout.path("data_path", **where), videos))
    return episodes


def _episode(row: Mapping[str, Any], data: Path, videos: Mapping[str, VideoPart]) -> Episode:
    tasks = tuple(dict.fromkeys(str(task) for task in row["tasks"]))
    return Episode(int(row["episode_index"]), int(row["length"]), tasks, data, videos)
