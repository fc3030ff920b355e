"""What importing the library costs and needs."""

from __future__ import annotations

import subprocess
import sys


def modules_after(statement: str) -> set[str]:
    code = f"{statement}; import sys; print(' '.join(sys.modules))"
    return set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split())


def test_importing_the_library_is_free() -> None:
    """`import hotspot_core` imports neither torch nor OpenCV; they come with the first name that needs them, and torch
    not with the predictor, which may run an export."""
    assert not {"torch", "torchvision", "cv2"} & modules_after("import hotspot_core")
    assert "torch" in modules_after("from hotspot_core import HotspotModel")
    assert not {"torch", "torchvision"} & modules_after("from hotspot_core import HotspotPredictor")


def test_a_first_prediction_needs_little() -> None:
    """Loading the small model and predicting imports neither torchvision nor PyTorch's compiler, which take seconds."""
    code = (
        "import numpy as np; from hotspot_core import build_model, HotspotPredictor; "
        "HotspotPredictor(build_model('robot', ['open'])).predict(np.zeros((64, 64, 3), np.uint8))"
    )
    assert not {"torchvision", "torch._dynamo", "sympy", "onnxruntime"} & modules_after(code)


def test_the_library_needs_no_ros() -> None:
    """Nothing behind the public door imports rclpy."""
    statement = "import hotspot_core; [getattr(hotspot_core, n) for n in hotspot_core.__all__]"
    assert not [name for name in modules_after(statement) if name.startswith(("rclpy", "sensor_msgs", "hotspot_ros"))]
