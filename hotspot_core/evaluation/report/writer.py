"""Writes a report's files."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from hotspot_core.evaluation.comparison import Comparison
from hotspot_core.evaluation.protocol import Protocol
from hotspot_core.evaluation.report.page import page
from hotspot_core.evaluation.report.pictures import Gallery
from hotspot_core.evaluation.report.tables import breakdown, comma_separated, markdown, pairs, scores_json
from hotspot_core.utils.files import make_folder, write_text

FILES = ("table.md", "table.csv", "breakdown.csv", "scores.json", "report.html")
PAIRS = "pairs.csv"


def write_report(
    output: Path,
    comparisons: Sequence[Comparison],
    galleries: Mapping[str, Gallery | None],
    protocol: Protocol,
    provenance: dict[str, Any],
) -> list[Path]:
    """Write table.md, table.csv, breakdown.csv, scores.json and report.html into a folder; their paths. Where every two
    methods were compared, pairs.csv, too.

    Raises:
        InputError: the folder cannot be written.
    """
    contents = (
        markdown(comparisons, protocol),
        comma_separated(comparisons),
        breakdown(comparisons),
        scores_json(comparisons, protocol, provenance),
        page(comparisons, galleries, protocol, provenance),
    )
    paths = [output / name for name in FILES]
    make_folder(output, "output folder")
    for path, content in zip(paths, contents, strict=True):
        write_text(path, content)
    if any(comparison.pairs for comparison in comparisons):
        paths.append(output / PAIRS)
        write_text(output / PAIRS, pairs(comparisons))
    return paths


def provenance_of(command: str, **more: Any) -> dict[str, Any]:
    """When, with what and how a report was made."""
    try:
        own = version("hotspot_core")
    except PackageNotFoundError:
        own = "source tree"
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "command": command,
        "hotspot_core": own,
        "PyTorch": torch.__version__,
        "Python": platform.python_version(),
        "machine": platform.machine(),
        **more,
    }
