"""`python -m hotspot_core.experiments.study`: which part of the method does what, on the procedural data set.

Draws the data, trains the clip classifier alone, the whole method, and the method without one of its losses, each with
several seeds, and scores them and the baselines that need no training on seen and on novel objects. What is there
already is not made again: a study that was interrupted goes on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from hotspot_core.baselines.untrained import UntrainedMethod
from hotspot_core.data.annotations import AnnotationSet, read_annotations
from hotspot_core.evaluation.comparison import METRICS, evaluate_methods
from hotspot_core.evaluation.hotspots import HotspotMethod, ReadOut
from hotspot_core.evaluation.method import Method
from hotspot_core.evaluation.protocol import Protocol
from hotspot_core.experiments.trained import trained_model
from hotspot_core.model.checkpoint import load_model
from hotspot_core.utils import command_line

EXAMPLES = """\
  python -m hotspot_core.experiments.study                                  # make study-synthetic
  python -m hotspot_core.experiments.study --seeds 3 4 5 --data-seed 1 --output runs/other_seeds
"""
CONFIGURATION = "study"
SETS = {"seen objects": "test_seen.json", "novel objects": "test_novel.json"}
BASELINES = ("uniform", "center", "spectral_residual")
# Trained model -> what it is trained with.
MODELS: Mapping[str, Mapping[str, object]] = {
    "classifier": {"model.ant_weight": 0, "model.aux_weight": 0},
    "without_ant": {"model.ant_weight": 0},
    "without_aux": {"model.aux_weight": 0},
    "hotspots": {},
}
# Row -> the model and how it is read out. They differ in one thing from row to row.
ROWS: Mapping[str, tuple[str, ReadOut]] = {
    "LSTM + Grad-CAM": ("classifier", "grad_cam"),
    "LSTM + Eq. 4": ("classifier", "eq4"),
    "Hotspots without L_ant": ("without_ant", "hotspots"),
    "Hotspots without L_aux": ("without_aux", "hotspots"),
    "Hotspots": ("hotspots", "hotspots"),
}
# Set of stills -> row -> metric -> one mean per seed.
Scores = dict[str, dict[str, dict[str, list[float]]]]


def make_data(folder: Path, clips: int, stills: int, seed: int) -> None:
    """The procedural data set, unless the folder has it."""
    from hotspot_core.data.synthetic.__main__ import main

    if not (folder / "README.txt").is_file():
        main([str(folder), *f"--clips {clips} --stills {stills} --size 160 --seed {seed}".split()])


def train_models(output: Path, data: Path, seed: int, data_seed: int, epochs: int | None) -> dict[str, Path]:
    """Every model of `MODELS` trained from the first weights of a seed: name -> its file.

    The views of the clips depend on the data's seed alone, so that all models share the cache of their pooled frames.
    """
    options: dict[str, object] = {
        "seed_everything": seed,
        "data.seed": data_seed,
        "data.train": f"[{data / 'train.csv'}]",
        "data.cache": output / "pooled_frames",
    }
    if epochs is not None:
        options["trainer.max_epochs"] = epochs
    return {
        name: trained_model(output / f"seed_{seed}" / name, CONFIGURATION, {**options, **own})
        for name, own in MODELS.items()
    }


def score_models(models: Mapping[str, Path], annotations: AnnotationSet) -> dict[str, dict[str, float]]:
    """Row -> metric -> mean over the stills."""
    loaded = {name: load_model(path) for name, path in models.items()}
    # A small set may lack clips of an action.
    known = [action for action in annotations.actions if action in loaded["hotspots"].actions]
    annotations = annotations.selected(known)
    methods: list[Method] = [HotspotMethod(loaded[model], read_out, row) for row, (model, read_out) in ROWS.items()]
    methods += map(UntrainedMethod, BASELINES)
    rows = evaluate_methods(methods, annotations, Protocol(), progress=True)
    return {row.name: {name: row.evaluation.summary[name].mean for name in METRICS} for row in rows}


def study(
    output: Path, seeds: Sequence[int], clips: int, stills: int, epochs: int | None, data_seed: int = 0
) -> Scores:
    """All of it; see the module."""
    data = output / "data"
    make_data(data, clips, stills, data_seed)
    scores: Scores = {name: {} for name in SETS}
    for seed in seeds:
        models = train_models(output, data, seed, data_seed, epochs)
        for name, file in SETS.items():
            for row, values in score_models(models, read_annotations(data / file)).items():
                for metric, value in values.items():
                    scores[name].setdefault(row, {}).setdefault(metric, []).append(value)
    return scores


def tables(scores: Scores, protocol: Protocol) -> list[Table]:
    """One table per set of stills: means over the seeds, and their standard deviation where there are several."""
    found = []
    for name, rows in scores.items():
        table = Table(title=name, caption=str(protocol))
        table.add_column("method")
        for title, higher in METRICS.values():
            table.add_column(f"{title} {'↑' if higher else '↓'}", justify="right")
        for row, values in rows.items():
            table.add_row(row, *(_mean_and_deviation(values[metric]) for metric in METRICS))
        found.append(table)
    return found


def _mean_and_deviation(values: Sequence[float]) -> str:
    deviation = f" ± {np.std(values, ddof=1):.3f}" if len(set(values)) > 1 else ""
    return f"{np.mean(values):.3f}{deviation}"


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = command_line.parser("experiments.study", __doc__ or "", EXAMPLES)
    parser.add_argument("--output", type=Path, default=Path("runs/study"), help="folder (default %(default)s)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="of the first weights (default 0 1 2)")
    parser.add_argument("--data-seed", type=int, default=0, help="of drawing and sampling (default %(default)s)")
    parser.add_argument("--clips", type=int, default=1800, help="number of clips (default %(default)s)")
    parser.add_argument("--stills", type=int, default=150, help="stills in either set (default %(default)s)")
    parser.add_argument("--epochs", type=int, help="epochs of training (default as in the recipe `study`)")
    options = parser.parse_args(arguments)
    sizes = options.clips, options.stills, options.epochs, options.data_seed
    scores = study(options.output, options.seeds, *sizes)
    (options.output / "scores.json").write_text(json.dumps({"seeds": options.seeds, "scores": scores}, indent=1))
    console = Console()
    for table in tables(scores, Protocol()):
        console.print(table)


if __name__ == "__main__":
    sys.exit(command_line.run(main))
