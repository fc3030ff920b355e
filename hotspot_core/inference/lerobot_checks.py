"""What is checked before hotspots are added to a data set of LeRobot: names, places and files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hotspot_core.errors import InputError
from hotspot_core.media.lerobot.dataset import IMAGE, LeRobotDataset
from hotspot_core.media.lerobot.files import column_names

KEY = "observation.hotspots"
# Behind the name of the points' feature for the one of the maps.
MAPS = ".maps"


def new_keys(dataset: LeRobotDataset, cameras: Sequence[str], key: str, maps: bool) -> dict[str, str]:
    """Camera -> name of its feature; LeRobot takes every feature with "image" in its name for a picture."""
    if not key or "/" in key or "image" in key:
        raise InputError(f"--add {key!r}: LeRobot allows no '/' in names, and takes 'image' for pictures: {KEY!r}")
    shortened = [camera.removeprefix("observation.images.").removeprefix("observation.") for camera in cameras]
    views = [name.replace("images", "views").replace("image", "view") for name in shortened]
    keys = {cameras[0]: key}
    if len(cameras) > 1:
        keys = {camera: f"{key}.{view}" for camera, view in zip(cameras, views, strict=True)}
    names = [name for each in keys.values() for name in ((each, each + MAPS) if maps else (each,))]
    taken = [name for name in names if name in dataset.features or names.count(name) > 1]
    if taken:
        raise InputError(f"{dataset.root}: there is a feature {taken[0]!r} already: give another name as --add")
    return keys


def check_output(root: Path, output: Path) -> None:
    if output.exists() or output.is_symlink():
        raise InputError(f"output {str(output)!r} exists already: remove it, or name a new folder")
    if output.resolve().is_relative_to(root.resolve()):
        raise InputError(f"output {str(output)!r} lies in the data set, which stays as it is: name a folder elsewhere")


def check_files(dataset: LeRobotDataset, cameras: Sequence[str]) -> None:
    """InputError where a file of the data set is missing, or a Parquet file is truncated."""
    for path in dataset.data_files():
        column_names(path)
    videos = {
        episode.videos[camera].path
        for episode in dataset.episodes
        for camera in dataset.cameras
        if camera in episode.videos
    }
    missing = sorted(path for path in videos if not path.is_file())
    if missing:
        raise InputError(
            f"{dataset.root}: {len(missing)} of {len(videos)} videos are missing, first {missing[0]}: download the "
            "data set wholly"
        )
    for camera in cameras:
        if dataset.features[camera]["dtype"] == IMAGE:
            continue
        lacking = [episode.index for episode in dataset.episodes if camera not in episode.videos]
        if lacking:
            raise InputError(
                f"{dataset.root}: episode {lacking[0]} has no video of camera {camera!r}: name others as --camera"
            )
