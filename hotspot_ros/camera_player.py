"""`camera_player`: publishes a photo, a folder of photos, a video or a webcam as a camera does.

    ros2 run hotspot_ros camera_player --ros-args -p source:=kitchen.jpg -p depth:=1.2

publishes `image`, `camera_info` and, where asked for, `image/compressed` and `depth`, all with the same header.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rcl_interfaces.msg import ParameterDescriptor
from rclpy.duration import Duration
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.task import Future
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header

from hotspot_core.errors import InputError
from hotspot_ros.conversions.images import encode_image, encode_jpeg
from hotspot_ros.player.calibration import read_calibration
from hotspot_ros.player.camera_frames import PlayedFrame, PlayedLens, camera_frames, open_depth
from hotspot_ros.player.sources import open_source
from hotspot_ros.ros.entry_point import run
from hotspot_ros.ros.qos import input_qos

RATE, FIELD_OF_VIEW = 10.0, 60.0
QOS_NAMES = ("reliable", "best_effort")

_PARAMETERS: dict[str, tuple[Any, str]] = {
    "source": ("", "A photo, a folder of photos, a video, or the number of a webcam; empty for synthetic scenes."),
    "rate": (0.0, f"Images per second; 0 for the video's own, or {RATE:g}."),
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
    rate: float
    loop: bool
    frame_id: str
    size: tuple[int, int] | None
    compressed: bool
    calibration: str
    field_of_view: float
    depth: str
    qos: str


class CameraPlayer(Node):
    """Publishes images at a steady rate, stamped with the time of publishing.

    Attributes:
        done: completed after the last image, where there is one.

    Raises:
        InputError: a parameter or what it names cannot be used; also later, from the timer.
    """

    def __init__(self, **node_options: Any) -> None:
        super().__init__("camera_player", **node_options)
        self.settings = settings = declare_settings(self)
        self.done: Future[None] = Future()
        source = open_source(settings.source)
        calibration = read_calibration(Path(settings.calibration)) if settings.calibration else None
        lens = PlayedLens(calibration, settings.field_of_view)
        depth = open_depth(settings.depth, source.length)
        frames = camera_frames(source, lens, depth, settings.size, settings.loop)
        # Read here, not when the timer fires: what cannot be read ends the start.
        first = list(itertools.islice(frames, 1))
        self._frames = itertools.chain(first, frames)

        # As deep as a driver's: a subscriber that is a little late loses nothing.
        qos = input_qos(settings.qos)
        qos.depth = 5
        self._image = self.create_publisher(Image, "image", qos)
        self._camera_info = self.create_publisher(CameraInfo, "camera_info", qos)
        self._compressed = self._publisher(CompressedImage, "image/compressed", qos, settings.compressed)
        self._depth = self._publisher(Image, "depth", qos, depth is not None)
        rate = settings.rate or source.fps or RATE
        self.create_timer(1 / rate, self._on_timer)
        self.get_logger().info(
            f"ready: {settings.source or 'synthetic scenes'} at {rate:g} Hz on {self._image.topic_name}"
            + (f" and {self._depth.topic_name}" if self._depth else "")
        )

    def wait_for_subscribers(self, seconds: float) -> None:
        """Until every reliable subscriber has the last message, or so long."""
        self._image.wait_for_all_acked(Duration(seconds=seconds))

    def _publisher(self, kind: type, topic: str, qos: QoSProfile, offered: bool) -> Any:
        return self.create_publisher(kind, topic, qos) if offered else None

    def _on_timer(self) -> None:
        # Read just now, so that the stamp is that of a webcam's image.
        frame = next(self._frames, None)
        if frame is not None:
            self._publish(frame)
        elif not self.done.done():
            self.done.set_result(None)

    def _publish(self, frame: PlayedFrame) -> None:
        header = Header(stamp=self.get_clock().now().to_msg(), frame_id=self.settings.frame_id)
        frame.info.header = header
        self._camera_info.publish(frame.info)
        if frame.depth is not None and self._depth.get_subscription_count():
            self._depth.publish(encode_image(frame.depth, header))
        if self._compressed and self._compressed.get_subscription_count():
            self._compressed.publish(encode_jpeg(frame.image, header))
        if self._image.get_subscription_count():
            self._image.publish(encode_image(frame.image, header))


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


def _play_until_done() -> None:
    node = CameraPlayer()
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    executor.spin_until_future_complete(node.done)
    if node.done.done():
        node.wait_for_subscribers(2.0)
        node.get_logger().info("the last image has been published")


def main(args: list[str] | None = None) -> int:
    """The executable; exit status 0 after a clean end, 2 on bad input."""
    return run("camera_player", _play_until_done, args)
