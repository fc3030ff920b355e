"""`python -m hotspot_core.experiments.table`: every method trained and compared on the procedural data set.

Draws the data, trains interaction hotspots (and with it LSTM+Grad-CAM) on clips, once more on clips and annotated
stills, and all other methods on annotated stills, scores them on seen and novel objects, and writes the report and the
tables of docs/results.md. What is there already is not made again: a table that was interrupted goes on.

With `--doors` it also scores them, and the bundled model, on photos of real doors.
"""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from hotspot_core import evaluate
from hotspot_core.baselines.networks import NETWORKS
from hotspot_core.errors import InputError
from hotspot_core.evaluation.report.pictures import Gallery
from hotspot_core.evaluation.report.tables import markdown
from hotspot_core.experiments.trained import trained_model
from hotspot_core.utils import command_line

EXAMPLES = """\
  python -m hotspot_core.experiments.table                                # make table
  python -m hotspot_core.experiments.table --seed 1 --output runs/table_1 --doors data/doors/annotations.json
  python -m hotspot_core.experiments.table --fraction 0.02 --output runs/try  # a minute or two, to see that it works
"""
# Sizes of a whole table: on two cores about 55 minutes.
CLIPS, LABELLED_STILLS, TEST_STILLS, SIZE = 1800, 600, 150, 160
HOTSPOT_EPOCHS, HOTSPOT_MINUTES = 4, 20
# Steps of 16 images for each network, and a limit on its minutes.
STEPS = {"egogaze": 400, "mlnet": 600, "deepgaze2": 600, "salgan": 400, "img2heatmap": 600, "demo2vec": 300}
MINUTES = 8
# Labelled stills are drawn with another seed than clips and test stills.
LABEL_SEED = 100_000
MARKS = "<!-- {} begin -->", "<!-- {} end -->"


def make_data(output: Path, seed: int, fraction: float) -> None:
    """Clips and test stills into `output/data`, labelled stills of seen objects into `output/labelled`."""
    from hotspot_core.data.synthetic.__main__ import main

    stills = max(12, round(TEST_STILLS * fraction))
    clips, labelled = max(100, round(CLIPS * fraction)), max(40, round(LABELLED_STILLS * fraction))
    plans = {"data": (clips, stills, seed), "labelled": (0, labelled, LABEL_SEED + seed)}
    for name, (clips, stills, own_seed) in plans.items():
        plan = f"--clips {clips} --stills {stills} --seed {own_seed} --size {SIZE}".split()
        if not (output / name / "README.txt").is_file() or not (output / name / "README.txt").stat().st_size:
            _succeed(main([str(output / name), *plan]), f"drawing {name}")


def train_hotspots(output: Path, seed: int, fraction: float, keypoints: bool = False) -> Path:
    """Interaction hotspots from the clips, as in the study, or from the labelled stills as well; the model's file."""
    data = output / "data"
    options: dict[str, object] = {
        "seed_everything": seed,
        "data.seed": seed,
        "data.train": f"[{data / 'train.csv'}]",
        "data.validation": data / "val.json",
        "data.cache": output / "pooled_frames",
        "trainer.max_epochs": max(2, round(HOTSPOT_EPOCHS * min(1.0, fraction))),
        "trainer.max_time": f"00:00:{HOTSPOT_MINUTES}:00",
    }
    if keypoints:
        options["data.keypoints"] = f"[{output / 'labelled' / 'val.json'}]"
    return trained_model(output / ("hotspots_marked" if keypoints else "hotspots"), "study", options)


def train_network(name: str, output: Path, seed: int, fraction: float) -> Path:
    """One of the other methods from the labelled stills; its file."""
    from hotspot_core.experiments import train_baseline

    file = output / f"{name}.safetensors"
    if not file.is_file():
        steps = max(5, round(STEPS[name] * fraction))
        arguments = f"{name} --steps {steps} --minutes {MINUTES} --size {SIZE} --seed {seed}".split()
        data = ["--annotations", str(output / "labelled" / "val.json"), "--clips", str(output / "data" / "train.csv")]
        partial = file.with_name(f"{name}.partial.safetensors")
        train_baseline.main([*arguments, *data, "--output", str(partial)])
        partial.replace(file)
    return file


def write_section(docs: Path, name: str, text: str) -> None:
    """Replaces what stands between the marks of a section in a Markdown page.

    Raises:
        InputError: the page has no such marks.
    """
    begin, end = (mark.format(name) for mark in MARKS)
    page = docs.read_text(encoding="utf-8") if docs.is_file() else ""
    if begin not in page or end not in page:
        raise InputError(f"{docs}: no '{begin}' ... '{end}': add the two lines where the table shall stand")
    inside = re.compile(f"{re.escape(begin)}.*{re.escape(end)}", re.DOTALL)
    docs.write_text(inside.sub(lambda _: f"{begin}\n\n{text.strip()}\n\n{end}", page), encoding="utf-8")


def sheet(gallery: Gallery, names: list[str], side: int = 150) -> NDArray[np.uint8]:
    """The gallery as one picture: a row for the ground truth and for each method, a column for each still."""
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


def make_table(options: argparse.Namespace, told: str) -> None:
    """All of it; see the module."""
    output: Path = options.output
    seed, fraction = options.seed, options.fraction
    output.mkdir(parents=True, exist_ok=True)
    make_data(output, seed, fraction)
    models = [
        str(train_hotspots(output, seed, fraction)),
        f"marked={train_hotspots(output, seed, fraction, keypoints=True)}",
    ]
    networks = [str(train_network(name, output, seed, fraction)) for name in NETWORKS]
    clips = str(output / "data" / "train.csv")
    sets = [f"{name}={output}/data/{file}.json" for name, file in (("seen", "test_seen"), ("novel", "test_novel"))]
    common = ["--clips", clips, "--seed", str(seed), *(["--quiet"] if options.quiet else [])]
    arguments = ["--annotations", *sets, "--checkpoint", *models, *networks]
    parsed = evaluate.parser().parse_args([*arguments, "--output", str(output / "report"), *common])
    comparisons, galleries = evaluate.run(parsed, told)
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    note = f"Made by `{told}`, seed {seed}, on {device}.\n\n"
    protocol = evaluate.protocol_for(parsed)
    if options.docs:
        picture = ""
        for name, gallery in galleries.items():
            if gallery is None:
                continue
            drawn = sheet(gallery, [row.name for row in comparisons[0].rows])
            path = options.docs.parent / f"results_{name}.jpg"
            path.write_bytes(cv2.imencode(".jpg", drawn[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes())
            picture += f"\n\n![{name} objects: ground truth and every method's map]({path.name})"
        write_section(options.docs, "synthetic", note + markdown(comparisons, protocol) + picture)
    if options.doors is None:
        return
    checkpoints = [*models, "bundled=default", *networks]
    arguments = ["--annotations", f"doors={options.doors}", "--checkpoint", *checkpoints, "--examples", "0"]
    parsed = evaluate.parser().parse_args([*arguments, "--output", str(output / "doors"), *common])
    comparisons, _ = evaluate.run(parsed, told)
    if options.docs:
        write_section(options.docs, "doors", note + markdown(comparisons, protocol))


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = command_line.parser("experiments.table", __doc__ or "", EXAMPLES)
    parser.add_argument("--output", type=Path, default=Path("runs/table"), help="folder (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of data and training (default %(default)s)")
    parser.add_argument("--fraction", type=float, default=1.0, help="of the data and the steps (default all)")
    parser.add_argument("--docs", type=Path, help="Markdown page whose marked sections are written")
    parser.add_argument("--doors", type=Path, help="annotation file (JSON) of photos of real doors")
    parser.add_argument("--quiet", action="store_true", help="no progress bars for the evaluation")
    options = parser.parse_args(arguments)
    if not 0 < options.fraction <= 10:
        raise InputError(f"--fraction {options.fraction:g}: give a number above 0, at most 10")
    if options.doors is not None and not options.doors.is_file():
        raise InputError(f"--doors {options.doors}: no such file: give annotations of photos, or leave it out")
    given = arguments if arguments is not None else sys.argv[1:]
    make_table(options, shlex.join(["python", "-m", "hotspot_core.experiments.table", *given]))


def _succeed(status: int, what: str) -> None:
    if status:
        raise InputError(f"{what} failed with status {status}: see above")


if __name__ == "__main__":
    sys.exit(command_line.run(main))
