"""What an exported model says of itself: the JSON that an export carries in its file."""

from __future__ import annotations

import functools
import importlib.util
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from hotspot_core.errors import InputError
from hotspot_core.model.config import ModelConfig

ONNX, PACKAGE = ".onnx", ".pt2"
EXPORTS = (ONNX, PACKAGE)
EXPORT_VERSION = 2
# A device for .onnx files alone.
TENSORRT = "tensorrt"
EXPORT_KEYS = ("device", "batch", "size", "actions_are_an_input", "stride", "first_cell_center")
METADATA_KEY = "hotspot"
# Where a package, a zip archive with one top folder, keeps files of its user.
PACKAGE_ENTRY = "extra/hotspot.json"
# A provider of ONNX Runtime: its name, or that and its options.
Provider = str | tuple[str, dict[str, Any]]


def output_names(config: ModelConfig) -> tuple[str, ...]:
    """What a graph of a model puts out: scores, then what has a grid."""
    return ("scores", "maps", "places") if config.place_channels else ("scores", "maps")


def read_export(path: Path) -> dict[str, Any]:
    """The description of an export. An .onnx file is opened by ONNX Runtime or OpenVINO for it.

    Returns:
        What a checkpoint's metadata holds, and "export": the batch size and input size (None: any), kind of actions,
        stride and place of the first cell.

    Raises:
        InputError: not a file of the command `export`, or of another version of it, or damaged; neither runtime is
            installed.
    """
    if path.suffix == ONNX:
        if importlib.util.find_spec("onnxruntime") is None and importlib.util.find_spec("openvino") is not None:
            return openvino_description(path, read_openvino(path))
        return describe_session(path, open_onnx(path, ["CPUExecutionProvider"], optimize=False))
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [name for name in archive.namelist() if name.endswith(PACKAGE_ENTRY)]
            text = archive.read(entries[0]).decode() if entries else None
    except (OSError, EOFError, UnicodeDecodeError, zipfile.BadZipFile) as error:
        raise InputError(f"{str(path)!r} is not a whole {PACKAGE} file ({error}): export it again") from error
    return _parsed(path, text)


def import_onnxruntime(path: Path) -> Any:
    """ONNX Runtime; InputError that names the file which needs it where it is not installed."""
    try:
        import onnxruntime
    except ImportError as error:
        raise InputError(
            f"{str(path)!r} needs a runtime: 'pip install onnxruntime' (for CUDA and TensorRT onnxruntime-gpu) or "
            "'pip install openvino'"
        ) from error
    return onnxruntime


def open_onnx(path: Path, providers: Sequence[Provider], *, optimize: bool = True, threads: int = 1) -> Any:
    """An `onnxruntime.InferenceSession` of a file.

    Args:
        optimize: whether the graph is made fast, which takes most of the time of opening it.
        threads: that compute.

    Raises:
        InputError: ONNX Runtime is not installed, or cannot load the file.
    """
    onnxruntime = import_onnxruntime(path)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3 if optimize else 4
    options.intra_op_num_threads = threads
    # Threads that spin while they wait for work take the cores from those that have some.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # It plans memory for every shape that it has seen, and keeps the plan.
    options.enable_mem_pattern = False
    if not optimize:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=list(providers))
    except Exception as error:  # its exceptions have no common base
        raise InputError(
            f"{str(path)!r} is not a whole {ONNX} file (or not for ONNX Runtime {onnxruntime.__version__}: "
            f"{str(error).rpartition('failed:')[2].strip()}): export it again"
        ) from error


def describe_session(path: Path, session: Any) -> dict[str, Any]:
    """The description of the .onnx file that a session of `open_onnx` has loaded, see `read_export`."""
    return _parsed(path, session.get_modelmeta().custom_metadata_map.get(METADATA_KEY))


def openvino_core(path: Path) -> Any:
    """The `openvino.Core` of this process; InputError that names the file which needs it where it is not installed."""
    try:
        return _core()
    except ImportError as error:
        raise InputError(
            f"{str(path)!r} with runtime openvino needs OpenVINO ({error}): 'pip install openvino'"
        ) from error


@functools.cache
def _core() -> Any:
    import openvino

    return openvino.Core()


def read_openvino(path: Path) -> Any:
    """An `openvino.Model` of an .onnx file.

    Raises:
        InputError: OpenVINO is not installed, or cannot read the file.
    """
    try:
        return openvino_core(path).read_model(path)
    except RuntimeError as error:
        reason = ([line.strip() for line in str(error).splitlines() if line.strip()] or ["no reason given"])[-1]
        raise InputError(
            f"{str(path)!r} is not a whole {ONNX} file (or not for this OpenVINO: {reason}): export it again"
        ) from error


def openvino_description(path: Path, model: Any) -> dict[str, Any]:
    """The description of the .onnx file that `read_openvino` has read, see `read_export`."""
    place = ["framework", METADATA_KEY]
    return _parsed(path, str(model.get_rt_info(place).value) if model.has_rt_info(place) else None)


def _parsed(path: Path, text: str | None) -> dict[str, Any]:
    if text is None:
        raise InputError(
            f"{str(path)!r} has no description of a hotspot model: make it with python -m hotspot_core.export"
        )
    try:
        description = json.loads(text)
        export = description["export"]
        version = export["format_version"]
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"{str(path)!r} has a damaged description ({error}): export the model again") from error
    if version != EXPORT_VERSION:
        raise InputError(
            f"{str(path)!r} is an export of format version {version}, this library reads {EXPORT_VERSION}: export the "
            "model again with the installed hotspot_core"
        )
    if missing := [key for key in EXPORT_KEYS if key not in export]:
        raise InputError(f"{str(path)!r} has a description without {', '.join(missing)}: export the model again")
    sides = export["size"] if isinstance(export["size"], list) and len(export["size"]) == 2 else [0]
    if export["size"] is None:
        sides = []
    if not all(isinstance(length, int) and length > 0 for length in (*sides, export["stride"])):
        raise InputError(
            f"{str(path)!r} has a damaged description (input of {export['size']} pixels, stride {export['stride']}): "
            "export the model again"
        )
    return cast(dict[str, Any], description)
