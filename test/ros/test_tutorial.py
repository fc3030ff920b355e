"""The tutorial's commands, as its page and its notebook have them."""

from __future__ import annotations

import csv
import os
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

# Not imported: what lightning imports of torchvision needs the library's own import of that first.
if find_spec("lightning") is None:
    pytest.skip("the extra 'train' is not installed", allow_module_level=True)
nbformat = pytest.importorskip("nbformat", reason="the extra 'dev' is not installed")

DOCS = Path(__file__).parents[2] / "docs"

# What makes it small. Each of them must stand in both.
SMALLER = {
    "--clips 60 --stills 20 --size 224": "--clips 12 --stills 3 --size 64 --workers 1",
    "fit --config own": "fit --config own --trainer.max_epochs 1 --data.size 64 --data.batch_size 4 --data.workers 0",
    "--methods center": "--bootstrap 50 --methods center",
}


def page_commands() -> list[str]:
    """The page's blocks of commands in order."""
    return re.findall(r"```bash\n(.*?)\n```", (DOCS / "tutorial.md").read_text(), re.DOTALL)


def smaller(text: str) -> str:
    for normal, small in SMALLER.items():
        text = text.replace(normal, small)
    return text


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_notebook_runs_from_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1. Every cell ends well, in an empty folder. 2. There are a model, pictures and points of every photo, a report
    that scores the model, and an overlay from the node."""
    from nbclient import NotebookClient

    notebook = nbformat.read(DOCS / "tutorial.ipynb", as_version=4)
    assert all(any(text in cell.source for cell in notebook.cells) for text in SMALLER)
    for cell in notebook.cells:
        cell.source = smaller(cell.source)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    run = tmp_path / "runs" / "phone"
    assert (run / "model.safetensors").is_file()
    with (run / "predicted" / "points.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["action"] for row in rows} == {"open", "pull"}
    assert len(list((run / "predicted").glob("*.png")) + list((run / "predicted").glob("*.jpg"))) >= 12
    assert "hotspots" in (run / "report" / "table.md").read_text()
    assert [path.name for path in (run / "node").iterdir()] == ["000000.png"]


def test_the_notebook_is_the_page() -> None:
    """The same text and the same commands in the same order; after a change of the page, run
    scripts/make_notebook.py."""
    cells = nbformat.read(DOCS / "tutorial.ipynb", as_version=4).cells
    nbformat.validate(nbformat.read(DOCS / "tutorial.ipynb", as_version=4))
    commands = [cell.source.removeprefix("%%bash -e\n") for cell in cells if cell.cell_type == "code"]
    assert commands == page_commands()
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    parts = re.split(r"```bash\n.*?```\n", (DOCS / "tutorial.md").read_text(), flags=re.DOTALL)
    assert texts == [part.strip() for part in parts]


def test_the_table_that_it_shows_is_what_it_draws(tmp_path: Path) -> None:
    """The first clips of its data set, whose rows the page shows."""
    draw = page_commands()[0].replace("--clips 60 --stills 20", "--clips 2 --stills 0")
    subprocess.run(draw, shell=True, cwd=tmp_path, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert (tmp_path / "phone" / "train.csv").read_text() in (DOCS / "tutorial.md").read_text()
