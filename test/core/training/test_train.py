"""Training by its command, on real video files: it learns, it loses nothing, and it refuses early."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

from hotspot_core import load_model, train
from hotspot_core.checkpoint import read_info
from hotspot_core.data.synthetic import __main__ as synthetic
from hotspot_core.errors import InputError

SMALL = """
model: {preset: robot, object_weight: 0.3, warmup_epochs: 1, learning_rate: 1.0e-3}
data: {batch_size: 4, frames: 2, fps: 2, size: 32, workers: 0}
trainer: {accelerator: cpu, max_epochs: 3, enable_progress_bar: false, enable_model_summary: false}
"""


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Arguments for a run on a dozen drawn clips and a few stills."""
    folder = tmp_path_factory.mktemp("training")
    synthetic.main([str(folder / "set"), "--clips", "12", "--stills", "3", "--size", "48", "--workers", "1"])
    (folder / "small.yaml").write_text(SMALL)
    return [
        "--config",
        str(folder / "small.yaml"),
        "--data.train",
        f"[{folder / 'set' / 'train.csv'}]",
        "--data.validation",
        str(folder / "set" / "val.json"),
    ]


def test_a_run_writes_a_model_that_says_what_it_is(configuration: list[str], tmp_path: Path) -> None:
    """1. Train three epochs, one of them warm-up. 2. The model loads, knows the actions of the table, and its
    metadata has the settings and the results on the validation stills."""
    train.main(["fit", *configuration, "--output", str(tmp_path / "run")])
    path = tmp_path / "run" / "model.safetensors"
    info = read_info(path)
    assert info.trained
    assert info.training["epochs"] == 3
    assert info.training["configuration"]["model"]["learning_rate"] == 1e-3
    assert {"val/kld", "val/sim", "val/auc_judd", "val/hit", "val/wrong_action_hit"} <= set(info.training["results"])
    assert len(load_model(path, "cpu").actions) > 3


def test_a_killed_run_resumes_to_the_same_weights(configuration: list[str], tmp_path: Path) -> None:
    """1. A run without interruption. 2. The same command, killed with SIGKILL once a checkpoint is there.
    3. The same command with --resume. 4. The weights are equal, bit for bit."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    command = [sys.executable, "-m", "hotspot_core.train", "fit", *configuration, "--output"]
    subprocess.run([*command, str(whole)], check=True, capture_output=True)
    killed = subprocess.Popen([*command, str(broken)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 90
    while not (broken / "last.ckpt").is_file():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    subprocess.run([*command, str(broken), "--resume"], check=True, capture_output=True)
    expected, found = (load_file(folder / "model.safetensors") for folder in (whole, broken))
    assert all(torch.equal(expected[name], found[name]) for name in expected)


def test_wrong_starts_are_refused_before_any_time_is_spent(configuration: list[str], tmp_path: Path) -> None:
    """A run that exists already, nothing to resume, a missing table, an unknown action: one line each."""
    run = tmp_path / "run"
    run.mkdir()
    (run / "last.ckpt").touch()
    with pytest.raises(InputError, match="holds a run already"):
        train.main(["fit", *configuration, "--output", str(run)])
    with pytest.raises(InputError, match="nothing to resume"):
        train.main(["fit", *configuration, "--output", str(tmp_path / "new"), "--resume"])
    with pytest.raises(InputError, match=r"missing\.csv"):
        train.main(["fit", *configuration, "--data.train", "[missing.csv]", "--output", str(tmp_path / "new")])
    with pytest.raises(InputError, match="unknown action 'opne'"):
        train.main(["fit", *configuration, "--data.actions", "[opne]", "--output", str(tmp_path / "new")])
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        train.main(["fit", *configuration, "--output", str(tmp_path / "file" / "run")])


def test_a_loss_that_is_no_number_stops_the_run(configuration: list[str], tmp_path: Path) -> None:
    """A learning rate beyond reason ends in one clear error instead of a spoiled model."""
    arguments = ["fit", *configuration, "--output", str(tmp_path / "run"), "--model.learning_rate", "1e30"]
    with pytest.raises(InputError, match=r"resume with a lower --model\.learning_rate"):
        train.main(arguments)
