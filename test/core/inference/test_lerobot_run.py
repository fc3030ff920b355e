"""`hotspot-predict --lerobot`: a new data set with hotspots, beside a source that stays as it is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pyarrow")

import pyarrow.parquet
from media.lerobot_sets import FRONT, WRIST, brightness, write_dataset

from hotspot_core import HotspotPredictor, InputError, predict
from hotspot_core.hotspots.hotspot_vectors import map_stack, point_vector
from hotspot_core.media.lerobot import new_features
from hotspot_core.media.lerobot.dataset import open_dataset
from hotspot_core.media.lerobot.frames import episode_images, read_frames_of

ACTIONS = ("open", "press")
KEY = "observation.hotspots"


def run(root: Path, output: Path, *arguments: object) -> None:
    command = ["--lerobot", root, "--output", output, "--actions", ",".join(ACTIONS), "--quiet", *arguments]
    predict.main([str(each) for each in command])


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(root: Path) -> list[dict[str, Any]]:
    files = sorted(root.glob("data/*/*.parquet"))
    return [row for file in files for row in pyarrow.parquet.ParquetFile(file).read().to_pylist()]


@pytest.mark.parametrize(("version", "images"), [("v3.0", False), ("v2.1", False), ("v3.0", True)])
def test_every_frame_has_its_hotspots(tmp_path: Path, version: str, images: bool) -> None:
    """1. Two cameras, points and maps. 2. Each row has what the predictor gives of its frame. 3. Old columns, videos
    and descriptions are as they were, and so is the source. 4. info.json describes the new features."""
    root = write_dataset(tmp_path / "set", version, images=images)
    (root / ".cache").mkdir()
    (root / ".cache" / "lock").write_text("a download's")
    before = content(root)
    run(root, tmp_path / "new", "--maps", "--points-per-action", 2)
    assert content(root) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "set"]
    dataset, old, new = open_dataset(root), rows(root), rows(tmp_path / "new")
    assert [{key: row[key] for key in old[0]} for row in new] == old
    predictor = HotspotPredictor()
    episode = dataset.episodes[1]
    frames = read_frames_of(episode, dataset.cameras if images else ())
    found = [row for row in new if row["episode_index"] == 1]
    for camera, view in ((FRONT, "front"), (WRIST, "wrist_view")):
        shown = list(episode_images(dataset, episode, camera, frames))
        assert shown[0].mean() == pytest.approx(abs((camera == WRIST) * 255 - brightness(1, 0)), abs=2)
        for row, prediction in zip(found, predictor.predict(shown, ACTIONS, points_per_action=2), strict=True):
            expected = point_vector(prediction, ACTIONS, 2).ravel()
            np.testing.assert_allclose(np.array(row[f"{KEY}.{view}"]), expected, atol=1e-3)
            maps = map_stack(prediction, ACTIONS)
            np.testing.assert_allclose(np.array(row[f"{KEY}.{view}.maps"]), maps, atol=1e-3)
    after = content(tmp_path / "new")
    assert all(after[name] == before[name] for name in before if name.startswith("videos"))
    assert set(after) == set(before) - {".cache/lock"} | {"meta/hotspots.json"}
    features = json.loads(after["meta/info.json"])["features"]
    assert features[f"{KEY}.front"]["shape"] == [2 * 2 * 4]
    assert features[f"{KEY}.front"]["names"][:5] == [
        "open.1.x",
        "open.1.y",
        "open.1.value",
        "open.1.probability",
        "open.2.x",
    ]
    assert features[f"{KEY}.front.maps"]["shape"] == list(np.shape(found[0][f"{KEY}.front.maps"]))


def test_hotspots_are_added_once_more(tmp_path: Path) -> None:
    """1. A second camera's, to what a run has written. 2. Rows have both, and both are described."""
    run(write_dataset(tmp_path / "set", "v2.1"), tmp_path / "once", "--camera", FRONT)
    run(tmp_path / "once", tmp_path / "twice", "--camera", WRIST, "--add", "observation.wrist_hotspots")
    first, second = rows(tmp_path / "once"), rows(tmp_path / "twice")
    assert [{key: row[key] for key in first[0]} for row in second] == first
    described = json.loads((tmp_path / "twice/meta/hotspots.json").read_text())
    cameras = {key: each["camera"] for key, each in described.items()}
    assert cameras == {KEY: FRONT, "observation.wrist_hotspots": WRIST}


@pytest.mark.parametrize("version", ["v3.0", "v2.1"])
def test_statistics_are_those_of_the_values(tmp_path: Path, version: str) -> None:
    """Per episode and, in version 3.0, of all, where LeRobot reads them, with the quantiles that the source has."""
    root = write_dataset(tmp_path / "set", version)
    run(root, tmp_path / "new", "--camera", FRONT)
    values = {
        episode: np.array([row[KEY] for row in rows(tmp_path / "new") if row["episode_index"] == episode])
        for episode in range(3)
    }
    meta = tmp_path / "new/meta"
    if version == "v3.0":
        described = pyarrow.parquet.ParquetFile(meta / "episodes/chunk-000/file-000.parquet").read().to_pylist()
        found = [
            {name: row[f"stats/{KEY}/{name}"] for name in ("min", "mean", "std", "count", "q50")} for row in described
        ]
        everything = np.concatenate(list(values.values()))
        total = json.loads((meta / "stats.json").read_text())[KEY]
        np.testing.assert_allclose(total["mean"], everything.mean(0), rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(total["std"], everything.std(0), rtol=1e-3, atol=1e-4)
        assert set(total) == {"min", "max", "mean", "std", "count", "q01", "q50"}
        assert total["count"] == [len(everything)]
    else:
        found = [json.loads(line)["stats"][KEY] for line in (meta / "episodes_stats.jsonl").read_text().splitlines()]
    for episode, each in enumerate(found):
        np.testing.assert_allclose(each["min"], values[episode].min(0), rtol=1e-5)
        np.testing.assert_allclose(each["mean"], values[episode].mean(0), rtol=1e-4, atol=1e-5)
        assert each["count"] == [len(values[episode])]


def test_an_interrupted_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """1. The disk fails at the third file of the copy. 2. Nothing is under the final name. 3. The same command goes on,
    predicts nothing again, and what it writes is what one run writes. 4. With other settings it begins anew."""
    root = write_dataset(tmp_path / "set", "v2.1")
    run(root, tmp_path / "whole", "--camera", FRONT)
    real, calls = new_features._write_data, []

    def failing(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        real(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as disk:
        disk.setattr(new_features, "_write_data", failing)
        with pytest.raises(KeyboardInterrupt):
            run(root, tmp_path / "new", "--camera", FRONT)
    assert "interrupted: 3 of 3 episodes are done; the same command goes on" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
    partial = tmp_path / ".partial-new"
    kept = {path.name: path.stat().st_mtime_ns for path in (partial / ".hotspots").glob("*.npz")}
    assert len(kept) == 3
    with monkeypatch.context() as again:
        again.setattr(HotspotPredictor, "predict", lambda _, images, *__, **___: _none_of(images))
        run(root, tmp_path / "new", "--camera", FRONT)
    assert "goes on after 3 episodes" in capsys.readouterr().err
    assert content(tmp_path / "new") == content(tmp_path / "whole")
    with monkeypatch.context() as disk:
        calls.clear()
        disk.setattr(new_features, "_write_data", failing)
        with pytest.raises(KeyboardInterrupt):
            run(root, tmp_path / "other", "--camera", FRONT)
    run(root, tmp_path / "other", "--camera", FRONT, "--points-per-action", 1)
    assert "goes on after" not in capsys.readouterr().err
    assert np.shape([row[KEY] for row in rows(tmp_path / "other")]) == (28, 8)


def _none_of(images: list[np.ndarray]) -> list[object]:
    assert not images
    return []


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_keeps_the_episodes_that_are_done(tmp_path: Path, number: signal.Signals, status: int) -> None:
    """1. A long run in a process of its own. 2. The signal after the first episode. 3. It ends with its status and one
    line; the episode is kept, and there is no output."""
    root = write_dataset(tmp_path / "set", episodes=[(8, "open it"), (8, "open it")] * 20)
    command = [sys.executable, "-m", "hotspot_core.predict", "--lerobot", root, "--output", tmp_path / "new"]
    process = subprocess.Popen(
        [*map(str, command), "--quiet"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    done = tmp_path / ".partial-new/.hotspots/episode-000000.npz"
    deadline = time.monotonic() + 60
    while not done.exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(number)
    _, errors = process.communicate(timeout=90)
    assert process.returncode == status
    assert "of 40 episodes are done; the same command goes on" in errors
    assert "Traceback" not in errors
    assert done.exists()
    assert not (tmp_path / "new").exists()


def test_two_runs_do_not_write_the_same(tmp_path: Path) -> None:
    """The second one is refused while the first one holds the lock."""
    import fcntl

    root = write_dataset(tmp_path / "set", episodes=[(3, "open it")])
    work = tmp_path / ".partial-new/.hotspots"
    work.mkdir(parents=True)
    with (work / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="another run writes it"):
            run(root, tmp_path / "new")
    run(root, tmp_path / "new")
    assert len(rows(tmp_path / "new")) == 3


def test_bad_input_is_told_before_anything_is_written(tmp_path: Path) -> None:
    """One line each; the folder beside the data set stays empty."""
    root = write_dataset(tmp_path / "set")
    (tmp_path / "taken").mkdir()
    output = tmp_path / "new"
    for arguments, reason in (
        ((tmp_path / "nowhere", output), "is this the folder of a LeRobot data set"),
        ((root, tmp_path / "taken"), "exists already: remove it"),
        ((root, root / "new"), "lies in the data set, which stays as it is"),
        ((root, output, "--camera", "top"), f"unknown camera 'top': known are {FRONT}, {WRIST}"),
        (
            (root, output, "--camera", FRONT, "--add", "observation.state"),
            "feature .observation.state. already",
        ),
        ((root, output, "--add", "hotspot_images"), "takes 'image' for pictures"),
        ((root, output, "--fps", 5), "every frame of a data set gets its points: leave out --fps"),
        ((root, output, "photo.jpg"), "leave out the inputs"),
        ((root, output, "--points-per-action", 0), "points per action 0: give a whole number of at least 1"),
    ):
        with pytest.raises(InputError, match=reason):
            run(*arguments)
    with pytest.raises(InputError, match="no input: give images"):
        predict.main([])
    with pytest.raises(InputError, match="--add, --camera and --maps are of a data set"):
        predict.main(["photo.jpg", "--maps"])
    data = root / "data/chunk-000/file-000.parquet"
    data.write_bytes(data.read_bytes()[:-50])
    with pytest.raises(InputError, match=r"file-000\.parquet: cannot be read .* truncated\?"):
        run(root, output)
    (root / f"videos/{WRIST}/chunk-000/file-000.mp4").unlink()
    data.unlink()
    with pytest.raises(InputError, match=r"file-000\.parquet: no such file"):
        run(root, output)
    write_dataset(root)
    (root / f"videos/{WRIST}/chunk-000/file-000.mp4").unlink()
    with pytest.raises(InputError, match=r"1 of 2 videos are missing, first .*: download the data set wholly"):
        run(root, output)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set", "taken"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """One line, and no output."""
    root = write_dataset(tmp_path / "set", episodes=[(3, "open it")])
    (tmp_path / "locked").mkdir(mode=0o555)
    with pytest.raises(InputError, match="cannot be written"):
        run(root, tmp_path / "locked" / "new")
