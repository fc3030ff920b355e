"""Nothing is lost: whatever ends a run, it goes on to the weights of one that was not ended."""

from __future__ import annotations

import resource
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

from training.runs import run, run_elsewhere, start, write_small_set


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return write_small_set(tmp_path_factory.mktemp("interruptions"))


@pytest.fixture(scope="module")
def whole(configuration: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run without interruption."""
    output = tmp_path_factory.mktemp("whole") / "run"
    run([*configuration, "--output", str(output)])
    return output


def assert_same_weights(expected: Path, found: Path) -> None:
    one, other = (load_file(folder / "model.safetensors") for folder in (expected, found))
    assert all(torch.equal(one[name], other[name]) for name in one)


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 90
    while not condition():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_killed_run_resumes_to_the_same_weights(configuration: list[str], whole: Path, tmp_path: Path) -> None:
    """1. A run, killed with SIGKILL once a checkpoint is there. 2. The same command with --resume. 3. The weights are
    those of the whole run, bit for bit."""
    arguments = [*configuration, "--output", str(tmp_path)]
    killed = start(arguments)
    wait_for((tmp_path / "last.ckpt").is_file, killed)
    killed.kill()
    killed.wait()
    run([*arguments, "--resume"])
    assert_same_weights(whole, tmp_path)


def test_averaged_weights_resume_too(configuration: list[str], whole: Path, tmp_path: Path) -> None:
    """1. A run that averages its weights: the model is another one than without. 2. The same, ended by SIGTERM in its
    first epoch and gone on with. 3. Both have the same weights, bit for bit."""
    average = "--trainer.callbacks+=lightning.pytorch.callbacks.EMAWeightAveraging"
    arguments = [*configuration, average, "--trainer.callbacks.decay=0.5", "--output"]
    run([*arguments, str(tmp_path / "averaged")])
    before, after = (load_file(folder / "model.safetensors") for folder in (whole, tmp_path / "averaged"))
    assert not torch.equal(before["classifier.linear.weight"], after["classifier.linear.weight"])
    ended = [*arguments, str(tmp_path / "ended")]
    run_elsewhere([*ended, "--trainer.callbacks+=training.probes.TerminateAfter", "--trainer.callbacks.batches=2"])
    run([*ended, "--resume"])
    assert_same_weights(tmp_path / "averaged", tmp_path / "ended")


def test_sigterm_saves_within_the_epoch(configuration: list[str], whole: Path, tmp_path: Path) -> None:
    """1. A run, ended with SIGTERM in the middle of its first epoch. 2. It leaves a checkpoint of that step. 3. With
    --resume it goes on from that step, to the weights of the whole run, bit for bit."""
    arguments = [*configuration, "--output", str(tmp_path)]
    run_elsewhere([*arguments, "--trainer.callbacks+=training.probes.TerminateAfter", "--trainer.callbacks.batches=2"])
    checkpoint = torch.load(tmp_path / "last.ckpt", weights_only=False)
    assert checkpoint["global_step"] == 2
    assert checkpoint["epoch"] == 0
    run([*arguments, "--resume"])
    assert_same_weights(whole, tmp_path)


def test_a_full_disk_leaves_the_last_checkpoint(configuration: list[str], tmp_path: Path) -> None:
    """1. A run of one epoch. 2. It goes on, where files may not grow to a checkpoint's size. 3. It ends with exit
    status 2 and one line that says so. 4. The checkpoint is still the first epoch's."""
    arguments = [*configuration, "--output", str(tmp_path), "--trainer.max_epochs"]
    run([*arguments, "1"])
    before = (tmp_path / "last.ckpt").read_bytes()
    small = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))  # noqa: E731
    limited = start([*arguments, "3", "--resume"], preexec_fn=small)
    errors = limited.communicate()[1]
    assert limited.returncode == 2, errors
    (line,) = [line for line in errors.splitlines() if line.startswith("error:")]
    assert "last checkpoint" in line
    assert "--resume" in line
    assert (tmp_path / "last.ckpt").read_bytes() == before
