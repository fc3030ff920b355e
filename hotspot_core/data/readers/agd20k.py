"""AGD20K (Luo et al., CVPR 2022): its test stills, whose ground truth are maps instead of points.

The folder is one of the data set's own, `Seen` or `Unseen`:

    AGD20K/Seen/testset/egocentric/ACTION/OBJECT/IMAGE.jpg
    AGD20K/Seen/testset/GT/ACTION/OBJECT/IMAGE.png          grey, 0 to 255
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hotspot_core.data.annotations import Annotation, AnnotationSet
from hotspot_core.errors import InputError


@dataclass(frozen=True)
class MapAnnotation(Annotation):
    """An entry with a map, a grey image of the size of its still, in place of points."""

    heatmap: Path


def read_agd20k_annotations(root: str | Path) -> AnnotationSet:
    """The annotated stills of `Seen` or `Unseen`, one entry per still and action. Stills are not opened, maps are.

    Raises:
        InputError: the folder is not as described above, a map cannot be read, or a map has no still.
    """
    folder = Path(root) / "testset"
    truth, stills = folder / "GT", folder / "egocentric"
    if not truth.is_dir() or not stills.is_dir():
        raise InputError(f"{root}: no testset/GT and testset/egocentric in it: give AGD20K's folder Seen or Unseen")
    maps = sorted(truth.glob("*/*/*.png"))
    if not maps:
        raise InputError(f"{truth}: no ACTION/OBJECT/IMAGE.png in it")
    entries = tuple(_entry(truth, stills, path) for path in maps)
    return AnnotationSet(folder, tuple(sorted({entry.action for entry in entries})), entries)


def read_map(path: Path) -> NDArray[np.float64]:
    """A grey image as (H, W) float64 in [0, 1], whatever its depth.

    Raises:
        InputError: the file is missing or is no image.
    """
    data = np.fromfile(path, np.uint8) if path.is_file() else np.zeros(0, np.uint8)
    gray = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH) if data.size else None
    if gray is None:
        raise InputError(f"{path}: no map that can be read as an image")
    return np.asarray(gray, np.float64) / {"uint8": 255, "uint16": 65535}.get(str(gray.dtype), 1)


def _entry(truth: Path, stills: Path, path: Path) -> MapAnnotation:
    place = path.relative_to(truth)
    action, name = place.parts[:2]
    found = [still for suffix in (".jpg", ".jpeg", ".png") if (still := stills / place.with_suffix(suffix)).is_file()]
    # A still that is not there keeps its usual name, and is counted as missing when it is evaluated.
    still = found[0] if found else stills / place.with_suffix(".jpg")
    height, width = read_map(path).shape
    return MapAnnotation(still, action, name, (height, width), np.zeros((0, 2)), path)
