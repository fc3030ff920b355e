"""Predictions made elsewhere: maps of any method, from a folder or an .npz file.

A folder mirrors the images' paths, as the annotation file writes them, without their suffix:

    FOLDER/kitchen/door/open.npy      the map of one action on kitchen/door.jpg
    FOLDER/kitchen/door.npy           one map for all actions

Maps are .npy arrays (h, w) or gray .png images of any size that cover exactly the image. An .npz file holds either
arrays under the same names ("kitchen/door/open"), or three arrays: `images` (N,) paths, `actions` (N,) names and `maps`
(N, h, w). A .pth file is one of the release of the paper's authors, see `hotspot_core.data.readers.release_output`.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from hotspot_core.data.annotations import Annotation, AnnotationSet
from hotspot_core.data.readers.release_output import OPRA_PARTS, SUFFIXES, named_maps
from hotspot_core.errors import InputError
from hotspot_core.evaluation.method import Image, Maps, Method
from hotspot_core.media.images import read_map

TABLE = {"images", "actions", "maps"}


class ExternalPredictions(Method):
    """Scores what another program predicted.

    Args:
        name: of the row.
        source: a folder, an .npz or a .pth file, see the module.
        annotations: the images that it was made for; paths are relative to their file.

    Attributes:
        unused: names of maps that belong to no entry.

    Raises:
        InputError: the source is missing or is no such thing, or has two maps for one entry.
    """

    supervision = "external"
    needs_images = False

    def __init__(self, name: str, source: str | Path, annotations: AnnotationSet) -> None:
        self.name = name
        self.source = Path(source)
        self.provenance = str(source)
        self._root = annotations.path.parent
        if self.source.is_dir():
            self._available = self._files()
        elif self.source.suffix in SUFFIXES and self.source.is_file():
            self._available = dict(named_maps(self.source, annotations))
            self.setting = f"{self.source.name} of the release"
        elif self.source.is_file():
            self._available = _read_npz(self.source)
        else:
            raise InputError(f"predictions {self.source}: no such folder, .npz or .pth file")
        if not self._available:
            raise InputError(f"predictions {self.source}: nothing in it; expected IMAGE/ACTION.npy or .png")
        used = set()
        for entry in annotations.entries:
            keys = [key for key in self._keys(entry) if key in self._available]
            if len(keys) > 1:
                raise InputError(
                    f"predictions {self.source}: two for {entry.image.name}, {entry.action}: {keys[0]} and {keys[1]}: "
                    "keep one"
                )
            used.update(keys)
        self.unused = sorted(set(self._available) - used)
        if not used:
            expected = self._keys(annotations.entries[0])[0]
            raise InputError(
                f"predictions {self.source}: none of its {len(self._available)} maps belongs to an entry: the first is "
                f"called {self.unused[0]!r}, for the first entry {expected!r} is expected"
            )

    def predicts(self, entry: Annotation) -> bool:
        return any(key in self._available for key in self._keys(entry))

    def __call__(self, image: Image, actions: Sequence[str], entry: Annotation | None = None) -> Maps:
        if entry is None:
            raise InputError(f"{self.name}: predictions made elsewhere belong to annotated images")
        maps = [self._map(key) for action in actions for key in self._keys(entry, action) if key in self._available]
        size = (max(m.shape[0] for m in maps), max(m.shape[1] for m in maps))
        if any(m.shape != size for m in maps):
            raise InputError(f"predictions {self.source}: the maps of {entry.image.name} differ in size")
        return np.stack(maps).astype(np.float32)

    def _keys(self, entry: Annotation, action: str | None = None) -> list[str]:
        """The names that a map of this entry may have."""
        image = entry.image
        place = PurePosixPath(image.relative_to(self._root) if image.is_relative_to(self._root) else image)
        stem = str(place.with_suffix(""))
        name = action or entry.action
        keys = [f"{stem}/{name}", f"{place}/{name}", stem, str(place)]
        if self.source.suffix in SUFFIXES:
            keys += [f"{'/'.join(image.parts[-count:])}/{name}" for count in (OPRA_PARTS, 1)]
        return list(dict.fromkeys(keys))

    def _files(self) -> dict[str, Path | NDArray[np.generic]]:
        maps: dict[str, Path | NDArray[np.generic]] = {}
        for path in sorted(self.source.rglob("*")):
            if path.suffix.lower() not in (".npy", ".png"):
                continue
            key = path.relative_to(self.source).with_suffix("").as_posix()
            if key in maps:
                raise InputError(f"predictions {self.source}: two for {key}: {maps[key]} and {path}: keep one")
            maps[key] = path
        return maps

    def _map(self, key: str) -> NDArray[np.float64]:
        value = self._available[key]
        if isinstance(value, Path) and value.suffix.lower() == ".png":
            return read_map(value)
        if isinstance(value, Path):
            try:
                value = np.load(value, allow_pickle=False)
            except (OSError, ValueError, EOFError) as error:
                raise InputError(f"prediction {value}: no .npy array: {error}") from None
        assert isinstance(value, np.ndarray)
        if value.ndim != 2 or value.size == 0 or value.dtype.kind not in "fiub":
            raise InputError(
                f"predictions {self.source}, {key}: {value.dtype} of shape {value.shape}: give numbers (h, w)"
            )
        return np.asarray(value, np.float64)


def _read_npz(path: Path) -> dict[str, Path | NDArray[np.generic]]:
    if zipfile.is_zipfile(path) and any(name.endswith("data.pkl") for name in zipfile.ZipFile(path).namelist()):
        raise InputError(f"predictions {path}: a file of PyTorch: weights are given with --checkpoint, maps as .pth")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise InputError(f"predictions {path}: no .npz file of arrays: {error}") from None
    if set(arrays) != TABLE:
        return dict(arrays)
    images, actions, stack = (arrays[name] for name in ("images", "actions", "maps"))
    if images.ndim != 1 or images.shape != actions.shape or stack.ndim != 3 or len(stack) != len(images):
        shapes = ", ".join(f"{name} {arrays[name].shape}" for name in ("images", "actions", "maps"))
        raise InputError(f"predictions {path}: {shapes}: give (N,), (N,) and (N, h, w)")
    maps: dict[str, Path | NDArray[np.generic]] = {}
    for image, action, heatmap in zip(images.tolist(), actions.tolist(), stack, strict=True):
        key = f"{image}/{action}"
        if key in maps:
            raise InputError(f"predictions {path}: two for {image}, {action}: keep one")
        maps[key] = heatmap
    return maps
