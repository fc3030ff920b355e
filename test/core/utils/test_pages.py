"""Sections of a page that a program writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotspot_core.errors import InputError
from hotspot_core.utils.pages import write_section


def test_sections_of_a_page_are_replaced(tmp_path: Path) -> None:
    """Between its marks only; a page without them is refused."""
    page = tmp_path / "results.md"
    page.write_text("before\n<!-- doors begin -->\nstale text\n<!-- doors end -->\nafter\n")
    write_section(page, "doors", "new \\1 table")
    write_section(page, "doors", "newest \\1 table")
    assert page.read_text().split("\n") == (
        ["before", "<!-- doors begin -->", "", "newest \\1 table", "", "<!-- doors end -->", "after", ""]
    )
    with pytest.raises(InputError, match="no '<!-- synthetic begin -->'"):
        write_section(page, "synthetic", "table")
