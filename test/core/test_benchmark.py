"""The benchmark counts right and tells what it measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from oracle import hotspots

from hotspot_core import HotspotModel, benchmark, build_model, save_model
from hotspot_core.benchmarks import cases, machine
from hotspot_core.benchmarks import run as run_module
from hotspot_core.benchmarks.baseline import backward_per_action
from hotspot_core.benchmarks.counting import cost_of
from hotspot_core.utils.command_line import run


def test_costs_are_counted() -> None:
    """FLOPs of products and convolutions, and the bytes of their operands; views are free."""
    a, b = torch.zeros(3, 4), torch.zeros(4, 5)
    assert cost_of(lambda: a @ b.reshape(4, 5)) == (2 * 3 * 4 * 5, 4 * (12 + 20 + 15))
    image, weight = torch.zeros(1, 2, 8, 8), torch.zeros(6, 2, 3, 3)
    cost = cost_of(lambda: torch.nn.functional.conv2d(image, weight, padding=1))
    assert cost.flops == 2 * 9 * 2 * 6 * 64
    assert cost.bytes is not None
    assert cost.bytes >= 4 * (128 + 108 + 384)


def test_the_baseline_is_eq_4(robot: HotspotModel) -> None:
    """What everything is compared with gives the oracle's maps."""
    images = torch.randn(1, 3, 64, 64)
    maps, _ = hotspots(robot, images, ["open", "close"])
    torch.testing.assert_close(backward_per_action(robot, images, 2), maps[0])


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """1. A short run of a tiny model writes JSON and both plots. 2. Its cases, stages, agreement and start-up are
    complete and consistent."""
    torch.manual_seed(0)
    tiny: dict[str, Any] = {"stages": 3, "hidden_size": 8, "input_size": 64, "anticipation": ((16, 1), (240, 3))}
    save_model(tmp_path / "tiny.safetensors", build_model("robot", ["open", "pull"], **tiny))
    monkeypatch.setattr(run_module, "ACTION_COUNTS", (1, 2))
    monkeypatch.setattr(run_module, "IMAGE_SIDES", (64, 96))
    monkeypatch.setattr(run_module, "IMAGES", 2)
    monkeypatch.setattr(cases, "MIN_RUNS", 2)
    monkeypatch.setitem(machine.GEMM_SIDE, "cpu", 256)
    monkeypatch.setattr(machine, "COPY_BYTES", 2**20)
    arguments = ["--checkpoint", str(tmp_path / "tiny.safetensors"), "--precisions", "fp32", "--action-counts", "2"]
    arguments += ["--seconds", "0.01", "--output", str(tmp_path)]
    assert run(benchmark.main, arguments) == 0
    assert "From uint8 RGB to points" in capsys.readouterr().out
    results = json.loads((tmp_path / "benchmark.json").read_text())
    loop, case = results["cases"]
    assert (loop["backend"], case["backend"], case["actions"]) == ("plain loop", "torch", 2)
    assert case["times_the_loop"] == pytest.approx(loop["median"] / case["median"])
    assert case["minimum"] <= case["median"] <= case["p99"]
    backbone, forwards, backwards = results["stages"]
    assert backbone["flops"] > forwards["flops"] > 0
    # Backwards each action costs what F_ant costs forwards, but for the LSTM.
    assert backwards["flops"] == pytest.approx(2 * forwards["flops"], rel=0.1)
    (agreement,) = results["agreement"]
    assert agreement["maps"] == 4
    assert agreement["correlation"] > 0.999
    assert len(results["cost_against_actions"]) == len(results["cost_against_image_side"]) == 2
    (start,) = results["start_up"]
    *steps, ready = start["seconds"].values()
    assert ready == pytest.approx(sum(steps))
    pytest.importorskip("matplotlib", reason="the extra 'train', which has what draws plots, is not installed")
    plots = [(tmp_path / f"{name}.png").read_bytes() for name in ("cost_against_actions", "cost_against_image_side")]
    assert all(plot.startswith(b"\x89PNG") and len(plot) > 5000 for plot in plots)
    assert plots[0] != plots[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--precisions", "fp16", "--device", "cpu"], "'fp16' is not supported"),
        (["--presets", "robto"], "did you mean 'robot'"),
        (["--runtimes", "tourch"], "did you mean 'torch'"),
        (["--seconds", "-1"], "error: seconds per case -1: give a number above 0"),
        (["--seconds", "nan"], "error: seconds per case nan: give a number above 0"),
    ],
)
def test_wrong_arguments_are_named(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2 and one line, before anything is measured."""
    assert run(benchmark.main, arguments) == 2
    assert message in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        benchmark.main(["--action-counts", "0"])
    assert "at least 1" in capsys.readouterr().err
