"""Data sets whose ground truth are masks of parts: UMD (Myers et al., ICRA 2015), IIT-AFF (Nguyen et al., IROS 2017).

    UMD/tools/OBJECT_01/OBJECT_01_00000001_rgb.jpg
    UMD/tools/OBJECT_01/OBJECT_01_00000001_label.mat      `gt_label`, (H, W) of 0 to 7

    IIT-AFF/rgb/00_00000001.jpg
    IIT-AFF/affordances_labels/00_00000001.txt            H lines of W numbers, 0 to 9
    IIT-AFF/test.txt                                      names of the test images; without it, all of them

Both label every part of an image, so an action without a part is not afforded. Each action of an image is an entry,
whose ground truth is its mask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hotspot_core.data.annotations import Annotation, AnnotationSet, MapAnnotation
from hotspot_core.data.readers.reader import Reader
from hotspot_core.errors import InputError

Labels = NDArray[np.uint8]
UMD_ACTIONS = ("grasp", "cut", "scoop", "contain", "pound", "support", "wrap-grasp")
IIT_ACTIONS = ("contain", "cut", "display", "engine", "grasp", "hit", "pound", "support", "wrap-grasp")
LABEL = "_label.mat"


def read_umd(place: str | Path) -> AnnotationSet:
    """UMD's images, with an entry per image and action. Images are not opened, labels are.

    Raises:
        InputError: the folder or a file is not as described above, or SciPy is not installed.
    """
    root = Path(place)
    files = sorted(root.rglob(f"*{LABEL}"))
    if not files:
        raise InputError(f"{root}: no OBJECT_01/OBJECT_01_00000001{LABEL} below it: give UMD's folder 'tools'")
    parts = ((path.with_name(path.name.replace(LABEL, "_rgb.jpg")), path.parent.name, path) for path in files)
    named = ((image, folder.rsplit("_", 1)[0], path) for image, folder, path in parts)
    return AnnotationSet(root / "labels", UMD_ACTIONS, _entries(named, UMD_ACTIONS, read_umd_labels))


def read_iit_aff(place: str | Path) -> AnnotationSet:
    """IIT-AFF's test images, likewise.

    Raises:
        InputError: the folder or a file is not as described above, or a test image has no labels.
    """
    root = Path(place)
    folder = root / "affordances_labels"
    files = sorted(folder.glob("*.txt"))
    if not files or not (root / "rgb").is_dir():
        raise InputError(f"{root}: no affordances_labels/*.txt and rgb in it: give IIT-AFF's folder")
    if (root / "test.txt").is_file():
        names = [Path(line.strip()).stem for line in (root / "test.txt").read_text().splitlines() if line.strip()]
        lacking = sorted(set(names) - {path.stem for path in files})
        if lacking:
            raise InputError(f"{folder}: {len(lacking)} of {len(names)} test images have no labels, first {lacking[0]}")
        files = [folder / f"{name}.txt" for name in names]
    named = ((root / "rgb" / f"{path.stem}.jpg", "", path) for path in files)
    return AnnotationSet(root / "labels", IIT_ACTIONS, _entries(named, IIT_ACTIONS, read_iit_labels))


def read_umd_labels(path: Path) -> Labels:
    """(H, W) labels.

    Raises:
        InputError: the file cannot be read or is another one, or SciPy is not installed.
    """
    try:
        from scipy.io import loadmat
    except ImportError:
        raise InputError(f"{path}: MATLAB's files need SciPy: pip install 'hotspot_core[matlab]'") from None
    try:
        labels = loadmat(path)["gt_label"]
    except (OSError, KeyError, ValueError, TypeError, NotImplementedError) as error:
        raise InputError(f"{path}: no MATLAB file with 'gt_label': {error}") from None
    return _checked(path, labels, len(UMD_ACTIONS))


def read_iit_labels(path: Path) -> Labels:
    """(H, W) labels.

    Raises:
        InputError: the file cannot be read or is another one.
    """
    try:
        labels = np.loadtxt(path, ndmin=2)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: no lines of numbers: {error}") from None
    return _checked(path, labels, len(IIT_ACTIONS))


def _checked(path: Path, labels: NDArray[np.generic], highest: int) -> Labels:
    values = np.asarray(labels)
    if values.ndim != 2 or not values.size or not np.isin(values, range(highest + 1)).all():
        raise InputError(f"{path}: labels of shape {values.shape}: give whole numbers (H, W) from 0 to {highest}")
    return values.astype(np.uint8)


def _entries(
    files: Iterable[tuple[Path, str, Path]], actions: tuple[str, ...], read: Callable[[Path], Labels]
) -> tuple[Annotation, ...]:
    entries: list[Annotation] = []
    for image, name, path in files:
        labels = read(path)
        size = (labels.shape[0], labels.shape[1])
        for index in sorted(set(np.unique(labels).tolist()) - {0}):
            mask = partial(_mask, read, path, index)
            entries.append(MapAnnotation(image, actions[index - 1], name, size, np.zeros((0, 2)), mask))
    return tuple(entries)


def _mask(read: Callable[[Path], Labels], path: Path, index: int) -> NDArray[np.float64]:
    return (read(path) == index).astype(np.float64)


UMD = Reader("FOLDER", lambda place, _split: read_umd(place))
IIT_AFF = Reader("FOLDER", lambda place, _split: read_iit_aff(place))
