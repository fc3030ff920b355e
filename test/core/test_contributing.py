"""The tasks of CONTRIBUTING work as they stand: their files, put where they say, pass the tests that they name."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What the tests of a task read.
TREE = ("hotspot_core", "hotspot_ros", "test", "docs", "config", "launch", "pyproject.toml", "package.xml")
# Section -> file -> what stands in it -> the line that comes after that. Those of a table are found by their section.
LINES = {
    "A new output topic": {
        "hotspot_ros/outputs/registry.py": {
            "from hotspot_ros.outputs.best import BestOutput": "from hotspot_ros.outputs.best_action import "
            "BestActionOutput",
            "    BestOutput,": "    BestActionOutput,",
        },
    },
    "A data set reader": {
        "hotspot_core/data/readers/registry.py": {
            "from hotspot_core.data.readers import agd20k, coco, epic, lerobot, opra, part_masks, release_output": ", "
            "points_table",
            '    "agd20k": agd20k.READER,': '    "points": points_table.READER,',
        },
    },
    "A backbone": {
        "hotspot_core/model/backbone.py": {
            "from hotspot_core.model.torch_file import read_torch_file": "from hotspot_core.model.vgg import build_vgg",
            "    EFFICIENTNET_LITE: _build_lite,": '    "vgg16": build_vgg,',
        },
    },
}


def section_text(section: str) -> str:
    return (ROOT / "CONTRIBUTING.md").read_text().partition(f"## {section}\n")[2].partition("\n## ")[0]


def shown_files(text: str) -> dict[str, str]:
    """Path -> text of the Python files that a section shows."""
    blocks = re.findall(r"^\d\. `([^`]+\.py)`:\n\n {3}```python\n(.*?)\n {3}```", text, re.DOTALL | re.MULTILINE)
    return {path: textwrap.dedent(code) + "\n" for path, code in blocks}


def add_line(path: Path, place: str, line: str) -> None:
    text = path.read_text()
    assert text.count(f"{place}\n") == 1
    added = f"{place}\n{line}"
    if line.startswith(", "):  # One name more in an import, where the alphabet wants it.
        start, _, names = place.partition(" import ")
        added = f"{start} import {', '.join(sorted([*names.split(', '), line[2:]]))}"
    path.write_text(text.replace(f"{place}\n", f"{added}\n"))


def copy_tree(folder: Path) -> None:
    for name in TREE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)


def install_node(folder: Path, site: Path) -> None:
    """What `make setup` does for Python files, without the build: the messages that were built, and the node's files
    of a copy."""
    spec = importlib.util.find_spec("hotspot_ros")
    assert spec is not None
    assert spec.origin is not None
    shutil.copytree(Path(spec.origin).parent, site / "hotspot_ros", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(folder / "hotspot_ros", site / "hotspot_ros", dirs_exist_ok=True)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("section", LINES)
def test_a_task_works_as_it_stands(section: str, tmp_path: Path) -> None:
    """1. A copy of the repository with the files and the lines of the task. 2. The command that the task ends with
    passes in it, the task's own test included, and the linter finds nothing."""
    text = section_text(section)
    files = shown_files(text)
    assert len(files) == 2
    (test,) = (path for path in files if path.startswith("test/"))
    ((_, *command),) = (shlex.split(found) for found in re.findall(r"`(python -m pytest [^`]+)`", text))
    assert any(test.startswith(f"{argument}/") for argument in command)
    tree, site = tmp_path / "tree", tmp_path / "site"
    copy_tree(tree)
    for path, lines in LINES[section].items():
        for place, line in lines.items():
            add_line(tree / path, place, line)
    for row in re.findall(r"^ {3}```markdown\n {3}(.*)\n {3}```", text, re.MULTILINE):
        document = (tree / "docs/ros.md").read_text()
        last = re.findall(r"^\| out .*$", document, re.MULTILINE)[-1]
        add_line(tree / "docs/ros.md", last, row)
    for path, code in files.items():
        (tree / path).write_text(code)
    if section == "A new output topic":
        pytest.importorskip("rclpy", reason="ROS 2 is not installed")
        install_node(tree, site)
    paths = [str(site), str(tree), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    changed = [*files, *LINES[section]]
    for arguments in (
        [*command, "-v"],
        ["-m", "ruff", "check", *changed],
        ["-m", "ruff", "format", "--check", *changed],
    ):
        done = subprocess.run([sys.executable, *arguments], cwd=tree, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        if arguments[1] == "pytest":
            assert re.search(rf"{re.escape(test)}::\S+ PASSED", done.stdout), done.stdout
