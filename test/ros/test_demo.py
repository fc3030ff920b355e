"""The demo: what it reads, how it ends, and what it says of the end."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from harness import photo

from hotspot_core.errors import InputError
from hotspot_core.media.sources import Frame
from hotspot_core.media.writers import check_inputs_survive
from hotspot_ros import demo
from hotspot_ros.player import demo_session

# A node that takes SIGINT as its argument says, and tells in a file that it is ready for it.
NODE = """#!{python}
import pathlib, signal, sys, time
signal.signal(signal.SIGINT, {handler})
pathlib.Path("{ready}").touch()
time.sleep(60)
"""


@pytest.mark.parametrize(
    ("handler", "code"),
    [("lambda *_: sys.exit(0)", 0), ("lambda *_: sys.exit(3)", 3), ("signal.SIG_IGN", -signal.SIGKILL)],
    ids=["clean", "failing", "deaf"],
)
def test_the_node_never_outlives_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, handler: str, code: int
) -> None:
    """SIGINT ends it; one that does not listen is killed, and its exit code tells."""
    ready, node = tmp_path / "ready", tmp_path / "hotspot_node"
    node.write_text(NODE.format(python=sys.executable, handler=handler, ready=ready))
    node.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(demo_session, "END_TIMEOUT", 0.2 if code == -signal.SIGKILL else 30.0)
    with demo_session.running_node("default") as process:
        deadline = time.monotonic() + 20
        while not ready.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert process.returncode == code


def test_the_exit_status_tells_how_it_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """0 where the node ended cleanly, 1 where it did not, 2 on bad input."""
    for code, status in ((0, 0), (3, 1), (-signal.SIGKILL, 1)):
        with monkeypatch.context() as context:
            context.setattr(demo, "run", lambda *_, code=code: code)
            assert demo.main([]) == status
    assert demo.main([str(tmp_path / "missing.jpg")]) == 2


def test_photos_of_one_stem_keep_their_own_pictures(tmp_path: Path) -> None:
    """a.jpg and a.png get names of their own."""
    for index, name in enumerate(("a.jpg", "a.png", "b.png")):
        cv2.imwrite(str(tmp_path / name), photo(seed=index))
    assert [name for name, _ in demo.read_input(str(tmp_path))] == ["a", "a_2", "b"]


@pytest.mark.parametrize(("stated", "count"), [(None, 50), (200, 50), (130, 34), (500, 23)])
def test_a_video_is_shown_from_end_to_end(stated: int | None, count: int) -> None:
    """Of 200 frames at most 60 are kept, equally far apart from the first on, whatever the header says of their
    number."""
    pixels = np.zeros((1, 1, 3), np.uint8)
    frames = (Frame(str(number), number, number / 30, pixels) for number in range(200))
    kept = [frame.number for frame in demo.spread_frames(frames, stated)]
    assert len(kept) == count
    assert kept[0] == 0
    (step,) = {after - before for before, after in itertools.pairwise(kept)}
    assert kept[-1] + step >= 200


def test_a_damaged_photo_is_told_and_passed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The others are shown, in counting order; hidden files are none."""
    for name in ("1.png", "2.png", "10.png"):
        cv2.imwrite(str(tmp_path / name), photo())
    (tmp_path / "2.png").write_bytes(b"no photo")
    (tmp_path / "._1.png").write_bytes(b"what macOS leaves")
    assert [name for name, _ in demo.read_input(str(tmp_path))] == ["1", "10"]
    assert "passed over:" in capsys.readouterr().err


def test_no_photo_is_overwritten(tmp_path: Path) -> None:
    """A photo, or a folder with one, whose overlay would take its place is refused before the node starts."""
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), photo())
    content = path.read_bytes()
    for given in (path, tmp_path):
        with pytest.raises(InputError, match="would be overwritten: give another folder"):
            demo.run(str(given), tmp_path, "default")
    assert path.read_bytes() == content
    check_inputs_survive([path], [tmp_path / "out" / "a.png"])


def test_a_stream_without_answers_is_told() -> None:
    """None of the images answered is a result, too."""
    assert demo.latency_line([]) == "stream at 10 Hz: 0 of 50 images answered"
    assert "latency from publishing to receiving 20 ms median" in demo.latency_line([0.02] * 50)
