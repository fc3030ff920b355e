"""Pages of the documentation with sections that a program writes."""

from __future__ import annotations

import re
from pathlib import Path

from hotspot_core.errors import InputError
from hotspot_core.utils.files import write_text

MARKS = "<!-- {} begin -->", "<!-- {} end -->"


def write_section(docs: Path, name: str, text: str) -> None:
    """Replaces what stands between the marks of a section in a Markdown page.

    Raises:
        InputError: the page has no such marks.
    """
    begin, end = (mark.format(name) for mark in MARKS)
    page = docs.read_text(encoding="utf-8") if docs.is_file() else ""
    if begin not in page or end not in page:
        raise InputError(f"{docs}: no '{begin}' ... '{end}': add the two lines where the table shall stand")
    inside = re.compile(f"{re.escape(begin)}.*{re.escape(end)}", re.DOTALL)
    write_text(docs, inside.sub(lambda _: f"{begin}\n\n{text.strip()}\n\n{end}", page))
