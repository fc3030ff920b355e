"""`python -m hotspot_core.experiments.splits`: novel objects, in disjoint splits of any data set with object names.

Each split holds out some object classes, no class twice: its clips and images to learn from show only the others,
its test images only those. The published numbers for novel objects are means of three such splits.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from hotspot_core.data.annotation_files import write_annotations
from hotspot_core.data.annotations import AnnotationSet
from hotspot_core.data.clips import COLUMNS, Clip, read_clip_table
from hotspot_core.data.readers.registry import SOURCES, read_annotated_images
from hotspot_core.errors import InputError
from hotspot_core.utils import command_line

EXAMPLES = """\
  python -m hotspot_core.experiments.splits --annotations all.json --clips train.csv --output novel
  python -m hotspot_core.train fit --config my.yaml --data.train [novel/split_0/train.csv] --output runs/split_0
  python -m hotspot_core.evaluate --annotations 'novel=novel/split_{split}/test.json' --splits 3 \\
      --checkpoint 'runs/split_{split}/model.safetensors' --output report
"""


def novel_objects(
    objects: Sequence[str], splits: int = 3, fraction: float = 0.2, seed: int = 0
) -> list[tuple[str, ...]]:
    """For each split the object classes that it holds out: disjoint, each `fraction` of all, at least one.

    Raises:
        InputError: too few classes for disjoint splits that leave others to learn from.
    """
    names = sorted(set(objects))
    each = max(1, round(fraction * len(names)))
    if splits < 1 or each * splits > len(names) or each >= len(names):
        raise InputError(
            f"{splits} splits of {each} classes each out of {len(names)}: give fewer splits or a smaller fraction"
        )
    order = np.random.default_rng(seed).permutation(len(names))
    return [tuple(sorted(names[i] for i in order[k * each : (k + 1) * each])) for k in range(splits)]


def write_splits(
    annotations: AnnotationSet, clips: Sequence[Clip], output: Path, splits: int, fraction: float, seed: int
) -> list[tuple[str, ...]]:
    """Write `split_K/train.json`, `test.json` and, where there are clips, `train.csv`; what each holds out.

    Raises:
        InputError: entries without an object, too few classes, or a split that would be empty.
    """
    nameless = sum(not entry.object for entry in annotations.entries)
    if nameless:
        raise InputError(f"{annotations.path}: {nameless} entries have no object: name them")
    held_out = novel_objects([entry.object for entry in annotations.entries], splits, fraction, seed)
    for index, objects in enumerate(held_out):
        folder = output / f"split_{index}"
        folder.mkdir(parents=True, exist_ok=True)
        _write_objects(folder / "test.json", annotations, objects)
        _write_objects(folder / "train.json", annotations, set(annotations.objects) - set(objects))
        kept = [clip for clip in clips if clip.object not in objects]
        if clips and not kept:
            raise InputError(f"split {index} holds out {', '.join(objects)}: no clip is left to learn from")
        if kept:
            _write_clips(folder / "train.csv", kept)
    return held_out


def _write_objects(path: Path, annotations: AnnotationSet, objects: Collection[str]) -> None:
    """The entries of some objects."""
    kept = annotations.where(lambda entry: entry.object in objects)
    write_annotations(path, kept.actions, kept.entries, kept.empty, kept.complete)


def _write_clips(path: Path, clips: Sequence[Clip]) -> None:
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow([*COLUMNS, "frame_rate"])
        for clip in clips:
            inactive = clip.inactive_image.resolve() if clip.inactive_image else ""
            stop = "" if clip.stop is None else clip.stop
            rate = "" if clip.frame_rate is None else clip.frame_rate
            table.writerow([clip.video.resolve(), clip.start, stop, clip.action, clip.object, inactive, rate])


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = command_line.parser("experiments.splits", __doc__ or "", EXAMPLES)
    parser.add_argument("--annotations", required=True, help=f"annotated images of all objects: {SOURCES}")
    parser.add_argument("--clips", type=Path, help="clip table of all objects")
    parser.add_argument("--output", type=Path, required=True, help="folder to write to")
    parser.add_argument("--splits", type=int, default=3, help="number of splits (default %(default)s)")
    parser.add_argument("--fraction", type=float, default=0.2, help="of the classes in each (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the choice (default %(default)s)")
    options: argparse.Namespace = parser.parse_args(arguments)
    clips = read_clip_table(options.clips) if options.clips else []
    annotations = read_annotated_images(options.annotations)
    held_out = write_splits(annotations, clips, options.output, options.splits, options.fraction, options.seed)
    for index, objects in enumerate(held_out):
        print(f"{options.output / f'split_{index}'}: holds out {', '.join(objects)}")


if __name__ == "__main__":
    sys.exit(command_line.run(main))
