"""A run on a cluster: the folder that `hotspot_core.inference.prediction_run` writes, made by many."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from hotspot_core.cluster.blocks import BlockResult, WorkItem, absolute, limited, work_items
from hotspot_core.cluster.connection import connected, ray_library
from hotspot_core.cluster.journal import Journal
from hotspot_core.cluster.pipeline import predicted
from hotspot_core.cluster.worker import WorkerConfig
from hotspot_core.errors import InputError
from hotspot_core.hotspots.overlay import draw_strip
from hotspot_core.hotspots.points_table import COLUMNS
from hotspot_core.hotspots.prediction import Image, Prediction
from hotspot_core.hotspots.strip import strip_places
from hotspot_core.inference.prediction_run import (
    POINTS,
    PredictionConfig,
    PredictionRun,
    PredictionSummary,
    result_name,
    strip_name,
)
from hotspot_core.media.sources import Source, Warn
from hotspot_core.media.writers import VideoFile, write_picture
from hotspot_core.utils.files import atomic_write, write_bytes

# Gets the number of frames that are done; False ends the run as Ctrl-C does.
OnBlock = Callable[[int], bool]


class ClusterRun:
    """A run that is checked, see `PredictionRun`. The cluster's nodes find the inputs under the same paths as this
    computer does, and have this library; the model goes to them from here, and results come back to it.

    A run that was interrupted goes on where it was when it is made anew; one that has finished has nothing to do.

    Args:
        config: see `PredictionConfig`.
        address: of the cluster, see `hotspot_core.cluster.connection.connected`.

    Attributes:
        local: the same run on this computer alone.
        summary: what is done.

    Raises:
        InputError: an input, the model or a setting cannot be used, or Ray is not installed.
    """

    def __init__(self, config: PredictionConfig, address: str = "auto") -> None:
        ray_library()
        if config.output_bag is not None:
            raise InputError("--output-bag is written by one process: leave --engine ray away")
        self.local = PredictionRun(config)
        endless = [source.name for source in self.local.sources if not source.ends]
        if endless:
            raise InputError(f"{endless[0]} does not end by itself: leave --engine ray away")
        self._config, self._address = config, address
        self.summary = PredictionSummary()

    @property
    def sources(self) -> list[Source]:
        """See `PredictionRun`."""
        return self.local.sources

    def run(self, on_block: OnBlock | None = None, on_left_out: Warn | None = None) -> PredictionSummary:
        """Predicts everything that is not done yet.

        Args:
            on_block: called after every block.
            on_left_out: gets the reason of every input, or image of a bag, that is left out.

        Raises:
            InputError: the cluster cannot be used or is gone, the output folder is another run's, a file cannot be
                written, the only input cannot be read, or none of several.
            KeyboardInterrupt: `on_block` ended the run; what was done is kept.
        """
        with Journal(self._config.output, self._settings()) as journal:
            if journal.summary is not None:
                self.summary = PredictionSummary(**journal.summary)
                return self.summary
            self._count(journal)
            items = self._items_to_do(journal)
            if items:
                with connected(self._address):
                    self._collect(items, journal, on_block, on_left_out)
            self._finish(journal)
        return self.summary

    def _settings(self) -> dict[str, Any]:
        config, names = self._config, hashlib.sha256()
        for source in self.sources:
            names.update(repr(absolute(source)).encode())
        return {
            "inputs": names.hexdigest(),
            "checkpoint": self.local.predictor.info.sha256,
            "actions": list(self.local.actions),
            "points per action": config.points_per_action,
            "peak threshold": config.peak_threshold,
            "score threshold": config.score_threshold,
            "seconds": config.seconds,
            "precision": config.precision,
        }

    def _items_to_do(self, journal: Journal) -> list[WorkItem]:
        items = work_items(self.sources, self._config.seconds, journal.done())
        return [item for item in items if not journal.blocks(item.first)]

    def _collect(self, items: list[WorkItem], journal: Journal, on_block: OnBlock | None, warn: Warn | None) -> None:
        for result in predicted(items, self._model(), self._worker_config()):
            self._write(result, journal)
            for reason in (*result.warnings, *result.left_out.values()):
                if warn is not None:
                    warn(reason)
            self._count(journal)
            if on_block is not None and not on_block(self.summary.frames):
                raise KeyboardInterrupt

    def _model(self) -> Path:
        path = self.local.predictor.info.path
        assert path is not None
        return path

    def _worker_config(self) -> WorkerConfig:
        config = self._config
        return WorkerConfig(
            tuple(source.name for source in self.sources),
            self._model().suffix,
            config.device,
            config.precision,
            config.runtime,
            tuple(self.local.actions),
            config.points_per_action,
            config.peak_threshold,
            config.score_threshold,
            self.local.note,
        )

    def _write(self, result: BlockResult, journal: Journal) -> None:
        source = self.sources[result.key[0]]
        if not source.moves:
            for index, _, picture in result.pictures:
                write_bytes(self._config.output / result_name(self.sources[index]), picture)
        elif result.frames:
            journal.write_frames(result)
        journal.add(result)
        if source.moves and journal.blocks(result.key[0]):
            self._write_video(result.key[0], journal)

    def _write_video(self, index: int, journal: Journal) -> None:
        """The strip and the video of a source, the latter last: where it is, both are."""
        source = self.sources[index]
        target = self._config.output / result_name(source)
        count = sum(journal.entries[index, block].frames for block in journal.blocks(index))
        if count and not target.exists():
            if count > 1:
                self._write_strip(source, count)
            assert source.fps is not None
            with atomic_write(target) as partial, VideoFile(partial, source.fps) as video:
                for time, picture in journal.read_frames(index):
                    video.add(_decoded(picture), time)
        journal.remove_frames(index)

    def _write_strip(self, source: Source, count: int) -> None:
        """Its few frames are decoded and predicted here: which they are is known only now."""
        places = strip_places(count)
        shown: list[tuple[Image, Prediction]] = []
        frames = limited(source, self._config.seconds, [])
        for number, frame in enumerate(itertools.islice(frames, places[-1] + 1)):
            if number in places:
                shown.append((frame.image, self.local.predictor.predict(frame.image, self.local.actions)))
        strip = draw_strip([image for image, _ in shown], [prediction for _, prediction in shown], self.local.note)
        write_picture(self._config.output / strip_name(source), strip)

    def _count(self, journal: Journal) -> None:
        names = {index: self.sources[index].name for index in journal.left_out}
        self.summary.frames = journal.frames
        self.summary.left_out = {names[index]: reason for index, reason in sorted(journal.left_out.items())}
        self.summary.inputs = len(self.sources) - len(names)

    def _finish(self, journal: Journal) -> None:
        if not self.summary.inputs:
            reasons = list(self.summary.left_out.values())
            raise InputError(reasons[0] if len(reasons) == 1 else f"none of {len(reasons)} inputs could be read")
        for index, source in enumerate(self.sources):
            if source.moves:
                self._write_video(index, journal)
        with (
            atomic_write(self._config.output / POINTS) as partial,
            partial.open("w", newline="", encoding="utf-8") as file,
        ):
            file.write(",".join(COLUMNS) + "\r\n")
            file.writelines(journal.points())
        journal.finish(
            {"frames": self.summary.frames, "inputs": self.summary.inputs, "left_out": self.summary.left_out}
        )


def _decoded(picture: bytes) -> Image:
    bgr = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    assert bgr is not None
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
