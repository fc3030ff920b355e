"""Writes the data set: images with annotations, masks, depth and cameras, in the formats that real data comes in."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rich.progress import track

from hotspot_core.data.rendered.annotation import camera_record
from hotspot_core.data.rendered.clip import render_clip
from hotspot_core.data.rendered.renderer import Renderer
from hotspot_core.data.rendered.still import RenderedStill, Setting, render_still
from hotspot_core.data.rendered.world import ACTIONS
from hotspot_core.media.writers import write_picture, write_video
from hotspot_core.utils.files import atomic_write, write_text
from hotspot_core.utils.processes import end_with_parent

FOLDERS = ("images", "parts", "depth", "camera")
CHUNK, CHUNKS_PER_PROCESS = 4, 150
JPEG_QUALITY = 93
CLIP_COLUMNS = ("clip", "start", "stop", "action", "object", "inactive_image")


@dataclass(frozen=True)
class RenderPlan:
    """What to write: where, how many annotated images and clips, their size in pixels, and what they are made from."""

    output: Path
    stills: int
    val_stills: int
    clips: int
    width: int
    height: int
    clip_size: int
    photos: tuple[Path, ...]
    novel: tuple[str, ...]
    seed: int
    workers: int

    def generator(self, stream: int, index: int) -> np.random.Generator:
        """The random generator of one item: the same whichever process draws it."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(stream, index)))


@dataclass(frozen=True)
class RenderSplit:
    """A set of annotated images: its name, its random stream, how many, and from which classes."""

    name: str
    stream: int
    count: int
    setting: Setting


def splits(plan: RenderPlan) -> tuple[RenderSplit, ...]:
    """train and val without the novel classes; test_novel with many of them, where there are some."""
    seen = Setting(plan.width, plan.height, plan.photos, excluded=plan.novel)
    novel = Setting(plan.width, plan.height, plan.photos, preferred=plan.novel)
    found = (
        RenderSplit("train", 0, plan.stills, seen),
        RenderSplit("val", 1, plan.val_stills, seen),
        RenderSplit("test_novel", 2, plan.val_stills if plan.novel else 0, novel),
    )
    return tuple(split for split in found if split.count)


_renderers: dict[tuple[int, int], Renderer] = {}


def renderer_of(width: int, height: int) -> Renderer:
    """This process's renderer of a size."""
    if (width, height) not in _renderers:
        for other in _renderers.values():
            other.close()
        _renderers.clear()
        _renderers[width, height] = Renderer(width, height)
    return _renderers[width, height]


def write_still(plan: RenderPlan, split: RenderSplit, index: int) -> dict[str, Any]:
    """Render and write image `index` of a split: its entries, and what it affords."""
    cv2.setNumThreads(1)
    still = render_still(plan.generator(split.stream, index), renderer_of(plan.width, plan.height), split.setting)
    name = f"{split.name}_{index:06d}"
    write_picture(plan.output / f"images/{name}.jpg", still.image, JPEG_QUALITY)
    write_picture(plan.output / f"parts/{name}.png", still.ids)
    millimeters = np.round(still.depth.clip(0, 65.0) * 1000).astype(np.uint16)
    write_picture(plan.output / f"depth/{name}.png", millimeters)
    record = camera_record(still.view, still.annotated, name, still.scene)
    write_text(plan.output / f"camera/{name}.json", json.dumps(record))
    return {
        "image": f"images/{name}.jpg",
        "entries": _entries(still, f"images/{name}.jpg"),
        "unclear": list(still.annotated.unclear),
    }


def _entries(still: RenderedStill, image: str) -> list[dict[str, Any]]:
    height, width = still.ids.shape
    entries = []
    for action, points in still.annotated.points.items():
        acting = [item for item in still.annotated.parts if action in item.part.actions]
        largest = max(acting, key=lambda item: item.pixels)
        entries.append(
            {
                "image": image,
                "action": action,
                "object": still.annotated.objects[action],
                "width": width,
                "height": height,
                "points": points.tolist(),
                "scene": still.scene,
                "center": [round(value, 4) for value in largest.center],
                "parts": [
                    {
                        "id": item.part.id,
                        "object": item.part.object,
                        "part": item.part.name,
                        "pixels": item.pixels,
                        "center": [round(value, 4) for value in item.center],
                    }
                    for item in acting
                ],
            }
        )
    return entries


def write_clip(plan: RenderPlan, index: int) -> dict[str, Any]:
    """Render and write clip `index`: its row of the clip table, and the record of its inactive image."""
    cv2.setNumThreads(1)
    rng = plan.generator(3, index)
    setting = Setting(plan.clip_size, plan.clip_size, plan.photos, excluded=plan.novel)
    action = ACTIONS[index % len(ACTIONS)]
    clip = render_clip(rng, renderer_of(plan.clip_size, plan.clip_size), setting, action)
    rate, quality = int(rng.integers(6, 9)), int(rng.integers(16, 28))
    video, still = f"clips/{index:06d}.mp4", f"inactive/{index:06d}.jpg"
    write_video(plan.output / video, clip.frames, rate, quality)
    write_picture(plan.output / still, clip.inactive.image, JPEG_QUALITY)
    stop = round(len(clip.frames) / rate, 3)
    return {
        "row": dict(zip(CLIP_COLUMNS, (video, 0.0, stop, action, clip.object, still), strict=True)),
        "image": still,
        "entries": _entries(clip.inactive, still),
        "unclear": list(clip.inactive.annotated.unclear),
    }


def annotation_document(records: Iterable[dict[str, Any]], width: int, height: int) -> dict[str, Any]:
    """The annotation file, as `hotspot_core.data.annotation_files` describes it: entries with points, and images that
    afford nothing. Where it may be disputed whether an image affords an action, `complete` leaves that action out."""
    document: dict[str, Any] = {"actions": list(ACTIONS), "images": [], "empty": []}
    for record in records:
        judged = sorted(set(ACTIONS) - set(record["unclear"]))
        known = {"complete": judged} if record["unclear"] else {}
        document["images"] += [{**entry, **known} for entry in record["entries"]]
        if not record["entries"]:
            document["empty"].append({"image": record["image"], "width": width, "height": height, **known})
    return document


def write_dataset(plan: RenderPlan, command: str) -> dict[str, int]:
    """Write everything below `plan.output`; the number of items per split."""
    for folder in FOLDERS:
        (plan.output / folder).mkdir(parents=True, exist_ok=True)
    counts: dict[str, int] = {}
    lines = []
    for split in splits(plan):
        records = list(_mapped(plan, partial(write_still, plan, split), split.count, f"{split.name} stills"))
        document = annotation_document(records, plan.width, plan.height)
        write_text(plan.output / f"{split.name}.json", json.dumps(document))
        counts[split.name] = len(records)
        per_action = Counter(entry["action"] for entry in document["images"])
        empty = len(document["empty"])
        lines.append(f"{split.name}: {len(records)} stills, {empty} of them afford nothing")
        lines += [f"  {action}: {per_action[action]}" for action in ACTIONS]
    if plan.clips:
        for folder in ("clips", "inactive"):
            (plan.output / folder).mkdir(exist_ok=True)
        records = list(_mapped(plan, partial(write_clip, plan), plan.clips, "train clips"))
        with atomic_write(plan.output / "train.csv") as temporary, temporary.open("w", newline="") as file:
            table = csv.DictWriter(file, CLIP_COLUMNS)
            table.writeheader()
            table.writerows(record["row"] for record in records)
        document = annotation_document(records, plan.clip_size, plan.clip_size)
        write_text(plan.output / "inactive.json", json.dumps(document))
        counts["clips"] = len(records)
        lines.append(f"train.csv: {len(records)} clips; inactive.json annotates their inactive images")
    write_text(plan.output / "README.txt", _readme(plan, command, lines))
    return counts


def _mapped(plan: RenderPlan, work: Callable[[int], Any], count: int, title: str) -> Iterator[Any]:
    """The results of `work` for 0..count-1, in order, under a progress bar."""
    if count < 4 or (plan.workers < 2 and count < CHUNK * CHUNKS_PER_PROCESS):
        yield from track(map(work, range(count)), title, total=count)
        return
    # Processes are replaced now and then: MuJoCo and OpenGL keep some memory of every scene.
    workers = min(plan.workers, count)
    with get_context("spawn").Pool(workers, end_with_parent, maxtasksperchild=CHUNKS_PER_PROCESS) as pool:
        yield from track(pool.imap(work, range(count), chunksize=CHUNK), title, total=count)


def _readme(plan: RenderPlan, command: str, lines: list[str]) -> str:
    items = "\n".join(lines)
    return (
        "Procedural 3D scenes of household objects, rendered by hotspot_core.data.rendered (MuJoCo).\n\n"
        f"Command: {command}\n\nSeed {plan.seed}, {plan.width}x{plan.height}, photos for textures: {len(plan.photos)}\n"
        f"Object classes held out of training: {', '.join(plan.novel) or 'none'}\n\n{items}\n\n"
        "The .json files annotate images with points per action. 'empty' lists images that afford nothing; where it\n"
        "may be disputed whether an image affords an action, 'complete' leaves that action out.\n"
        "parts/ holds masks (8 bit, value = id of the part in the camera file), depth/ 16 bit in mm\n"
        "(0 = none), camera/ the intrinsics, pose and parts. Paths are relative to this folder.\n"
    )
