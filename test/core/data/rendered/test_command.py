"""The command: files in the formats of real data, the same for any number of processes, one line on bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from hotspot_core.data.annotation_files import read_annotations
from hotspot_core.data.clips import check_clips, read_clip_table
from hotspot_core.data.rendered.__main__ import main
from hotspot_core.data.rendered.renderer import Renderer
from hotspot_core.utils import opengl

SMALL = ["--size", "96x80", "--clip-size", "64", "--stills", "8", "--val-stills", "1", "--clips", "2", "--seed", "3"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, renderer: Renderer) -> Path:
    output = tmp_path_factory.mktemp("rendered") / "data"
    photos = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for k in range(3):
        cv2.imwrite(str(photos / f"{k}.png"), rng.integers(0, 255, (64, 64, 3), np.uint8))
    assert main([str(output), *SMALL, "--workers", "1", "--textures", str(photos)]) == 0
    return output


def test_annotations(written: Path) -> None:
    """The annotation files are read as those of real data; every image has entries or is listed as empty."""
    annotations = read_annotations(written / "train.json").merged()
    assert not annotations.missing_images()
    assert not annotations.broken_images()
    images = {entry.image for entry in annotations.entries} | {empty.image for empty in annotations.empty}
    assert images == set((written / "images").glob("train_*.jpg"))
    assert len(images) == 8
    assert (written / "val.json").exists()
    assert (written / "test_novel.json").exists()


def test_truth_files(written: Path) -> None:
    """Masks hold the ids of the camera file's parts with their numbers of pixels, depth is 16 bit in millimetres."""
    for camera in (written / "camera").iterdir():
        record = json.loads(camera.read_text())
        mask = np.asarray(cv2.imread(str(written / record["part_mask"]), cv2.IMREAD_UNCHANGED))
        depth = np.asarray(cv2.imread(str(written / record["depth"]), cv2.IMREAD_UNCHANGED))
        assert mask.dtype == np.uint8
        assert depth.dtype == np.uint16
        assert mask.shape == depth.shape == (record["height"], record["width"]) == (80, 96)
        for part in record["parts"]:
            assert int((mask == part["id"]).sum()) == part["pixels"]
            z = depth[mask == part["id"]].mean() / 1000
            assert z == pytest.approx(part["visible_centroid"][2], abs=2e-3)


def test_clip_table(written: Path) -> None:
    """The clip table and its videos are read as those of real data."""
    clips = check_clips(read_clip_table(written / "train.csv"), max_broken_fraction=0.0)
    assert len(clips) == 2
    assert all(clip.inactive_image is not None and clip.inactive_image.is_file() for clip in clips)


def test_same_bytes_for_any_number_of_workers(written: Path, tmp_path: Path) -> None:
    """Two processes write the same bytes as one, for stills and clips."""
    readme = (written / "README.txt").read_text()
    photos = readme.split("--textures ")[1].split("\n")[0]
    assert main([str(tmp_path / "again"), *SMALL, "--workers", "2", "--textures", photos]) == 0
    assert len(_contents(written)) > 40
    assert _contents(tmp_path / "again") == _contents(written)


@pytest.mark.slow
def test_a_killed_run_begins_anew(written: Path, tmp_path: Path) -> None:
    """1. A run that is killed while its processes render leaves none of them behind. 2. The same command again empties
    the folder, with what was half written, and makes the whole set with the bytes of an uninterrupted run. 3. Now that
    it is whole, the folder is refused."""
    photos = (written / "README.txt").read_text().split("--textures ")[1].split("\n")[0]
    output = tmp_path / "data"
    options = [str(output), *SMALL, "--workers", "2", "--textures", photos]
    command = [sys.executable, "-m", "hotspot_core.data.rendered", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as run:
        assert run.stdout is not None
        while not list((output / "images").glob("*.jpg")):
            assert run.poll() is None
        run.kill()
        # The pipe ends when the last process that holds it has.
        run.stdout.read()
    assert not (output / "README.txt").exists()
    (output / "images" / ".partial-train_000007.jpg").touch()
    subprocess.run(command, check=True, capture_output=True)
    assert _contents(output) == _contents(written)
    assert main(options) == 2


def _contents(folder: Path) -> dict[Path, bytes]:
    """Every file but README.txt, which names the command."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != "README.txt"]
    return {path.relative_to(folder): path.read_bytes() for path in paths}


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--stills", "-1"], "--stills -1: too small"),
        (["--workers", "0"], "--workers 0: too small"),
        (["--size", "big"], "--size big: no size"),
        (["--size", "9999x64"], "out of range"),
        (["--clip-size", "65"], "even size"),
        (["--novel", "refrigerater"], "did you mean 'refrigerator'"),
        (["--textures", "nowhere"], "no such folder"),
    ],
)
def test_bad_options(options: list[str], text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong option gives exit status 2 and one line that names it and what to do; nothing is written."""
    assert main([str(tmp_path / "out"), *options]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert text in lines[0]
    assert not (tmp_path / "out").exists()


def test_textures_without_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without pictures is refused by name."""
    (tmp_path / "empty").mkdir()
    assert main([str(tmp_path / "out"), "--textures", str(tmp_path / "empty")]) == 2
    assert "no pictures found" in capsys.readouterr().err


def test_textures_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder whose pictures are all broken is refused by name; nothing is written."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "a.jpg").write_bytes(b"no picture")
    assert main([str(tmp_path / "out"), "--textures", str(tmp_path / "broken")]) == 2
    assert "a.jpg" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_one_broken_texture(tmp_path: Path, renderer: Renderer) -> None:
    """One broken picture among good ones does not end a run."""
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "a.jpg").write_bytes(b"no picture")
    cv2.imwrite(str(tmp_path / "some" / "b.png"), np.full((64, 64, 3), 90, np.uint8))
    options = [*SMALL, "--clips", "0", "--textures", str(tmp_path / "some")]
    assert main([str(tmp_path / "out"), *options, "--workers", "1"]) == 0
    assert len(list((tmp_path / "out" / "images").iterdir())) == 10


def test_output_not_empty(tmp_path: Path, capsys: pytest.CaptureFixture[str], renderer: Renderer) -> None:
    """A folder with something in it is left alone."""
    (tmp_path / "mine.txt").touch()
    assert main([str(tmp_path)]) == 2
    assert "not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_missing_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without MuJoCo, the extra to install is named."""
    monkeypatch.setattr(opengl, "find_spec", lambda name: None)
    assert main([str(tmp_path / "out")]) == 2
    assert "pip install '.[render]' in the repository" in capsys.readouterr().err


def test_no_graphics_library(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without EGL and OSMesa, the Debian packages are named."""
    monkeypatch.setattr(opengl, "find_library", lambda name: None)
    monkeypatch.delenv("MUJOCO_GL")
    assert main([str(tmp_path / "out")]) == 2
    assert "libegl1" in capsys.readouterr().err


def test_graphics_library_that_does_not_work(tmp_path: Path) -> None:
    """An OpenGL that cannot start gives one line, not a traceback."""
    environment = {**os.environ, "MUJOCO_GL": "egl", "MUJOCO_EGL_DEVICE_ID": "99"}
    call = [sys.executable, "-m", "hotspot_core.data.rendered", str(tmp_path / "out"), "--stills", "1"]
    done = subprocess.run(call, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "libegl1" in done.stderr
