"""The tasks of CONTRIBUTING work as they stand: their files, put where they say, pass their own tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TASKS = {
    # Section -> the file that gets a line, what the line follows, and the line.
    "A data set reader": (
        "hotspot_core/data/readers/registry.py",
        ("from hotspot_core.data.readers import agd20k, epic, opra", "READERS: Mapping[str, Reader] = {"),
        (", points_table", '"points": points_table.READER, '),
    ),
    "A backbone": (
        "hotspot_core/model/backbone.py",
        ("from hotspot_core.model.resnet import Dilation, ResNetBackbone", "    EFFICIENTNET_LITE: _build_lite,"),
        ("\nfrom hotspot_core.model.vgg import build_vgg", '\n    "vgg16": build_vgg,'),
    ),
}


def shown_files(section: str) -> dict[str, str]:
    """Path -> text of the Python files that a section shows."""
    text = (ROOT / "CONTRIBUTING.md").read_text().partition(f"## {section}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^\d\. `([^`]+\.py)`:\n\n {3}```python\n(.*?)\n {3}```", text, re.DOTALL | re.MULTILINE)
    return {path: textwrap.dedent(code) + "\n" for path, code in blocks}


@pytest.mark.slow
@pytest.mark.parametrize("section", TASKS)
def test_a_task_works_as_it_stands(section: str, tmp_path: Path) -> None:
    """1. A copy of the library with the files and the line of the task. 2. The task's tests pass in it, and the linter
    finds nothing."""
    for package in ("hotspot_core", "test/core/media"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    registry, places, lines = TASKS[section]
    text = (tmp_path / registry).read_text()
    for place, line in zip(places, lines, strict=True):
        assert place in text
        text = text.replace(place, place + line)
    (tmp_path / registry).write_text(text)
    files = shown_files(section)
    assert len(files) == 2
    for path, code in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(code)
    (test,) = (path for path in files if path.startswith("test/"))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    for command in (["pytest", "-q", test], ["ruff", "check", *files], ["ruff", "format", "--check", *files]):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
