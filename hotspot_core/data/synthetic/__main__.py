"""`python -m hotspot_core.data.synthetic OUTPUT`: write a procedural data set."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from hotspot_core.data.output_folder import begin_output, finish_output
from hotspot_core.data.synthetic.assets.backdrop import photo_paths
from hotspot_core.data.synthetic.assets.classes import CLASSES, NOVEL
from hotspot_core.data.synthetic.assets.parts import ACTIONS
from hotspot_core.data.synthetic.writer import Plan, write_dataset
from hotspot_core.errors import InputError, select_names
from hotspot_core.utils import command_line

_EXAMPLES = """\
  python -m hotspot_core.data.synthetic data/synthetic
  python -m hotspot_core.data.synthetic data/easy --clips 2000 --difficulty 0.2 --size 128
  python -m hotspot_core.data.synthetic data/photo --backgrounds ~/Pictures --novel kettle,tap --seed 7
"""


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    description = (
        "Write clips of hands using household objects, and annotated images with exact contact regions; all are drawn."
    )
    result = command_line.parser("data.synthetic", description, _EXAMPLES)
    result.add_argument("output", type=Path, help="folder to write to; new, empty or interrupted")
    result.add_argument("--clips", type=int, default=5000, help="number of training clips (default %(default)s)")
    result.add_argument("--stills", type=int, default=300, help="annotated images per split (default %(default)s)")
    result.add_argument("--size", type=int, default=160, help="side of the square frames, even (default %(default)s)")
    result.add_argument("--difficulty", type=float, help="clutter and degradation, 0 to 1 (default: all, mixed)")
    result.add_argument("--backgrounds", type=Path, help="folder of photos to set half of the scenes in")
    result.add_argument(
        "--hard-negatives",
        type=float,
        default=0.0,
        help="fraction of objects with what looks like a handle (default %(default)s)",
    )
    result.add_argument(
        "--demonstrations",
        action="store_true",
        help="also a clip of each action of each annotated image, in val.csv, test_seen.csv and test_novel.csv",
    )
    names = ",".join(ACTIONS)
    result.add_argument("--actions", type=command_line.comma_list, default=names, help="by comma (default %(default)s)")
    result.add_argument("--novel", default=",".join(NOVEL), help="classes held out of training (default %(default)s)")
    result.add_argument("--seed", type=int, default=0, help="the same seed gives the same data (default %(default)s)")
    result.add_argument("--workers", type=int, default=2, help="processes (default %(default)s)")
    return result


def plan_of(options: argparse.Namespace) -> Plan:
    """The checked plan; raises InputError with one line that says what to change."""
    for option, value, low in (
        ("--clips", options.clips, 0),
        ("--stills", options.stills, 0),
        ("--workers", options.workers, 1),
        ("--seed", options.seed, 0),
        ("--size", options.size, 48),
    ):
        if value < low:
            raise InputError(f"{option} {value}: too small; give {low} or more")
    if options.size % 2 or options.size > 1024:
        raise InputError(f"--size {options.size}: video needs an even size of at most 1024; try 160")
    for option, fraction in (("--difficulty", options.difficulty), ("--hard-negatives", options.hard_negatives)):
        if fraction is not None and not 0 <= fraction <= 1:
            raise InputError(f"{option} {fraction}: out of range; give a number from 0 to 1")
    if options.backgrounds is not None and not photo_paths(str(options.backgrounds)):
        raise InputError(
            f"--backgrounds {options.backgrounds}: no pictures found; name a folder with JPEG or PNG files"
        )
    actions = select_names("action", options.actions, ACTIONS)
    novel = (
        select_names("object class", command_line.comma_list(options.novel), tuple(CLASSES)) if options.novel else ()
    )
    if len(novel) == len(CLASSES):
        raise InputError("--novel: every class is held out; leave at least one for training")
    for action in actions:
        if not any(action in CLASSES[name].actions for name in CLASSES if name not in novel):
            raise InputError(f"--actions {action}: every class that affords it is held out; name fewer in --novel")
    photos = str(options.backgrounds) if options.backgrounds is not None else None
    return Plan(
        options.output,
        options.clips,
        options.stills,
        options.size,
        options.difficulty,
        photos,
        options.seed,
        actions,
        novel,
        options.workers,
        options.hard_negatives,
        options.demonstrations,
    )


def _write(arguments: list[str] | None) -> None:
    plan = plan_of(parser().parse_args(arguments))
    begin_output(plan.output)
    command = arguments if arguments is not None else sys.argv[1:]
    try:
        counts = write_dataset(plan, shlex.join(["python", "-m", "hotspot_core.data.synthetic", *command]))
        finish_output(plan.output)
    except OSError as error:
        raise InputError(f"output folder {plan.output}: writing stopped ({error}); free some space") from error
    print(f"{plan.output}: " + ", ".join(f"{number} {name}" for name, number in counts.items()))


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit status."""
    return command_line.run(_write, arguments)


if __name__ == "__main__":
    sys.exit(main())
