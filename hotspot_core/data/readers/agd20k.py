"""AGD20K (Luo et al., CVPR 2022): photos of interactions to learn from as clips of one frame, and annotated images,
whose ground truth are maps instead of points.

The folder is one of the data set's own, `Seen` or `Unseen`:

    AGD20K/Seen/trainset/exocentric/ACTION/OBJECT/IMAGE.jpg     somebody does it
    AGD20K/Seen/trainset/egocentric/ACTION/OBJECT/IMAGE.jpg     the object at rest
    AGD20K/Seen/testset/egocentric/ACTION/OBJECT/IMAGE.jpg
    AGD20K/Seen/testset/GT/ACTION/OBJECT/IMAGE.png          gray, 0 to 255

or one of its folders of test images, `testset` or the extension's `testsetv2`, for those alone.

Only the images of the test set have maps; what is learned from one of the two folders' maps is best scored on images of
the other. As in the data set's own setting, photos of interactions have an action label each and no place; they are
paired with any image of such an object at rest, drawn anew each time.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from hotspot_core.data.annotations import AnnotationSet, MapAnnotation
from hotspot_core.data.clips import Clip
from hotspot_core.data.inactive_images import InactiveImage, readable
from hotspot_core.data.readers.reader import ClipQuery, ClipSource, Reader
from hotspot_core.errors import InputError
from hotspot_core.media.images import images_in, read_map

TEST_FOLDERS = ("testset", "testsetv2")


def read_agd20k_annotations(root: str | Path) -> AnnotationSet:
    """The annotated images of `Seen` or `Unseen`, one entry per image and action. Images are not opened, maps are.

    Raises:
        InputError: the folder is not as described above, or a map cannot be read.
    """
    folder = _test_folder(Path(root))
    truth, images = folder / "GT", folder / "egocentric"
    if not truth.is_dir() or not images.is_dir():
        raise InputError(f"{root}: no testset/GT and testset/egocentric in it: give AGD20K's folder Seen or Unseen")
    maps = sorted(truth.glob("*/*/*.png"))
    if not maps:
        raise InputError(f"{truth}: no ACTION/OBJECT/IMAGE.png in it")
    entries = tuple(_entry(truth, images, path) for path in maps)
    actions = tuple(sorted({entry.action for entry in entries}))
    novel = "unseen" in (folder.name.lower(), folder.parent.name.lower())
    return AnnotationSet(folder, actions, entries, exhaustive=False, benchmark="AGD20K", novel=novel)


def _test_folder(root: Path) -> Path:
    """The folder of the test images: itself, or the one in it that is there."""
    places = [root, *(root / name for name in TEST_FOLDERS)]
    return next((place for place in places if (place / "GT").is_dir()), root / TEST_FOLDERS[0])


def read_agd20k_clips(root: str | Path) -> ClipSource:
    """The training set of `Seen` or `Unseen`: its photos of interactions, as clips of one frame, and the images of such
    objects at rest; the test set for validation, where it is there. Images are not opened, see `check_clips`; maps are.

    Raises:
        InputError: the folder is not as described above, or a map cannot be read.
    """
    folder = Path(root) / "trainset"
    photos, at_rest = (_photos(folder / part) for part in ("exocentric", "egocentric"))
    if not photos or not at_rest:
        raise InputError(
            f"{root}: no ACTION/OBJECT/IMAGE.jpg in trainset/exocentric and trainset/egocentric: give AGD20K's folder "
            "Seen or Unseen"
        )
    inactive: dict[str, list[InactiveImage]] = {}
    for _, name, path in at_rest:
        inactive.setdefault(name, []).append(InactiveImage(path))
    shown = [photo for photo in photos if photo[1] in inactive]
    if len(shown) < len(photos):
        lacking = sorted({name for _, name, _ in photos} - set(inactive))
        print(f"{folder}: photos of {', '.join(lacking)} are left out: no image of such at rest", file=sys.stderr)
    clips = [Clip(path, 0.0, None, action, name, None) for action, name, path in shown]
    validation = read_agd20k_annotations(root) if (_test_folder(Path(root)) / "GT").is_dir() else None
    return ClipSource([clips], inactive, validation)


def _photos(folder: Path) -> list[tuple[str, str, Path]]:
    """Action, object and path of each image."""
    places = [(path.relative_to(folder).parts, path) for path in images_in(folder, below=True)]
    return [(parts[0], parts[1], path) for parts, path in places if len(parts) == 3]


def _entry(truth: Path, images: Path, path: Path) -> MapAnnotation:
    place = path.relative_to(truth)
    action, name = place.parts[:2]
    candidates = [images / place.with_suffix(suffix) for suffix in (".jpg", ".jpeg", ".png")]
    # An image that is not there keeps its usual name, and is counted as missing when it is evaluated.
    image = next((candidate for candidate in candidates if candidate.is_file()), candidates[0])
    height, width = read_map(path).shape
    return MapAnnotation(image, action, name, (height, width), np.zeros((0, 2)), path)


def _clip_source(query: ClipQuery) -> ClipSource:
    if query.annotations is not None:
        raise InputError("data.kind agd20k: its folders name the actions: give data.root, and no data.annotations")
    source = read_agd20k_clips(query.root)
    return replace(source, inactive_images=readable(source.inactive_images or {}))


READER = Reader("FOLDER", lambda place, _split: read_agd20k_annotations(place), _clip_source, protocol="agd20k")
