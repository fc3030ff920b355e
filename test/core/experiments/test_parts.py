"""What studies are made of: whole once it has its name, whenever the making of it is interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hotspot_core.data.clips import read_clip_table
from hotspot_core.experiments.parts import make_once, synthetic_data

CLIPS, IMAGES, SIZE, SEED = 40, 2, 48, 7


def content(folder: Path) -> dict[str, bytes]:
    """Path -> bytes of all files but the one that tells the command."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "README.txt"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def kill_while_drawing(command: list[str], folder: Path) -> None:
    """Starts a command in a session of its own, and ends all of it with SIGKILL once some clips are drawn."""
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 90
    while len(list(folder.glob("clips/*.mp4"))) < 3:
        assert process.poll() is None, "it was done before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set that was drawn without interruption."""
    return synthetic_data(tmp_path_factory.mktemp("whole") / "data", CLIPS, IMAGES, SIZE, SEED)


def test_a_study_killed_while_it_draws_goes_on_to_the_whole_data_set(whole: Path, tmp_path: Path) -> None:
    """1. Drawing for a study, killed with SIGKILL in the middle of the clips: nothing has the data set's name. 2. The
    same call again: the whole data set, byte for byte that of an uninterrupted one, and nothing beside it. 3. A third
    call makes nothing."""
    folder = tmp_path / "data"
    call = f"synthetic_data(Path({str(folder)!r}), {CLIPS}, {IMAGES}, {SIZE}, {SEED})"
    code = f"from pathlib import Path; from hotspot_core.experiments.parts import synthetic_data; {call}"
    # As a file, which the worker processes can import.
    script = tmp_path / "script.py"
    script.write_text(f"if __name__ == '__main__':\n    {code}\n")
    kill_while_drawing([sys.executable, str(script)], tmp_path / "data.partial")
    assert not folder.exists()
    assert synthetic_data(folder, CLIPS, IMAGES, SIZE, SEED) == folder
    assert content(folder) == content(whole)
    assert len(read_clip_table(folder / "train.csv")) == CLIPS
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "script.py"]
    written = (folder / "train.csv").stat().st_mtime_ns
    synthetic_data(folder, CLIPS, IMAGES, SIZE, SEED)
    assert (folder / "train.csv").stat().st_mtime_ns == written


def test_the_command_begins_anew_where_it_was_killed(whole: Path, tmp_path: Path) -> None:
    """1. The generator's own command, killed in the middle of the clips: its folder has no README. 2. The same command
    again draws the whole data set. 3. A finished folder is refused, and stays as it is."""
    options = f"--clips {CLIPS} --stills {IMAGES} --size {SIZE} --seed {SEED}".split()
    command = [sys.executable, "-m", "hotspot_core.data.synthetic", str(tmp_path / "data"), *options]
    kill_while_drawing(command, tmp_path / "data")
    assert not (tmp_path / "data" / "README.txt").exists()
    again = subprocess.run(command, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert "interrupted" in again.stderr
    assert content(tmp_path / "data") == content(whole)
    refused = subprocess.run(command, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "not empty" in refused.stderr
    assert content(tmp_path / "data") == content(whole)


def test_what_cannot_resume_begins_anew(tmp_path: Path) -> None:
    """1. A file whose making fails has no name yet. 2. The next call begins with nothing, or, where the making resumes,
    with what was left."""

    def fail(partial: Path) -> None:
        partial.write_text("half")
        raise KeyboardInterrupt

    path = tmp_path / "net.safetensors"
    for resume, expected in ((True, "half, whole"), (False, "whole")):
        with pytest.raises(KeyboardInterrupt):
            make_once(path, fail)
        assert not path.exists()

        def finish(partial: Path) -> None:
            partial.write_text(", ".join([partial.read_text(), "whole"] if partial.exists() else ["whole"]))

        assert make_once(path, finish, resume=resume).read_text() == expected
        path.unlink()
