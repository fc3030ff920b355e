"""What the README shows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_example_runs_as_written() -> None:
    """The README's Python example, run from the root of the repository, prints a score for each action it asks for and
    the points of each."""
    example = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert example
    command = [sys.executable, "-c", example[1]]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for action in ("open", "pull"):
        assert re.search(rf"^{action}: [01]\.\d\d$", printed, re.MULTILINE)
        assert re.search(
            rf"^{action} at \(\d+, \d+\), strength [01]\.\d\d, probability [01]\.\d\d$", printed, re.MULTILINE
        )


def test_every_file_it_links_to_exists() -> None:
    """Links and pictures of the README, of CONTRIBUTING and of docs/ point at files of the repository."""
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).is_file(), f"{page.name} links to {target}"
