"""The command of the closed loop: one line on bad input."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotspot_core.utils import opengl
from hotspot_ros import closed_loop


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--tasks", "door-opn"], "unknown task 'door-opn': did you mean 'door-open'?"),
        (["--tasks", "door-open,door-open"], "a task is named twice"),
        (["--episodes", "0"], "--episodes 0: give a whole number of at least 1"),
        (["--seed", "-1"], "--seed -1: give a whole number"),
    ],
)
def test_wrong_options_are_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], reason: str
) -> None:
    assert closed_loop.main([*arguments, "--output", str(tmp_path / "run")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"error: {reason}")
    assert not (tmp_path / "run").exists()


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """MuJoCo and Meta-World by the extra that brings them, the message of tf by the build."""
    monkeypatch.setattr(opengl, "find_spec", lambda name: None)
    assert closed_loop.main([]) == 2
    assert capsys.readouterr().err == (
        "error: rendering needs the package mujoco: pip install '.[sim]' in the repository\n"
    )
    monkeypatch.setattr(closed_loop, "choose_backend", lambda extra: "egl")
    for package, remedy in (("metaworld", "pip install '.[sim]' in the repository"), ("tf2_msgs", "run 'make setup'")):
        monkeypatch.setattr(closed_loop, "find_spec", lambda name, package=package: None if name == package else name)
        assert closed_loop.main([]) == 2
        assert capsys.readouterr().err == f"error: the closed loop needs the package {package}: {remedy}\n"


def test_no_library_to_draw_with(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without EGL and OSMesa, Debian's packages are named."""
    monkeypatch.setattr(opengl, "find_spec", lambda name: name)
    monkeypatch.setattr(opengl, "find_library", lambda name: None)
    monkeypatch.delenv("MUJOCO_GL", raising=False)
    assert closed_loop.main([]) == 2
    assert "libegl1 libgl1-mesa-dri" in capsys.readouterr().err
