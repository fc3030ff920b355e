"""The folder that a data set is made in."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotspot_core.data.output_folder import UNFINISHED, begin_output, finish_output
from hotspot_core.errors import InputError


def test_what_was_interrupted_begins_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A new folder is made; one that was begun and not finished is emptied, links are not followed; one is told."""
    output, kept = tmp_path / "a" / "b", tmp_path / "mine.jpg"
    kept.touch()
    begin_output(output)
    assert not capsys.readouterr().err
    (output / "images").mkdir()
    (output / "images" / "0.jpg").touch()
    (output / "link").symlink_to(tmp_path)
    begin_output(output)
    assert [path.name for path in output.iterdir()] == [UNFINISHED]
    assert kept.exists()
    assert "begins anew" in capsys.readouterr().err


def test_what_is_whole_is_left_alone(tmp_path: Path) -> None:
    """A finished data set is refused, and so is a folder with anything else; nothing in it changes."""
    begin_output(tmp_path)
    (tmp_path / "0.jpg").touch()
    finish_output(tmp_path)
    with pytest.raises(InputError, match="not empty"):
        begin_output(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["0.jpg"]


def test_no_folder(tmp_path: Path) -> None:
    """A path that cannot be a folder gives one clear error."""
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="can not be written"):
        begin_output(tmp_path / "file")
