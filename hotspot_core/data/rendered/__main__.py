"""`python -m hotspot_core.data.rendered OUTPUT`: render a procedural 3D data set."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from pathlib import Path

from hotspot_core.data.output_folder import begin_output, finish_output
from hotspot_core.errors import InputError, select_names
from hotspot_core.utils import command_line
from hotspot_core.utils.opengl import choose_backend

NOVEL = ("filing cabinet", "lever box", "pump bottle", "radio", "saw")
MAX_SIDE = 1920

_EXAMPLES = """\
  python -m hotspot_core.data.rendered data/rendered --stills 2000 --workers 2
  python -m hotspot_core.data.rendered data/photo --stills 500 --size 320x240 --textures ~/Pictures --seed 7
  python -m hotspot_core.data.rendered data/all --stills 500 --novel ""
"""


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    description = "Render procedural 3D scenes of household objects, with points, masks, depth and cameras."
    result = command_line.parser("data.rendered", description, _EXAMPLES)
    result.add_argument("output", type=Path, help="folder to write to; new, empty or interrupted")
    result.add_argument("--stills", type=int, default=1000, help="annotated training images (default %(default)s)")
    result.add_argument("--val-stills", type=int, help="of val and test_novel each (default: a tenth of --stills)")
    result.add_argument("--clips", type=int, default=0, help="number of training clips (default %(default)s)")
    result.add_argument("--size", default="640x480", help="width x height of the images (default %(default)s)")
    result.add_argument("--clip-size", type=int, default=224, help="side of the square clips (default %(default)s)")
    result.add_argument("--textures", type=Path, action="append", help="folder of photos for surfaces; may be repeated")
    result.add_argument("--novel", default=",".join(NOVEL), help="classes held out of training (default %(default)s)")
    result.add_argument("--seed", type=int, default=0, help="the same seed gives the same data (default %(default)s)")
    result.add_argument("--workers", type=int, default=2, help="processes (default %(default)s)")
    return result


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)(?:x(\d+))?", text)
    if match is None:
        raise InputError(f"--size {text}: no size; give width x height in pixels, as 640x480")
    width = int(match[1])
    height = int(match[2] or width)
    if not (64 <= width <= MAX_SIDE and 64 <= height <= MAX_SIDE):
        raise InputError(f"--size {text}: out of range; give 64 to {MAX_SIDE} pixels per side")
    return width, height


def _write(arguments: list[str] | None) -> None:
    options = parser().parse_args(arguments)
    for option, value, low in (
        ("--stills", options.stills, 0),
        ("--val-stills", options.val_stills, 0),
        ("--clips", options.clips, 0),
        ("--workers", options.workers, 1),
        ("--seed", options.seed, 0),
        ("--clip-size", options.clip_size, 64),
    ):
        if value is not None and value < low:
            raise InputError(f"{option} {value}: too small; give {low} or more")
    if options.clip_size % 2 or options.clip_size > 1024:
        raise InputError(f"--clip-size {options.clip_size}: video needs an even size of at most 1024; try 224")
    width, height = _size(options.size)
    choose_backend()
    # These import MuJoCo, which reads then which OpenGL to use.
    from hotspot_core.data.rendered.registry import classes
    from hotspot_core.data.rendered.renderer import Renderer
    from hotspot_core.data.rendered.textures import photo_paths
    from hotspot_core.data.rendered.writer import RenderPlan, write_dataset

    photos = tuple(path for folder in options.textures or () for path in photo_paths(folder))
    names = [name.strip() for name in options.novel.split(",") if name.strip()]
    novel = select_names("object class", names, tuple(classes())) if names else ()
    Renderer(64, 64).close()
    begin_output(options.output)
    val_stills = options.val_stills if options.val_stills is not None else -(-options.stills // 10)
    plan = RenderPlan(
        options.output,
        options.stills,
        val_stills,
        options.clips,
        width,
        height,
        options.clip_size,
        photos,
        novel,
        options.seed,
        options.workers,
    )
    command = arguments if arguments is not None else sys.argv[1:]
    try:
        counts = write_dataset(plan, shlex.join(["python", "-m", "hotspot_core.data.rendered", *command]))
        finish_output(plan.output)
    except OSError as error:
        raise InputError(f"output folder {plan.output}: writing stopped ({error}); free some space") from error
    print(f"{plan.output}: " + ", ".join(f"{number} {name}" for name, number in counts.items()))


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit status."""
    return command_line.run(_write, arguments)


if __name__ == "__main__":
    sys.exit(main())
