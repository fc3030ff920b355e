"""`python -m hotspot_core.experiments.table`: every method trained and compared on the procedural data set.

Draws the data; trains a clip classifier alone (LSTM+Grad-CAM, and Eq. 4 without F_ant), interaction hotspots on the
same clips, once more on clips and annotated images, and all other methods on annotated images, Demo2Vec with clips of
these; scores them on seen and novel objects, and writes the report and the tables of docs/notes/results.md. What is
there already is not made again: a table that was interrupted goes on.

With `--doors` it also scores them, and the bundled model, on photos of real doors.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from hotspot_core.errors import InputError, select_names
from hotspot_core.utils import command_line
from hotspot_core.utils.pages import write_section

with command_line.extras(__name__, "train"):
    import torch

    from hotspot_core.baselines.methods import MethodsConfig, Named
    from hotspot_core.baselines.networks import NETWORKS
    from hotspot_core.evaluation.comparison import Comparison
    from hotspot_core.evaluation.report.console import console_tables
    from hotspot_core.evaluation.report.pictures import Gallery
    from hotspot_core.evaluation.report.tables import markdown
    from hotspot_core.evaluation.run import EvaluationConfig, EvaluationRun, run_evaluation
    from hotspot_core.experiments.parts import synthetic_data
    from hotspot_core.experiments.study import MODELS
    from hotspot_core.experiments.trained import trained_baseline, trained_model
    from hotspot_core.media.writers import write_picture
    from hotspot_core.training.run import TrainingConfig

EXAMPLES = """\
  python -m hotspot_core.experiments.table                                # make table
  python -m hotspot_core.experiments.table --seed 1 --output runs/table_1 --doors data/doors/annotations.json
  python -m hotspot_core.experiments.table --fraction 0.02 --output runs/try  # a minute or two, to see that it works
"""
# Sizes of a whole table: on two cores about 55 minutes.
CLIPS, LABELED_IMAGES, TEST_IMAGES, SIZE = 1800, 600, 150, 160
# What a fraction of them keeps.
MIN_CLIPS, MIN_LABELED_IMAGES, MIN_TEST_IMAGES, MIN_STEPS = 100, 40, 12, 5
HOTSPOT_EPOCHS, HOTSPOT_MINUTES = 4, 20
# Steps of 16 images for each network, and a limit on its minutes.
STEPS = {"egogaze": 400, "mlnet": 600, "deepgaze2": 600, "salgan": 400, "img2heatmap": 600, "demo2vec": 300}
MINUTES = 8
TEST_SETS = {"seen": "test_seen", "novel": "test_novel"}
# Labeled images are drawn with another seed than clips and test images.
LABEL_SEED = 100_000


@dataclass(frozen=True)
class TableConfig:
    """A table of every method.

    Attributes:
        output: folder of everything.
        seed: of data and training.
        fraction: of the data and the steps.
        docs: Markdown page whose marked sections are written; None for none.
        doors: annotation file of photos of real doors; None for none.
        networks: names of the networks to train.
        progress: whether the evaluation shows progress bars.
    """

    output: Path = Path("runs/table")
    seed: int = 0
    fraction: float = 1.0
    docs: Path | None = None
    doors: Path | None = None
    networks: Sequence[str] = tuple(NETWORKS)
    progress: bool = True

    def __post_init__(self) -> None:
        select_names("network", self.networks, tuple(NETWORKS))
        if not 0 < self.fraction <= 10:
            raise InputError(f"--fraction {self.fraction:g}: give a number above 0, at most 10")
        if self.doors is not None and not self.doors.is_file():
            raise InputError(f"--doors {self.doors}: no such file: give annotations of photos, or leave it out")

    def scaled(self, number: int, minimum: int) -> int:
        """The fraction of a number, at least `minimum`."""
        return max(minimum, round(number * self.fraction))

    @property
    def clips(self) -> Path:
        """The table of synthetic clips."""
        return self.output / "data" / "train.csv"

    @property
    def labels(self) -> Path:
        """The labeled images of seen objects."""
        return self.output / "labeled" / "val.json"


def draw_data(config: TableConfig) -> None:
    """Clips and test images into `output/data`, labeled images of seen objects into `output/labeled`."""
    clips, tests = config.scaled(CLIPS, MIN_CLIPS), config.scaled(TEST_IMAGES, MIN_TEST_IMAGES)
    synthetic_data(config.output / "data", clips, tests, SIZE, config.seed, demonstrations=True)
    labeled = config.scaled(LABELED_IMAGES, MIN_LABELED_IMAGES)
    synthetic_data(config.output / "labeled", 0, labeled, SIZE, LABEL_SEED + config.seed, demonstrations=True)


def train_hotspots(config: TableConfig, name: str, keypoints: bool = False, classifier: bool = False) -> Path:
    """Interaction hotspots from the clips, as in the study, or from the labeled images as well; or the clip classifier
    alone; the model's file."""
    data: dict[str, Any] = {
        "seed": config.seed,
        "train": [str(config.clips)],
        "validation": config.output / "data" / "val.json",
        "cache": config.output / "pooled_frames",
    }
    if keypoints:
        data["keypoints"] = [str(config.labels)]
    epochs = max(2, round(HOTSPOT_EPOCHS * min(1.0, config.fraction)))
    run = TrainingConfig(
        config.output / name,
        "study",
        model=MODELS["classifier"] if classifier else {},
        data=data,
        trainer={"max_epochs": epochs, "max_time": f"00:00:{HOTSPOT_MINUTES}:00"},
        seed=config.seed,
    )
    return trained_model(run)


def train_network(config: TableConfig, name: str) -> Path:
    """One of the other methods from the labeled images; its file."""
    # Here, so that the help is shown without the extra `train`.
    from hotspot_core.baselines.training import BaselineConfig

    return trained_baseline(
        BaselineConfig(
            name,
            str(config.labels),
            config.output / f"{name}.safetensors",
            clips=config.labels.with_suffix(".csv"),
            steps=config.scaled(STEPS[name], MIN_STEPS),
            minutes=MINUTES,
            size=SIZE,
            seed=config.seed,
        )
    )


def sheet(gallery: Gallery, names: list[str], side: int = 150) -> NDArray[np.uint8]:
    """The gallery as one picture: a row for the ground truth and for each method, a column for each image."""
    label = 210
    examples = gallery.spread
    rows = []
    for name in ["ground truth", *names]:
        pictures = [example.truth if name == "ground truth" else example.maps[name] for example in examples]
        row = np.full((side, label + side * len(examples), 3), 255, np.uint8)
        cv2.putText(row, name, (8, side // 2 + 5), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (30, 30, 30), 1, cv2.LINE_AA)
        for index, picture in enumerate(pictures):
            left = label + side * index
            row[:, left : left + side] = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
        rows.append(row)
    heading = np.full((30, rows[0].shape[1], 3), 255, np.uint8)
    for index, example in enumerate(examples):
        place = label + side * index + 6, 20
        text = f"{example.item.action}, {example.item.object}"[:19]
        cv2.putText(heading, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, (30, 30, 30), 1, cv2.LINE_AA)
    return np.concatenate([heading, *rows])


def make_table(config: TableConfig, command: str) -> list[EvaluationRun]:
    """All of it; see the module. The evaluations, on synthetic scenes and, where they are asked for, on real doors.

    Args:
        command: what was asked for, for the report.
    """
    config.output.mkdir(parents=True, exist_ok=True)
    draw_data(config)
    models = [
        Named(str(train_hotspots(config, "classifier", classifier=True))),
        Named(str(train_hotspots(config, "hotspots"))),
        Named(str(train_hotspots(config, "hotspots_keypoints", keypoints=True)), "keypoints"),
    ]
    networks = {name: Named(str(train_network(config, name))) for name in config.networks}
    drawn = EvaluationConfig(
        {name: str(config.output / "data" / f"{stem}.json") for name, stem in TEST_SETS.items()},
        skip_missing=True,  # what is demonstrated on no part that can be seen, which is counted
        seed=config.seed,
        output=config.output / "report",
        progress=config.progress,
    )
    runs = [_scored(drawn, config, [*models, *networks.values()], command)]
    _write_docs(config, "synthetic", runs[0], drawn, command)
    if config.doors is not None:
        doors = replace(drawn, sets={"doors": str(config.doors)}, output=config.output / "doors", examples=0)
        # Nobody demonstrates anything on photos.
        others = [network for name, network in networks.items() if not NETWORKS[name].needs_demonstration]
        runs.append(_scored(doors, config, [*models, Named("default", "bundled"), *others], command))
        _write_docs(config, "doors", runs[1], doors, command)
    return runs


def _scored(
    evaluation: EvaluationConfig, config: TableConfig, checkpoints: Sequence[Named], command: str
) -> EvaluationRun:
    clips = [str(config.output / "data" / f"{stem}.csv") for stem in TEST_SETS.values()]
    methods = MethodsConfig(checkpoints=checkpoints, clips=clips)
    console = Console()

    def show(comparison: Comparison) -> None:
        for table in console_tables(comparison):
            console.print(table)

    return run_evaluation(evaluation, methods.build, command, show)


def _write_docs(
    config: TableConfig, section: str, run: EvaluationRun, evaluation: EvaluationConfig, command: str
) -> None:
    """A section of the page, with the pictures that the evaluation has."""
    if config.docs is None:
        return
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    text = f"Made by `{command}`, seed {config.seed}, on {device}.\n\n"
    text += markdown(run.comparisons, evaluation.protocol)
    for name, gallery in run.galleries.items():
        if gallery is None:
            continue
        drawn = sheet(gallery, [row.name for row in run.comparisons[0].rows])
        path = config.docs.parent / f"results_{name}.jpg"
        write_picture(path, drawn, quality=80)
        text += f"\n\n![{name} objects: ground truth and every method's map]({path.name})"
    write_section(config.docs, section, text)


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = command_line.parser("experiments.table", __doc__ or "", EXAMPLES)
    add, default = parser.add_argument, TableConfig()
    add("--output", type=Path, default=default.output, help="folder (default %(default)s)")
    add("--seed", type=int, default=default.seed, help="of data and training (default %(default)s)")
    add("--fraction", type=float, default=default.fraction, help="of the data and the steps (default all)")
    add("--docs", type=Path, help="Markdown page whose marked sections are written")
    add("--doors", type=Path, help="annotation file (JSON) of photos of real doors")
    add("--quiet", action="store_true", help="no progress bars for the evaluation")
    values = vars(parser.parse_args(arguments))
    # Here, so that the help is shown without the extra `train`, and what is missing is told before the data are drawn.
    import hotspot_core.training.command  # noqa: F401

    command = shlex.join(
        ["python", "-m", "hotspot_core.experiments.table", *(sys.argv[1:] if arguments is None else arguments)]
    )
    make_table(TableConfig(progress=not values.pop("quiet"), **values), command)


if __name__ == "__main__":
    sys.exit(command_line.run(main, extra="train"))
