"""`python -m hotspot_core.train_affordances`: learns a model from images with annotated keypoints of many actions.

examples:
  python -m hotspot_core.data.rendered data/rendered --stills 6000
  python -m hotspot_core.train_affordances fit --config affordances
  python -m hotspot_core.train_affordances fit --config affordances --resume
  python -m hotspot_core.train_affordances fit --config affordances --output runs/mine --data.keypoints '[mine.json]' \\
      --data.weights null --model.start model.safetensors
"""

from __future__ import annotations

import sys

from hotspot_core.utils import command_line


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    # Here, so that one without the extra `train` is told at once what is missing.
    from hotspot_core.training.command import run_affordance_command

    run_affordance_command(sys.argv[1:] if arguments is None else arguments, __doc__)


if __name__ == "__main__":
    sys.exit(command_line.run(main, extra="train"))
