"""Exports: one file, image -> scores and maps, the same elsewhere as here."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import ACTIONS

from hotspot_core import HotspotModel, HotspotPredictor, InputError, build_model, load_model, save_model
from hotspot_core.export import main
from hotspot_core.inference.export import TOLERANCE, ExportConfig, HotspotGraph, export
from hotspot_core.inference.runtimes import is_installed
from hotspot_core.model.checkpoint import read_info
from hotspot_core.model.export_format import EXPORT_VERSION, read_export
from hotspot_core.utils.command_line import run

needs_onnx = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("onnx", "onnxruntime", "onnxscript"))),
    reason="onnx, onnxruntime or onnxscript is not installed: pip install '.[export]'",
)
needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler")

RUNTIMES_OF_ONNX = [name for name in ("onnxruntime", "openvino") if is_installed(name)]

# Runs where nothing of ours, nor torch, is imported.
BARE_RUN = """
import json, sys
import numpy, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
inputs = dict(numpy.load(sys.argv[2]))
numpy.savez(sys.argv[3], **dict(zip(["scores", "maps"], session.run(None, inputs))))
assert "torch" not in sys.modules and "hotspot_core" not in sys.modules
print(json.dumps(session.get_modelmeta().custom_metadata_map))
"""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of few stages and channels: what compiles and exports fast."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("tiny") / "tiny.safetensors"
    overrides: dict[str, Any] = {"stages": 3, "hidden_size": 8, "anticipation": ((16, 1), (240, 3))}
    save_model(path, build_model("robot", ACTIONS, **overrides), {"data": "test"}, {"test": "CC0"})
    return path


@pytest.fixture(scope="module")
def exported(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two actions baked in, one image at a time, landscape."""
    path = tmp_path_factory.mktemp("export") / "baked.onnx"
    main([str(path), "--checkpoint", str(tiny), "--actions", "lift,open", "--image-size", "60x80"])
    return path


def photo(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@needs_onnx
def test_onnx_in_a_bare_process(tiny: Path, tmp_path: Path) -> None:
    """1. Dynamic batch, any size, actions as an input. 2. ONNX Runtime alone, three images, three actions and a size,
    none of which is what it was exported with. 3. Scores and maps are PyTorch's; the metadata has the configuration."""
    path, inputs, outputs = tmp_path / "tiny.onnx", tmp_path / "inputs.npz", tmp_path / "outputs.npz"
    held = export(ExportConfig(path, tiny, actions_are_an_input=True, batch=None))
    assert all(max(one.scores, one.maps.norm_error) < TOLERANCE for one in held if one.precision == "fp32")
    images = np.stack([photo(96, 128, seed) for seed in range(3)])
    np.savez(inputs, image=images, actions=np.array([5, 0, 2]))
    command = [sys.executable, "-c", BARE_RUN, str(path), str(inputs), str(outputs)]
    metadata = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    with torch.no_grad():
        scores, maps = HotspotGraph(load_model(tiny, "cpu"), None)(torch.from_numpy(images), torch.tensor([5, 0, 2]))
    result = np.load(outputs)
    assert result["maps"].shape == (3, 3, 12, 16)
    np.testing.assert_allclose(result["scores"], scores.numpy(), atol=TOLERANCE)
    difference = np.linalg.norm(result["maps"] - maps.numpy(), axis=(2, 3))
    assert (difference < TOLERANCE * np.linalg.norm(maps.numpy(), axis=(2, 3))).all()
    description = json.loads(metadata["hotspot"])
    assert description["config"]["actions"] == list(ACTIONS)
    assert description["export"]["format_version"] == EXPORT_VERSION
    assert (description["training"], description["data_licenses"]) == ({"data": "test"}, {"test": "CC0"})


@pytest.mark.slow
@needs_onnx
def test_a_whole_preset_exports(robot: HotspotModel, tmp_path: Path) -> None:
    """Preset `robot` with all its stages and channels: the command itself holds scores and maps to PyTorch's."""
    checkpoint, path = tmp_path / "robot.safetensors", tmp_path / "robot.onnx"
    save_model(checkpoint, robot)
    held = export(ExportConfig(path, checkpoint, ["lift", "open"], image_hw=(60, 80)))
    assert all(max(one.scores, one.maps.norm_error) < TOLERANCE for one in held if one.precision == "fp32")
    image = photo(60, 80)
    value, expected = (HotspotPredictor(file, "cpu").predict(image, ["lift", "open"]) for file in (path, checkpoint))
    np.testing.assert_allclose(value.heatmaps, expected.heatmaps, atol=0.01)


@needs_onnx
def test_the_predictor_runs_an_export_by_its_name(exported: Path, tiny: Path) -> None:
    """1. An export knows its baked actions only, and its description reads like a checkpoint's. 2. Its predictions are
    those of the checkpoint, for single images and for more than its batch holds. 3. Queries cost no second run."""
    info = read_info(exported)
    assert (info.config.actions, info.trained, info.config.preset) == (("lift", "open"), True, "robot")
    predictor, reference = HotspotPredictor(exported, runtime="onnxruntime"), HotspotPredictor(tiny, "cpu")
    assert predictor.actions == ("lift", "open")
    assert (predictor.info.runtime, predictor.info.precision, predictor.info.path) == ("onnxruntime", "fp32", exported)
    assert predictor.info.training == {"data": "test"}
    images = [photo(60, 80, seed) for seed in range(3)]
    for value, expected in zip(predictor.predict(images), reference.predict(images, ["lift", "open"]), strict=True):
        np.testing.assert_allclose(value.scores, expected.scores, atol=TOLERANCE)
        np.testing.assert_allclose(value.heatmaps, expected.heatmaps, atol=0.01)
        assert value.region == expected.region
        assert [point.action for point in value.points] == [point.action for point in expected.points]
    predictor.set_image(images[0])
    alone = predictor.predict(actions=["open"], top_k=1)
    np.testing.assert_allclose(alone.heatmaps, reference.predict(images[0], ["open"]).heatmaps, atol=0.01)
    assert predictor.predict(photo(50, 50), ["lift"]).heatmaps.shape == (1, 24, 32)
    with pytest.raises(InputError, match="unknown action 'pull'"):
        predictor.predict(images[0], ["pull"])


def foreign_onnx() -> bytes:
    """A whole ONNX file that is none of ours."""
    import onnx
    from onnx import TensorProto, helper

    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "foreign", ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


@needs_onnx
def test_what_cannot_be_used_is_named(exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version, a truncated file, another ONNX file, a device or precision that is not there, training it."""
    content = exported.read_bytes()
    names = "newer", "cut", "other", "no_onnx", "text", "lacking", "flat"
    newer, cut, other, no_onnx, text, lacking, flat = (tmp_path / f"{name}.onnx" for name in names)
    newer.write_bytes(content.replace(b'"export": {"format_version": 2', b'"export": {"format_version": 9'))
    cut.write_bytes(content[: len(content) // 2])
    other.write_bytes(foreign_onnx())
    no_onnx.write_bytes(b"\x08\x0a")
    text.write_bytes(content.replace(b'"export": {', b'"export": ['))
    lacking.write_bytes(content.replace(b'"stride": ', b'"strode": '))
    flat.write_bytes(content.replace(b'"stride": 8', b'"stride": 0'))
    for path, message in [
        (newer, "format version 9, this library reads 2: export the model again"),
        (cut, "not a whole .onnx file .*export it again"),
        (no_onnx, "not a whole .onnx file .*export it again"),
        (other, "has no description of a hotspot model: make it with"),
        (text, "has a damaged description .*: export the model again"),
        (lacking, "has a description without stride: export the model again"),
        (flat, "has a damaged description .*stride 0.*: export the model again"),
        (tmp_path / "absent.onnx", "does not exist"),
    ]:
        for runtime in RUNTIMES_OF_ONNX:
            with pytest.raises(InputError, match=message):
                HotspotPredictor(path, runtime=runtime)
    with pytest.raises(InputError, match="'tensorrt' is not available to ONNX Runtime"):
        HotspotPredictor(exported, "tensorrt")
    for name in ("cuda:abc", "cuda:", "mps"):
        with pytest.raises(InputError, match=f"unknown device '{name}': use auto, cpu, cuda"):
            HotspotPredictor(exported, name, runtime="onnxruntime")
    with pytest.raises(InputError, match="ONNX Runtime computes in float32"):
        HotspotPredictor(exported, precision="bf16", runtime="onnxruntime")
    with pytest.raises(InputError, match="give it to HotspotPredictor"):
        load_model(exported)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError, match="needs onnxruntime, and none is installed: pip install"):
        HotspotPredictor(exported, runtime="onnxruntime")


@needs_onnx
def test_onnx_never_falls_back_unasked(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1. ONNX Runtime says that it has CUDA, and leaves it out of the session, as where cuDNN is missing. 2. Asked for
    CUDA there is an error; `auto` runs on the CPU, and says so."""
    import onnxruntime

    session = onnxruntime.InferenceSession

    def on_cpu(path: str, options: object, providers: object) -> object:
        return session(path, options, providers=["CPUExecutionProvider"])

    monkeypatch.setattr(
        onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"]
    )
    monkeypatch.setattr(onnxruntime, "InferenceSession", on_cpu)
    with pytest.raises(InputError, match=r"device 'cuda': ONNX Runtime .* cannot start it"):
        HotspotPredictor(exported, "cuda")
    assert HotspotPredictor(exported, "auto", runtime="onnxruntime").device == "cpu"


def test_the_command_refuses(tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown action, another kind of file, an empty image, no folder to write to: exit status 2, one line, and
    nothing is left behind."""
    for arguments, message in [
        ([str(tmp_path / "a.onnx"), "--actions", "opne"], "did you mean 'open'"),
        ([str(tmp_path / "a.trt")], "must end in .onnx or .pt2"),
        ([str(tmp_path / "a.onnx"), "--actions", "open", "--actions-input"], "either baked in"),
        ([str(tmp_path / "a.onnx"), "--image-size", "0x640"], "an image of 0 x 640 pixels is empty"),
        ([str(tiny / "a.onnx")], "cannot be written"),
    ]:
        assert run(main, [*arguments, "--checkpoint", str(tiny)]) == 2
        error = capsys.readouterr().err
        assert error.startswith("error: ")
        assert message in error
        assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@needs_compiler
@pytest.mark.timeout(300)
def test_a_compiled_package(tiny: Path, tmp_path: Path) -> None:
    """1. PyTorch compiles the graph of a tiny model ahead of time, for any batch. 2. The predictor runs it by name.
    3. It refuses another device, and what is none."""
    path = tmp_path / "tiny.pt2"
    export(ExportConfig(path, tiny, ["open", "pull"], batch=None, image_hw=(60, 80)))
    assert read_export(path)["export"]["batch"] is None
    images = [photo(60, 80, seed) for seed in range(3)]
    for value, expected in zip(
        HotspotPredictor(path).predict(images),
        HotspotPredictor(tiny, "cpu").predict(images, ["open", "pull"]),
        strict=True,
    ):
        np.testing.assert_allclose(value.scores, expected.scores, atol=TOLERANCE)
        np.testing.assert_allclose(value.heatmaps, expected.heatmaps, atol=0.01)
    info = HotspotPredictor(path).info
    assert (info.runtime, info.precision, info.name) == ("aotinductor", "fp32", "tiny.pt2")
    with pytest.raises(InputError, match="was compiled for cpu, not cuda"):
        HotspotPredictor(path, "cuda")
    with pytest.raises(InputError, match="unknown device 'gpu'"):
        HotspotPredictor(path, "gpu")
