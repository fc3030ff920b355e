"""Every start of a clip gives its own frames, whatever the container and the codec."""

from __future__ import annotations

from pathlib import Path

import pytest
from media.formats import FORMATS, number_of, write_format

from hotspot_core.media.recording import open_recording
from hotspot_core.media.video import check_ends, probe, read_frames


@pytest.mark.parametrize("name", FORMATS)
def test_every_start_gives_its_frames(tmp_path: Path, name: str) -> None:
    """1. A recording of 60 numbered frames. 2. From every third frame on, and from between two, the frames are those
    that were written at these times, not those where a seek happens to land. 3. Its length is that of its frames."""
    wanted = FORMATS[name]
    path = tmp_path / f"recording.{wanted.suffix}"
    write_format(path, wanted, 60)
    for number in range(0, 60, 3):
        for part in (0.1, 0.6):
            start = (number + part) / wanted.rate
            shown = [number_of(frame) for frame in read_frames(path, start, None, wanted.rate / 5, 3)]
            assert shown == [index for index in range(number, number + 15, 5) if index + part < 60]
    assert probe(path).duration == pytest.approx(60 / wanted.rate, abs=0.002)
    check_ends(path, 1.0, 2.0)


@pytest.mark.parametrize("name", FORMATS)
def test_all_frames_have_their_times(tmp_path: Path, name: str) -> None:
    """From the beginning to the end, with as many threads as FFmpeg likes: none is missing, each is in its place."""
    wanted = FORMATS[name]
    path = tmp_path / f"recording.{wanted.suffix}"
    write_format(path, wanted, 30)
    with open_recording(path, threads=0) as recording:
        found = [(number_of(timed.frame.to_ndarray(format="rgb24")), timed.time) for timed in recording.frames()]
    assert [number for number, _ in found] == list(range(30))
    assert [time for _, time in found] == pytest.approx([number / wanted.rate for number in range(30)], abs=0.001)
