"""`python -m hotspot_core.calibrate`: makes scores of a model probabilities, on images that it did not learn from."""

from __future__ import annotations

import sys
from pathlib import Path

from hotspot_core.utils import command_line

EXAMPLES = """\
  python -m hotspot_core.calibrate --checkpoint runs/affordances/model.safetensors --annotations val.json \\
      --output calibrated.safetensors
"""


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = command_line.parser("calibrate", __doc__ or "", EXAMPLES)
    parser.add_argument("--checkpoint", required=True, help="a .safetensors file, also hf://owner/name")
    parser.add_argument("--annotations", nargs="+", required=True, help="annotated images that say what they afford")
    parser.add_argument("--output", type=Path, required=True, help="the .safetensors file to write")
    options = parser.parse_args(arguments)
    from hotspot_core.training.calibration import CalibrationConfig, calibrate

    found = calibrate(CalibrationConfig(options.checkpoint, tuple(options.annotations), options.output))
    print(f"{found.pairs} pairs of image and action: cross-entropy {found.before:.3f} -> {found.after:.3f}")
    print(
        f"scale {found.scale:.3f}, shifts {', '.join(f'{name} {value:+.2f}' for name, value in found.shifts.items())}"
    )
    print(options.output)


if __name__ == "__main__":
    sys.exit(command_line.run(main))
