"""What a checkpoint or an export says of itself; read without PyTorch."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from hotspot_core.errors import InputError
from hotspot_core.model.config import ModelConfig
from hotspot_core.model.export_format import EXPORTS, read_export
from hotspot_core.model.hub import cached_file, names_hub, parse_hub
from hotspot_core.model.presets import preset_config

FORMAT_VERSION = 1
METADATA_KEY = "hotspot"
DEFAULT_CHECKPOINT = Path(__file__).parents[1] / "checkpoints" / "default.safetensors"
# The same model as an export, for runtimes other than PyTorch.
DEFAULT_EXPORT = DEFAULT_CHECKPOINT.with_suffix(".onnx")


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

    @property
    def classifier_alone(self) -> bool:
        """Whether only its clip classifier was trained, without what anticipation and inactive images teach."""
        weights = self.training.get("configuration", {}).get("model", {})
        return weights.get("ant_weight") == 0 and weights.get("aux_weight") == 0

    @functools.cached_property
    def sha256(self) -> str:
        """Hash of the whole file as it is when first asked for, in hexadecimal; empty without a file."""
        if self.path is None:
            return ""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


def resolve_checkpoint(source: str | Path = "default", download: bool = True) -> Path:
    """The file that a `source` means: "default" is the bundled model, hf://owner/name[/file][@revision] one of the
    Hugging Face hub, anything else a path.

    Args:
        download: whether the network may be used for a file of the hub; if not, it has to be in the local cache.

    Raises:
        InputError: no such file.
    """
    if names_hub(source):
        return cached_file(parse_hub(source), download)
    path = DEFAULT_CHECKPOINT if str(source) == "default" else Path(source).expanduser()
    if not path.is_file():
        hint = f" (hf://{source} is one of the hub)" if re.fullmatch(r"[\w.-]+/[\w.-]+", str(source)) else ""
        raise InputError(f"checkpoint {str(path)!r} does not exist: give a .safetensors file or 'default'{hint}")
    return path


def read_info(source: str | Path = "default") -> CheckpointInfo:
    """The description of a checkpoint or an export (.onnx, .pt2), without its weights.

    Raises:
        InputError: not a checkpoint of this library, or of a version that it does not know.
    """
    path = resolve_checkpoint(source)
    if path.suffix in EXPORTS:
        return parse_info(path, read_export(path))
    try:
        with safe_open(path, framework="np") as file:
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
        raise damaged(path, error) from error
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
        raise damaged(path, error) from error


def damaged(path: Path, error: Exception) -> InputError:
    reason = f"it lacks {error}" if isinstance(error, KeyError) else error
    return InputError(f"checkpoint {str(path)!r} has a damaged description ({reason}): save or convert the model again")
