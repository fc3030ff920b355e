"""Files are written in one step or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hotspot_core import InputError
from hotspot_core.utils.files import atomic_write, make_folder, write_text


def test_new_contents_come_in_one_step(tmp_path: Path) -> None:
    """1. Until the end the old contents are there; then the new ones, readable by all, and nothing else. 2. Folders are
    made. 3. A link stays a link."""
    path = tmp_path / "below" / "numbers.json"
    write_text(path, "old")
    with atomic_write(path) as partial:
        assert (partial.parent, partial.suffix) == (path.parent, ".json")
        partial.write_text("new")
        partial.chmod(0o600)
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(path.parent.iterdir()) == [path]
    link = tmp_path / "link.json"
    link.symlink_to(path)
    write_text(link, "through the link: ä")
    assert link.is_symlink()
    assert path.read_bytes() == "through the link: ä".encode()


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    """Where the writing is interrupted, or has no room, the old file stays and no half one is left."""
    path = tmp_path / "numbers.json"
    write_text(path, "old")

    def fail(failure: BaseException) -> None:
        with atomic_write(path) as partial:
            partial.write_text("half")
            raise failure

    full = InputError, r"numbers\.json: cannot be written: No space"
    for failure, (kind, text) in (
        (KeyboardInterrupt(), (KeyboardInterrupt, None)),
        (OSError(28, os.strerror(28)), full),
    ):
        with pytest.raises(kind, match=text):
            fail(failure)
        assert path.read_text() == "old"
        assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder in the file's place, a file in a folder's place, and a device, which must not be replaced."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (
        ("folder", "Is a directory"),
        ("file/below", "Not a directory|File exists"),
        ("pipe", "no regular file"),
    ):
        with pytest.raises(InputError, match=f"{name}: cannot be written: .*({reason})"):
            write_text(tmp_path / name, "y")
    assert (tmp_path / "pipe").is_fifo()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder", "pipe"]
    with pytest.raises(InputError, match=r"output folder .*file/below' cannot be written"):
        make_folder(tmp_path / "file" / "below", "output folder")
