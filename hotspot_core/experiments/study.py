"""`python -m hotspot_core.experiments.study`: which part of the method does what, on a procedural data set.

Draws the data, or takes a folder of rendered clips, trains the clip classifier alone, the whole method, and the method
without one of its losses, each with several seeds, and scores them and the baselines that need no training on seen and
on novel objects, or on the sets that are named. Where the clips' inactive images are annotated, it also learns from
their places. What is there already is not made again: a study that was interrupted goes on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from hotspot_core.errors import InputError
from hotspot_core.utils import command_line
from hotspot_core.utils.files import write_text

with command_line.extras(__name__, "train"):
    from hotspot_core.baselines.untrained import UntrainedMethod
    from hotspot_core.data.annotation_files import read_annotations
    from hotspot_core.data.annotations import AnnotationSet
    from hotspot_core.evaluation.comparison import METRICS, evaluate_methods
    from hotspot_core.evaluation.hotspots import ClassifierMethod, HotspotMethod, ReadOut
    from hotspot_core.evaluation.method import Method
    from hotspot_core.evaluation.protocol import Protocol
    from hotspot_core.experiments.parts import synthetic_data
    from hotspot_core.experiments.trained import trained_model
    from hotspot_core.inference.predictor import HotspotPredictor
    from hotspot_core.model.checkpoint import load_model, read_info
    from hotspot_core.training.run import TrainingConfig

EXAMPLES = """\
  python -m hotspot_core.experiments.study                                  # make study-synthetic
  python -m hotspot_core.experiments.study --seeds 3 4 5 --data-seed 1 --output runs/other_seeds
  python -m hotspot_core.data.rendered data/clips --stills 0 --val-stills 100 --clips 500
  python -m hotspot_core.experiments.study --data data/clips --sets rendered=data/clips/test_novel.json
"""
RECIPE = "study"
# Of the frames in pixels, and the folder of their pooled features.
SIZE, CACHE = 160, "pooled_frames"
SETS = {"seen objects": "test_seen.json", "novel objects": "test_novel.json"}
# Of a folder of rendered clips: the places on their inactive images.
PLACES = "inactive.json"
BASELINES = ("uniform", "center", "spectral_residual")
# Trained model -> the weights of the losses that differ.
MODELS: Mapping[str, Mapping[str, float]] = {
    "classifier": {"ant_weight": 0.0, "aux_weight": 0.0},
    "without_ant": {"ant_weight": 0.0},
    "without_aux": {"aux_weight": 0.0},
    "hotspots": {},
}
# The same of models that also learn from the places on the inactive images.
WITH_PLACES: Mapping[str, Mapping[str, float]] = {"places": {}, "places_without_ant": {"ant_weight": 0.0}}
# Row -> the model and how it is read out. They differ in one thing from row to row.
ROWS: Mapping[str, tuple[str, ReadOut]] = {
    "LSTM + Grad-CAM": ("classifier", "grad_cam"),
    "LSTM + Eq. 4": ("classifier", "eq4"),
    "Hotspots without L_ant": ("without_ant", "hotspots"),
    "Hotspots without L_aux": ("without_aux", "hotspots"),
    "Hotspots": ("hotspots", "hotspots"),
}
ROWS_WITH_PLACES: Mapping[str, tuple[str, ReadOut]] = {
    "With places, without L_ant": ("places_without_ant", "hotspots"),
    "With places": ("places", "hotspots"),
}
# Set of images -> row -> metric -> one mean per seed.
Scores = dict[str, dict[str, dict[str, list[float]]]]


@dataclass(frozen=True)
class StudyConfig:
    """A study.

    Attributes:
        output: folder of everything.
        seeds: of the first weights.
        data_seed: of drawing and sampling.
        clips: to learn from.
        images: in either set to score.
        epochs: of training; None for the recipe's.
        data: a folder with clips in train.csv, and places of their inactive images in inactive.json if there are any;
            None to draw synthetic ones.
        sets: name -> annotation file to score on; None for the synthetic ones.
    """

    output: Path = Path("runs/study")
    seeds: Sequence[int] = (0, 1, 2)
    data_seed: int = 0
    clips: int = 1800
    images: int = 150
    epochs: int | None = None
    data: Path | None = None
    sets: Mapping[str, Path] | None = None


def train_models(config: StudyConfig, data: Path, seed: int) -> dict[str, Path]:
    """Every model of `MODELS`, and of `WITH_PLACES` where there are some, trained from the first weights of a seed:
    name -> its file.

    The views of the clips depend on the data's seed alone, so that all models share the cache of their pooled frames.
    """
    models = {}
    places = data / PLACES
    for name, weights in {**MODELS, **(WITH_PLACES if places.is_file() else {})}.items():
        source = {"seed": config.data_seed, "train": [str(data / "train.csv")], "cache": config.output / CACHE}
        run = TrainingConfig(
            config.output / f"seed_{seed}" / name,
            RECIPE,
            model=weights,
            data=source | ({"keypoints": [str(places)]} if name in WITH_PLACES else {}),
            trainer={} if config.epochs is None else {"max_epochs": config.epochs},
            seed=seed,
        )
        models[name] = trained_model(run)
    return models


def score_models(models: Mapping[str, Path], annotations: AnnotationSet) -> dict[str, dict[str, float]]:
    """Row -> metric -> mean over the images."""
    available = read_info(models["hotspots"]).actions
    # A small set may lack clips of an action.
    annotations = annotations.selected([action for action in annotations.actions if action in available])
    methods: list[Method] = []
    for row, (name, read_out) in {**ROWS, **ROWS_WITH_PLACES}.items():
        if name not in models:
            continue
        if read_out == "hotspots":
            methods.append(HotspotMethod(HotspotPredictor(models[name]), row))
        else:
            methods.append(ClassifierMethod(load_model(models[name]), read_out, row))
    methods += map(UntrainedMethod, BASELINES)
    rows = evaluate_methods(methods, annotations, Protocol(), progress=True)
    return {row.name: {name: row.summary[name].mean for name in METRICS} for row in rows}


def run_study(config: StudyConfig) -> Scores:
    """All of it; see the module."""
    data = config.data or synthetic_data(config.output / "data", config.clips, config.images, SIZE, config.data_seed)
    sets = config.sets or {name: data / file for name, file in SETS.items()}
    annotations = {name: read_annotations(file) for name, file in sets.items()}
    scores: Scores = {name: {} for name in sets}
    for seed in config.seeds:
        models = train_models(config, data, seed)
        for name, annotated in annotations.items():
            for row, values in score_models(models, annotated).items():
                for metric, value in values.items():
                    scores[name].setdefault(row, {}).setdefault(metric, []).append(value)
    write_text(config.output / "scores.json", json.dumps({"seeds": list(config.seeds), "scores": scores}, indent=1))
    return scores


def tables(scores: Scores, protocol: Protocol) -> list[Table]:
    """One table per set of images: means over the seeds, and their standard deviation where there are several."""
    result = []
    for name, rows in scores.items():
        table = Table(title=name, caption=str(protocol))
        table.add_column("method")
        for title, higher in METRICS.values():
            table.add_column(f"{title} {'↑' if higher else '↓'}", justify="right")
        for row, values in rows.items():
            table.add_row(row, *(_mean_and_deviation(values[metric]) for metric in METRICS))
        result.append(table)
    return result


def _mean_and_deviation(values: Sequence[float]) -> str:
    deviation = f" ± {np.std(values, ddof=1):.3f}" if len(set(values)) > 1 else ""
    return f"{np.mean(values):.3f}{deviation}"


def _named_files(sets: list[str] | None, data: Path | None) -> dict[str, Path] | None:
    """NAME=FILE, ... as a mapping.

    Raises:
        InputError: an item is no NAME=FILE, or clips come without sets.
    """
    if data is not None and not sets:
        raise InputError(f"--data {data}: these clips have no test images; name some with --sets NAME=FILE")
    named = [item.partition("=") for item in sets or ()]
    for (name, _, file), item in zip(named, sets or (), strict=True):
        if not (name and file):
            raise InputError(f"--sets {item}: give NAME=FILE, as rendered=data/clips/test_novel.json")
    return {name: Path(file) for name, _, file in named} or None


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = command_line.parser("experiments.study", __doc__ or "", EXAMPLES)
    add, default = parser.add_argument, StudyConfig()
    add("--output", type=Path, default=default.output, help="folder (default %(default)s)")
    add("--seeds", type=int, nargs="+", default=default.seeds, help="of the first weights (default 0 1 2)")
    add("--data-seed", type=int, default=default.data_seed, help="of drawing and sampling (default %(default)s)")
    add("--clips", type=int, default=default.clips, help="number of clips (default %(default)s)")
    add("--images", type=int, default=default.images, help="annotated images in either set (default %(default)s)")
    add("--epochs", type=int, help="epochs of training (default as in the recipe `study`)")
    add(
        "--data", type=Path, help="folder of clips, as data.rendered writes it, in place of synthetic ones; with --sets"
    )
    add("--sets", nargs="+", metavar="NAME=FILE", help="annotation files to score on, in place of the synthetic ones")
    options = vars(parser.parse_args(arguments))
    config = StudyConfig(**options | {"sets": _named_files(options["sets"], options["data"])})
    # Here, so that the help is shown without the extra `train`, and what is missing is told before the data are drawn.
    import hotspot_core.training.command  # noqa: F401

    scores = run_study(config)
    console = Console()
    for table in tables(scores, Protocol()):
        console.print(table)


if __name__ == "__main__":
    sys.exit(command_line.run(main, extra="train"))
