"""`python -m hotspot_core.experiments.train_baseline NETWORK`: trains a method of the table on annotated images.

Saliency networks (egogaze, mlnet, deepgaze2, salgan) learn where any action happens, img2heatmap and demo2vec where
each one does; demo2vec also looks at clips (--clips). Lightning runs it, with Adam and a cosine schedule for all.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hotspot_core.utils import command_line
from hotspot_core.utils.command_line import comma_list

with command_line.extras(__name__, "train"):
    from hotspot_core.baselines.networks import NETWORKS
    from hotspot_core.baselines.networks.encoder import ENCODERS
    from hotspot_core.data.readers.registry import SOURCES

EXAMPLES = """\
  python -m hotspot_core.experiments.train_baseline mlnet --annotations train.json --output mlnet.safetensors
  python -m hotspot_core.experiments.train_baseline demo2vec --annotations opra:OPRA --clips c.csv \\
      --output demo2vec.safetensors
  python -m hotspot_core.experiments.train_baseline salgan --encoder vgg16 --train-encoder --size 224 --steps 20000 \\
      --annotations train.json --validation val.json --output salgan.safetensors
"""

# Names as everywhere -> as Lightning has them.
PRECISIONS = {"fp32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    result = command_line.parser("experiments.train_baseline", __doc__ or "", EXAMPLES)
    result.add_argument("network", choices=tuple(NETWORKS), help="which method")
    result.add_argument("--annotations", required=True, help=f"images to learn from: {SOURCES}")
    result.add_argument("--output", type=Path, required=True, help="file to write, .safetensors")
    result.add_argument("--validation", help="images to score at the end")
    result.add_argument("--clips", type=Path, help="clip table of demonstrations (demo2vec)")
    result.add_argument(
        "--actions", type=comma_list, default=[], help="actions to learn, by comma (default: all of the annotations)"
    )
    result.add_argument("--steps", type=int, default=1000, help="batches to learn from (default %(default)s)")
    result.add_argument("--minutes", type=float, help="stop after so many minutes at the latest")
    result.add_argument("--batch-size", type=int, default=16, help="images per step (default %(default)s)")
    result.add_argument("--size", type=int, default=128, help="side of the images in pixels (default %(default)s)")
    result.add_argument("--learning-rate", type=float, default=1e-3, help="at the start (default %(default)s)")
    result.add_argument("--encoder", default=ENCODERS[0], help="efficientnet_lite0, vgg16, vgg19, resnet18 ...")
    result.add_argument("--encoder-weights", default="imagenet", help="imagenet, a file, or none (default %(default)s)")
    result.add_argument("--train-encoder", action="store_true", help="learn the encoder's weights, too")
    result.add_argument("--device", default="auto", dest="accelerator", help="auto, cpu, cuda (default %(default)s)")
    precisions = f"of {', '.join(PRECISIONS)} (default %(default)s)"
    result.add_argument("--precision", choices=tuple(PRECISIONS), default="fp32", help=precisions)
    result.add_argument("--workers", type=int, default=0, help="processes that read (default %(default)s)")
    result.add_argument("--seed", type=int, default=0, help="of weights, order and augmentation (default %(default)s)")
    result.add_argument("--quiet", action="store_true", help="no progress bar")
    return result


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    values = vars(parser().parse_args(arguments))
    # Here, so that one without the extra `train` hears at once what is missing.
    from hotspot_core.baselines.training import BaselineConfig, train_baseline

    values["precision"] = PRECISIONS[values["precision"]]
    config = BaselineConfig(progress=not values.pop("quiet"), **values)
    description = train_baseline(config)
    training = description.training
    first, last = training["loss"]
    summary = f"{training['steps']} steps on {training['items']} items, loss {first:.3f} -> {last:.3f}"
    print(f"{config.output}: {NETWORKS[config.network].title}, {summary}")
    if training["results"]:
        print("validation: " + ", ".join(f"{name} {value:.3f}" for name, value in training["results"].items()))


if __name__ == "__main__":
    sys.exit(command_line.run(main, extra="train"))
