"""Which published system a file holds, by its contents: its method, or what to do with it instead."""

from __future__ import annotations

import zipfile
from pathlib import Path

import torch

from hotspot_core.baselines.published.deepgaze import MARK, PublishedDeepGazeI
from hotspot_core.baselines.published.egogaze import LATE, SPATIAL, PublishedEgoGaze
from hotspot_core.baselines.published.mlnet import PublishedMLNet, is_hdf5
from hotspot_core.baselines.published.saliency import PublishedSaliency
from hotspot_core.errors import InputError
from hotspot_core.model.torch_file import read_torch_file

TORCH_SUFFIXES = (".pth", ".pt", ".tar", ".pkl", ".heatmaps")
# A name of the state -> what the file is, and what to do.
_OTHERS = {
    "fusion.0.weight": f"EgoGaze's late fusion: name {SPATIAL}, beside which it lies",
    "features_s.0.weight": f"EgoGaze's module with optical flow: for single images name {SPATIAL}",
    "uconv5_3.weight": "a port of SalGAN: name the authors' gen_modelWeights0090.npz, which has the same weights",
    "backbone.rnet.conv1.weight": "a state of the authors' hotspots: python -m hotspot_core.convert reads their file",
}
_DEEPGAZE = (
    "weights of a later DeepGaze than I: run its authors' code, save a map for each image, and score them with "
    "--predictions (docs: How to compare your method)"
)


def is_published(path: str | Path) -> bool:
    """Whether a file is one of PyTorch or HDF5, and so none of ours."""
    path = Path(path)
    return path.is_file() and (path.suffix.lower() in TORCH_SUFFIXES or is_hdf5(path))


def published_method(path: str | Path, device: torch.device) -> PublishedSaliency:
    """The method of a file.

    Raises:
        InputError: the file is of another system, and what to do with it; or it cannot be read.
    """
    path = Path(path)
    if is_hdf5(path):
        return PublishedMLNet(path, device)
    if path.suffix.lower() == ".pkl" and not zipfile.is_zipfile(path):
        raise InputError(f"{path}: neither HDF5 nor PyTorch: MLNet's mlnet_salicon_weights.pkl is an HDF5 file")
    contents = read_torch_file(path, "weights of a published system") if path.suffix != ".tar" else _state(path)
    names = _names(contents)
    if {"features.0.weight", "features.1.running_mean", "decoder.0.weight"} <= names:
        return PublishedEgoGaze(path, device)
    if MARK in names:
        return PublishedDeepGazeI(path, device)
    raise InputError(f"{path} is {_described(names)}")


def _state(path: Path) -> object:
    return read_torch_file(path, f"weights of a published system, such as {SPATIAL} or {LATE}")


def _names(contents: object) -> set[str]:
    if not isinstance(contents, dict):
        return set()
    state = contents.get("state_dict", contents)
    return {str(name).removeprefix("module.") for name in (*contents, *(state if isinstance(state, dict) else ()))}


def _described(names: set[str]) -> str:
    """What a file is, and what to do with it."""
    if {"heatmaps", "keys"} <= names:
        return "a file of maps of the authors' release: score it with --predictions NAME=FILE"
    if "net" in names:
        return "a checkpoint of the authors' hotspots: convert it with python -m hotspot_core.convert"
    for name, told in _OTHERS.items():
        if name in names:
            return told
    if any("finalizer" in name or "saliency_network" in name for name in names):
        return _DEEPGAZE
    return (
        f"of no system that is known here: EgoGaze's {SPATIAL}, MLNet's mlnet_salicon_weights.pkl, DeepGaze I's "
        "deepgaze1.pth and SalGAN's gen_modelWeights0090.npz are; for others score their maps with --predictions"
    )
