"""`python -m hotspot_core.annotate` as a process: what kill -9 leaves, and what it says of bad input."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from annotation.folders import marks, photo_folder
from media.recordings import indices, numbered_frames, write_video

from hotspot_core import annotate
from hotspot_core.data.annotation_files import read_annotations
from hotspot_core.media.images import images_in, read_image
from hotspot_core.utils import command_line


def start(*arguments: object) -> tuple[subprocess.Popen[str], str]:
    """The process and the address that it prints."""
    command = [sys.executable, "-m", "hotspot_core.annotate", *map(str, arguments), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process, process.stdout.readline().strip()


def put(url: str, index: int, document: object) -> None:
    parts = urlsplit(url)
    request = urllib.request.Request(
        f"http://{parts.netloc}/api/images/{index}",
        json.dumps(document).encode(),
        {"X-Token": parse_qs(parts.query)["token"][0]},
        method="PUT",
    )
    urllib.request.urlopen(request, timeout=10).close()


def test_kill_9_loses_nothing_and_ctrl_c_ends(tmp_path: Path) -> None:
    """1. Points on two images; the process is killed right after the second answer. 2. Both are in the file. 3. Started
    again without actions, it takes a third; Ctrl-C ends it with a count of what is done."""
    folder = photo_folder(tmp_path)
    process, url = start(folder, "--actions", "open,press")
    for index in range(2):
        put(url, index, {"version": 0, "marks": marks({"open": [[index, 1]]}, ["open", "press"])})
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert [entry.points.tolist() for entry in read_annotations(folder / "annotations.json").entries] == [
        [[0, 1]],
        [[1, 1]],
    ]
    process, url = start(folder)
    put(url, 2, {"version": 0, "marks": marks({"press": [[7, 8]]})})
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors.strip().splitlines()) == (
        130,
        [f"{folder / 'annotations.json'}: 2 done, 1 begun, 0 skipped, 0 new"],
    )
    assert len(read_annotations(folder / "annotations.json")) == 3


def test_frames_of_a_video_are_annotated(tmp_path: Path) -> None:
    """A video of two seconds at 10 frames per second: four frames at 2 per second beside it, written once."""
    video = write_video(tmp_path / "clip.mp4", numbered_frames(20), rate=10)
    options = annotate.parser().parse_args([str(video), "--fps", "2", "--actions", "open"])
    session = annotate.open_session(options)
    frames = images_in(tmp_path / "clip_frames")
    assert [path.name for path in frames] == [f"clip_{number:05d}.jpg" for number in (0, 5, 10, 15)]
    assert indices(np.stack([read_image(path) for path in frames])) == [0, 5, 10, 15]
    assert session.document.path == tmp_path / "clip_frames" / "annotations.json"
    written = frames[0].stat().st_mtime_ns
    annotate.open_session(options)
    assert frames[0].stat().st_mtime_ns == written
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "clip_frames"]


def _entry(**changes: object) -> str:
    entry = {"image": "a.png", "action": "open", "width": 80, "height": 60, "points": [[1, 1]], **changes}
    return json.dumps({"actions": ["open", "press"], "images": [entry]})


@pytest.mark.parametrize(
    ("file", "arguments", "reason"),
    [
        (None, [], "name the actions to mark"),
        (None, ["--actions", "open,open"], "named twice"),
        (None, ["--actions", "open", "--port", "70000"], "--port 70000"),
        (_entry(), ["--actions", "opne"], "unknown action 'opne': did you mean 'open'?"),
        (_entry(width=60, height=80), [], "80x60 pixels, annotated as 60x80"),
        (_entry(points=[[500, 1]]), [], "outside its 80x60 image"),
        ("{", [], "no valid JSON"),
        ("{}", [], "no annotation file"),
    ],
)
def test_bad_input_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str | None, arguments: list[str], reason: str
) -> None:
    """And the annotation file stays as it is."""
    path = photo_folder(tmp_path) / "annotations.json"
    if file is not None:
        path.write_text(file)
    assert command_line.run(annotate.main, [str(tmp_path), *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line
    assert (path.read_text() if path.exists() else None) == file


def test_a_folder_without_images_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for place, reason in ((tmp_path, "has no images"), (tmp_path / "absent", "does not exist")):
        assert command_line.run(annotate.main, [str(place), "--actions", "open"]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert reason in line
