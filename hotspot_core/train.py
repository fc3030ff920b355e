"""`python -m hotspot_core.train`: learns a model from clips, with Lightning's command line.

examples:
  python -m hotspot_core.data.synthetic data/synthetic --clips 2500 --size 192
  python -m hotspot_core.data.synthetic data/keypoints --clips 0 --stills 2000 --size 224 --seed 400000
  python -m hotspot_core.train fit --config synthetic
  python -m hotspot_core.train fit --config synthetic --resume
  python -m hotspot_core.train fit --config synthetic --output runs/wide --model.learning_rate 5e-4
  python -m hotspot_core.train validate --config synthetic --model.start model.safetensors
"""

from __future__ import annotations

import sys
import warnings

from hotspot_core.utils import command_line
from hotspot_core.utils.memory import keep_freed_memory


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    # A frozen backbone stays in eval mode, `ClipData` goes on in the middle of an epoch, validation is optional; the
    # command's own arguments are passed on.
    for harmless in (
        "LightningCLI's args parameter is intended",
        r"Found \d+ module\(s\) in eval mode",
        ".*your dataloader is not resumable",
        ".*exists and is not empty",
        "Total length of .* across ranks is zero",
    ):
        warnings.filterwarnings("ignore", harmless)
    keep_freed_memory()
    from hotspot_core.training.clip_data import ClipData
    from hotspot_core.training.command_line import TrainCommand
    from hotspot_core.training.hotspot_training import HotspotTraining
    from hotspot_core.training.recipes import with_recipe_paths

    TrainCommand(
        HotspotTraining,
        ClipData,
        args=with_recipe_paths(sys.argv[1:] if arguments is None else arguments),
        seed_everything_default=0,
        save_config_kwargs={"overwrite": True},
        trainer_defaults={
            "reload_dataloaders_every_n_epochs": 1,
            "use_distributed_sampler": False,  # the batches of `ClipData` are distributed
            "log_every_n_steps": 10,
        },
        parser_kwargs={"description": __doc__},
    )


if __name__ == "__main__":
    sys.exit(command_line.run(main))
