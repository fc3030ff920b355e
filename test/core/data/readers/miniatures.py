"""OPRA and EPIC-Kitchens in miniature: the releases' folders with real clips, and the authors' annotations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from media.recordings import numbered_frames, write_image, write_video

from hotspot_core.data.readers import opra

OPRA_POINTS = " ".join(f"{10 + k} {60.5 + k}" for k in range(10))
OPRA_LINE = f"seattle 1 76 428.0 3.0 A1_0.jpg 80 120 3 {OPRA_POINTS}\n"


def opra_release(folder: Path) -> Path:
    """OPRA: two clips: one as mp4, one as frames too; the photos; a training line that comes twice, and a test line."""
    data = folder / "OPRA/data"
    write_video(data / "clips/seattle/1/76/428.0_3.0.mp4", numbered_frames(30), 10)
    write_video(data / "clips/seattle/1/77/5.5_2.0.mp4", numbered_frames(20), 10)
    for index, image in enumerate(numbered_frames(10)):
        write_image(data / f"frames/seattle/1/77/5.5_2.0.mp4/image-{index + 1:08d}.jpg", image)
    write_image(data / "images/seattle/1/76/A1_0.jpg", np.zeros((80, 120, 3), np.uint8))
    write_image(data / "images/seattle/1/77/A2_0.jpg", np.zeros((80, 120, 3), np.uint8))
    (data / "annotations").mkdir()
    other = OPRA_LINE.replace("76 428.0 3.0 A1_0", "77 5.5 2.0 A2_0").replace(" 3 10", " 7 10")
    (data / "annotations/train.txt").write_text(OPRA_LINE + OPRA_LINE + other)
    (data / "annotations/test.txt").write_text(OPRA_LINE)
    return folder / "OPRA"


def opra_authors_file(folder: Path, **changes: Any) -> Path:
    """What the authors distribute, with the same content: points are (row, column), shapes (height, width)."""
    points = [[60.5 + k, 10 + k] for k in range(10)]
    clip = {
        "clip": ["seattle", "1", "77", "5.5", "2.0"],
        "image": ["seattle", "1", "77", "A2_0.jpg"],
        "verb": 6,
        "noun": 1,
        "nframes": 10,
    }
    image = {"image": ["seattle", "1", "76", "A1_0.jpg"], "verb": 2, "points": points, "shape": [80, 120]}
    whole = {"verbs": opra.ACTIONS, "nouns": ["mixer", "kettle"], "train_clips": [clip], "test_images": [image]}
    path = folder / "annotations.json"
    path.write_text(json.dumps(whole | changes))
    return path


EPIC_CLIPS = [
    {"v_id": "P01_01", "start": 5, "stop": 34, "verb": 1, "noun": 0},
    {"v_id": "P02_03", "start": 5, "stop": 34, "verb": 0, "noun": 1},
]


def epic_release(folder: Path) -> Path:
    """EPIC-Kitchens: one video as frames, one as mp4, 45 numbered frames each; detection images with a dark object."""
    root = folder / "EPIC_KITCHENS_2018"
    for index, image in enumerate(numbered_frames(45)):
        write_image(root / f"frames_rgb_flow/rgb/train/P01/P01_01/frame_{index + 1:010d}.jpg", image)
    write_video(root / "videos/train/P02/P02_03.MP4", numbered_frames(45), 60)
    scene = np.full((100, 200, 3), 230, np.uint8)
    scene[40:60, 80:120] = 10
    for name in ("P01/P01_01/0000000031.jpg", "P02/P02_03/0000000061.jpg"):
        write_image(root / "object_detection_images/train" / name, scene)
    return root


def epic_authors_file(folder: Path, **changes: Any) -> Path:
    """What the authors distribute: points are (x, y), shapes (width, height)."""
    boxes = {
        "tap": [{"v_id": "P01_01", "f_id": 31, "box": [80, 40, 120, 60]}],
        "fridge": [
            {"v_id": "P02_03", "f_id": 61, "box": [80, 40, 120, 60]},
            {"v_id": "P02_03", "f_id": 999, "box": [80, 40, 120, 60]},
        ],
    }
    image = {"image": ["P01_17_301.jpg", "x"], "verb": 1, "points": [[110, 20]], "shape": [120, 80]}
    whole = {
        "verbs": ["close", "open"],
        "nouns": ["tap", "fridge"],
        "train_clips": EPIC_CLIPS,
        "test_images": [image],
        "inactive_images": boxes,
    }
    path = folder.parent / "authors/annotations.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(whole | changes))
    return path
