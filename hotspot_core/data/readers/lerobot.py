"""Data sets of LeRobot, versions 2.1 and 3.0, as clips: an episode seen by a camera is one.

What is done comes from the task in words, by a table of verbs (`hotspot_core.data.readers.task_verbs`), which is the
file of annotations. The inactive image is the camera's first frame of the episode. An episode with several tasks is
cut where its frames' task changes. There are no annotated images.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from hotspot_core.data.clips import SHORTEST_CLIP, Clip
from hotspot_core.data.readers.reader import ClipQuery, ClipSource, Reader
from hotspot_core.data.readers.task_verbs import TaskAction, VerbTable, read_verbs
from hotspot_core.errors import InputError
from hotspot_core.media.lerobot.dataset import (
    VIDEO,
    Episode,
    LeRobotDataset,
    VideoPart,
    open_dataset,
    select_episodes,
    task_names,
)
from hotspot_core.media.lerobot.frames import read_frames_of

# So many tasks are named in a message.
SHOWN = 5


def read_lerobot_clips(
    root: str | Path, cameras: Sequence[str] = (), episodes: str | None = None, verbs: str | Path | None = None
) -> list[Clip]:
    """The clips of a data set. Videos are not opened, see `check_clips`. Tasks without a verb are reported once.

    Args:
        root: its folder.
        cameras: none for all that are videos.
        episodes: as for `select_episodes`.
        verbs: the table of verbs; None for the package's own.

    Raises:
        InputError: see `open_dataset`, `select_episodes` and `read_verbs`; a camera is unknown or no video, no episode
            has a video of one, or no task has a verb in the table.
    """
    dataset, table = open_dataset(root), read_verbs(verbs)
    chosen = _video_cameras(dataset, cameras)
    parts = list(_parts(dataset, select_episodes(dataset, episodes)))
    meant = {task: table.action_of(task) for task in dict.fromkeys(part.task for part in parts)}
    _report_unknown(dataset, table, [task for task, found in meant.items() if found is None], len(meant))
    clips = [
        _clip(dataset, part, camera, action)
        for part in parts
        if (action := meant[part.task]) is not None and action.action
        for camera in chosen
        if camera in part.episode.videos
    ]
    if not clips:
        raise InputError(f"{dataset.root}: no episode with an action has a video of {', '.join(chosen)}")
    return clips


@dataclass(frozen=True)
class _Part:
    """Frames of an episode, from the first one to before the last one, in which one task is done."""

    episode: Episode
    task: str
    first: int
    last: int


def _video_cameras(dataset: LeRobotDataset, names: Sequence[str]) -> tuple[str, ...]:
    cameras = dataset.select_cameras(names)
    videos = tuple(camera for camera in cameras if dataset.features[camera]["dtype"] == VIDEO)
    refused = [camera for camera in cameras if camera not in videos] if names or not videos else []
    if refused:
        raise InputError(
            f"{dataset.root}: the images of camera {refused[0]!r} are in Parquet files, clips are read from videos: "
            "convert the data set with LeRobot's lerobot-edit-dataset, operation convert_image_to_video"
        )
    return videos


def _parts(dataset: LeRobotDataset, episodes: Sequence[Episode]) -> Iterator[_Part]:
    names = task_names(dataset) if any(len(episode.tasks) != 1 for episode in episodes) else {}
    for episode in episodes:
        if len(episode.tasks) == 1:
            yield _Part(episode, episode.tasks[0], 0, episode.length)
            continue
        first = 0
        for number, run in groupby(read_frames_of(episode).tasks):
            last = first + len(list(run))
            yield _Part(episode, names.get(number, ""), first, last)
            first = last


def _clip(dataset: LeRobotDataset, part: _Part, camera: str, meant: TaskAction) -> Clip:
    """Times are those of the middle of frames: rounded ends of episodes then never show a neighbor's frame."""
    video: VideoPart = part.episode.videos[camera]
    middle = video.start + 0.5 / dataset.fps
    return Clip(
        video=video.path,
        start=middle + part.first / dataset.fps,
        stop=max(video.start + part.last / dataset.fps, middle + part.first / dataset.fps + SHORTEST_CLIP),
        action=meant.action,
        object=meant.object,
        inactive_image=video.path,
        inactive_time=middle,
    )


def _report_unknown(dataset: LeRobotDataset, table: VerbTable, unknown: Sequence[str], total: int) -> None:
    if not unknown:
        return
    shown = ", ".join(repr(task) for task in unknown[:SHOWN]) + (", ..." if len(unknown) > SHOWN else "")
    line = (
        f"{dataset.root}: {len(unknown)} of {total} tasks have no verb of {table.path}: {shown}: add lines verb,action "
        "to a copy of it and name that as data.annotations"
    )
    if len(unknown) == total:
        raise InputError(line)
    print(f"{line}; their episodes are left out", file=sys.stderr)


def _clip_source(query: ClipQuery) -> ClipSource:
    return ClipSource([read_lerobot_clips(query.root, query.cameras, query.episodes, query.annotations)])


READER = Reader("FOLDER", None, _clip_source, has_cameras=True)
