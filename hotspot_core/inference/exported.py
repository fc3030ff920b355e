"""What the runtimes of exported models share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hotspot_core.inference.runtime import Floats, Outputs, Pixels
from hotspot_core.model.checkpoint_info import parse_info
from hotspot_core.model.export_format import output_names


@dataclass
class ExportedEncoding:
    """Images, and what a graph said about them so far: it computes features and maps in one go.

    Attributes:
        grids: action's index -> its part of each output that has a grid, (B, h, w) each, in order of `output_names`.
    """

    pixels: Pixels
    scores: Floats | None = None
    grids: dict[int, tuple[Floats, ...]] = field(default_factory=dict)


class ExportedRuntime(ABC):
    """A graph pixels [, action indices] -> scores, maps. See `Runtime`.

    Args:
        path: the file.
        description: that it carries, see `read_export`.
        device: where it runs.

    Attributes:
        checkpoint: what the file says of the model.
    """

    name: str
    precision = "fp32"

    def __init__(self, path: Path, description: dict[str, Any], device: str) -> None:
        self.checkpoint = parse_info(path, description)
        self.config = self.checkpoint.config
        description = description["export"]
        self.device = device
        self.stride: int = description["stride"]
        self.first_cell_center: float = description["first_cell_center"]
        self.fixed_size: tuple[int, int] | None = description["size"] and tuple(description["size"])
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
            for place, index in enumerate(run):
                encoding.grids[index] = tuple(grid[:, place] for grid in grids)
        batch, height, width = encoding.pixels.shape[:3]
        grid_hw = height // self.stride, width // self.stride
        kinds = len(output_names(self.config)) - 1
        empty = np.zeros((batch, 0, *grid_hw), np.float32)
        stacked = (
            np.stack([encoding.grids[index][kind] for index in indices], 1) if indices else empty
            for kind in range(kinds)
        )
        return Outputs(encoding.scores, *stacked)

    def _run_batches(self, pixels: Pixels, actions: NDArray[np.int64]) -> list[Floats]:
        """In batches of the size that the graph takes, the last one filled up."""
        size = self._batch or len(pixels)
        parts = []
        for start in range(0, len(pixels), size):
            part = pixels[start : start + size]
            filled = (
                np.concatenate([part, np.repeat(part[-1:], size - len(part), axis=0)]) if len(part) < size else part
            )
            inputs = (filled, actions) if self._takes_actions else (filled,)
            parts.append([output[: len(part)] for output in self._run(inputs)])
        return [np.concatenate(outputs) if len(outputs) > 1 else outputs[0] for outputs in zip(*parts, strict=True)]

    @abstractmethod
    def _run(self, inputs: tuple[NDArray[Any], ...]) -> tuple[Floats, ...]:
        """The graph's outputs, see `output_names`: scores (B, all actions), then grids (B, A, h, w); the caller's to
        keep."""
