"""Nothing is lost: whatever ends a run, it goes on to the weights of one that was not ended."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

from training.runs import run, run_elsewhere, start, write_small_set

from hotspot_core import train
from hotspot_core.training.clip_data import ClipData
from hotspot_core.utils import command_line

# Each test is several processes, which take six times as long on a machine that is busy otherwise.
pytestmark = pytest.mark.timeout(300)


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


def test_sigterm_before_the_first_step_is_answered(
    configuration: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """SIGTERM while clips are looked at: one line, exit status 143; afterwards the signal does what it did before."""
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(ClipData, "setup", lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM))
    assert command_line.run(train.main, ["fit", *configuration, "--output", str(tmp_path)]) == 143
    assert "SIGTERM: ended before a step; what was saved before is as it was" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) == before


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


AVERAGED = ["--trainer.callbacks+=lightning.pytorch.callbacks.EMAWeightAveraging", "--trainer.callbacks.decay=0.5"]


@pytest.fixture(scope="module")
def averaged(configuration: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that averages its weights, without interruption."""
    output = tmp_path_factory.mktemp("averaged") / "run"
    run([*configuration, *AVERAGED, "--output", str(output)])
    return output


@pytest.mark.parametrize("batches", [pytest.param(2, marks=pytest.mark.slow), 5])
def test_averaged_weights_resume_too(
    configuration: list[str], whole: Path, averaged: Path, tmp_path: Path, batches: int
) -> None:
    """1. A run that averages its weights: the model is another one than without. 2. The same, ended by SIGTERM in its
    first or second epoch and gone on with. 3. Both have the same weights, bit for bit."""
    before, after = (load_file(folder / "model.safetensors") for folder in (whole, averaged))
    assert not torch.equal(before["classifier.linear.weight"], after["classifier.linear.weight"])
    arguments = [*configuration, *AVERAGED, "--output", str(tmp_path)]
    run_elsewhere([*arguments, *ended_by(signal.SIGTERM, batches)], 143)
    run([*arguments, "--resume"])
    assert_same_weights(averaged, tmp_path)


def ended_by(signal_number: int, batches: int, **options: object) -> list[str]:
    """Options of a run that gets a signal after so many steps."""
    wanted = {"batches": batches, "number": int(signal_number), **options}
    return [
        "--trainer.callbacks+=training.probes.TerminateAfter",
        *(f"--trainer.callbacks.{name}={value}" for name, value in wanted.items()),
    ]


@pytest.mark.parametrize(
    ("number", "batches", "epoch"),
    [
        pytest.param(signal.SIGTERM, 2, 0, marks=pytest.mark.slow),
        (signal.SIGINT, 3, 1),
        pytest.param(signal.SIGTERM, 4, 1, marks=pytest.mark.slow),
        (signal.SIGTERM, 5, 1),
        pytest.param(signal.SIGINT, 6, 2, marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, 7, 2, marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, 8, 2, marks=pytest.mark.slow),
    ],
)
def test_a_signal_in_any_epoch_and_step_loses_nothing(
    configuration: list[str], whole: Path, tmp_path: Path, number: int, batches: int, epoch: int
) -> None:
    """1. A run of three epochs with three steps each, and two workers, whose process group gets SIGTERM or SIGINT after
    some step. 2. It says what is saved, and exits with 128 plus the signal. 3. The checkpoint is of that very step; at
    the end of an epoch, of that. 4. With --resume it goes on to the weights of the whole run, bit for bit."""
    arguments = [*configuration, "--data.workers", "2", "--output", str(tmp_path)]
    process = start([*arguments, *ended_by(number, batches, group=True)], start_new_session=True)
    errors = process.communicate()[1]
    assert process.returncode == 128 + number, errors
    (line,) = [line for line in errors.splitlines() if "saved" in line]
    assert line.startswith(f"{signal.Signals(number).name}: saved '{tmp_path / 'last.ckpt'}' after step {batches}")
    assert line.endswith("go on with --resume")
    assert "Traceback" not in errors
    checkpoint = torch.load(tmp_path / "last.ckpt", weights_only=False)
    assert checkpoint["global_step"] == batches
    assert checkpoint["epoch"] == (epoch - 1 if batches % 3 == 0 else epoch)
    run([*arguments, "--resume"])
    assert_same_weights(whole, tmp_path)


def test_accumulated_gradients_are_not_lost(configuration: list[str], tmp_path: Path) -> None:
    """A run that steps after every second batch gets SIGTERM in the middle of an epoch, and then resumes to the
    weights of one that was left alone."""
    twice = [*configuration, "--trainer.accumulate_grad_batches", "2", "--data.batch_size", "2", "--output"]
    run([*twice, str(tmp_path / "whole")])
    run_elsewhere([*twice, str(tmp_path / "ended"), *ended_by(signal.SIGTERM, 4)], 143)
    run([*twice, str(tmp_path / "ended"), "--resume"])
    assert_same_weights(tmp_path / "whole", tmp_path / "ended")


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("rank", [0, 1])
def test_two_processes_stop_at_the_same_step(configuration: list[str], tmp_path: Path, rank: int) -> None:
    """1. Two processes learn together; one of them gets SIGTERM in the second epoch. 2. Both end, the run goes on and
    comes to the weights of two that were left alone."""
    two = [*configuration, "--trainer.devices", "2", "--trainer.strategy", "ddp", "--data.batch_size", "2", "--output"]
    run_elsewhere([*two, str(tmp_path / "whole")])
    ended = run_elsewhere([*two, str(tmp_path / "ended"), *ended_by(signal.SIGTERM, 4, rank=rank)], 143)
    assert "SIGTERM: saved" in ended
    assert torch.load(tmp_path / "ended" / "last.ckpt", weights_only=False)["global_step"] == 4
    run_elsewhere([*two, str(tmp_path / "ended"), "--resume"])
    assert_same_weights(tmp_path / "whole", tmp_path / "ended")


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
