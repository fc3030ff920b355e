"""Data sets of LeRobot as clips: what tasks mean, and which frames a clip and its inactive image show."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

import pyarrow
import pyarrow.parquet
from media.lerobot_sets import EPISODES, FRONT, WRIST, brightness, write_dataset

from hotspot_core import InputError
from hotspot_core.data.clips import Clip, check_clips
from hotspot_core.data.inactive_images import inactive_images_of_clips
from hotspot_core.data.readers.lerobot import read_lerobot_clips
from hotspot_core.data.readers.registry import read_clips
from hotspot_core.data.readers.task_verbs import read_verbs
from hotspot_core.media.video import read_frames


def levels(clip: Clip) -> list[float]:
    return [float(frame.mean()) for frame in read_frames(clip.video, clip.start, clip.stop, 10)]


@pytest.mark.parametrize(("version", "drift"), [("v3.0", 0), ("v3.0", 0.02), ("v3.0", -0.02), ("v2.1", 0)])
def test_an_episode_seen_by_a_camera_is_a_clip(tmp_path: Path, version: str, drift: float) -> None:
    """1. Three episodes and two cameras are six clips that can be read. 2. Each has its own frames, all of them, also
    where the beginnings in a common video are rounded. 3. The inactive image is the camera's first frame."""
    write_dataset(tmp_path, version, drift=drift)
    (clips,) = read_clips("lerobot", root=tmp_path).tables
    kept = check_clips(clips, 0.0, fps=10)
    assert [(clip.action, clip.object) for clip in kept[::2]] == [
        ("open", "top drawer"),
        ("push", "red button"),
        ("open", "top drawer"),
    ]
    for number, (front, wrist) in enumerate(zip(kept[::2], kept[1::2], strict=True)):
        expected = [brightness(number, frame) for frame in range(EPISODES[number][0])]
        assert levels(front) == pytest.approx(expected, abs=2)
        assert levels(wrist) == pytest.approx([255 - each for each in expected], abs=2)
        (inactive,) = inactive_images_of_clips([wrist])[wrist.object]
        assert inactive.read().mean() == pytest.approx(255 - expected[0], abs=2)


def test_cameras_and_episodes_are_chosen(tmp_path: Path) -> None:
    """By name and by ranges; a camera that is not there is refused with those that are."""
    write_dataset(tmp_path, "v2.1")
    source = read_clips("lerobot", root=tmp_path, cameras=[WRIST], episodes="1:")
    assert [clip.video.parts[-2:] for clip in source.tables[0]] == [
        (WRIST, "episode_000001.mp4"),
        (WRIST, "episode_000002.mp4"),
    ]
    with pytest.raises(InputError, match=f"unknown camera 'front': .*known are {FRONT}, {WRIST}"):
        read_clips("lerobot", root=tmp_path, cameras=["front"])


def test_an_episode_is_cut_where_its_task_changes(tmp_path: Path) -> None:
    """1. An episode of two tasks, five frames and seven. 2. Two clips, both with the episode's first frame."""
    write_dataset(tmp_path)
    described, data = (
        tmp_path / "meta/episodes/chunk-000/file-000.parquet",
        tmp_path / "data/chunk-000/file-000.parquet",
    )
    rows = pyarrow.parquet.ParquetFile(described).read().to_pylist()
    rows[1]["tasks"] = ["Open the top drawer", "push the red button"]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), described)
    frames = pyarrow.parquet.ParquetFile(data).read().to_pylist()
    for row in frames:
        if row["episode_index"] == 1:
            row["task_index"] = int(row["frame_index"] >= 5)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(frames), data)
    first, second = read_lerobot_clips(tmp_path, [FRONT], "1")
    assert (first.action, second.action) == ("open", "push")
    assert levels(first) == pytest.approx([brightness(1, frame) for frame in range(5)], abs=2)
    assert levels(second) == pytest.approx([brightness(1, frame) for frame in range(5, 12)], abs=2)
    assert first.inactive_time == second.inactive_time


def test_tasks_become_actions_by_an_editable_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """1. A verb that the package's table has not is told once and left out. 2. With a table of one's own it is an
    action, and a verb without an action is left out silently. 3. Where no task has a verb, that is an error."""
    write_dataset(tmp_path / "set", episodes=[(5, "Frobnicate the knob"), (5, "open it"), (5, "Frobnicate the knob")])
    assert {clip.action for clip in read_lerobot_clips(tmp_path / "set")} == {"open"}
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "1 of 2 tasks have no verb" in told
    assert "'Frobnicate the knob': add lines verb,action to a copy of it" in told
    (tmp_path / "verbs.csv").write_text("verb,action\nfrobnicate,rotate\nopen,\n")
    clips = read_clips("lerobot", root=tmp_path / "set", annotations=tmp_path / "verbs.csv").tables[0]
    assert [(clip.action, clip.object) for clip in clips] == [("rotate", "knob")] * 4
    assert capsys.readouterr().err == ""
    (tmp_path / "verbs.csv").write_text("verb,action\nsing,sing\n")
    with pytest.raises(InputError, match="2 of 2 tasks have no verb"):
        read_lerobot_clips(tmp_path / "set", verbs=tmp_path / "verbs.csv")


def test_images_in_parquet_files_are_refused(tmp_path: Path) -> None:
    """Clips are read from videos."""
    write_dataset(tmp_path, images=True)
    with pytest.raises(InputError, match="are in Parquet files, clips are read from videos: convert"):
        read_lerobot_clips(tmp_path)


@pytest.mark.parametrize(
    ("task", "action", "name"),
    [
        ("Open the top drawer", "open", "top drawer"),
        ("The robot opens a door.", "open", "door"),
        ("please pick up the cup and put it on the plate", "lift", "cup"),
        ("putting the lid on the pot", "put", "lid"),
        ("closing the microwave", "close", "microwave"),
        ("Turn on the stove", "press", "stove"),
        ("turn the knob to the left", "rotate", "knob"),
        ("use the sponge to wipe the table", "wipe", "table"),
        ("push", "push", ""),
    ],
)
def test_the_first_verb_counts(task: str, action: str, name: str) -> None:
    """Of several words the longest, with endings; the object ends before a preposition."""
    found = read_verbs().action_of(task)
    assert found is not None
    assert (found.action, found.object) == (action, name)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("verb\nopen\n", "no column action"),
        ("verb,action\nopen,open\nopen,pull\n", "line 3: the verb stands twice"),
        ("verb,action\n,open\n", "line 2: no verb"),
        ("verb,action\n", "the table is empty"),
    ],
)
def test_a_bad_table_is_told(tmp_path: Path, text: str, reason: str) -> None:
    """With its line."""
    (tmp_path / "verbs.csv").write_text(text)
    with pytest.raises(InputError, match=reason):
        read_verbs(tmp_path / "verbs.csv")
