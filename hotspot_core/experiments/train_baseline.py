"""`python -m hotspot_core.experiments.train_baseline NETWORK`: trains a method of the table on annotated stills.

Saliency networks (egogaze, mlnet, deepgaze2, salgan) learn where any action happens, img2heatmap and demo2vec where
each one does; demo2vec also looks at clips (--clips). Lightning runs it, with Adam and a cosine schedule for all.
"""

from __future__ import annotations

import argparse
import logging
import math
import sys
import warnings
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
from hotspot_core.data.readers.annotated_images import KINDS, read_annotated_images
from hotspot_core.errors import InputError
from hotspot_core.evaluation.protocol import evaluate
from hotspot_core.utils import command_line
from hotspot_core.utils.memory import keep_freed_memory

EXAMPLES = """\
  python -m hotspot_core.experiments.train_baseline mlnet --annotations train.json --output mlnet.safetensors
  python -m hotspot_core.experiments.train_baseline demo2vec --annotations opra:OPRA --clips c.csv \\
      --output demo2vec.safetensors
  python -m hotspot_core.experiments.train_baseline salgan --encoder vgg16 --train-encoder --size 224 --steps 20000 \\
      --annotations train.json --validation val.json --output salgan.safetensors
"""


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


def train(options: argparse.Namespace) -> Path:
    """Train as the command's options say, and write the network; its file.

    Raises:
        InputError: bad input; the text names it.
    """
    lightning.seed_everything(options.seed, verbose=False)
    annotations = read_annotated_images(options.annotations)
    if options.actions:
        annotations = annotations.selected(options.actions.split(","))
    needs_clips = NETWORKS[options.network].needs_demonstration
    if needs_clips and options.clips is None:
        raise InputError(f"{options.network} looks at clips that demonstrate the actions: name a table with --clips")
    if options.size % 16 or options.size < 32:
        raise InputError(f"--size {options.size}: give a multiple of 16, at least 32")
    if options.steps < 1 or options.batch_size < 1:
        raise InputError(f"--steps {options.steps}, --batch-size {options.batch_size}: give 1 or more")
    clips = read_clip_table(options.clips) if needs_clips else None
    stills = AnnotatedImages(annotations, options.size, Demonstrations(clips, options.size) if clips else None)
    occurring = [action for action in annotations.actions if action in set(stills.labels)]
    description = Description(options.network, options.encoder, tuple(annotations.actions), options.size, {})
    if options.output.suffix != ".safetensors":
        raise InputError(f"--output {options.output}: name a .safetensors file")
    options.output.parent.mkdir(parents=True, exist_ok=True)
    network = description.build(
        None if options.encoder_weights == "none" else options.encoder_weights, not options.train_encoder
    )
    network.prepare(stills.mean_target())
    module = BaselineTraining(network, options.steps, options.learning_rate)
    _trainer(options, len(network.learned())).fit(module, _loader(stills, options))
    if not module.history:
        raise InputError(f"--minutes {options.minutes}: not one step was done in them: give more")
    results = _validated(network.eval(), description, options, clips)
    tenth = len(module.history) // 10 + 1
    first, last = _mean(module.history[:tenth]), _mean(module.history[-tenth:])
    training = {
        "annotations": Path(options.annotations).name,
        "items": len(stills),
        "actions": occurring,
        "steps": len(module.history),
        "loss": [first, last],
        "settings": {
            name: str(getattr(options, name))
            for name in ("batch_size", "learning_rate", "seed", "train_encoder", "encoder_weights", "precision")
        },
        "results": results,
    }
    save_network(options.output, network, Description(**{**vars(description), "training": training}))
    told = f"{len(module.history)} steps on {len(stills)} items, loss {first:.3f} -> {last:.3f}"
    print(f"{options.output}: {network.title}, {told}")
    if results:
        print("validation: " + ", ".join(f"{name} {value:.3f}" for name, value in results.items()))
    return Path(options.output)


def _trainer(options: argparse.Namespace, optimizers: int) -> lightning.Trainer:
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning")  # a frozen encoder stays in eval mode
    return lightning.Trainer(
        max_steps=options.steps * optimizers,  # Lightning counts the steps of each
        max_epochs=1,
        max_time=timedelta(minutes=options.minutes) if options.minutes else None,
        accelerator=options.accelerator,
        devices=1,
        precision=options.precision,
        logger=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        enable_progress_bar=not options.quiet,
    )


def _loader(stills: AnnotatedImages, options: argparse.Namespace) -> DataLoader[dict[str, Any]]:
    draws = options.steps * options.batch_size
    generator = torch.Generator().manual_seed(options.seed)
    sampler = WeightedRandomSampler(class_balanced_weights(stills.labels).tolist(), draws, generator=generator)
    return DataLoader(stills, options.batch_size, sampler=sampler, num_workers=options.workers, drop_last=False)


def _validated(
    network: HeatmapNetwork, description: Description, options: argparse.Namespace, clips: list[Clip] | None
) -> dict[str, float]:
    if options.validation is None:
        return {}
    annotations = read_annotated_images(options.validation)
    shared = [action for action in annotations.actions if action in description.actions]
    save_network(options.output, network, description)
    method = LearnedMethod(options.output, clips=clips)
    found = evaluate(method, annotations.selected(shared), progress=None if options.quiet else "Validation")
    return {name: summary.mean for name, summary in found.summary.items()}


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    result = command_line.parser("experiments.train_baseline", __doc__ or "", EXAMPLES)
    result.add_argument("network", choices=tuple(NETWORKS), help="which method")
    result.add_argument("--annotations", required=True, help=f"stills to learn from: {KINDS}")
    result.add_argument("--output", type=Path, required=True, help="file to write, .safetensors")
    result.add_argument("--validation", help="stills to score at the end")
    result.add_argument("--clips", type=Path, help="clip table of demonstrations (demo2vec)")
    result.add_argument("--actions", default="", help="actions to learn, by comma (default: all of the annotations)")
    result.add_argument("--steps", type=int, default=1000, help="batches to learn from (default %(default)s)")
    result.add_argument("--minutes", type=float, help="stop after so many minutes at the latest")
    result.add_argument("--batch-size", type=int, default=16, help="images per step (default %(default)s)")
    result.add_argument("--size", type=int, default=128, help="side of the images in pixels (default %(default)s)")
    result.add_argument("--learning-rate", type=float, default=1e-3, help="at the start (default %(default)s)")
    result.add_argument("--encoder", default=ENCODERS[0], help="efficientnet_lite0, vgg16, vgg19, resnet18 ...")
    result.add_argument("--encoder-weights", default="imagenet", help="imagenet, a file, or none (default %(default)s)")
    result.add_argument("--train-encoder", action="store_true", help="learn the encoder's weights, too")
    result.add_argument("--accelerator", default="auto", help="auto, cpu, gpu (default %(default)s)")
    result.add_argument("--precision", default="32-true", help="as Lightning names it (default %(default)s)")
    result.add_argument("--workers", type=int, default=0, help="processes that read (default %(default)s)")
    result.add_argument("--seed", type=int, default=0, help="of weights, order and augmentation (default %(default)s)")
    result.add_argument("--quiet", action="store_true", help="no progress bar")
    return result


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    keep_freed_memory()
    train(parser().parse_args(arguments))


if __name__ == "__main__":
    sys.exit(command_line.run(main))
