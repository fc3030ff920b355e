"""Checkpoints: one .safetensors file, weights and a JSON description. Nothing is ever unpickled."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from hotspot_core.errors import InputError
from hotspot_core.model.export_format import EXPORTS, TENSORRT, read_export
from hotspot_core.model.hotspot_model import HotspotModel, ModelConfig
from hotspot_core.model.presets import preset_config
from hotspot_core.utils.files import atomic_write

FORMAT_VERSION = 1
METADATA_KEY = "hotspot"
DEFAULT_CHECKPOINT = Path(__file__).parents[1] / "checkpoints" / "default.safetensors"


@dataclasses.dataclass(frozen=True)
class CheckpointInfo:
    """What a checkpoint says of itself.

    Attributes:
        path: the file it was read from; None for a model that was made in memory.
        config: the model's configuration.
        training: provenance: what it was trained on, with which settings and results; empty if untrained.
        data_licenses: data set -> license.
    """

    path: Path | None
    config: ModelConfig
    training: dict[str, Any]
    data_licenses: dict[str, str]

    @property
    def actions(self) -> tuple[str, ...]:
        """All actions that the model knows."""
        return self.config.actions

    @property
    def name(self) -> str:
        """The file's name, for titles and messages."""
        return self.path.name if self.path is not None else "(a model in memory)"

    @property
    def trained(self) -> bool:
        """Whether the weights were learned; if not they are random and the maps mean nothing."""
        return bool(self.training)

    @property
    def learned_keypoints(self) -> bool:
        """Whether it learned from images with annotated keypoints, too, and not from action labels alone."""
        return bool(self.training.get("configuration", {}).get("data", {}).get("keypoints"))

    @functools.cached_property
    def sha256(self) -> str:
        """Hash of the whole file as it is when first asked for, in hexadecimal; empty without a file."""
        if self.path is None:
            return ""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


def resolve_checkpoint(source: str | Path = "default") -> Path:
    """The file that a `source` means: "default" is the bundled model, anything else a path.

    Raises:
        InputError: no such file.
    """
    path = DEFAULT_CHECKPOINT if str(source) == "default" else Path(source).expanduser()
    if not path.is_file():
        raise InputError(f"checkpoint {str(path)!r} does not exist: give a .safetensors file or 'default'")
    return path


def save_model(
    path: str | Path,
    model: HotspotModel,
    training: dict[str, Any] | None = None,
    data_licenses: dict[str, str] | None = None,
    dtype: torch.dtype = torch.float32,
) -> None:
    """Writes a checkpoint; `dtype` is that of the stored weights.

    Raises:
        InputError: the file cannot be written.
    """
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


def read_info(source: str | Path = "default") -> CheckpointInfo:
    """The description of a checkpoint or an export (.onnx, .pt2), without its weights.

    Raises:
        InputError: not a checkpoint of this library, or of a version that it does not know.
    """
    path = resolve_checkpoint(source)
    if path.suffix in EXPORTS:
        return parse_info(path, read_export(path))
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise InputError(
            f"checkpoint {str(path)!r} is not a .safetensors file ({error}): for the authors' .pth files "
            "use python -m hotspot_core.convert"
        ) from error
    if METADATA_KEY not in metadata:
        raise InputError(f"checkpoint {str(path)!r} has no '{METADATA_KEY}' metadata: it is not a hotspot model")
    try:
        description = json.loads(metadata[METADATA_KEY])
        version = description["format_version"]
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged(path, error) from error
    if version != FORMAT_VERSION:
        raise InputError(
            f"checkpoint {str(path)!r} has format version {version}, this library reads {FORMAT_VERSION}: "
            "install the matching hotspot_core or convert the model again"
        )
    return parse_info(path, description)


def parse_info(path: Path, description: dict[str, Any]) -> CheckpointInfo:
    """The description that was read from a file, checked.

    Raises:
        InputError: it does not describe a model.
    """
    try:
        fields = dict(description["config"])
        for name in ("mean", "std"):
            fields[name] = tuple(fields[name])
        if fields.get("point_calibration") is not None:
            fields["point_calibration"] = tuple(map(float, fields["point_calibration"]))
        config = preset_config(fields.pop("preset"), fields.pop("actions"), **fields)
        return CheckpointInfo(path, config, dict(description["training"]), dict(description["data_licenses"]))
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> InputError:
    reason = f"it lacks {error}" if isinstance(error, KeyError) else error
    return InputError(f"checkpoint {str(path)!r} has a damaged description ({reason}): save or convert the model again")


def load_model(source: str | Path = "default", device: str | torch.device | None = None) -> HotspotModel:
    """A trained model in eval mode, with float32 weights.

    Args:
        source: a .safetensors file, or "default" for the bundled model.
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
        raise _damaged(path, error) from error
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
