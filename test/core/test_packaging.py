"""What `pip install .` installs."""

from __future__ import annotations

import configparser
import email
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

import hotspot_core
from hotspot_core import commands

ROOT = Path(__file__).parents[2]


def test_there_is_one_version() -> None:
    """The ROS package and the library say the same."""
    assert ElementTree.parse(ROOT / "package.xml").findtext("version") == hotspot_core.__version__


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The library's wheel, built from a copy of what it consists of."""
    pytest.importorskip("setuptools", minversion="77", reason="setuptools 77 or newer builds the library")
    source = tmp_path_factory.mktemp("source")
    shutil.copytree(ROOT / "hotspot_core", source / "hotspot_core", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(source / "dist"), str(source)]
    subprocess.run(command, check=True)
    (path,) = (source / "dist").glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_the_library_and_its_data(wheel: zipfile.ZipFile) -> None:
    """Every module, the bundled model, the recipes, the mark for type checkers, and the metadata."""
    names = set(wheel.namelist())
    files = [path for path in (ROOT / "hotspot_core").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert {str(path.relative_to(ROOT)) for path in files} <= names
    assert {"hotspot_core/py.typed", "hotspot_core/recipes/synthetic.yaml"} <= names
    assert not [name for name in names if name.startswith(("hotspot_ros", "test"))]
    (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
    fields = email.message_from_bytes(wheel.read(metadata))
    assert (fields["Name"], fields["Version"]) == ("hotspot_core", hotspot_core.__version__)
    assert {"train", "export", "ros", "dev", "docs", "render"} <= set(fields.get_all("Provides-Extra", []))


def test_every_console_script_is_there(wheel: zipfile.ZipFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """`hotspot-<verb>` for every verb; each shows its help."""
    (entry_points,) = (name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt"))
    scripts = configparser.ConfigParser()
    scripts.read_string(wheel.read(entry_points).decode())
    verbs = (
        "train",
        "train_affordances",
        "calibrate",
        "annotate",
        "share",
        "evaluate",
        "predict",
        "export",
        "convert",
        "benchmark",
    )
    named = {f"hotspot-{verb.replace('_', '-')}": f"hotspot_core.commands:{verb}" for verb in verbs}
    assert dict(scripts["console_scripts"]) == named
    for verb in verbs:
        monkeypatch.setattr(sys, "argv", [f"hotspot-{verb.replace('_', '-')}", "--help"])
        with pytest.raises(SystemExit) as end:
            getattr(commands, verb)()
        assert end.value.code == 0


def test_a_console_script_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bad input is one line and exit status 2, as with `python -m`."""
    monkeypatch.setattr(sys, "argv", ["hotspot-convert", "absent.pth", "out.safetensors"])
    assert commands.convert() == 2
    assert capsys.readouterr().err.startswith("error: ")
