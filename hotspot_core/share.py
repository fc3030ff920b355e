"""`python -m hotspot_core.share`: puts a checkpoint with its model card into a repository of the Hugging Face hub."""

from __future__ import annotations

import argparse
import sys

from hotspot_core.model.hub_upload import upload_checkpoint
from hotspot_core.utils import command_line

EXAMPLES = """\
  python -m hotspot_core.share runs/latest/model.safetensors hf://owner/name
  python -m hotspot_core.share model.onnx hf://owner/name/model.onnx@experiment --private
"""


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    result = command_line.parser("share", __doc__ or "", EXAMPLES)
    add = result.add_argument
    add("checkpoint", help=".safetensors, .onnx or .pt2 file, or default")
    add("target", help="hf://owner/name[/file][@branch]; the file is model.safetensors where none is named")
    add("--private", action="store_true", help="of a repository that does not exist yet")
    add("--message", help="of the commit")
    return result


def main(args: list[str] | None = None) -> None:
    """The command."""
    options = parser().parse_args(args)
    print(upload_checkpoint(options.checkpoint, options.target, options.private, options.message))


if __name__ == "__main__":
    sys.exit(command_line.run(main))
