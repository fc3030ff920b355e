"""The same model in every runtime, and which one is chosen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from hotspot_core import HotspotPredictor, InputError
from hotspot_core.inference import openvino_runtime, runtimes
from hotspot_core.inference.runtimes import is_installed, select_runtime
from hotspot_core.media.images import read_image
from hotspot_core.model.checkpoint_info import DEFAULT_CHECKPOINT, DEFAULT_EXPORT, read_info
from hotspot_core.model.export_format import read_export

EXAMPLE = Path(__file__).parents[3] / "docs" / "example.jpg"
OTHERS = [name for name in ("openvino", "onnxruntime") if is_installed(name)]
needs_openvino = pytest.mark.skipif("openvino" not in OTHERS, reason="pip install openvino")

# A process in which PyTorch cannot be imported.
WITHOUT_TORCH = """
import json, sys
sys.modules.update(torch=None, torchvision=None)
from hotspot_core.predict import main
main([sys.argv[1], "--output", sys.argv[2], "--runtime", sys.argv[3], "--quiet"])
loaded = [name for name, module in sys.modules.items() if name.split(".")[0] in ("torch", "torchvision") and module]
print(json.dumps(loaded))
"""


def points_of(folder: Path) -> list[tuple[str, float, float]]:
    rows = [line.split(",") for line in (folder / "points.csv").read_text().splitlines()[1:]]
    return [(row[3], float(row[6]), float(row[7])) for row in rows]


@pytest.mark.parametrize("runtime", OTHERS)
def test_the_command_predicts_where_there_is_no_pytorch(runtime: str, tmp_path: Path) -> None:
    """1. `predict` with the bundled model, in a process that cannot import torch. 2. It says what it ran in. 3. The
    points are PyTorch's."""
    command = [sys.executable, "-c", WITHOUT_TORCH, str(EXAMPLE), str(tmp_path), runtime]
    *lines, loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert json.loads(loaded) == []
    assert lines[-1].endswith(f"({runtime} on cpu in fp32)")
    expected = HotspotPredictor("default", "cpu", runtime="pytorch").predict(read_image(EXAMPLE))
    found = points_of(tmp_path)
    assert [action for action, _, _ in found] == [point.action for point in expected.points]
    np.testing.assert_allclose([p[1:] for p in found], [(p.x, p.y) for p in expected.points], atol=0.5)


@pytest.mark.parametrize("runtime", OTHERS)
def test_sizes_and_queries_are_those_of_pytorch(runtime: str) -> None:
    """Batches of several sizes, single actions of a kept image, a threshold of scores, no actions at all."""
    predictor, reference = (HotspotPredictor("default", "cpu", runtime=name) for name in (runtime, "pytorch"))
    image = read_image(EXAMPLE)
    images = [image, image[:100], np.asarray(cv2.resize(image, (300, 500)), np.uint8), image]
    for value, expected in zip(predictor.predict(images), reference.predict(images), strict=True):
        np.testing.assert_allclose(value.scores, expected.scores, atol=1e-3)
        np.testing.assert_allclose(value.heatmaps, expected.heatmaps, atol=0.02)
        assert value.region == expected.region
    for each in (predictor, reference):
        each.set_image(image)
    for arguments in ({"actions": ["push", "open"]}, {"actions": ["pull"]}, {"top_k": 2}, {"top_k": 0}):
        value, expected = (each.predict(**arguments) for each in (predictor, reference))
        assert value.actions == expected.actions
        np.testing.assert_allclose(value.heatmaps, expected.heatmaps, atol=0.02)


@needs_openvino
def test_shapes_are_compiled_when_they_come_again() -> None:
    """The first shape and one that comes again are compiled for; no more are kept than `KEPT_SHAPES`, and results are
    the same in both ways."""
    predictor = HotspotPredictor("default", "cpu", runtime="openvino")
    runtime = predictor._runtime
    assert isinstance(runtime, openvino_runtime.OpenVinoRuntime)
    images = [np.full((64, 64 + 40 * n, 3), 128, np.uint8) for n in range(8)]
    first = [predictor.predict(image, ["open"]).heatmaps for image in images]
    assert len(runtime._compiled) == 1
    for _ in range(openvino_runtime.COMPILE_AT):
        again = [predictor.predict(image, ["open"]).heatmaps for image in images]
    assert len(runtime._compiled) == openvino_runtime.KEPT_SHAPES
    for value, expected in zip(again, first, strict=True):
        np.testing.assert_allclose(value, expected, atol=0.02)


@needs_openvino
def test_openvino_never_falls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that it does not have, one that nobody has, a format without units, a precision of others."""
    for device, reason in [
        ("npu", "'npu' is not available to OpenVINO"),
        ("gpu:7", "'gpu:7' is not available to OpenVINO"),
        ("cuda", "unknown device 'cuda' of runtime openvino: use auto, cpu, gpu"),
        ("gpu:x", "unknown device 'gpu:x'"),
    ]:
        with pytest.raises(InputError, match=reason):
            HotspotPredictor("default", device, runtime="openvino")
    monkeypatch.setattr(openvino_runtime, "has_bf16_units", lambda: False)
    with pytest.raises(InputError, match="'bf16' is not supported by this CPU, which has no bfloat16 units"):
        HotspotPredictor("default", "cpu", "bf16", "openvino")
    assert HotspotPredictor("default", "cpu", "auto", "openvino").info.precision == "fp32"


@pytest.mark.parametrize(
    ("installed", "device", "precision", "units", "chosen"),
    [
        ({"pytorch", "openvino", "onnxruntime"}, None, "fp32", True, "openvino"),
        ({"pytorch", "onnxruntime"}, "cpu", "fp32", True, "onnxruntime"),
        ({"pytorch", "onnxruntime"}, "cpu", "auto", True, "pytorch"),
        ({"pytorch", "onnxruntime"}, "cpu", "auto", False, "onnxruntime"),
        ({"pytorch"}, None, "auto", True, "pytorch"),
        ({"pytorch", "openvino"}, "cuda", "fp32", True, "pytorch"),
        ({"pytorch", "openvino"}, "npu", "fp32", True, "openvino"),
        ({"pytorch", "onnxruntime"}, "tensorrt", "auto", True, "onnxruntime"),
    ],
)
def test_the_fastest_that_is_installed_runs_the_bundled_model(
    installed: set[str], device: str | None, precision: str, units: bool, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtimes, "is_installed", installed.__contains__)
    monkeypatch.setattr(runtimes, "has_bf16_units", lambda: units)
    monkeypatch.setattr(runtimes, "NVIDIA", ())
    file = DEFAULT_CHECKPOINT if chosen == "pytorch" else DEFAULT_EXPORT
    assert select_runtime("default", device, precision) == (chosen, file)


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing at all, the one that is asked for, one that does not run such a file, an unknown one."""
    monkeypatch.setattr(runtimes, "is_installed", lambda name: False)
    with pytest.raises(InputError, match=r"none is installed: pip install 'hotspot_core\[openvino\]' or pip install"):
        select_runtime("default")
    with pytest.raises(InputError, match=r"needs onnxruntime, .*: pip install 'hotspot_core\[onnx\]'"):
        select_runtime(DEFAULT_EXPORT, runtime="onnxruntime")
    with pytest.raises(InputError, match=r"runtime 'openvino' does not run default.safetensors: give an .onnx file"):
        select_runtime(DEFAULT_CHECKPOINT, runtime="openvino")
    with pytest.raises(InputError, match="unknown runtime 'openvin': did you mean 'openvino'"):
        select_runtime("default", runtime="openvin")


def test_the_bundled_export_is_of_the_bundled_checkpoint() -> None:
    """It says of which file it was made: after a change of the one, make the other anew, see docs/models.md."""
    assert read_export(DEFAULT_EXPORT)["export"]["checkpoint"] == read_info(DEFAULT_CHECKPOINT).sha256
    assert read_info(DEFAULT_EXPORT).config == read_info(DEFAULT_CHECKPOINT).config
