"""What studies are made of: data sets and trained networks. One that is there is whole, and is not made again.

Each is made under its name with `.partial` in it, and gets its name when it is finished. So an interrupted study goes
on where it was: training resumes, and what cannot resume begins anew.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hotspot_core.data.synthetic import ACTIONS, NOVEL
from hotspot_core.data.synthetic.writer import Plan, write_dataset

WORKERS = 2


def make_once(path: Path, make: Callable[[Path], object], resume: bool = False) -> Path:
    """A file or folder, made if it is not there.

    Args:
        make: writes it to the path that it gets.
        resume: whether `make` goes on with what an interrupted call of it left; else that is removed first.
    """
    if path.exists():
        return path
    partial = path.with_name(f"{path.stem}.partial{path.suffix}")
    if not resume:
        _remove(partial)
    partial.parent.mkdir(parents=True, exist_ok=True)
    make(partial)
    return partial.rename(path)


def synthetic_data(folder: Path, clips: int, images: int, size: int, seed: int, demonstrations: bool = False) -> Path:
    """A procedural data set: so many clips, and so many annotated images in each split, if asked for with
    clips that demonstrate their actions."""
    options = f"--clips {clips} --stills {images} --size {size} --seed {seed}"
    options += " --demonstrations" if demonstrations else ""
    command = f"python -m hotspot_core.data.synthetic {shlex.quote(str(folder))} {options}"
    plan = Plan(folder, clips, images, size, None, None, seed, ACTIONS, NOVEL, WORKERS, 0.0, demonstrations)
    return make_once(folder, lambda partial: write_dataset(replace(plan, output=partial), command))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
