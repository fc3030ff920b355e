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

from hotspot_core.utils import command_line


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    # Here, so that one without the extra `train` hears at once what is missing.
    from hotspot_core.training.command import run_command

    run_command(sys.argv[1:] if arguments is None else arguments, __doc__)


if __name__ == "__main__":
    sys.exit(command_line.run(main, extra="train"))
