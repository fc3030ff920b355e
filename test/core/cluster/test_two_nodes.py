"""`hotspot-predict --engine ray` on a real cluster of two nodes on this machine, whose workers are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from media.recordings import write_image, write_video

pytest.importorskip("ray", reason="the extra 'ray' is not installed")

from ray.cluster_utils import Cluster

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
PICTURES, FRAMES = 320, 40
MARK = "HOTSPOT_TEST_CLUSTER"


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Two nodes of one CPU; their processes carry a mark, by which they are told from those of others."""
    for name, value in (
        (MARK, uuid.uuid4().hex),
        ("RAY_USAGE_STATS_ENABLED", "0"),
        ("RAY_worker_niceness", "0"),
        ("RAY_raylet_start_wait_time_s", "300"),
        ("OMP_NUM_THREADS", "1"),
    ):
        monkeypatch.setenv(name, value)
    options: dict[str, Any] = {"num_cpus": 1, "object_store_memory": 200 * 2**20}
    running: Any = Cluster(initialize_head=True, head_node_args={**options, "include_dashboard": False})
    running.second = running.add_node(**options)
    yield running
    running.shutdown()


@pytest.fixture
def inputs(tmp_path: Path) -> list[str]:
    """Pictures, one of them damaged, and a video."""
    generator = np.random.default_rng(0)
    for number in range(PICTURES):
        write_image(tmp_path / "photos" / f"{number:03d}.png", generator.integers(0, 256, (60, 80, 3), np.uint8))
    (tmp_path / "photos" / "100.png").write_bytes(b"damaged")
    frames = [generator.integers(0, 256, (64, 96, 3), np.uint8) for _ in range(FRAMES)]
    write_video(tmp_path / "clip.mp4", np.stack(frames))
    return [str(tmp_path / "photos"), str(tmp_path / "clip.mp4")]


def start(inputs: list[str], output: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "hotspot_core.predict", *inputs, "--output", str(output), "--actions", "open,pull"]
    return subprocess.Popen(
        [*command, "--quiet", *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def blocks_done(output: Path) -> int:
    journal = output / ".cluster" / "journal.jsonl"
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not condition():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.02)


def predictors() -> list[int]:
    """Processes of this test's cluster that predict."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            ours = f"{MARK}={os.environ[MARK]}".encode() in (folder / "environ").read_bytes().split(b"\0")
            if ours and b"_Predict" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def contents(output: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in output.iterdir() if path.is_file()}


def test_every_item_is_there_once_though_a_worker_and_a_node_are_lost(
    cluster: Any, inputs: list[str], tmp_path: Path
) -> None:
    """1. A run on two nodes. A predicting process is killed after the second block, the second node after the sixth.
    2. The run ends well; pictures, strip and table are those of one process, byte by byte, the video has all frames.
    3. The same command again has nothing to do. 4. With other settings it is refused."""
    output, alone = tmp_path / "cluster", tmp_path / "alone"
    assert start(inputs, alone).wait() == 0
    process = start(inputs, output, "--engine", "ray", "--cluster", cluster.address)
    wait_for(lambda: blocks_done(output) >= 2, process)
    os.kill(predictors()[0], signal.SIGKILL)
    wait_for(lambda: blocks_done(output) >= 6, process)
    cluster.remove_node(cluster.second, allow_graceful=False)
    assert not (output / "points.csv").exists()
    said = process.communicate()[0]
    assert process.returncode == 0, said
    assert f"{PICTURES - 1 + FRAMES} frames of {PICTURES} inputs" in said
    assert "1 of 321 inputs left out" in said
    found, expected = contents(output), contents(alone)
    assert len(found.pop("clip.mp4")) > 1000
    expected.pop("clip.mp4")
    assert found.keys() == expected.keys()
    assert [name for name in found if found[name] != expected[name]] == []
    again = start(inputs, output, "--engine", "ray", "--cluster", "127.0.0.1:9")
    assert f"{PICTURES - 1 + FRAMES} frames" in again.communicate()[0]
    other = start(inputs, output, "--engine", "ray", "--points-per-action", "1")
    assert "holds another run (other points per action)" in other.communicate()[0]
    assert other.returncode == 2


def test_a_run_goes_on_after_it_was_killed(cluster: Any, inputs: list[str], tmp_path: Path) -> None:
    """1. kill -9 of the command in mid-run: nothing has its final name that is not whole. 2. The same command goes on,
    and the table is that of one process."""
    output, alone = tmp_path / "cluster", tmp_path / "alone"
    assert start(inputs, alone).wait() == 0
    process = start(inputs, output, "--engine", "ray", "--cluster", cluster.address)
    wait_for(lambda: blocks_done(output) >= 3, process)
    process.kill()
    process.wait()
    before = blocks_done(output)
    assert not (output / "points.csv").exists()
    process = start(inputs, output, "--engine", "ray", "--cluster", cluster.address)
    wait_for(lambda: blocks_done(output) > before, process)
    said = process.communicate()[0]
    assert process.returncode == 0, said
    assert contents(output)["points.csv"] == contents(alone)["points.csv"]
