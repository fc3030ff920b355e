"""Measures how fast the models run here and how close that is to the machine: `python -m hotspot_core.benchmark`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from hotspot_core.utils import command_line
from hotspot_core.utils.command_line import comma_list, comma_numbers
from hotspot_core.utils.files import make_folder, write_text

with command_line.extras(__name__, "torch"):
    from hotspot_core.benchmarks.report import plot, show
    from hotspot_core.benchmarks.run import BACKENDS, Benchmark, BenchmarkConfig
    from hotspot_core.model.presets import PRESETS

# Of the tables, in characters, where they do not go to a terminal.
WIDTH = 120

EXAMPLES = """\
  python -m hotspot_core.benchmark                                  preset robot, a minute
  python -m hotspot_core.benchmark --presets robot,paper --action-counts 7,20,125 --output benchmark/
  python -m hotspot_core.benchmark --checkpoint default             agreement on trained weights
  python -m hotspot_core.benchmark --runtimes torch,onnx,openvino    also what `export` makes
  python -m hotspot_core.benchmark --device cuda --precisions bf16,fp16 --batches 1,8
"""


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    description = "Measure speed, memory, closeness to the machine's limits and agreement."
    result = command_line.parser("benchmark", description, EXAMPLES)
    add = result.add_argument
    add("--presets", type=comma_list, default=["robot"], help=f"of {', '.join(PRESETS)} (robot)")
    add("--checkpoint", help="measure this model instead of presets with random weights, or 'default'")
    add("--precisions", type=comma_list, help="of fp32, bf16, fp16 (all that the device has)")
    add("--runtimes", type=comma_list, default=["torch"], help=f"of {', '.join(BACKENDS)} (torch)")
    add("--action-counts", type=comma_numbers, default=[7, 20], help="numbers of actions (7,20)")
    add("--batches", type=comma_numbers, default=[1], help="numbers of images at once (1)")
    add("--device", help="cpu, cuda, cuda:N (the best one)")
    add("--seconds", type=float, default=3.0, help="per case (3)")
    add("--no-baseline", action="store_true", help="leave out the plain loop and the agreement with it")
    add("--output", type=Path, help="folder for benchmark.json and, with matplotlib, two plots")
    return result


def main(args: list[str] | None = None) -> None:
    """The command."""
    options = parser().parse_args(args)
    config = BenchmarkConfig(
        presets=options.presets,
        checkpoint=options.checkpoint,
        precisions=options.precisions,
        backends=options.runtimes,
        actions=options.action_counts,
        batches=options.batches,
        device=options.device,
        seconds=options.seconds,
        baseline=not options.no_baseline,
        sweeps=options.output is not None,
    )
    if options.output is not None:
        make_folder(options.output, "output folder")
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    with Progress(console=console) as progress:
        results = Benchmark(config, progress).run()
    show(results, console)
    if options.output is not None:
        write_text(options.output / "benchmark.json", json.dumps(results, indent=1))
        console.print(f"wrote {', '.join(['benchmark.json', *plot(results, options.output)])} to {options.output}")


if __name__ == "__main__":
    sys.exit(command_line.run(main))
