"""Checkpoints: one .safetensors file, weights and a JSON description. Nothing is ever unpickled."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from hotspot_core.errors import InputError
from hotspot_core.model.checkpoint_info import DEFAULT_CHECKPOINT as DEFAULT_CHECKPOINT
from hotspot_core.model.checkpoint_info import FORMAT_VERSION as FORMAT_VERSION
from hotspot_core.model.checkpoint_info import METADATA_KEY, damaged
from hotspot_core.model.checkpoint_info import CheckpointInfo as CheckpointInfo
from hotspot_core.model.checkpoint_info import parse_info as parse_info
from hotspot_core.model.checkpoint_info import read_info as read_info
from hotspot_core.model.checkpoint_info import resolve_checkpoint as resolve_checkpoint
from hotspot_core.model.export_format import EXPORTS, TENSORRT
from hotspot_core.model.hotspot_model import HotspotModel
from hotspot_core.model.hub import names_hub, parse_hub
from hotspot_core.model.hub_upload import upload_checkpoint
from hotspot_core.utils.files import atomic_write


def save_model(
    path: str | Path,
    model: HotspotModel,
    training: dict[str, Any] | None = None,
    data_licenses: dict[str, str] | None = None,
    dtype: torch.dtype = torch.float32,
) -> None:
    """Writes a checkpoint; `dtype` is that of the stored weights.

    Args:
        path: the file; or hf://owner/name[/file][@branch], which is uploaded together with a model card.

    Raises:
        InputError: the file cannot be written, or uploaded.
    """
    if names_hub(path):
        goal = parse_hub(path)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / Path(goal.file).name
            save_model(file, model, training, data_licenses, dtype)
            upload_checkpoint(file, path)
        return
    description = {
        "format_version": FORMAT_VERSION,
        "config": dataclasses.asdict(model.config),
        "training": training or {},
        "data_licenses": data_licenses or {},
    }
    tensors = {
        name: value.to("cpu", dtype if value.is_floating_point() else value.dtype).contiguous()
        for name, value in model.state_dict().items()
    }
    with atomic_write(path) as partial:
        save_tensors(tensors, partial, {METADATA_KEY: json.dumps(description)})


def save_tensors(tensors: dict[str, torch.Tensor], path: Path, metadata: dict[str, str] | None = None) -> None:
    """Writes a .safetensors file within `atomic_write`, whose errors it raises: safetensors has errors of its own.

    Raises:
        OSError: the file cannot be written.
    """
    try:
        save_file(tensors, path, metadata=metadata)
    except SafetensorError as error:
        raise OSError(str(error)) from error


def load_model(source: str | Path = "default", device: str | torch.device | None = None) -> HotspotModel:
    """A trained model in eval mode, with float32 weights.

    Args:
        source: a .safetensors file, hf://owner/name[/file][@revision] for one of the Hugging Face hub, or "default" for
            the bundled model.
        device: where to put it, such as "cuda"; None or "auto" for CUDA where there is one, else the CPU.

    Raises:
        InputError: the checkpoint cannot be used, or the device does not exist.
    """
    target = select_device(device)
    path = resolve_checkpoint(source)
    if path.suffix in EXPORTS:
        raise InputError(f"{str(path)!r} is an export: it can only predict, give it to HotspotPredictor")
    info = read_info(path)
    # No random initialisation: the meta device holds shapes only, the file's tensors take their places.
    try:
        with torch.device("meta"):
            model = HotspotModel(info.config)
    except (ValueError, TypeError, RuntimeError) as error:
        raise damaged(path, error) from error
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    try:
        model.load_state_dict({n: t.float() if t.is_floating_point() else t for n, t in tensors.items()}, assign=True)
    except RuntimeError as error:
        raise InputError(f"checkpoint {str(path)!r} does not fit its own configuration: {error}") from error
    return model.to(target).eval()


def select_device(device: str | torch.device | None = None) -> torch.device:
    """The device that a name means.

    Raises:
        InputError: an unknown name, or CUDA where there is none; never a silent fall back to the CPU.
    """
    if device is None or str(device) == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    selected = parse_device(device)
    if selected.type == "cuda" and not torch.cuda.is_available():
        reason = "this PyTorch is built without CUDA" if torch.version.cuda is None else "no GPU is visible"
        raise InputError(f"device {str(device)!r} is not available: {reason}; use device 'cpu' or 'auto'")
    if selected.type == "cuda" and (selected.index or 0) >= torch.cuda.device_count():
        raise InputError(f"device {str(device)!r} does not exist: there are {torch.cuda.device_count()} GPUs")
    return selected


def parse_device(device: str | torch.device) -> torch.device:
    """The device of a name, whether or not this computer has it.

    Raises:
        InputError: neither the CPU nor CUDA, such as TensorRT, which runs .onnx files alone.
    """
    if str(device).partition(":")[0] == TENSORRT:
        raise InputError(
            f"device {str(device)!r} is for .onnx files: make one with python -m hotspot_core.export and give it as "
            "the model, or use auto, cpu, cuda or cuda:N"
        )
    try:
        parsed = torch.device(device)
    except (RuntimeError, TypeError):
        parsed = None
    if parsed is None or parsed.type not in ("cpu", "cuda"):
        raise InputError(f"unknown device {str(device)!r}: use auto, cpu, cuda or cuda:N")
    return parsed
