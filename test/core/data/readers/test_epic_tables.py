"""EPIC-KITCHENS-55 and -100 with their official tables, in the layouts of both releases."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from media.recordings import indices, numbered_frames, write_image, write_video

from hotspot_core import InputError
from hotspot_core.data.clips import action_names, check_clips
from hotspot_core.data.dataset import ClipDataset
from hotspot_core.data.readers.epic import FPS
from hotspot_core.data.readers.epic_tables import read_epic_table
from hotspot_core.data.readers.registry import read_clips
from hotspot_core.media.video import read_frames

TAIL = "verb,verb_class,noun,noun_class,all_nouns,all_noun_classes\n"
HEAD_55 = "uid,participant_id,video_id,narration,start_timestamp,stop_timestamp,start_frame,stop_frame," + TAIL
HEAD_100 = (
    "narration_id,participant_id,video_id,narration_timestamp,start_timestamp,stop_timestamp,start_frame,stop_frame,"
    "narration," + TAIL
)
# From frame 91 to 120, and from 31 to 60, at 60 per second; the noun has another name in each.
ROWS_55 = """7,P01,P01_01,close tap,00:00:01.50,00:00:02.00,90,120,close,4,tap:water,0,"['tap:water', 'sink']","[0, 9]"
8,P01,P01_01,open tap,00:00:00.50,00:00:01.00,30,60,turn-on,3,tap,0,['tap'],[0]
9,P01,P01_01,turn on tap,00:00:00.50,00:00:01.00,30,60,turn-on,3,tap,0,['tap'],[0]
"""
ROWS_100 = """P01_101_0,P01,P01_101,00:00:01.6,00:00:01.50,00:00:02.00,75,100,put plate,put-down,1,plate,2,['plate'],[2]
P01_101_1,P01,P01_101,00:00:01.700,00:00:00.50,00:00:01.00,25,50,put plate,put,1,plate,2,['plate'],[2]
"""


def table(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def table_55(tmp_path: Path) -> Path:
    return table(tmp_path / "annotations", "EPIC_train_action_labels.csv", HEAD_55 + ROWS_55)


@pytest.mark.parametrize(
    "place",
    [
        "videos/train/P01/P01_01.MP4",
        "videos/train/P01/P01_01.mp4",
        "P01/videos/P01_01.MP4",
        "P01/videos/P01_01.mp4",
        "P01/P01_01.MP4",
        "P01/P01_01.mkv",
        "videos/P01_01.mp4",
        "P01_01.mp4",
    ],
)
def test_a_video_is_found_in_every_layout(tmp_path: Path, place: str) -> None:
    """Its clips are what the video shows at the times of the table."""
    write_video(tmp_path / place, numbered_frames(46), 20)
    source = read_clips("epic", root=tmp_path, annotations=table_55(tmp_path))
    clips = check_clips(source.tables[0], 0, fps=FPS)
    assert [clip.video for clip in clips] == [tmp_path / place] * 3
    shown = read_frames(clips[0].video, clips[0].start, clips[0].stop, 4)
    assert indices(shown) == [30, 35]


@pytest.mark.parametrize("place", ["frames_rgb_flow/rgb/train/P01/P01_01", "P01/rgb_frames/P01_01", "rgb/P01_01"])
def test_extracted_frames_come_first(tmp_path: Path, place: str) -> None:
    """The frames of a clip are those whose numbers the table has, at the rate that it implies."""
    write_video(tmp_path / "P01/videos/P01_01.MP4", numbered_frames(10), 20)
    for number in range(1, 122):
        write_image(tmp_path / place / f"frame_{number:010d}.jpg", np.full((16, 16, 3), 2 * number, np.uint8))
    clips = check_clips(read_epic_table(tmp_path, table_55(tmp_path)).clips, 0, fps=FPS)
    assert {clip.video for clip in clips} == {tmp_path / place}
    frames = read_frames(clips[0].video, clips[0].start, clips[0].stop, FPS, frame_rate=clips[0].frame_rate)
    assert [round(float(frame.mean()) / 2) for frame in frames] == [90, 100, 110, 120]


def test_an_empty_folder_of_frames_is_none(tmp_path: Path) -> None:
    """As where the archives of the frames are not unpacked yet."""
    (tmp_path / "P01/rgb_frames/P01_01").mkdir(parents=True)
    write_video(tmp_path / "P01/videos/P01_01.MP4", numbered_frames(46), 20)
    assert read_epic_table(tmp_path, table_55(tmp_path)).clips[0].video.suffix == ".MP4"


def test_the_later_release(tmp_path: Path) -> None:
    """Other columns, and videos of 50 frames per second."""
    for number in range(1, 102):
        write_image(
            tmp_path / f"P01/rgb_frames/P01_101/frame_{number:010d}.jpg", np.full((16, 16, 3), number, np.uint8)
        )
    clips = read_epic_table(tmp_path, table(tmp_path, "EPIC_100_train.csv", HEAD_100 + ROWS_100)).clips
    assert [(clip.frame_rate, clip.start, clip.stop) for clip in clips] == [(50, 1.48, 2), (50, 0.48, 1)]
    assert len(check_clips(clips, 0, fps=FPS)) == 2


def test_classes_name_actions_and_objects(tmp_path: Path) -> None:
    """1. Without the tables of classes: the verb or noun that is used most. 2. With them: theirs. 3. Those of the
    other release are left alone. 4. One that lacks a class is refused."""
    path = table_55(tmp_path)
    named = [(clip.action, clip.object) for clip in read_epic_table(tmp_path, path).clips]
    assert named == [("close", "tap"), ("turn-on", "tap"), ("turn-on", "tap")]
    table(path.parent, "EPIC_100_verb_classes.csv", "id,key,instances,category\n3,wrong,[],x\n4,wrong,[],x\n")
    table(path.parent, "EPIC_verb_classes.csv", "verb_id,class_key,verbs\n3,open,\"['open', 'x']\"\n4,shut,['close']\n")
    assert action_names(read_epic_table(tmp_path, path).clips) == ("open", "shut")
    table(path.parent, "EPIC_noun_classes.csv", "noun_id,class_key,nouns\n7,fridge,['fridge']\n")
    with pytest.raises(InputError, match=r"EPIC_noun_classes\.csv: no name of class 0"):
        read_epic_table(tmp_path, path)
    later = table(path.parent, "EPIC_100_train.csv", HEAD_100 + ROWS_100)
    with pytest.raises(InputError, match=r"EPIC_100_verb_classes\.csv: no name of class 1"):
        read_epic_table(tmp_path, later)


def test_two_classes_of_one_word_stay_two(tmp_path: Path) -> None:
    rows = ROWS_55.replace("close,4", "turn-on,4")
    clips = read_epic_table(tmp_path, table(tmp_path, "EPIC_train_action_labels.csv", HEAD_55 + rows)).clips
    assert action_names(clips) == ("turn-on 3", "turn-on 4")


def test_objects_at_rest_are_frames_from_before(tmp_path: Path) -> None:
    """A second before the first clip there is no video, and before the other one the tap is being turned on: the
    former is taken at the video's beginning. Where it rests in between, it is taken there."""
    write_video(tmp_path / "P01/P01_01.MP4", numbered_frames(46), 20)
    found = read_epic_table(tmp_path, table_55(tmp_path))
    assert {image.time for image in found.inactive_images["tap"]} == {0.0, 0.5}
    later = ROWS_55.replace("00:00:01.50,00:00:02.00,90", "00:00:02.10,00:00:02.30,126").replace(",120,", ",138,")
    found = read_epic_table(tmp_path, table(tmp_path, "EPIC_train_action_labels.csv", HEAD_55 + later))
    (image,) = found.inactive_images["tap"]
    assert image.time == pytest.approx(1.1)
    assert indices([image.read()]) == [22]
    clips = check_clips(found.clips, 0, fps=FPS)
    data = ClipDataset(clips, action_names(clips), fps=FPS, size=16, inactive_images=found.inactive_images)
    assert data[0]["inactive"].shape == (3, 16, 16)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a,b\n1,2\n", "no column video_id, .*give EPIC_train_action_labels"),
        (HEAD_55, "no rows"),
        (HEAD_55 + ROWS_55.replace("00:00:01.50", "1.50"), "line 2: the time '1.50' is not hours:minutes:seconds"),
        (HEAD_55 + ROWS_55.replace("00:00:01.50", "00:00:09.50"), "line 2: 'P01_01' from 9.5 s to 2 s"),
        (HEAD_55 + ROWS_55.replace("close,4", "close,x"), "line 2: .* no whole number"),
        (HEAD_55 + "9,P01\n", "line 2: the time '' is not"),
    ],
)
def test_wrong_tables_are_named(tmp_path: Path, text: str, reason: str) -> None:
    """File, line and reason."""
    with pytest.raises(InputError, match=reason) as caught:
        read_epic_table(tmp_path, table(tmp_path, "EPIC_train_action_labels.csv", text))
    assert "EPIC_train_action_labels.csv" in str(caught.value)
