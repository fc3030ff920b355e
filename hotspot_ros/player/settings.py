"""The player's parameters: declared, checked, read as one value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from rcl_interfaces.msg import ParameterDescriptor
from rclpy.node import Node

from hotspot_core.errors import InputError

# Images per second where neither the parameter nor the source says it, and degrees.
RATE, FIELD_OF_VIEW = 10.0, 60.0
QOS_NAMES = ("reliable", "best_effort")

_PARAMETERS: dict[str, tuple[Any, str]] = {
    "source": (
        "",
        "A photo, a folder of photos, a video, a bag, a URL, or the number or device of a webcam; empty for synthetic "
        "scenes.",
    ),
    "topic": ("", "Topic of a bag; empty for the only one with images."),
    "rate": (0.0, f"Images per second; 0 for the own times of a video or bag, or {RATE:g}."),
    "loop": (True, "Whether to begin again after the last image; else the process ends."),
    "frame_id": ("camera_optical_frame", "Frame of every message: the camera's optical frame (REP 103)."),
    "size": ([0, 0], "[width, height] to which images are cropped and resized; [0, 0] for their own."),
    "compressed": (False, "Whether to publish image/compressed (JPEG), too."),
    "calibration": ("", "YAML file, as camera_calibration writes it, of images of this size."),
    "field_of_view": (FIELD_OF_VIEW, "Degrees that the image is wide, where there is no calibration."),
    "depth": ("", "Metres of a plane, or a folder of 16-bit PNGs in millimetres; empty for no depth."),
    "qos": ("reliable", f"Quality of service: {' or '.join(QOS_NAMES)}."),
}


@dataclass(frozen=True)
class PlayerSettings:
    """The parameters, checked; see `_PARAMETERS`. `size` is None for the images' own."""

    source: str
    topic: str
    rate: float
    loop: bool
    frame_id: str
    size: tuple[int, int] | None
    compressed: bool
    calibration: str
    field_of_view: float
    depth: str
    qos: str


def declare_settings(node: Node) -> PlayerSettings:
    """Declares the parameters and checks their values.

    Raises:
        InputError: a value that means nothing; the text names the parameter.
    """
    values: dict[str, Any] = {}
    for name, (default, description) in _PARAMETERS.items():
        # Of any type: on a command line 10 is a rate, 0 a webcam and 1.5 a depth.
        descriptor = ParameterDescriptor(description=description, read_only=True, dynamic_typing=True)
        values[name] = node.declare_parameter(name, default, descriptor).value
    if values["qos"] not in QOS_NAMES:
        raise InputError(f"parameter qos is {values['qos']!r}: use one of {', '.join(QOS_NAMES)}")
    return PlayerSettings(
        source=str(values["source"]),
        topic=str(values["topic"]),
        rate=_number("rate", values["rate"], 0, 1000),
        loop=_flag("loop", values["loop"]),
        frame_id=str(values["frame_id"]),
        size=_size(values["size"]),
        compressed=_flag("compressed", values["compressed"]),
        calibration=str(values["calibration"]),
        field_of_view=_number("field_of_view", values["field_of_view"], 1, 179),
        depth=str(values["depth"]),
        qos=values["qos"],
    )


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"parameter {name} is {value!r}: give true or false")
    return value


def _number(name: str, value: Any, minimum: float, maximum: float) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not minimum <= value <= maximum:
        raise InputError(f"parameter {name} is {value!r}: give a number from {minimum:g} to {maximum:g}")
    return float(value)


def _size(value: Any) -> tuple[int, int] | None:
    try:
        width, height = (int(side) for side in value)
    except (TypeError, ValueError):
        width = height = -1
    if (width, height) == (0, 0):
        return None
    if not (1 <= width <= 8192 and 1 <= height <= 8192):
        raise InputError(f"parameter size is {value!r}: give [width, height] in pixels, or [0, 0]")
    return width, height
