"""Trains the compared networks on annotated images. Lightning runs it, with Adam and a cosine schedule for all."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

# Before Lightning, whose metrics import torchvision.
import hotspot_core.model.torchvision_import  # noqa: F401 # isort: skip
import lightning
import torch
from torch import Tensor
from torch.utils.data import DataLoader, WeightedRandomSampler

from hotspot_core.baselines.annotated_images import AnnotatedImages
from hotspot_core.baselines.demonstrations import Demonstrations
from hotspot_core.baselines.learned import Description, LearnedMethod, save_network
from hotspot_core.baselines.networks import NETWORKS, HeatmapNetwork
from hotspot_core.baselines.networks.encoder import ENCODERS
from hotspot_core.data.clips import Clip, read_clip_table
from hotspot_core.data.dataset import class_balanced_weights
from hotspot_core.data.readers.registry import read_annotated_images
from hotspot_core.errors import InputError, check_number, select_names
from hotspot_core.evaluation.scoring import evaluate
from hotspot_core.utils.memory import keep_freed_memory

# Settings that a file tells of its training.
PROVENANCE = ("batch_size", "learning_rate", "seed", "train_encoder", "encoder_weights", "precision")


@dataclass(frozen=True)
class BaselineConfig:
    """The training of one network.

    Attributes:
        network: name in `NETWORKS`.
        annotations: source of annotated images, see `read_annotated_images`; of a data set with splits the
            training one.
        output: file to write, .safetensors.
        validation: source of annotated images to score at the end; None for none.
        clips: clip table of demonstrations, for Demo2Vec.
        actions: to learn; empty for all.
        steps: batches to learn from.
        minutes: after which to stop at the latest; None for no limit.
        batch_size: images per step.
        size: side of the images in pixels.
        learning_rate: at the start.
        encoder: "efficientnet_lite0", "vgg16", "vgg19", "resnet18" ...
        encoder_weights: "imagenet", a file, or "none".
        train_encoder: whether to learn the encoder's weights, too.
        accelerator, precision: as Lightning names them.
        workers: processes that read.
        seed: of weights, order and augmentation.
        progress: whether to show a progress bar.
    """

    network: str
    annotations: str
    output: Path
    validation: str | None = None
    clips: Path | None = None
    actions: Sequence[str] = ()
    steps: int = 1000
    minutes: float | None = None
    batch_size: int = 16
    size: int = 128
    learning_rate: float = 1e-3
    encoder: str = ENCODERS[0]
    encoder_weights: str = "imagenet"
    train_encoder: bool = False
    accelerator: str = "auto"
    precision: str = "32-true"
    workers: int = 0
    seed: int = 0
    progress: bool = True

    def check(self) -> None:
        """Makes sure that the settings can be used.

        Raises:
            InputError: they cannot; the text names the option.
        """
        select_names("network", [self.network], tuple(NETWORKS))
        if NETWORKS[self.network].needs_demonstration and self.clips is None:
            raise InputError(f"{self.network} looks at clips that demonstrate the actions: name a table with --clips")
        if self.size % 16 or self.size < 32:
            raise InputError(f"--size {self.size}: give a multiple of 16, at least 32")
        check_number("--steps", self.steps, 1, whole=True)
        check_number("--batch-size", self.batch_size, 1, whole=True)
        check_number("--learning-rate", self.learning_rate, 0, above=True)
        check_number("--workers", self.workers, 0, whole=True)
        check_number("--seed", self.seed, 0, whole=True)
        if self.minutes is not None:
            check_number("--minutes", self.minutes, 0, above=True)
        if self.output.suffix != ".safetensors":
            raise InputError(f"--output {self.output}: name a .safetensors file")


class BaselineTraining(lightning.LightningModule):
    """Learns a `HeatmapNetwork`, with one Adam for each group of weights that it learns in turn.

    Args:
        network: what learns.
        steps: of the whole training, for the cosine schedule.
        learning_rate: at the start.
        weight_decay: of Adam.

    Attributes:
        history: the first group's loss at each step.
    """

    def __init__(self, network: HeatmapNetwork, steps: int, learning_rate: float, weight_decay: float = 1e-4) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.network = network
        self.steps = steps
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.history: list[float] = []

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        return [
            torch.optim.AdamW(weights, lr=self.learning_rate, weight_decay=self.weight_decay)
            for weights in self.network.learned()
        ]

    def training_step(self, batch: dict[str, Tensor], _index: int) -> None:
        optimizers: Any = self.optimizers()
        optimizers = optimizers if isinstance(optimizers, list) else [optimizers]
        progress = len(self.history) / self.steps
        for place, (optimizer, loss) in enumerate(zip(optimizers, self.network.losses(batch, progress), strict=True)):
            if not torch.isfinite(loss):
                raise InputError(f"the loss became {loss.item()} at step {len(self.history)}: lower --learning-rate")
            if place == 0:
                self.history.append(float(loss.detach()))
                self.log("loss", loss.detach(), prog_bar=True)
            for group in optimizer.param_groups:
                group["lr"] = self.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))
            optimizer.zero_grad()
            self.manual_backward(loss)
            optimizer.step()


def train_baseline(config: BaselineConfig) -> Description:
    """Train a network and write its file; what the file says of it.

    Raises:
        InputError: bad input; the text names it.
    """
    config.check()
    keep_freed_memory()
    lightning.seed_everything(config.seed, verbose=False)
    annotations = read_annotated_images(config.annotations, "train")
    if config.actions:
        annotations = annotations.selected(config.actions)
    needs_clips = NETWORKS[config.network].needs_demonstration
    clips = read_clip_table(config.clips) if needs_clips and config.clips else None
    images = AnnotatedImages(annotations, config.size, Demonstrations(clips, config.size) if clips else None)
    description = Description(config.network, config.encoder, tuple(annotations.actions), config.size, {})
    config.output.parent.mkdir(parents=True, exist_ok=True)
    network = description.build(
        None if config.encoder_weights == "none" else config.encoder_weights, not config.train_encoder
    )
    network.prepare(images.mean_target())
    module = BaselineTraining(network, config.steps, config.learning_rate)
    _trainer(config, len(network.learned())).fit(module, _loader(images, config))
    if not module.history:
        raise InputError(f"--minutes {config.minutes}: not one step was done in them: give more")
    tenth = len(module.history) // 10 + 1
    settings = asdict(config)
    training = {
        "annotations": Path(config.annotations).name,
        "items": len(images),
        "actions": [action for action in annotations.actions if action in set(images.labels)],
        "steps": len(module.history),
        "loss": [_mean(module.history[:tenth]), _mean(module.history[-tenth:])],
        "settings": {name: str(settings[name]) for name in PROVENANCE},
        "results": _validated(network.eval(), description, config, clips),
    }
    description = replace(description, training=training)
    save_network(config.output, network, description)
    return description


def _trainer(config: BaselineConfig, optimizers: int) -> lightning.Trainer:
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning")  # a frozen encoder stays in eval mode
    return lightning.Trainer(
        max_steps=config.steps * optimizers,  # Lightning counts the steps of each
        max_epochs=1,
        max_time=timedelta(minutes=config.minutes) if config.minutes else None,
        accelerator=config.accelerator,
        devices=1,
        precision=config.precision,  # type: ignore[arg-type]
        logger=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        enable_progress_bar=config.progress,
    )


def _loader(images: AnnotatedImages, config: BaselineConfig) -> DataLoader[dict[str, Any]]:
    draws = config.steps * config.batch_size
    generator = torch.Generator().manual_seed(config.seed)
    sampler = WeightedRandomSampler(class_balanced_weights(images.labels).tolist(), draws, generator=generator)
    return DataLoader(images, config.batch_size, sampler=sampler, num_workers=config.workers, drop_last=False)


def _validated(
    network: HeatmapNetwork, description: Description, config: BaselineConfig, clips: list[Clip] | None
) -> dict[str, float]:
    if config.validation is None:
        return {}
    annotations = read_annotated_images(config.validation)
    shared = [action for action in annotations.actions if action in description.actions]
    save_network(config.output, network, description)
    method = LearnedMethod(config.output, clips=clips)
    result = evaluate(method, annotations.selected(shared), progress="Validation" if config.progress else None)
    return {name: summary.mean for name, summary in result.summary.items()}


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
