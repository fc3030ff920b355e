"""The images of an episode, at its frames' own time stamps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from hotspot_core.errors import InputError
from hotspot_core.media.images import Image, read_image
from hotspot_core.media.lerobot.dataset import IMAGE, Episode, LeRobotDataset, VideoPart
from hotspot_core.media.lerobot.files import column_names, parquet, parquet_errors


@dataclass(frozen=True)
class EpisodeFrames:
    """The frames of an episode in their order.

    Attributes:
        times: seconds since the episode's beginning.
        tasks: number of each frame's task.
        images: camera -> what its Parquet column holds, of cameras without a video.
    """

    times: Sequence[float]
    tasks: Sequence[int]
    images: dict[str, list[Any]]


def read_frames_of(episode: Episode, image_columns: Sequence[str] = ()) -> EpisodeFrames:
    """The rows of an episode.

    Raises:
        InputError: the file is missing or damaged, or holds another number of frames of the episode.
    """
    columns = ["frame_index", "timestamp", "task_index", *image_columns]
    missing = {*columns, "episode_index"} - set(column_names(episode.data))
    if missing:
        raise InputError(f"{episode.data}: no column {sorted(missing)[0]!r}: is this a data set of LeRobot?")
    with parquet_errors(episode.data):
        table = parquet().read_table(
            episode.data, columns=columns, filters=[("episode_index", "==", episode.index)], partitioning=None
        )
        rows = table.sort_by("frame_index").to_pydict()
    if rows["frame_index"] != list(range(episode.length)):
        raise InputError(
            f"{episode.data}: {len(rows['frame_index'])} frames of episode {episode.index} in place of "
            f"{episode.length}: download the data set again"
        )
    return EpisodeFrames(rows["timestamp"], rows["task_index"], {key: rows[key] for key in image_columns})


def episode_images(dataset: LeRobotDataset, episode: Episode, camera: str, frames: EpisodeFrames) -> Iterator[Image]:
    """What a camera shows at each frame, (H, W, 3) uint8 RGB.

    Raises:
        InputError: a video or image is missing or damaged, or the video shows nothing within half a frame of a time.
    """
    if dataset.features[camera]["dtype"] == IMAGE:
        for cell in frames.images[camera]:
            yield _image_of_cell(dataset.root, f"{episode.data}: episode {episode.index}", cell)
    elif camera not in episode.videos:
        raise InputError(f"{dataset.root}: episode {episode.index} has no video of camera {camera!r}")
    else:
        yield from _nearest_frames(episode.videos[camera], frames.times, 0.5 / dataset.fps)


def _nearest_frames(video: VideoPart, times: Sequence[float], tolerance: float) -> Iterator[Image]:
    from hotspot_core.media.frame_pixels import FramePixels
    from hotspot_core.media.recording import ROUNDING, open_recording

    with open_recording(video.path) as recording:
        pixels = FramePixels(transfer=recording.transfer)
        decoded = recording.frames(max(0.0, video.start + times[0] - tolerance))
        current, following = next(decoded, None), next(decoded, None)
        for time in (video.start + each for each in times):
            while current and following and abs(following.time - time) <= abs(current.time - time):
                current, following = following, next(decoded, None)
            if current is None or abs(current.time - time) > tolerance + ROUNDING:
                raise InputError(f"{video.path}: no frame at {time:.3f} s: truncated? download the file again")
            yield pixels(current.frame)


def _image_of_cell(root: Path, where: str, cell: Any) -> Image:
    """An image that is stored in a Parquet file, or whose path is."""
    if not isinstance(cell, dict) or not (cell.get("bytes") or cell.get("path")):
        raise InputError(f"{where}: an image is missing")
    if not cell.get("bytes"):
        return read_image(root / cell["path"])
    bgr = cv2.imdecode(np.frombuffer(cell["bytes"], np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise InputError(f"{where}: an image cannot be decoded")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
