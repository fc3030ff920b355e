"""The runtime of .onnx files that runs everywhere: ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hotspot_core.errors import InputError
from hotspot_core.inference.exported import ExportedRuntime
from hotspot_core.inference.runtime import Floats
from hotspot_core.model.export_format import (
    TENSORRT,
    describe_session,
    import_onnxruntime,
    open_onnx,
    output_names,
)
from hotspot_core.utils.threads import thread_count

PROVIDERS = {
    "cpu": ["CPUExecutionProvider"],
    "cuda": ["CUDAExecutionProvider", "CPUExecutionProvider"],
    TENSORRT: ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"],
}
# Where TensorRT keeps the engines that it builds for minutes.
ENGINE_CACHE = Path("~/.cache/hotspot_core/tensorrt")


class OnnxRuntime(ExportedRuntime):
    """ONNX Runtime.

    Args:
        path: an .onnx file.
        device: "cpu", "cuda", "cuda:N" or "tensorrt"; None or "auto" for CUDA where this ONNX Runtime has it. TensorRT
            is used only if asked for: it builds an engine for minutes, the first time.
        precision: "fp32" or "auto"; TensorRT computes in float16 where it can.

    Raises:
        InputError: ONNX Runtime is not installed or has no such device, or the file is not fit for it.
    """

    name = "onnxruntime"

    def __init__(self, path: Path, device: str | None = None, precision: str = "fp32") -> None:
        if precision not in ("fp32", "auto"):
            raise InputError(
                f"precision {precision!r} of {str(path)!r}: ONNX Runtime computes in float32 (TensorRT in float16, if "
                "it can); use 'fp32' or 'auto', the runtime openvino, or the checkpoint itself"
            )
        onnxruntime = import_onnxruntime(path)
        available = onnxruntime.get_available_providers()
        name, index = _named_device(device)
        automatic = name == "auto"
        if automatic:
            name = "cuda" if PROVIDERS["cuda"][0] in available else "cpu"
        if PROVIDERS[name][0] not in available:
            raise InputError(
                f"device {name!r} is not available to ONNX Runtime {onnxruntime.__version__} (it has "
                f"{', '.join(available)}): install onnxruntime-gpu, or use device 'cpu' or 'auto'"
            )
        providers = [(one, _provider_options(one, index)) for one in PROVIDERS[name]]
        self._session = open_onnx(path, providers, threads=thread_count())
        super().__init__(path, describe_session(path, self._session), "cpu" if name == "cpu" else f"cuda:{index}")
        # Where a provider's libraries do not load it goes on with the next one, and tells only its log.
        if PROVIDERS[name][0] not in self._session.get_providers():
            if not automatic:
                raise InputError(
                    f"device {name!r}: ONNX Runtime {onnxruntime.__version__} cannot start it: install the CUDA, cuDNN "
                    "or TensorRT that it was built for, or use device 'cpu' or 'auto'"
                )
            self.device = "cpu"
        if name == TENSORRT:
            self.precision = "fp16"
        self._inputs = [one.name for one in self._session.get_inputs()]

    def _run(self, inputs: tuple[NDArray[Any], ...]) -> tuple[Floats, ...]:
        return tuple(self._session.run(list(output_names(self.config)), dict(zip(self._inputs, inputs, strict=True))))


def _named_device(device: str | None) -> tuple[str, int]:
    """A name of `PROVIDERS`, or "auto", and the GPU's number."""
    name, colon, number = str(device or "auto").partition(":")
    if name not in ("auto", *PROVIDERS) or (colon and not number.isdecimal()):
        raise InputError(f"unknown device {str(device)!r}: use auto, cpu, cuda, cuda:N or {TENSORRT}")
    return name, int(number or 0)


def _provider_options(provider: str, index: int) -> dict[str, Any]:
    if provider.startswith("CPU"):
        return {}
    if provider.startswith("CUDA"):
        return {"device_id": index}
    cache = ENGINE_CACHE.expanduser()
    cache.mkdir(parents=True, exist_ok=True)
    return {
        "device_id": index,
        "trt_fp16_enable": True,
        "trt_engine_cache_enable": True,
        "trt_engine_cache_path": str(cache),
    }
