"""Runtimes of exported models: ONNX Runtime, and packages that PyTorch compiled ahead of time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch._inductor
from numpy.typing import NDArray

from hotspot_core.errors import InputError
from hotspot_core.inference.runtime import Floats, Outputs, Pixels
from hotspot_core.model.checkpoint import parse_device, parse_info, select_device
from hotspot_core.model.export_format import TENSORRT, describe_session, import_onnxruntime, open_onnx, read_export

PROVIDERS = {
    "cpu": ["CPUExecutionProvider"],
    "cuda": ["CUDAExecutionProvider", "CPUExecutionProvider"],
    TENSORRT: ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"],
}
# Where TensorRT keeps the engines that it builds for minutes.
ENGINE_CACHE = Path("~/.cache/hotspot_core/tensorrt")


@dataclass
class ExportedEncoding:
    """Images, and what a graph said about them so far: it computes features and maps in one go.

    `grids`: action's index -> (B, 1 or 2, h, w), its map and, of a model with a place head, its places.
    """

    pixels: Pixels
    scores: Floats | None = None
    grids: dict[int, Floats] = field(default_factory=dict)


class ExportedRuntime(ABC):
    """A graph pixels [, action indices] -> scores, maps [, places]. See `Runtime`.

    Args:
        path: the file.
        description: that it carries, see `read_export`.
        device: where it runs.

    Attributes:
        checkpoint: what the file says of the model.
    """

    name: str
    precision = "fp32"

    def __init__(self, path: Path, description: dict[str, Any], device: torch.device) -> None:
        self.checkpoint = parse_info(path, description)
        self.config = self.checkpoint.config
        description = description["export"]
        self.device = device
        self.stride: int = description["stride"]
        self.first_cell_center: float = description["first_cell_center"]
        height, width = description["size"]
        self.fixed_size: tuple[int, int] | None = (height, width)
        self._batch: int | None = description["batch"]
        self._takes_actions: bool = description["actions_are_an_input"]

    def encode(self, pixels: Pixels, *, keep: bool = False) -> ExportedEncoding:
        return ExportedEncoding(pixels)

    def scores(self, encoding: ExportedEncoding) -> Floats:
        if encoding.scores is None:
            self.maps(encoding, list(range(len(self.config.actions))))
        assert encoding.scores is not None
        return encoding.scores

    def maps(self, encoding: ExportedEncoding, indices: list[int]) -> Outputs:
        missing = [index for index in indices if index not in encoding.grids]
        if missing or encoding.scores is None:
            # An export without that input has maps of all its actions, one with it takes at least one.
            run = (missing or [0]) if self._takes_actions else list(range(len(self.config.actions)))
            encoding.scores, *grids = self._run_batches(encoding.pixels, np.array(run, np.int64))
            encoding.grids.update(zip(run, np.moveaxis(np.stack(grids, 1), 2, 0), strict=True))
        batch, height, width = encoding.pixels.shape[:3]
        grid = height // self.stride, width // self.stride
        kept = [encoding.grids[index] for index in indices]
        kinds = 2 if self.config.place_channels else 1
        stacked = np.stack(kept, 2) if kept else np.zeros((batch, kinds, 0, *grid), np.float32)
        return Outputs(encoding.scores, *stacked.swapaxes(0, 1))

    def _run_batches(self, pixels: Pixels, actions: NDArray[np.int64]) -> list[Floats]:
        """In batches of the size that the graph takes, the last one filled up."""
        size = self._batch or len(pixels)
        parts = []
        for start in range(0, len(pixels), size):
            part = pixels[start : start + size]
            filled = np.concatenate([part, np.repeat(part[-1:], size - len(part), axis=0)])
            inputs = (filled, actions) if self._takes_actions else (filled,)
            parts.append([output[: len(part)] for output in self._run(inputs)])
        return [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]

    @abstractmethod
    def _run(self, inputs: tuple[NDArray[Any], ...]) -> Sequence[Floats]:
        """Scores (B, all actions), maps (B, A, h, w) and, with a place head, places (B, A, h, w) of the graph."""


class OnnxRuntime(ExportedRuntime):
    """ONNX Runtime.

    Args:
        path: an .onnx file.
        device: "cpu", "cuda", "cuda:N" or "tensorrt"; None or "auto" for CUDA where this ONNX Runtime has it. TensorRT
            is used only if asked for: it builds an engine for minutes, the first time.

    Raises:
        InputError: ONNX Runtime is not installed or has no such device, or the file is not fit for it.
    """

    name = "onnxruntime"

    def __init__(self, path: Path, device: str | torch.device | None = None) -> None:
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
        self._session = open_onnx(path, [(one, _provider_options(one, index)) for one in PROVIDERS[name]])
        device = torch.device("cpu") if name == "cpu" else torch.device("cuda", index)
        super().__init__(path, describe_session(path, self._session), device)
        # Where a provider's libraries do not load it goes on with the next one, and tells only its log.
        if PROVIDERS[name][0] not in self._session.get_providers():
            if not automatic:
                raise InputError(
                    f"device {name!r}: ONNX Runtime {onnxruntime.__version__} cannot start it: install the CUDA, cuDNN "
                    "or TensorRT that it was built for, or use device 'cpu' or 'auto'"
                )
            self.device = torch.device("cpu")
        if name == TENSORRT:
            self.precision = "fp16"
        self._inputs = [one.name for one in self._session.get_inputs()]

    def _run(self, inputs: tuple[NDArray[Any], ...]) -> Sequence[Floats]:
        outputs: list[Floats] = self._session.run(None, dict(zip(self._inputs, inputs, strict=True)))
        return outputs


class PackageRuntime(ExportedRuntime):
    """A package of PyTorch's ahead-of-time compiler. It is native code: load none from a source that you do not trust.

    Args:
        path: a .pt2 file.
        device: of the kind that it was compiled for, such as "cuda:1"; or None or "auto".

    Raises:
        InputError: it was compiled for another kind of device, the device does not exist, or it does not load.
    """

    name = "aotinductor"

    def __init__(self, path: Path, device: str | torch.device | None = None) -> None:
        description = read_export(path)
        compiled_for = description["export"]["device"]
        requested = parse_device(compiled_for if device is None or str(device) == "auto" else device)
        if requested.type != compiled_for:
            raise InputError(
                f"{str(path)!r} was compiled for {compiled_for}, not {device}: export it there, or use auto"
            )
        super().__init__(path, description, select_device(requested))
        # PyTorch 2.6 does not know the option, and needs none for the first GPU.
        place: dict[str, Any] = {"device_index": requested.index} if requested.index else {}
        try:
            self._package = torch._inductor.aoti_load_package(str(path), **place)
        except (AttributeError, TypeError, RuntimeError) as error:
            raise InputError(f"PyTorch {torch.__version__} cannot load {str(path)!r}: {error}") from error

    @torch.inference_mode()
    def _run(self, inputs: tuple[NDArray[Any], ...]) -> Sequence[Floats]:
        outputs = self._package(*(torch.from_numpy(one).to(self.device) for one in inputs))
        return [output.cpu().numpy() for output in outputs]


def _named_device(device: str | torch.device | None) -> tuple[str, int]:
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
