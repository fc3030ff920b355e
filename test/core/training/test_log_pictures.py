"""Pictures of a training run, in the stores of real loggers."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

from lightning.pytorch.loggers import CSVLogger, Logger, MLFlowLogger, TensorBoardLogger, WandbLogger

from hotspot_core.media.images import read_image
from hotspot_core.training.log_pictures import log_picture, takes_pictures

PICTURE = np.full((20, 30, 3), (250, 120, 10), np.uint8)


def test_tensorboard_shows_the_picture(tmp_path: Path) -> None:
    """Name, step and pixels come back from its event file."""
    event_accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    logger = TensorBoardLogger(tmp_path)
    log_picture(logger, "hotspots/0", PICTURE, 7)
    logger.experiment.flush()
    events = event_accumulator.EventAccumulator(logger.log_dir)
    events.Reload()
    (event,) = events.Images("hotspots/0")
    assert event.step == 7
    shown = cv2.imdecode(np.frombuffer(event.encoded_image_string, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert np.array_equal(shown[..., ::-1], PICTURE)


def test_mlflow_shows_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file store has it, with its step in its name."""
    pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    logger = MLFlowLogger(tracking_uri=(tmp_path / "runs").as_uri())
    log_picture(logger, "hotspots/0", PICTURE, 7)
    (path,) = (tmp_path / "runs").rglob("artifacts/images/*step*7*.png")
    assert "hotspots" in path.name
    assert np.array_equal(read_image(path), PICTURE)


def test_other_loggers_are_asked_first(tmp_path: Path) -> None:
    """A table takes no pictures; that of Weights & Biases takes them by a method of Lightning's."""

    class Recording(WandbLogger):
        def __init__(self) -> None:
            self.shown: list[object] = []

        def log_image(self, key: str, images: list[object], step: int | None = None, **_: object) -> None:
            self.shown += [key, *images, step]

    assert not takes_pictures(CSVLogger(tmp_path))
    logger: Logger = Recording()
    assert takes_pictures(logger)
    log_picture(logger, "hotspots/0", PICTURE, 7)
    assert logger.shown[::2] == ["hotspots/0", 7]  # type: ignore[attr-defined]
