"""`python -m hotspot_ros.closed_loop`: Meta-World's scripted experts act on points that were perceived.

A simulated RGB-D camera publishes what it sees, the real node answers over DDS, and the experts take its points in
place of the true ones. Outcomes are in OUTPUT/results.json; a run that was interrupted goes on.
"""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from hotspot_core.errors import InputError, check_number, select_names
from hotspot_core.utils import command_line
from hotspot_core.utils.command_line import comma_list
from hotspot_core.utils.opengl import choose_backend, no_opengl
from hotspot_core.utils.pages import write_section
from hotspot_ros.simulation.tasks import ACTIONS, DEFAULT_TASKS

if TYPE_CHECKING:
    from hotspot_ros.simulation.results import EpisodeResults

_EXAMPLES = """\
examples:
  python -m hotspot_ros.closed_loop                                    # make closed-loop
  python -m hotspot_ros.closed_loop --tasks door-open,drawer-open --episodes 2 --output runs/try
  python -m hotspot_ros.closed_loop --redo hotspots,poses,"most probable" # after a change of the node
"""


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    result = argparse.ArgumentParser(
        prog="python -m hotspot_ros.closed_loop",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    result.add_argument("--tasks", type=comma_list, help="names, separated by commas (default: those of the guide)")
    result.add_argument("--episodes", type=int, default=10, help="of each task (default %(default)s)")
    result.add_argument("--seed", type=int, default=0, help="of scenes, camera and noise (default %(default)s)")
    result.add_argument("--checkpoint", default="default", help="the node's parameter `model`")
    result.add_argument("--output", type=Path, default=Path("runs/closed_loop"), help="folder (default %(default)s)")
    result.add_argument("--redo", type=comma_list, default=[], help="methods that shall act again")
    result.add_argument("--docs", type=Path, help="page whose section closed_loop gets the tables")
    return result


def run(options: argparse.Namespace) -> None:
    """The command.

    Raises:
        InputError: a package, OpenGL or the model's action is missing, an option means nothing, the results are of
            another run, or the node does not answer.
    """
    check_number("--episodes", options.episodes, 1, whole=True)
    check_number("--seed", options.seed, 0, 2**31 - 1, whole=True)
    tasks = select_names("task", options.tasks or list(DEFAULT_TASKS), list(ACTIONS))
    choose_backend("sim")
    for package in ("metaworld", "tf2_msgs"):
        if find_spec(package) is None:
            remedy = "pip install '.[sim]' in the repository" if package == "metaworld" else "run 'make setup'"
            raise InputError(f"the closed loop needs the package {package}: {remedy}")

    # Not at the top: they import MuJoCo, which looks then for what it shall draw with.
    try:
        from hotspot_ros.simulation import meta_world
    except (RuntimeError, AttributeError, OSError) as error:
        raise no_opengl(error) from None
    from hotspot_ros.simulation.loop import ClosedLoop, LoopConfig, count
    from hotspot_ros.simulation.methods import METHODS
    from hotspot_ros.simulation.results import EpisodeResults
    from hotspot_ros.simulation.session import open_session
    from hotspot_ros.simulation.summary import LoopSummary, markdown, sentences, tables

    check_number("--episodes", options.episodes, 1, meta_world.EPISODES, whole=True)
    redo = select_names("method", options.redo, list(METHODS)) if options.redo else ()
    config = LoopConfig(
        tasks={task: ACTIONS[task] for task in tasks},
        episodes=options.episodes,
        seed=options.seed,
        videos=options.output / "videos",
        fps=meta_world.FPS,
        redo=redo,
    )
    results = EpisodeResults(options.output / "results.json", {"seed": options.seed, **meta_world.SETTINGS})
    console = Console()
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with open_session(options.checkpoint) as session, Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("starting", total=sum(1 for _ in count(config)))
        loop = ClosedLoop(
            config,
            results,
            session,
            lambda task: meta_world.MetaWorld(task, options.seed),
            lambda task: progress.update(bar, description=task, advance=1),
        )
        loop.run()
    summary = LoopSummary([outcome for outcome in results.outcomes if outcome.task in tasks])
    for rows in tables(summary):
        console.print(_table(rows))
    for sentence in sentences(summary):
        console.print(sentence, soft_wrap=True)
    if options.docs is not None:
        write_section(options.docs, "closed_loop", f"{_origin(options, results)}\n\n{markdown(summary)}")
    console.print(f"outcomes: {results.path}, videos: {config.videos}")


def _origin(options: argparse.Namespace, results: EpisodeResults) -> str:
    """A sentence for the page: what was run, with which model, when and where."""
    models = sorted({outcome.model[:12] for outcome in results.outcomes if outcome.model})
    command = f"--episodes {options.episodes} --seed {options.seed}"
    if options.tasks:
        command += f" --tasks {','.join(options.tasks)}"
    known = f"; {results.provenance}" if results.provenance is not None else ""
    return f"`python -m hotspot_ros.closed_loop {command}`, model {', '.join(models) or 'none'} (SHA-256){known}."


def _table(rows: list[list[str]]) -> Table:
    result = Table()
    for number, name in enumerate(rows[0]):
        result.add_column(name, justify="right" if number else "left")
    for row in rows[1:]:
        result.add_row(*row)
    return result


def main(arguments: list[str] | None = None) -> int:
    """The command; exit status 2 on bad input, 130 after Ctrl-C, when what was done so far is kept."""
    return command_line.run(lambda given: run(parser().parse_args(given)), arguments)


if __name__ == "__main__":
    sys.exit(main())
