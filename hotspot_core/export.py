"""Exports a model as one static graph, image -> scores and maps: `python -m hotspot_core.export`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hotspot_core.utils import command_line

with command_line.extras(__name__, "export"):
    from hotspot_core.inference.export import ExportConfig, export

EXAMPLES = """\
  python -m hotspot_core.export hotspots.onnx                                 the bundled model, all its actions
  python -m hotspot_core.export hotspots.onnx --actions open,pull             maps of these two only, baked in
  python -m hotspot_core.export hotspots.onnx --actions-input --batch dynamic
  python -m hotspot_core.export hotspots.pt2 --checkpoint opra.safetensors --image-size 480x640
  hotspot_node --ros-args -p model:=hotspots.onnx                             and the node runs it
"""


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    result = command_line.parser("export", "Export a model as one static graph and hold it to PyTorch.", EXAMPLES)
    add = result.add_argument
    add("output", type=Path, help=".onnx for ONNX Runtime and TensorRT, .pt2 for PyTorch alone")
    add("--checkpoint", default="default", help=".safetensors checkpoint, also hf://owner/name (the bundled model)")
    add("--actions", type=command_line.comma_list, help="comma-separated names whose maps are baked in (all)")
    add("--actions-input", action="store_true", help="take the actions' indices as an input instead")
    add("--batch", type=_batch, default=1, help="number of images, or 'dynamic' (1)")
    add("--image-size", type=_size, help="HEIGHTxWIDTH of the images it will get (any; of a .pt2 package square ones)")
    add("--device", default="cpu", help="that a .pt2 package is compiled for (cpu)")
    add("--photos", type=Path, help="folder of images that the export is checked on (noise)")
    return result


def main(args: list[str] | None = None) -> None:
    """The command."""
    options = parser().parse_args(args)
    config = ExportConfig(
        output=options.output,
        checkpoint=options.checkpoint,
        actions=options.actions,
        actions_are_an_input=options.actions_input,
        batch=options.batch,
        image_hw=options.image_size,
        device=options.device,
        photos=options.photos,
    )
    deviations = export(config)
    print(f"{config.output}: {config.output.stat().st_size / 1e6:.1f} MB; compared with PyTorch in float32:")
    for one in deviations:
        maps = one.maps
        print(
            f"  {one.runtime} {one.precision}: scores differ by {one.scores:.1e}, maps by {maps.norm_error:.1e} of "
            f"their norm; correlation {maps.median_correlation:.4f}, lowest {maps.correlation:.4f}; peak within a cell "
            f"in {maps.same_peak:.1%} of {maps.maps}"
        )


def _size(text: str) -> tuple[int, int]:
    height, _, width = text.partition("x")
    if not (height.isdigit() and width.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r}: give HEIGHTxWIDTH, such as 480x640")
    return int(height), int(width)


def _batch(text: str) -> int | None:
    if text != "dynamic" and not (text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r}: give a number of images, or 'dynamic'")
    return None if text == "dynamic" else int(text)


if __name__ == "__main__":
    sys.exit(command_line.run(main, extra="export"))
