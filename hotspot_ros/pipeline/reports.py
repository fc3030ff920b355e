"""What a frame does to the pipeline is reported, and forgotten."""

from __future__ import annotations

from rclpy.impl.rcutils_logger import RcutilsLogger

from hotspot_core.errors import InputError
from hotspot_ros.pipeline.camera import Camera
from hotspot_ros.pipeline.model_thread import InferenceError

# Seconds between two reports of the same kind.
THROTTLE = 5.0


def report(camera: Camera, error: Exception, log: RcutilsLogger) -> None:
    """Why a frame of a camera, or something of it, was skipped."""
    text = str(error) if isinstance(error, (InputError, InferenceError)) else repr(error)
    camera.statistics.last_error = text
    name = f" of camera {camera.name}" if camera.name else ""
    log.error(f"skipped a frame{name}: {text}", throttle_duration_sec=THROTTLE)
