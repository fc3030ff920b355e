"""LeRobot's own package writes what is read here, and opens what is written here.

It needs Pythons of its own, as LeRobot is bound to older versions of PyTorch: HOTSPOT_LEROBOT_PYTHON names some,
separated by colons, that have `lerobot` or `lerobot-dataset` (0.4 writes version 3.0, 0.3 version 2.1).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pyarrow")

import pyarrow.parquet

from hotspot_core import predict
from hotspot_core.data.clips import check_clips
from hotspot_core.data.readers.lerobot import read_lerobot_clips
from hotspot_core.media.lerobot.dataset import open_dataset
from hotspot_core.media.lerobot.frames import episode_images, read_frames_of

PROGRAM, ROOT = Path(__file__).with_name("real_lerobot.py"), Path(__file__).parents[4]
HERE = [sys.executable] if find_spec("lerobot") or find_spec("ledataset") else []
PYTHONS = [name for name in os.environ.get("HOTSPOT_LEROBOT_PYTHON", "").split(":") if name] or HERE
EPISODES = ((7, "Open the top drawer"), (12, "push the red button"), (9, "Open the top drawer"))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not PYTHONS, reason="LeRobot is not installed: HOTSPOT_LEROBOT_PYTHON names a Python with it"),
]


def lerobot(python: str, *arguments: object) -> str:
    command = [python, str(PROGRAM), *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "SVT_LOG": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("python", PYTHONS)
def test_lerobot_opens_what_hotspots_were_added_to(python: str, tmp_path: Path) -> None:
    """1. LeRobot writes two cameras and three episodes. 2. Here, each frame of each episode is its own, and clips are.
    3. hotspot-predict adds points and maps. 4. LeRobot's loader gives each frame as before, with the values that are in
    the file, in batches; and statistics of them."""
    root, output = tmp_path / "set", tmp_path / "new"
    lerobot(python, "write", root)
    dataset = open_dataset(root)
    for episode, (length, task) in zip(dataset.episodes, EPISODES, strict=True):
        assert (episode.length, episode.tasks) == (length, (task,))
        frames = read_frames_of(episode)
        expected = [20 * episode.index + 4 * frame for frame in range(length)]
        levels = [float(image.mean()) for image in episode_images(dataset, episode, dataset.cameras[0], frames)]
        assert levels == pytest.approx(expected, abs=2)
    assert len(check_clips(read_lerobot_clips(root), 0.0)) == 6
    arguments = ["--actions", "open,press", "--points-per-action", "2", "--maps", "--quiet"]
    predict.main(["--lerobot", str(root), "--output", str(output), *arguments])
    found = json.loads(lerobot(python, "open", output).splitlines()[-1])
    assert found["version"] == dataset.version
    points, maps = "observation.hotspots.front", "observation.hotspots.wrist_view.maps"
    assert found["batch"][points] == [4, 16]
    assert found["batch"][maps][:2] == [4, 2]
    files = sorted(output.glob("data/*/*.parquet"))
    rows = [row for file in files for row in pyarrow.parquet.ParquetFile(file).read().to_pylist()]
    assert len(found["frames"]) == len(rows) == sum(length for length, _ in EPISODES)
    for frame, row in zip(found["frames"], rows, strict=True):
        assert (frame["episode"], frame["frame"]) == (row["episode_index"], row["frame_index"])
        assert frame["task"] == EPISODES[frame["episode"]][1]
        level = 20 * frame["episode"] + 4 * frame["frame"]
        assert frame["observation.images.front"] == pytest.approx(level, abs=2)
        np.testing.assert_allclose(frame[points], row[points], rtol=1e-6)
        np.testing.assert_allclose(frame[maps], np.ravel(row[maps]), rtol=1e-6)
    everything = np.array([row[points] for row in rows])
    np.testing.assert_allclose(found["stats"][points]["mean"], everything.mean(0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found["stats"][points]["max"], everything.max(0), rtol=1e-5)
