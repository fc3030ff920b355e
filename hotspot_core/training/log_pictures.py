"""Gives a picture to a logger, of whatever make."""

from __future__ import annotations

from lightning.pytorch.loggers import Logger, MLFlowLogger, TensorBoardLogger, WandbLogger

from hotspot_core.media.images import Image


def takes_pictures(logger: Logger) -> bool:
    """Whether it is TensorBoard's, MLflow's or that of Weights & Biases; others have no pictures, or their own ways."""
    return isinstance(logger, TensorBoardLogger | MLFlowLogger | WandbLogger)


def log_picture(logger: Logger, name: str, picture: Image, step: int) -> None:
    """Logs (H, W, 3) uint8 RGB.

    Args:
        logger: one that `takes_pictures`.
        name: parts separated by slashes, such as "hotspots/0".
        step: of the training.
    """
    if isinstance(logger, TensorBoardLogger):
        logger.experiment.add_image(name, picture, step, dataformats="HWC")
    elif isinstance(logger, MLFlowLogger):
        logger.experiment.log_image(logger.run_id, picture, key=name, step=step)
    elif isinstance(logger, WandbLogger):
        logger.log_image(name, [picture], step)
