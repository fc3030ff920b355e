"""Data sets of LeRobot: which frames an episode has, and what is told of a folder that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

from media.lerobot_sets import EPISODES, FRONT, WRIST, brightness, write_dataset

from hotspot_core import InputError
from hotspot_core.media.lerobot.dataset import open_dataset, select_episodes, task_names
from hotspot_core.media.lerobot.frames import episode_images, read_frames_of


@pytest.mark.parametrize(
    ("version", "drift", "images"),
    [
        ("v3.0", 0, False),
        ("v3.0", 0.02, False),
        ("v3.0", -0.02, False),
        ("v2.1", 0, False),
        ("v3.0", 0, True),
        ("v2.1", 0, True),
    ],
)
def test_every_frame_is_the_right_one(tmp_path: Path, version: str, drift: float, images: bool) -> None:
    """1. Frames whose brightness tells episode and number; in version 3.0 all episodes are in one AV1 video, and their
    beginnings may be rounded by a fifth of a frame; or the frames are in Parquet files. 2. Each camera of each episode
    shows its own."""
    dataset = open_dataset(write_dataset(tmp_path, version, drift=drift, images=images))
    assert (dataset.version, dataset.fps, dataset.cameras) == (version, 10, (FRONT, WRIST))
    assert [(each.length, each.tasks) for each in dataset.episodes] == [(n, (task,)) for n, task in EPISODES]
    assert task_names(dataset) == {0: "Open the top drawer", 1: "push the red button"}
    for episode in dataset.episodes:
        frames = read_frames_of(episode, dataset.cameras if images else ())
        expected = [brightness(episode.index, frame) for frame in range(episode.length)]
        for camera in dataset.cameras:
            levels = [float(image.mean()) for image in episode_images(dataset, episode, camera, frames)]
            assert levels == pytest.approx(expected if camera == FRONT else [255 - e for e in expected], abs=2)


def test_episodes_are_chosen_by_ranges(tmp_path: Path) -> None:
    """Ends are left out, as in LeRobot's splits; what names none is refused."""
    dataset = open_dataset(write_dataset(tmp_path))
    for ranges, numbers in ((None, [0, 1, 2]), ("0:2", [0, 1]), ("2,0", [0, 2]), ("1:", [1, 2]), (":1", [0])):
        assert [episode.index for episode in select_episodes(dataset, ranges)] == numbers
    for ranges, reason in (("7:9", "has none of them, but 0 to 2"), ("a", "give numbers and ranges")):
        with pytest.raises(InputError, match=reason):
            select_episodes(dataset, ranges)


def test_what_is_wrong_with_a_folder_is_told(tmp_path: Path) -> None:
    """No data set, an unknown version, patterns that lead elsewhere, truncated and missing files, a short video."""
    with pytest.raises(InputError, match=r"^[^:]*info\.json: No such file or directory: is this the folder"):
        open_dataset(tmp_path / "nowhere")
    for name, change, reason in (
        ("version", {"codebase_version": "v4.2"}, r"version 'v4\.2': v2\.1 and v3\.0 are read; convert"),
        ("pattern", {"data_path": "../{chunk_index}.parquet"}, "leads out of the data set"),
        ("other", {"data_path": "{episode}.parquet"}, r"is no pattern of version v3\.0"),
        ("fps", {"fps": None}, "fps None: give a number above 0"),
    ):
        root = write_dataset(tmp_path / name, episodes=EPISODES[:1])
        info = json.loads((root / "meta/info.json").read_text())
        (root / "meta/info.json").write_text(json.dumps(info | change))
        with pytest.raises(InputError, match=reason):
            open_dataset(root)
    root = write_dataset(tmp_path / "broken", episodes=EPISODES[:1])
    described = root / "meta/episodes/chunk-000/file-000.parquet"
    whole = described.read_bytes()
    described.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"file-000\.parquet: cannot be read .* truncated\?"):
        open_dataset(root)
    described.write_bytes(whole)
    dataset = open_dataset(root)
    frames = read_frames_of(dataset.episodes[0])
    video = dataset.episodes[0].videos[FRONT].path
    video.write_bytes(video.read_bytes()[:200])
    with pytest.raises(InputError, match=r"file-000\.mp4"):
        list(episode_images(dataset, dataset.episodes[0], FRONT, frames))
    dataset.episodes[0].data.unlink()
    with pytest.raises(InputError, match=r"file-000\.parquet: no such file"):
        read_frames_of(dataset.episodes[0])
