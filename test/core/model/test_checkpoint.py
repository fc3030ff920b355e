"""Checkpoints keep the model, describe it, and refuse what cannot be used."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from hotspot_core import HotspotModel, InputError, load_model, save_model
from hotspot_core.model.checkpoint import DEFAULT_CHECKPOINT, read_info, select_device


def test_a_saved_model_comes_back(robot: HotspotModel, tmp_path: Path) -> None:
    """Weights, statistics, configuration, provenance and licences survive; the model arrives in eval mode."""
    path = tmp_path / "model.safetensors"
    save_model(path, robot, {"data": "test"}, {"test": "CC0"})
    loaded = load_model(path, "cpu")
    assert loaded.config == robot.config
    assert not loaded.training
    for name, value in robot.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value), name
    info = read_info(path)
    assert (info.training, info.data_licenses, info.trained) == ({"data": "test"}, {"test": "CC0"}, True)
    assert len(info.sha256) == 64


def test_half_precision_storage(robot: HotspotModel, tmp_path: Path) -> None:
    """Weights stored as float16 take half the room and are loaded as float32."""
    full, half = tmp_path / "full.safetensors", tmp_path / "half.safetensors"
    save_model(full, robot)
    save_model(half, robot, dtype=torch.float16)
    assert half.stat().st_size < 0.52 * full.stat().st_size
    assert {p.dtype for p in load_model(half, "cpu").parameters()} == {torch.float32}


def test_the_bundled_model_is_small_and_complete() -> None:
    """Under 12 MB, preset robot, and it loads by its name."""
    assert DEFAULT_CHECKPOINT.stat().st_size < 12e6
    assert load_model(device="cpu").config.preset == "robot"


def test_unusable_checkpoints_are_named(robot: HotspotModel, tmp_path: Path) -> None:
    """Missing, not safetensors, truncated, foreign, of another version, of another architecture: one clear error."""
    path = tmp_path / "model.safetensors"
    with pytest.raises(InputError, match=r"model\.safetensors' does not exist"):
        load_model(path)
    path.write_text("not a checkpoint")
    with pytest.raises(InputError, match=r"is not a \.safetensors file"):
        load_model(path)
    save_model(path, robot)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"model\.safetensors"):
        load_model(path)
    save_file({"x": torch.zeros(1)}, path)
    with pytest.raises(InputError, match="not a hotspot model"):
        load_model(path)
    description = {"format_version": 99, "config": {}, "training": {}, "data_licenses": {}}
    save_file({"x": torch.zeros(1)}, path, metadata={"hotspot": json.dumps(description)})
    with pytest.raises(InputError, match="format version 99, this library reads 1"):
        load_model(path)


def test_damaged_descriptions_are_named(robot: HotspotModel, tmp_path: Path) -> None:
    """No JSON, no object, a part that is missing, values that describe no model: each names the file and what is
    wrong."""
    path = tmp_path / "model.safetensors"
    whole = {"format_version": 1, "config": dataclasses.asdict(robot.config), "training": {}, "data_licenses": {}}
    configuration = whole["config"]
    assert isinstance(configuration, dict)
    for text, reason in (
        ("{", "Expecting property name"),
        ("[1]", "list indices"),
        (json.dumps({"format_version": 1}), "it lacks 'config'"),
        (json.dumps({**whole, "config": []}), "it lacks 'mean'"),
        (json.dumps({**whole, "config": {**configuration, "preset": "robt"}}), "unknown preset 'robt'"),
        (json.dumps({**whole, "config": {**configuration, "anticipation": [64, 1]}}), "cannot unpack"),
        (json.dumps({**whole, "config": {**configuration, "anticipation": [[0, -1]]}}), ""),
        (json.dumps({**whole, "training": 3}), "not iterable"),
    ):
        save_file({"x": torch.zeros(1)}, path, metadata={"hotspot": text})
        with pytest.raises(InputError, match=rf"model\.safetensors' has a damaged description \(.*{reason}"):
            load_model(path, "cpu")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_unwritable_folder_is_named(robot: HotspotModel, tmp_path: Path) -> None:
    """Saving where one may not says so and leaves no partial file."""
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="cannot be written"):
        save_model(tmp_path / "model.safetensors", robot)
    assert list(tmp_path.iterdir()) == []


def test_devices() -> None:
    """`auto` always works; CUDA that is not there, and a mistyped name, are errors and never the CPU instead."""
    assert select_device("auto") == select_device(None)
    assert select_device("cpu").type == "cpu"
    for name in ("gpu", "mps", "vulkan", "meta", "cuda:abc"):
        with pytest.raises(InputError, match=f"unknown device '{name}': use auto, cpu, cuda or cuda:N"):
            select_device(name)
    with pytest.raises(InputError, match="cuda:9"):
        select_device("cuda:9")


@pytest.mark.parametrize("name", ["tensorrt", "tensorrt:1"])
def test_tensorrt_is_for_exports(name: str) -> None:
    """A checkpoint cannot run there: the error says which files can, and how to make one."""
    with pytest.raises(
        InputError, match=rf"^device '{name}' is for \.onnx files: make one with .*hotspot_core\.export"
    ):
        select_device(name)
