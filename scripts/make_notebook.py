"""Writes docs/tutorial.ipynb from docs/tutorial.md: the page's text, and its commands as cells of a shell.

    python scripts/make_notebook.py

A test holds the notebook to the page, and runs it.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE, NOTEBOOK = DOCS / "tutorial.md", DOCS / "tutorial.ipynb"


def notebook_of(page: str) -> NotebookNode:
    """The notebook of a page in Markdown: its ```bash blocks are cells that end with an error where a command does."""
    cells = []
    for index, part in enumerate(re.split(r"```bash\n(.*?)```\n", page, flags=re.DOTALL)):
        if part.strip():
            cell = new_code_cell(f"%%bash -e\n{part.strip()}") if index % 2 else new_markdown_cell(part.strip())
            # By default it is random, and the file another one each time.
            cell.id = f"cell-{len(cells)}"
            cells.append(cell)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return new_notebook(cells=cells, metadata=kernel)


if __name__ == "__main__":
    NOTEBOOK.write_text(nbformat.writes(notebook_of(PAGE.read_text())) + "\n")
