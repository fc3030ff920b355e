"""Converts the authors' released checkpoints to our format: `python -m hotspot_core.convert`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hotspot_core.utils import command_line

with command_line.extras(__name__, "torch"):
    from hotspot_core.model.authors_checkpoint import OPRA_ACTIONS, ConversionConfig, convert

EXAMPLES = """\
  python -m hotspot_core.convert opra.pth opra.safetensors
  python -m hotspot_core.convert epic.pth epic.safetensors --actions take,put,open --loss triplet
"""


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    result = command_line.parser(
        "convert", "Converts a checkpoint released by the authors of the paper (.pth) to a .safetensors file.", EXAMPLES
    )
    add = result.add_argument
    add("source", type=Path, help="the authors' checkpoint, .pth or .pt")
    add("destination", type=Path, help="the file to write, .safetensors")
    add(
        "--actions",
        type=command_line.comma_list,
        default=list(OPRA_ACTIONS),
        help="names of the actions in the order of the logits, separated by commas (default: those of OPRA)",
    )
    add("--loss", choices=("mse", "triplet"), default="mse", help="the anticipation loss it had")
    add(
        "--dilation",
        choices=("first_block", "every_block"),
        default="first_block",
        help="dilation layout of the backbone (default: that of the released checkpoints)",
    )
    add("--half", action="store_true", help="store the weights as float16: half the size")
    return result


def main(args: list[str] | None = None) -> None:
    """The command."""
    config = ConversionConfig(**vars(parser().parse_args(args)))
    convert(config)
    print(f"{config.destination}: preset paper, {len(config.actions)} actions ({', '.join(config.actions)})")


if __name__ == "__main__":
    sys.exit(command_line.run(main))
