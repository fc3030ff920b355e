"""Which runtime runs a file: the one that is asked for, or the fastest of those that are installed and fit."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from hotspot_core.errors import InputError, select_names
from hotspot_core.model.checkpoint_info import DEFAULT_CHECKPOINT, DEFAULT_EXPORT, resolve_checkpoint
from hotspot_core.model.export_format import ONNX, PACKAGE, TENSORRT
from hotspot_core.utils.cpu import has_bf16_units

# Runtime -> the module that it needs, and how to install that.
MODULES = {
    "pytorch": ("torch", "pip install 'hotspot_core[torch]'"),
    "openvino": ("openvino", "pip install 'hotspot_core[openvino]'"),
    "onnxruntime": ("onnxruntime", "pip install 'hotspot_core[onnx]'"),
    "aotinductor": ("torch", "pip install 'hotspot_core[torch]'"),
}
RUNTIMES = ("auto", *MODULES)
# What shows that there is an NVIDIA GPU, also that of a Jetson: PyTorch, which knows for sure, takes seconds to import.
NVIDIA = ("/dev/nvidiactl", "/dev/nvhost-gpu", "/dev/nvgpu", "/dev/dxg")


def select_runtime(
    source: str | Path,
    device: str | None = None,
    precision: str = "fp32",
    runtime: str = "auto",
    download: bool = True,
) -> tuple[str, Path]:
    """The name of a runtime, and the file that it runs.

    Args:
        source: a file, also of the hub (hf://), or "default" for the bundled model, which every runtime can run.
        device, precision, download: as for `HotspotPredictor`.
        runtime: in `RUNTIMES`.

    Raises:
        InputError: the file does not exist, the runtime is unknown, not installed, or does not run such files.
    """
    select_names("runtime", [runtime], RUNTIMES)
    bundled = str(source) == "default"
    path = resolve_checkpoint(source, download)
    fitting = ("openvino", "onnxruntime", "pytorch") if bundled else _fitting(path)
    if runtime != "auto":
        if runtime not in fitting:
            raise InputError(
                f"runtime {runtime!r} does not run {path.name}: give an .onnx file (python -m hotspot_core.export) to "
                f"openvino and onnxruntime, a .pt2 package to aotinductor, a .safetensors checkpoint to pytorch"
            )
        return _installed([runtime], path), _file(runtime, path, bundled)
    ranked = _ranked(fitting, device, precision)
    chosen = _installed(ranked, path)
    return chosen, _file(chosen, path, bundled)


def is_installed(runtime: str) -> bool:
    """Whether the module that a runtime needs can be found; it is not imported."""
    return importlib.util.find_spec(MODULES[runtime][0]) is not None


def _fitting(path: Path) -> tuple[str, ...]:
    return {ONNX: ("openvino", "onnxruntime"), PACKAGE: ("aotinductor",)}.get(path.suffix, ("pytorch",))


def _ranked(fitting: Sequence[str], device: str | None, precision: str) -> list[str]:
    """Those that can run on the device, the fastest first, as measured: see docs/notes/performance.md."""
    name = str(device or "auto").partition(":")[0]
    if name in ("gpu", "npu"):
        order = ["openvino"]
    elif name == TENSORRT:
        order = ["onnxruntime"]
    elif name == "cuda" or (name == "auto" and _has_nvidia_gpu()):
        order = ["pytorch", "onnxruntime"] + (["openvino"] if name == "auto" else [])
    elif precision == "bf16" or (precision == "auto" and has_bf16_units()):
        order = ["openvino", "pytorch"] + (["onnxruntime"] if precision == "auto" else [])
    else:
        order = ["openvino", "onnxruntime", "pytorch"]
    return [one for one in order if one in fitting] or list(fitting)


def _has_nvidia_gpu() -> bool:
    return any(Path(path).exists() for path in NVIDIA)


def _installed(ranked: Sequence[str], path: Path) -> str:
    """The first that is installed."""
    for runtime in ranked:
        if is_installed(runtime):
            return runtime
    remedies = " or ".join(dict.fromkeys(MODULES[runtime][1] for runtime in ranked))
    raise InputError(f"{path.name} needs {' or '.join(ranked)}, and none is installed: {remedies}")


def _file(runtime: str, path: Path, bundled: bool) -> Path:
    if not bundled:
        return path
    return DEFAULT_CHECKPOINT if runtime == "pytorch" else resolve_checkpoint(DEFAULT_EXPORT)
