"""Writes the data set: mp4 clips with a clip table, images with annotations, in the formats that real data comes in."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rich.progress import track

from hotspot_core.data.synthetic.assets.classes import CLASSES
from hotspot_core.data.synthetic.clip import make_clip, make_image, seen_classes
from hotspot_core.data.synthetic.engine.geometry import Generator
from hotspot_core.media.writers import write_picture, write_video
from hotspot_core.utils.files import atomic_write, write_text
from hotspot_core.utils.processes import end_with_parent

# Of clips that demonstrate: frames per second, and the quality that `write_video` takes.
DEMONSTRATION_RATE, DEMONSTRATION_QUALITY = 8, 22
CLIP_COLUMNS = ("clip", "start", "stop", "action", "object", "inactive_image")


@dataclass(frozen=True)
class Plan:
    """What to write: numbers of training clips and of annotated images per split, and how they are drawn."""

    output: Path
    clips: int
    stills: int
    size: int
    difficulty: float | None
    backgrounds: str | None
    seed: int
    actions: tuple[str, ...]
    novel: tuple[str, ...]
    workers: int
    hard_negatives: float = 0.0
    demonstrations: bool = False

    def generator(self, stream: int, index: int) -> Generator:
        """The random generator of one item: the same whichever process draws it."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(stream, index)))


@dataclass(frozen=True)
class Split:
    """A set of annotated images: its name, its random stream and the object classes in it."""

    name: str
    stream: int
    objects: tuple[str, ...]


def splits(plan: Plan) -> tuple[Split, ...]:
    """The evaluation splits; `test_novel` is left out when no class is held out."""
    seen = seen_classes(plan.novel)
    novel = tuple(name for name in CLASSES if name in plan.novel)
    result = (Split("val", 1, seen), Split("test_seen", 2, seen), Split("test_novel", 3, novel))
    return tuple(split for split in result if split.objects)


def write_clip(plan: Plan, index: int) -> dict[str, Any]:
    """Draw and write training clip `index`; its row of the clip table."""
    cv2.setNumThreads(1)
    rng = plan.generator(0, index)
    rate, quality = int(rng.integers(6, 9)), int(rng.integers(16, 30))
    clip = make_clip(
        rng,
        plan.difficulty,
        plan.size,
        seen_classes(plan.novel),
        plan.actions,
        plan.backgrounds,
        hard_negatives=plan.hard_negatives,
    )
    video, inactive = f"clips/{index:06d}.mp4", f"inactive/{index:06d}.jpg"
    write_video(plan.output / video, clip.frames, rate, quality)
    write_picture(plan.output / inactive, clip.inactive)
    stop = round(len(clip.frames) / rate, 3)
    return dict(zip(CLIP_COLUMNS, (video, 0.0, stop, clip.action, clip.object, inactive), strict=True))


@dataclass(frozen=True)
class WrittenImage:
    """Of an annotated image: its annotations, one per action, and the rows of its demonstrations in a clip table."""

    entries: list[dict[str, Any]]
    clips: list[dict[str, Any]]


def write_annotated_image(plan: Plan, split: Split, index: int) -> WrittenImage:
    """Draw and write annotated image `index` of a split with its masks and, if planned, demonstrations."""
    cv2.setNumThreads(1)
    item = make_image(
        plan.generator(split.stream, index),
        plan.difficulty,
        plan.size,
        split.objects,
        plan.actions,
        plan.backgrounds,
        plan.hard_negatives,
        plan.demonstrations,
    )
    name = f"stills/{split.name}_{index:05d}.jpg"
    write_picture(plan.output / name, item.image)
    height, width = item.image.shape[:2]
    entries = []
    for action, points in item.points.items():
        mask = f"masks/{split.name}_{index:05d}_{action}.png"
        write_picture(plan.output / mask, item.regions[action].astype(np.uint8) * 255)
        entries.append(
            {
                "image": name,
                "action": action,
                "object": item.object,
                "width": width,
                "height": height,
                "points": points.tolist(),
                "mask": mask,
            }
        )
    clips = []
    for action, frames in item.demonstrations.items():
        video = f"demonstrations/{split.name}_{index:05d}_{action}.mp4"
        write_video(plan.output / video, frames, DEMONSTRATION_RATE, DEMONSTRATION_QUALITY)
        stop = len(frames) / DEMONSTRATION_RATE
        clips.append(dict(zip(CLIP_COLUMNS, (video, 0.0, stop, action, item.object, name), strict=True)))
    return WrittenImage(entries, clips)


def write_dataset(plan: Plan, command: str) -> dict[str, int]:
    """Write everything below `plan.output`; the number of items per split."""
    for folder in ("clips", "inactive", "stills", "masks", *(["demonstrations"] if plan.demonstrations else [])):
        (plan.output / folder).mkdir(parents=True, exist_ok=True)
    counts = {}
    rows = list(_mapped(plan, partial(write_clip, plan), plan.clips, "train clips"))
    _write_clip_table(plan.output / "train.csv", rows)
    counts["train"] = len(rows)
    for split in splits(plan):
        written = list(_mapped(plan, partial(write_annotated_image, plan, split), plan.stills, f"{split.name} images"))
        entries = [entry for image in written for entry in image.entries]
        if plan.demonstrations:
            _write_clip_table(plan.output / f"{split.name}.csv", [row for image in written for row in image.clips])
        document = {"actions": list(plan.actions), "images": entries}
        write_text(plan.output / f"{split.name}.json", json.dumps(document, indent=1))
        counts[split.name] = len(written)
    write_text(plan.output / "README.txt", _readme(plan, command, counts, Counter(row["action"] for row in rows)))
    return counts


def _write_clip_table(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    with atomic_write(path) as temporary, temporary.open("w", newline="") as file:
        table = csv.DictWriter(file, CLIP_COLUMNS)
        table.writeheader()
        table.writerows(rows)


def _mapped(plan: Plan, work: Callable[[int], Any], count: int, title: str) -> Iterator[Any]:
    """The results of `work` for 0..count-1, in order, under a progress bar."""
    if plan.workers < 2 or count < 4:
        yield from track(map(work, range(count)), title, total=count)
        return
    with get_context("spawn").Pool(min(plan.workers, count), end_with_parent) as pool:
        results: Iterable[Any] = pool.imap(work, range(count), chunksize=4)
        yield from track(results, title, total=count)


def _readme(plan: Plan, command: str, counts: dict[str, int], actions: Counter[str]) -> str:
    settings = "\n".join(f"  {key}: {value}" for key, value in asdict(plan).items() if key not in ("output", "workers"))
    items = "\n".join(f"  {name}: {number}" for name, number in counts.items())
    per_action = "\n".join(f"  {name}: {actions[name]}" for name in plan.actions)
    return (
        "Procedural interaction clips and annotated stills, drawn by hotspot_core.data.synthetic.\n\n"
        f"Command: {command}\n\nSettings:\n{settings}\n\nItems:\n{items}\n\n"
        f"Training clips per action:\n{per_action}\n\n"
        f"Object classes in training: {', '.join(seen_classes(plan.novel))}\n\n"
        "train.csv lists the clips; val.json, test_seen.json and test_novel.json annotate stills with points per\n"
        "action and name the mask of the exact contact region. Paths are relative to this folder.\n"
    )
