"""AGD20K (Luo et al., CVPR 2022): its annotated images, whose ground truth are maps instead of points.

The folder is one of the data set's own, `Seen` or `Unseen`:

    AGD20K/Seen/testset/egocentric/ACTION/OBJECT/IMAGE.jpg
    AGD20K/Seen/testset/GT/ACTION/OBJECT/IMAGE.png          gray, 0 to 255

Only these have maps; what is learned from one of the two folders is best scored on images of the other.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hotspot_core.data.annotations import AnnotationSet, MapAnnotation
from hotspot_core.data.readers.reader import Reader
from hotspot_core.errors import InputError
from hotspot_core.media.images import read_map


def read_agd20k_annotations(root: str | Path) -> AnnotationSet:
    """The annotated images of `Seen` or `Unseen`, one entry per image and action. Images are not opened, maps are.

    Raises:
        InputError: the folder is not as described above, or a map cannot be read.
    """
    folder = Path(root) / "testset"
    truth, images = folder / "GT", folder / "egocentric"
    if not truth.is_dir() or not images.is_dir():
        raise InputError(f"{root}: no testset/GT and testset/egocentric in it: give AGD20K's folder Seen or Unseen")
    maps = sorted(truth.glob("*/*/*.png"))
    if not maps:
        raise InputError(f"{truth}: no ACTION/OBJECT/IMAGE.png in it")
    entries = tuple(_entry(truth, images, path) for path in maps)
    return AnnotationSet(folder, tuple(sorted({entry.action for entry in entries})), entries, exhaustive=False)


def _entry(truth: Path, images: Path, path: Path) -> MapAnnotation:
    place = path.relative_to(truth)
    action, name = place.parts[:2]
    candidates = [images / place.with_suffix(suffix) for suffix in (".jpg", ".jpeg", ".png")]
    # An image that is not there keeps its usual name, and is counted as missing when it is evaluated.
    image = next((candidate for candidate in candidates if candidate.is_file()), candidates[0])
    height, width = read_map(path).shape
    return MapAnnotation(image, action, name, (height, width), np.zeros((0, 2)), path)


READER = Reader("FOLDER", lambda place, _split: read_agd20k_annotations(place))
