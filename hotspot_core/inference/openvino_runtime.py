"""The fastest runtime of .onnx files on CPUs, and the one of Intel's GPUs and NPUs: OpenVINO."""

from __future__ import annotations

from collections import Counter, OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hotspot_core.errors import InputError
from hotspot_core.inference.exported import ExportedRuntime
from hotspot_core.inference.runtime import Floats
from hotspot_core.model.export_format import openvino_core, openvino_description, output_names, read_openvino
from hotspot_core.utils.cpu import has_bf16_units
from hotspot_core.utils.memory import return_freed_memory
from hotspot_core.utils.threads import thread_count

# The names that OpenVINO has for number formats, by ours.
FORMATS = {"fp32": "f32", "bf16": "bf16", "fp16": "f16"}
# A graph that is compiled for one shape is up to twice as fast as one for any shape, but that takes some tenths of a
# second and some memory: it is done for a shape that comes again, and only the last ones are kept.
COMPILE_AT = 3
KEPT_SHAPES = 4
REMEMBERED_SHAPES = 256
# The graph for any shape keeps some megabytes for every shape that it has seen: after so many it is made anew.
SHAPES_OF_ANY = 16

Shapes = tuple[tuple[int, ...], ...]


class OpenVinoRuntime(ExportedRuntime):
    """OpenVINO. Images of a batch run one after the other, each on all cores.

    Args:
        path: an .onnx file.
        device: "cpu", "gpu", "gpu:N" or "npu"; None or "auto" for the CPU.
        precision: "fp32"; "bf16" on CPUs that have units for it; "fp16" on GPUs and NPUs; "auto" for the fastest.

    Raises:
        InputError: OpenVINO is not installed, has no such device, or the file or the precision is not fit for it.
    """

    name = "openvino"

    def __init__(self, path: Path, device: str | None = None, precision: str = "fp32") -> None:
        self._core = openvino_core(path)
        self._target, name = _named_device(self._core, device)
        self.precision = _select_precision(precision, name)
        self._path = path
        super().__init__(path, openvino_description(path, read_openvino(path)), name)
        if self._batch is None:
            self._batch = 1
        self._settings: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": FORMATS[self.precision],
        }
        if name == "cpu":
            # A thread that may only run on one core waits for whatever else runs there.
            self._settings |= {"INFERENCE_NUM_THREADS": thread_count(), "ENABLE_CPU_PINNING": False}
        self._compiled: OrderedDict[Shapes, Any] = OrderedDict()
        self._any_shape: Any = None
        self._seen_by_any: set[Shapes] = set()
        self._seen: Counter[Shapes] = Counter()

    def _run(self, inputs: tuple[NDArray[Any], ...]) -> tuple[Floats, ...]:
        request = self._request(tuple(one.shape for one in inputs))
        request.infer(dict(enumerate(inputs)), share_inputs=True)
        return tuple(np.array(request.get_tensor(name).data) for name in output_names(self.config))

    def _request(self, shapes: Shapes) -> Any:
        """What runs inputs of these shapes: compiled for them alone, or, while they are rare, for any."""
        if shapes in self._compiled:
            self._compiled.move_to_end(shapes)
            return self._compiled[shapes]
        if len(self._seen) >= REMEMBERED_SHAPES:
            self._seen.clear()
        self._seen[shapes] += 1
        if self._compiled and self._seen[shapes] < COMPILE_AT and self.device == "cpu":
            if self._any_shape is None or len(self._seen_by_any - {shapes}) >= SHAPES_OF_ANY:
                self._any_shape = None
                self._seen_by_any.clear()
                return_freed_memory()
                self._any_shape = self._compile(read_openvino(self._path))
            self._seen_by_any.add(shapes)
            return self._any_shape
        if len(self._compiled) >= KEPT_SHAPES:
            self._compiled.popitem(last=False)
            return_freed_memory()
        # Read anew: that takes less time than a copy that is kept takes memory.
        fixed = read_openvino(self._path)
        fixed.reshape(dict(enumerate(map(list, shapes))))
        self._compiled[shapes] = request = self._compile(fixed)
        return request

    def _compile(self, model: Any) -> Any:
        """A request of a model that is compiled for the device."""
        try:
            return self._core.compile_model(model, self._target, self._settings).create_infer_request()
        except RuntimeError as error:
            raise InputError(
                f"OpenVINO cannot run the model on device {self.device!r} in {self.precision} "
                f"({_last_line(error)}): use device 'cpu', or another runtime"
            ) from error


def _named_device(core: Any, device: str | None) -> tuple[str, str]:
    """A device's name in OpenVINO and ours."""
    name, colon, number = str(device or "auto").partition(":")
    if name not in ("auto", "cpu", "gpu", "npu") or (colon and (name != "gpu" or not number.isdecimal())):
        raise InputError(f"unknown device {str(device)!r} of runtime openvino: use auto, cpu, gpu, gpu:N or npu")
    if name == "auto":
        name = "cpu"
    if name == "cpu":
        # Not among those that are there: to ask for them loads what drives the others, 20 MB of memory.
        return "CPU", name
    target = f"{name.upper()}.{int(number)}" if colon else name.upper()
    available = list(core.available_devices)
    # A single GPU is "GPU", several are "GPU.0", "GPU.1" ...
    if target not in (*available, *(one.partition(".")[0] for one in available), *(f"{one}.0" for one in available)):
        raise InputError(
            f"device {str(device)!r} is not available to OpenVINO (it has {', '.join(available).lower()}): install its "
            "driver, or use device 'cpu' or 'auto'"
        )
    return target, name + colon + number


def _select_precision(precision: str, device: str) -> str:
    cpu = device == "cpu"
    supported = (("fp32", "bf16") if has_bf16_units() else ("fp32",)) if cpu else ("fp32", "fp16")
    if precision == "auto":
        return supported[-1]
    if precision not in supported:
        units = "this CPU, which has no bfloat16 units" if cpu and len(supported) == 1 else f"device {device!r}"
        raise InputError(
            f"precision {precision!r} is not supported by {units} in OpenVINO: use {', '.join(supported)} or 'auto'"
        )
    return precision


def _last_line(error: Exception) -> str:
    return ([line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__])[-1]
