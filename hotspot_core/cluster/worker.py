"""What a worker does: predicts a block."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hotspot_core.cluster.blocks import BlockResult, FrameBlock
from hotspot_core.errors import InputError
from hotspot_core.hotspots.overlay import draw_overlay
from hotspot_core.hotspots.points_table import point_rows
from hotspot_core.hotspots.prediction import Prediction
from hotspot_core.inference.predictor import HotspotPredictor
from hotspot_core.media.source import Frame
from hotspot_core.media.writers import encode_picture


@dataclass(frozen=True)
class WorkerConfig:
    """How workers predict; see `PredictionConfig`.

    Attributes:
        names: of all sources of the run.
        suffix: of the model's file.
        note: on every overlay.
    """

    names: tuple[str, ...]
    suffix: str
    device: str
    precision: str
    runtime: str
    actions: tuple[str, ...]
    points_per_action: int
    peak_threshold: float
    score_threshold: float
    note: str


class BlockPredictor:
    """A loaded model.

    Args:
        model: contents of the model's file, so that a worker needs none.
        config: how to predict.

    Raises:
        InputError: see `HotspotPredictor`.
    """

    def __init__(self, model: bytes, config: WorkerConfig) -> None:
        self._config = config
        # As long as this lives: some runtimes read it again for images of another size.
        self._folder = tempfile.TemporaryDirectory(prefix="hotspot_core-")
        path = Path(self._folder.name) / f"model{config.suffix}"
        path.write_bytes(model)
        self._predictor = HotspotPredictor(path, config.device, config.precision, config.runtime)

    def __call__(self, block: FrameBlock) -> BlockResult:
        """The results of a block."""
        left_out = {block.key[0]: block.failure} if block.failure else {}
        table, pictures = io.StringIO(newline=""), list[tuple[int, float, bytes]]()
        writer = csv.writer(table)
        for index, frame in _frames(block, left_out):
            prediction = self._predict(frame)
            drawn = draw_overlay(frame.image, prediction, self._config.note)
            name = self._config.names[index]
            writer.writerows(point_rows(name, frame.number, frame.time, prediction, frame.stamp))
            pictures.append((index, frame.time, encode_picture(drawn, ".jpg")))
        return BlockResult(
            block.key, len(pictures), table.getvalue(), tuple(pictures), left_out, block.warnings, block.last
        )

    def _predict(self, frame: Frame) -> Prediction:
        config = self._config
        return self._predictor.predict(
            frame.image,
            config.actions,
            points_per_action=config.points_per_action,
            peak_threshold=config.peak_threshold,
            score_threshold=config.score_threshold,
        )


def _frames(block: FrameBlock, left_out: dict[int, str]) -> Iterator[tuple[int, Frame]]:
    """The frames with their sources' indices; `left_out` gets pictures that cannot be read."""
    first = block.key[0]
    yield from ((first, frame) for frame in block.frames)
    for index, source in enumerate(block.sources, first):
        try:
            yield from ((index, frame) for frame in source.frames())
        except InputError as error:
            left_out[index] = str(error)
