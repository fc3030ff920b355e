"""The maps that the paper's authors distribute with their code: the ground truth and what each row of Table 1 predicts.

    data/opra/output/gt.pth            ground truth, 224x224
    data/opra/output/egogaze.pth, mlnet.pth, deepgaze2.pth, salgan.pth, img2heatmap.pth, d2v.pth
    CHECKPOINT.opra.heatmaps           what their code writes for a checkpoint

and likewise below data/epic. Each is a PyTorch file of a dict with `heatmaps` (N, h, w) and `keys`, N tuples of the
parts of an image's path and, as text, the index of the verb; `keys` may be None for the order of the ground truth.
Items are those of gt.pth, empty ones among them. The verbs' names are those of annotations.json, where it lies in the
folder or in the one above.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hotspot_core.data.annotations import AnnotationSet, MapAnnotation
from hotspot_core.data.readers.opra import ACTIONS as OPRA_ACTIONS
from hotspot_core.data.readers.reader import Reader
from hotspot_core.data.readers.released import read_released
from hotspot_core.errors import InputError

GROUND_TRUTH = "gt.pth"
# Name of the file -> row of Table 1, in its order.
ROWS: Mapping[str, str] = {
    "gradcam": "LSTM+Grad-CAM",
    "egogaze": "EgoGaze",
    "mlnet": "MLNet",
    "deepgaze2": "DeepGaze II",
    "salgan": "SalGAN",
    "hotspots": "Interaction hotspots",
    "img2heatmap": "Img2Heatmap",
    "d2v": "Demo2Vec",
}
# What the authors' code appends to the name of a checkpoint.
OWN = ".heatmaps"
SUFFIXES = (".pth", ".pt", OWN)
# Of an image's path, in OPRA; EPIC-Kitchens' images are named by one.
OPRA_PARTS = 4

Key = tuple[str, ...]


@dataclass(frozen=True)
class ReleasedMaps:
    """One of the files: maps (N, h, w), and the parts of the image's path and the verb's index of each; None for the
    order of the ground truth."""

    maps: NDArray[np.float32]
    keys: tuple[Key, ...] | None


def read_released_maps(path: str | Path) -> ReleasedMaps:
    """Read one of the files; nothing in it is run.

    Raises:
        InputError: the file cannot be read, or has another layout; or PyTorch is not installed.
    """
    try:
        import torch

        from hotspot_core.model.torch_file import read_torch_file
    except ModuleNotFoundError as error:
        raise InputError(f"{path}: a file of PyTorch: install it, pip install '.[torch]' in the repository") from error
    contents = read_torch_file(path, "maps of the authors' release")
    heatmaps = contents.get("heatmaps") if isinstance(contents, dict) else None
    if not isinstance(heatmaps, torch.Tensor) or "keys" not in contents:
        raise InputError(f"{path}: no dict of 'heatmaps' and 'keys': this is not one of the release's files of maps")
    if heatmaps.ndim == 4 and heatmaps.shape[1] == 1:
        heatmaps = heatmaps[:, 0]
    if heatmaps.ndim != 3 or not heatmaps.is_floating_point() or not heatmaps.numel():
        kind = f"{str(heatmaps.dtype).removeprefix('torch.')} of shape {tuple(heatmaps.shape)}"
        raise InputError(f"{path}: 'heatmaps' are {kind}: floating point (N, h, w) expected")
    return ReleasedMaps(heatmaps.float().numpy(), _keys(path, contents["keys"], len(heatmaps)))


def named_maps(path: Path, annotations: AnnotationSet) -> dict[str, NDArray[np.generic]]:
    """The maps of one of the files under the names of the entries of a set: "PATH/OF/IMAGE/ACTION".

    As in the authors' code, of several maps of one key the last one counts.

    Raises:
        InputError: see `read_released_maps`; a verb that the set does not have, or no keys for a set of another number.
    """
    released = read_released_maps(path)
    if released.keys is None:
        if len(released.maps) != len(annotations):
            raise InputError(
                f"{path}: {len(released.maps)} maps without keys for {len(annotations)} entries: the order is unknown"
            )
        names = [f"{entry.image.relative_to(annotations.path.parent)}/{entry.action}" for entry in annotations.entries]
    else:
        names = [f"{'/'.join(key[:-1])}/{_action(path, key, annotations.actions)}" for key in released.keys]
    return dict(zip(names, released.maps, strict=True))


def read_release_output(place: str | Path) -> AnnotationSet:
    """The ground truth of the release as annotated images, from its folder `output` or gt.pth itself, without images.

    Raises:
        InputError: see `read_released_maps`.
    """
    folder = Path(place)
    path = folder / GROUND_TRUTH if folder.is_dir() else folder
    if folder.is_dir() and not path.is_file():
        raise InputError(f"{folder}: no {GROUND_TRUTH} in it: give the folder data/opra/output or data/epic/output")
    released = read_released_maps(path)
    if released.keys is None:
        raise InputError(f"{path}: no keys: this is not the ground truth of the release")
    opra = len(released.keys[0]) == OPRA_PARTS + 1
    actions = _verbs(path.parent, opra) or tuple(f"verb {index}" for index in range(1 + max(map(_verb, released.keys))))
    size = (released.maps.shape[1], released.maps.shape[2])
    entries: dict[Key, MapAnnotation] = {}
    for key, heatmap in zip(released.keys, released.maps, strict=True):
        name = "/".join(key[:3]) if opra else ""
        image = path.parent.joinpath(*key[:-1])
        entries[key] = MapAnnotation(image, _action(path, key, actions), name, size, np.zeros((0, 2)), heatmap)
    return AnnotationSet(
        path,
        actions,
        tuple(entries.values()),
        exhaustive=False,
        benchmark="OPRA" if opra else "EPIC",
        predictions=_rows(path),
    )


def _keys(path: str | Path, keys: Any, count: int) -> tuple[Key, ...] | None:
    if keys is None:
        return None
    if not isinstance(keys, Sequence) or len(keys) != count:
        number = len(keys) if isinstance(keys, Sequence) else "no"
        raise InputError(f"{path}: {number} 'keys' for {count} maps: give one for each")
    found = []
    for index, key in enumerate(keys):
        if not isinstance(key, tuple | list) or len(key) < 2 or not str(key[-1]).isdigit():
            raise InputError(f"{path}: key {index} is {key!r}: the parts of a path and the index of a verb expected")
        found.append(tuple(map(str, key)))
    return tuple(found)


def _verb(key: Key) -> int:
    return int(key[-1])


def _action(path: Path, key: Key, actions: Sequence[str]) -> str:
    if _verb(key) >= len(actions):
        raise InputError(f"{path}: {'/'.join(key[:-1])} has the verb {key[-1]}: there are {len(actions)}")
    return actions[_verb(key)]


def _verbs(folder: Path, opra: bool) -> tuple[str, ...]:
    """Their names; () where nothing tells them."""
    for place in (folder, folder.parent):
        if (place / "annotations.json").is_file():
            return read_released(place / "annotations.json").verbs
    return OPRA_ACTIONS if opra else ()


def _rows(truth: Path) -> dict[str, Path]:
    """Row -> file of what lies beside the ground truth, in the order of Table 1."""
    files = [path for path in sorted(truth.parent.iterdir()) if path.suffix in SUFFIXES and path != truth]
    named = {path: ROWS.get(path.stem.lower(), path.stem) for path in files if path.suffix != OWN}
    own = [path for path in files if path.suffix == OWN]
    named |= {path: f"Interaction hotspots ({path.name.split('.')[0]})" for path in own}
    order = {row: place for place, row in enumerate(ROWS.values())}
    ordered = sorted(named.items(), key=lambda item: order.get(item[1].split(" (")[0], len(order)))
    return {row: path for path, row in ordered}


READER = Reader("FOLDER", lambda place, _split: read_release_output(place), protocol="paper")
