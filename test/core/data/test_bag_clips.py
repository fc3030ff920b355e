"""Clips that are topics of bags."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from media import bags

from hotspot_core.data.clips import check_clips, read_clip_table
from hotspot_core.media.video import probe, read_frames


def test_a_clip_table_names_a_topic_with_start_and_stop(tmp_path: Path) -> None:
    """1. Forty images at 10 per second, each as bright as its number. 2. Rows of one topic, by file and by folder; one
    names a topic that is not there, one ends after the bag. 3. The frames are those that are shown at the times."""
    messages = [("/eye", 0.1 * k, bags.image(np.full((24, 32, 3), k, np.uint8), 0)) for k in range(40)]
    other = [("/other", 0.0, bags.image(np.full((24, 32, 3), 255, np.uint8), 0))]
    file = next(bags.write_bag(tmp_path / "drive", [*other, *messages]).glob("*.mcap")).relative_to(tmp_path)
    rows = [f"{file}#/eye,2.5,3.5", "drive#eye,,", f"{file}#/nose,0,1", f"{file}#/eye,1,9"]
    lines = ["clip,start,stop,action,object,inactive_image", *(f"{row},open,door," for row in rows)]
    (tmp_path / "clips.csv").write_text("\n".join(lines))
    told: list[str] = []
    kept = check_clips(read_clip_table(tmp_path / "clips.csv"), 0.5, report=told.append)
    assert [(clip.start, clip.stop) for clip in kept] == [(2.5, 3.5), (0.0, pytest.approx(4.0))]
    assert "choose one of /eye, /other" in told[1]
    assert "before its stop at 9.0 s" in told[2]
    first, whole = kept
    assert numbers(first.video, first.start, first.stop, 5) == [25, 27, 29, 31, 33]
    assert numbers(whole.video, 0.05, None, 1) == [0, 10, 20, 30]
    assert numbers(first.video, 3.85, None, 20) == [38, 39, 39]
    assert probe(first.video).frame_rate == pytest.approx(10)
    assert read_frames(first.video, 0, count=1, shorter_side=12)[0].shape == (12, 16, 3)


def numbers(video: Path, start: float, stop: float | None, fps: float) -> list[int]:
    return [int(frame[0, 0, 0]) for frame in read_frames(video, start, stop, fps)]
