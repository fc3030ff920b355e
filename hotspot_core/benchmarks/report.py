"""The benchmark's results as tables and plots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from hotspot_core.benchmarks.counting import NO_BYTES


def show(results: dict[str, Any], console: Console) -> None:
    """Prints the tables."""
    gemm = ", ".join(f"{name} {flops / 1e9:.0f}" for name, flops in sorted(results["gemm_flops"].items()))
    console.print(f"{results['machine']}; PyTorch {results['torch']}")
    console.print(f"ceilings: GEMM {gemm} GFLOP/s; copy {results['copy_bytes_per_second'] / 1e9:.1f} GB/s")
    table = _table("From uint8 RGB to points", "model", "precision", "backend", "actions", "batch")
    for column in ("median ms", "p99 ms", "images/s", "peak MB", "GFLOP", "of GEMM", "x loop"):
        table.add_column(column, justify="right")
    for case in results["cases"]:
        ratio = case["times_the_loop"]
        table.add_row(
            *(str(case[key]) for key in ("model", "precision", "backend", "actions", "batch")),
            f"{case['median'] * 1e3:.1f}",
            f"{case['p99'] * 1e3:.1f}",
            f"{case['images_per_second']:.2f}",
            f"{case['memory'] / 1e6:.0f}",
            f"{case['flops_per_image'] / 1e9:.1f}",
            f"{case['of_gemm_ceiling']:.0%}",
            "" if ratio is None else f"{ratio:.1f}",
        )
    console.print(table)
    table = _table("Stages, one image, shortest time", "model", "precision", "stage")
    for column in ("GFLOP", "MB", "ms", "GFLOP/s", "of GEMM", "of copy"):
        table.add_column(column, justify="right")
    for stage in results["stages"]:
        table.add_row(
            *(stage[key] for key in ("model", "precision", "name")),
            f"{stage['flops'] / 1e9:.2f}",
            "-" if stage["bytes"] is None else f"{stage['bytes'] / 1e6:.0f}",
            f"{stage['seconds'] * 1e3:.1f}",
            f"{stage['flops'] / stage['seconds'] / 1e9:.0f}",
            f"{stage['of_gemm_ceiling']:.0%}",
            "-" if stage["of_copy_ceiling"] is None else f"{stage['of_copy_ceiling']:.0%}",
        )
    console.print(table)
    if NO_BYTES:
        console.print(f"bytes were not counted: {NO_BYTES}")
    if results["agreement"]:
        table = _table("Agreement with the plain loop in fp32", "model", "precision", "maps")
        for column in ("largest error", "lowest correlation", "peak within a cell"):
            table.add_column(column, justify="right")
        for row in results["agreement"]:
            numbers = f"{row['relative_error']:.1e}", f"{row['correlation']:.5f}", f"{row['same_peak']:.1%}"
            table.add_row(row["model"], row["precision"], str(row["maps"]), *numbers)
        console.print(table)
    steps = list(results["start_up"][0]["seconds"])
    table = _table("Start of a process with a checkpoint, seconds", "precision", *steps)
    for row in results["start_up"]:
        table.add_row(row["precision"], *(f"{row['seconds'][step]:.2f}" for step in steps))
    console.print(table)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column)
    return table


def plot(results: dict[str, Any], folder: Path) -> list[str]:
    """Draws cost against number of actions and against image size; names of the files, none without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return []
    names = []
    for key, variable, label in (
        ("cost_against_actions", "actions", "number of actions"),
        ("cost_against_image_side", "side", "side of the network's input in pixels"),
    ):
        figure = Figure(figsize=(6, 4), layout="constrained")
        axes = figure.add_subplot()
        for model, precision in dict.fromkeys((entry["model"], entry["precision"]) for entry in results[key]):
            line = [e for e in results[key] if (e["model"], e["precision"]) == (model, precision)]
            axes.plot(
                [e[variable] for e in line], [e["median"] * 1e3 for e in line], "o-", label=f"{model}, {precision}"
            )
        axes.set_xlabel(label)
        axes.set_ylabel("ms per image, median")
        axes.set_ylim(bottom=0)
        axes.set_title(results["machine"], fontsize=8)
        axes.grid(alpha=0.3)
        axes.legend()
        figure.savefig(folder / f"{key}.png", dpi=120)
        names.append(f"{key}.png")
    return names
