"""Clip tables: what is read, and one clear line on what cannot be."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from media.recordings import numbered_frames, write_image, write_video

from hotspot_core import InputError
from hotspot_core.data.clips import Clip, action_names, check_clips, object_names, read_clip_table

HEADER = "clip,start,stop,action,object,inactive_image\n"


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "clips.csv"
    path.write_text(text)
    return path


def test_rows(tmp_path: Path) -> None:
    """Paths are relative to the table; blank times and images mean the video's ends and any image of the object;
    other columns, their order, spaces and a byte order mark do not matter."""
    path = table(
        tmp_path,
        "\ufeffaction, object,clip,start,stop,inactive_image,frame_rate,note\n"
        "open,drawer,videos/a.mp4,0.5,2,rest/a.jpg,,hello\n"
        "close, drawer ,frames/b,,,,10,\n",
    )
    assert read_clip_table(path) == [
        Clip(tmp_path / "videos/a.mp4", 0.5, 2.0, "open", "drawer", tmp_path / "rest/a.jpg"),
        Clip(tmp_path / "frames/b", 0.0, None, "close", "drawer", None, 10.0),
    ]
    clips = read_clip_table(path, ["close", "open"])
    assert action_names(clips) == ("close", "open")
    assert object_names(clips) == ("drawer",)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("clip,start,stop,action\na.mp4,,,open\n", "no column object, inactive_image: the first line must be clip,"),
        ("", "no column clip, start"),
        (HEADER, "the table is empty"),
        (HEADER + "a.mp4,,,open,door,\n,,,open,door,\n", "line 3 has no clip"),
        (HEADER + "a.mp4,,,,door,\n", "line 2 has no action"),
        (HEADER + "a.mp4,,,opne,door,\n", "line 2: unknown action 'opne': did you mean 'open'?"),
        (HEADER + "a.mp4,x,,open,door,\n", "line 2 has the start 'x': give a positive number"),
        (HEADER + "a.mp4,,nan,open,door,\n", "line 2 has the stop 'nan'"),
        (HEADER + "a.mp4,2,2.01,open,door,\n", "line 2 goes from 2 s to 2.01 s: a clip needs at least two frames"),
        (HEADER + "a.mp4,3,2,open,door,\n", "from 3 s to 2 s"),
    ],
)
def test_wrong_tables(tmp_path: Path, text: str, reason: str) -> None:
    """Each mistake is named with the file, the line and the remedy, in one line."""
    with pytest.raises(InputError) as caught:
        read_clip_table(table(tmp_path, text), ["open", "close"])
    assert reason in str(caught.value)
    assert str(tmp_path / "clips.csv") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_no_tables(tmp_path: Path) -> None:
    """A missing file and bytes that are no text."""
    with pytest.raises(InputError, match="No such file"):
        read_clip_table(tmp_path / "missing.csv")
    path = tmp_path / "bytes.csv"
    path.write_bytes(bytes(range(128, 256)) * 10)
    with pytest.raises(InputError, match="no CSV text"):
        read_clip_table(path)


def good_clips(tmp_path: Path, count: int) -> list[Clip]:
    video = write_video(tmp_path / "good.mp4", numbered_frames(30))
    inactive = write_image(tmp_path / "inactive.png", np.zeros((8, 8, 3), np.uint8))
    return [Clip(video, 0.0, None, "open", "door", inactive)] * count


def broken_clips(tmp_path: Path) -> list[Clip]:
    """One with a missing video, one with a missing inactive image, one whose inactive image is none, one that is no
    video, one with one frame."""
    inactive = tmp_path / "inactive.png"
    text = tmp_path / "text.mp4"
    text.write_text("text")
    one = write_video(tmp_path / "one.mp4", numbered_frames(1))
    return [
        Clip(tmp_path / "missing.mp4", 0.0, None, "open", "door", inactive),
        Clip(tmp_path / "good.mp4", 0.0, None, "open", "door", tmp_path / "missing.png"),
        Clip(tmp_path / "good.mp4", 0.0, None, "open", "door", text),
        Clip(text, 0.0, None, "open", "door", inactive),
        Clip(one, 0.0, None, "open", "door", inactive),
    ]


def test_good_clips_get_their_stops(tmp_path: Path) -> None:
    """All are kept in order, with nothing to report; a folder of frames gets its rate, too."""
    for index, image in enumerate(numbered_frames(20)):
        write_image(tmp_path / f"frames/{index:03d}.png", image)
    clips = [*good_clips(tmp_path, 2), Clip(tmp_path / "frames", 0.0, None, "open", "door", None)]
    reported: list[str] = []
    kept = check_clips(clips, fps=10, report=reported.append)
    assert reported == []
    assert [clip.stop for clip in kept] == pytest.approx([1.0, 1.0, 2.0])
    assert [clip.frame_rate for clip in kept] == [None, None, 10]


def test_broken_clips_are_left_out_and_listed_once(tmp_path: Path) -> None:
    """Five broken clips among a hundred: one line each, after one with their number, and the rest is kept."""
    good = good_clips(tmp_path, 95)
    reported: list[str] = []
    kept = check_clips([*broken_clips(tmp_path), *good], report=reported.append)
    assert len(kept) == 95
    assert reported[0] == "5 of 100 clips are missing or broken and left out:"
    reasons = (
        "no such file",
        r"inactive image .*missing\.png: No such file",
        "inactive image .*no image",
        "no video",
        "one frame",
    )
    for line, reason in zip(reported[1:], reasons, strict=True):
        assert re.search(reason, line)


def test_too_many_broken_clips_stop_the_run(tmp_path: Path) -> None:
    """Five of 99 are more than 5 %, five of 100 are not; no clips at all are an error as well."""
    good = good_clips(tmp_path, 95)
    broken = broken_clips(tmp_path)
    with pytest.raises(InputError, match=r"5 of 99 clips are missing or broken, more than 5%, first .*missing\.mp4"):
        check_clips([*good[:94], *broken])
    assert len(check_clips([*good, *broken], report=lambda line: None)) == 95
    with pytest.raises(InputError, match="no clips"):
        check_clips([])
