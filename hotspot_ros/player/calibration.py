"""CameraInfo without a camera: from the file that camera_calibration writes, or from a field of view."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sensor_msgs.msg import CameraInfo

from hotspot_core.errors import InputError

# Names of models without and with the wide angles of a fisheye lens.
_PINHOLE, _FISHEYE = ("plumb_bob", "rational_polynomial"), ("fisheye", "equidistant")
_MODELS = "distortion_model: plumb_bob, rational_polynomial or equidistant"


def read_calibration(path: Path) -> CameraInfo:
    """A calibration YAML (image_width, camera_matrix: data ...), as camera_calibration and camera_info_manager have it.

    Raises:
        InputError: the file is missing, is no YAML, or lacks a part; the text names it.
    """
    what = f"calibration {str(path)!r}"
    try:
        content = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{what} cannot be read: {str(error).splitlines()[0]}") from error
    if not isinstance(content, dict):
        raise InputError(f"{what} is no calibration: give the YAML file that camera_calibration writes")
    info = CameraInfo(width=_whole(content, "image_width", what), height=_whole(content, "image_height", what))
    info.d = _matrix(content, "distortion_coefficients", None, what).tolist()
    info.distortion_model = _distortion_model(content, info.d, what)
    info.k = _matrix(content, "camera_matrix", 9, what)
    info.r = _matrix(content, "rectification_matrix", 9, what)
    info.p = _matrix(content, "projection_matrix", 12, what)
    return info


def pinhole(width: int, height: int, field_of_view: float) -> CameraInfo:
    """A lens without distortion whose image is `field_of_view` degrees wide, measured along the image's middle row."""
    focal = width / 2 / math.tan(math.radians(field_of_view) / 2)
    # The centre of an image whose first pixel has its centre at (0, 0).
    x, y = (width - 1) / 2, (height - 1) / 2
    info = CameraInfo(width=width, height=height, distortion_model="plumb_bob", d=[0.0] * 5)
    info.k = np.array([focal, 0, x, 0, focal, y, 0, 0, 1])
    info.r = np.eye(3).ravel()
    info.p = np.array([focal, 0, x, 0, 0, focal, y, 0, 0, 0, 1, 0])
    return info


def _distortion_model(content: dict[Any, Any], coefficients: Sequence[float], what: str) -> str:
    """The name in the file, else what its camera model or the number of coefficients leaves no doubt of."""
    camera, named = str(content.get("camera_model", "")).lower(), content.get("distortion_model")
    is_fisheye = camera in _FISHEYE
    if named:
        if is_fisheye and named in _PINHOLE:
            raise InputError(f"{what}: camera_model {camera} and distortion_model {named} contradict each other")
        return str(named)
    if is_fisheye:
        return "equidistant"
    if camera not in ("", "pinhole", "plumb_bob"):
        raise InputError(f"{what}: camera_model is {camera!r} and distortion_model is missing: add {_MODELS}")
    if not any(coefficients) or len(coefficients) == 5 or camera == "plumb_bob":
        return "plumb_bob"
    if len(coefficients) in (8, 12, 14):
        return "rational_polynomial"
    raise InputError(
        f"{what}: distortion_model is missing, and {len(coefficients)} coefficients can be of several: add {_MODELS}"
    )


def _whole(content: dict[Any, Any], name: str, what: str) -> int:
    value = content.get(name)
    if not isinstance(value, int) or not 0 < value < 2**31:
        raise InputError(f"{what}: {name} is {value!r}: a whole number of pixels is needed")
    return value


def _matrix(content: dict[Any, Any], name: str, count: int | None, what: str) -> np.ndarray:
    part = content.get(name)
    try:
        numbers = np.array(part["data"], np.float64).ravel()  # type: ignore[index]
    except (TypeError, KeyError, ValueError) as error:
        raise InputError(f"{what}: {name} has no data: give the YAML file that camera_calibration writes") from error
    if not np.isfinite(numbers).all() or (count is not None and len(numbers) != count):
        raise InputError(f"{what}: {name} has {len(numbers)} numbers, {count or 'finite ones'} are needed")
    return numbers
