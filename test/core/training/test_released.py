"""Released data sets from their own files to a scored model, through the commands: stand-in pictures, real rows."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from media.recordings import numbered_frames, write_image, write_video
from training.runs import SMALL, run

from hotspot_core import evaluate, load_model
from hotspot_core.data.readers.registry import read_annotated_images
from hotspot_core.utils import command_line

# The first rows of EPIC_100_train.csv, in the file's own order.
EPIC_100 = """\
narration_id,participant_id,video_id,narration_timestamp,start_timestamp,stop_timestamp,start_frame,stop_frame,\
narration,verb,verb_class,noun,noun_class,all_nouns,all_noun_classes
P01_01_0,P01,P01_01,00:00:01.089,00:00:00.14,00:00:03.37,8,202,open door,open,3,door,3,['door'],[3]
P01_01_1,P01,P01_01,00:00:02.629,00:00:04.37,00:00:06.17,262,370,turn on light,turn-on,6,light,114,['light'],[114]
P01_01_2,P01,P01_01,00:00:05.349,00:00:06.98,00:00:09.49,418,569,close door,close,4,door,3,['door'],[3]
"""


def learned(folder: Path, *data: str) -> Path:
    """Two steps of training; the model's file."""
    (folder / "small.yaml").write_text(SMALL)
    output = folder / "run"
    options = ["--trainer.max_epochs", "1", "--trainer.max_steps", "2", "--trainer.logger", "false"]
    run(["--config", str(folder / "small.yaml"), *data, "--data.batch_size", "2", *options, "--output", str(output)])
    return output / "model.safetensors"


def scored(folder: Path, source: str, model: Path, *options: str) -> dict[str, float]:
    """Metric -> mean of the model's maps on a source of annotated images."""
    output = folder / "report"
    arguments = ["--annotations", f"set={source}", "--checkpoint", str(model), "--methods", "hotspots", "--quiet"]
    assert command_line.run(evaluate.main, [*arguments, "--output", str(output), *options]) == 0
    (found,) = json.loads((output / "scores.json").read_text())["comparisons"]
    (method,) = found["methods"].values()
    return {name: value["mean"] for name, value in method["summary"].items() if value["n"]}


def test_epic_kitchens_from_its_table_to_scores(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """1. Three segments of EPIC-KITCHENS-100 with a video of ten seconds in the release's layout. 2. Two steps learn
    the actions of the table; doors and lights at rest are frames of the video. 3. The model is scored on annotated
    images of the authors' file. 4. A segment of a video that is not there is listed with the reason, once."""
    root = tmp_path / "EPIC-KITCHENS"
    write_video(root / "P01/videos/P01_01.MP4", np.repeat(numbered_frames(40), 5, axis=0), 20)
    table = tmp_path / "annotations" / "EPIC_100_train.csv"
    table.parent.mkdir()
    absent = EPIC_100.splitlines()[3].replace("P01", "P02")
    table.write_text(f"{EPIC_100}{absent}\n")
    data = ["--data.kind", "epic", "--data.root", str(root), "--data.annotations", str(table)]
    model = learned(tmp_path, *data, "--data.max_broken_fraction", "0.3")
    assert load_model(model, "cpu").actions == ("close", "open", "turn-on")
    told = capfd.readouterr().err
    assert told.count("P02_01") == 1
    points = [[60.0, 20.0], [62.0, 21.0]]
    image = {"image": ["P01_17_301.jpg", "x"], "verb": 1, "points": points, "shape": [120, 80]}
    document = {"verbs": ["close", "open"], "nouns": ["door"], "train_clips": [], "test_images": [image]}
    (tmp_path / "annotations.json").write_text(json.dumps(document))
    source = f"epic:{tmp_path / 'annotations.json'}"
    for entry in read_annotated_images(source).entries:
        write_image(entry.image, np.full((80, 120, 3), 90, np.uint8))
    assert 0 <= scored(tmp_path, source, model)["sim"] <= 1


def test_agd20k_from_its_folders_to_scores(tmp_path: Path) -> None:
    """1. `Seen` with photos of interactions, objects at rest, and a test image with its map. 2. Two steps of training,
    whose validation is the test set. 3. Its own protocol scores the model."""
    root = tmp_path / "AGD20K" / "Seen"
    rng = np.random.default_rng(0)
    for action, name in (("hold", "cup"), ("sip", "cup"), ("cut_with", "knife")):
        for part in ("trainset/exocentric", "trainset/egocentric", "testset/egocentric"):
            for index in range(2):
                picture = rng.integers(0, 255, (60, 80, 3), dtype=np.uint8)
                write_image(root / part / action / name / f"{name}_{index:06d}.jpg", picture)
    for action, name in (("hold", "cup"), ("cut_with", "knife")):
        truth = root / "testset" / "GT" / action / name / f"{name}_000000.png"
        write_image(truth, np.zeros((60, 80, 3), np.uint8))
        heat = np.zeros((60, 80), np.float32)
        heat[30, 20] = 255
        cv2.imwrite(str(truth), cv2.GaussianBlur(heat, (0, 0), 5) * 150)
    model = learned(tmp_path, "--data.kind", "agd20k", "--data.root", str(root))
    assert load_model(model, "cpu").actions == ("cut_with", "hold", "sip")
    found = scored(tmp_path, f"agd20k:{root}", model, "--protocol", "agd20k")
    assert {"kld", "sim", "nss"} <= set(found)
