"""The runtime of packages that PyTorch compiled ahead of time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import torch._inductor
from numpy.typing import NDArray

from hotspot_core.errors import InputError
from hotspot_core.inference.exported import ExportedRuntime
from hotspot_core.inference.runtime import Floats
from hotspot_core.model.checkpoint import parse_device, select_device
from hotspot_core.model.export_format import read_export


class PackageRuntime(ExportedRuntime):
    """A package of PyTorch's ahead-of-time compiler. It is native code: load none from a source that you do not trust.

    Args:
        path: a .pt2 file.
        device: of the kind that it was compiled for, such as "cuda:1"; or None or "auto".
        precision: "fp32" or "auto".

    Raises:
        InputError: it was compiled for another kind of device, the device does not exist, or it does not load.
    """

    name = "aotinductor"

    def __init__(self, path: Path, device: str | None = None, precision: str = "fp32") -> None:
        if precision not in ("fp32", "auto"):
            raise InputError(
                f"precision {precision!r} of {str(path)!r}: packages compute in float32; use 'fp32' or 'auto', or the "
                "checkpoint itself"
            )
        description = read_export(path)
        compiled_for = description["export"]["device"]
        requested = parse_device(compiled_for if device is None or str(device) == "auto" else device)
        if requested.type != compiled_for:
            raise InputError(
                f"{str(path)!r} was compiled for {compiled_for}, not {device}: export it there, or use auto"
            )
        self._device = select_device(requested)
        super().__init__(path, description, str(self._device))
        # PyTorch 2.6 does not know the option, and needs none for the first GPU.
        place: dict[str, Any] = {"device_index": requested.index} if requested.index else {}
        try:
            self._package = torch._inductor.aoti_load_package(str(path), **place)
        except (AttributeError, TypeError, RuntimeError) as error:
            raise InputError(f"PyTorch {torch.__version__} cannot load {str(path)!r}: {error}") from error

    @torch.inference_mode()
    def _run(self, inputs: tuple[NDArray[Any], ...]) -> tuple[Floats, ...]:
        outputs = self._package(*(torch.from_numpy(one).to(self._device) for one in inputs))
        return tuple(output.cpu().numpy() for output in outputs)
