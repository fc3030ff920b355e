"""Tests use all of `hotspot_core`, from the source folder: what a robot installs cannot draw training data.

`hotspot_ros` is the installed package all the same, since its source folder has no `__init__.py`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = str(Path(__file__).parents[1])
sys.path.insert(0, ROOT)
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (ROOT, os.environ.get("PYTHONPATH"))))


def pytest_configure(config: pytest.Config) -> None:
    """With several workers, the process that collects their warnings imports the modules of these, Lightning too,
    which fails on torchvision where nobody has prepared it."""
    if getattr(config.option, "numprocesses", None):
        import hotspot_core.model.torchvision_import  # noqa: F401
