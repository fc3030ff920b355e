"""REP 107 diagnostics: state of the model, and rate, latency and drops of each camera."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.node import Node
from std_msgs.msg import Header

from hotspot_ros.pipeline.camera import Camera
from hotspot_ros.pipeline.model_thread import ModelThread

_MEGABYTE = 2**20


class _Snapshot(NamedTuple):
    """A camera's counts at a time (`time.monotonic`)."""

    time: float
    received: int
    processed: int


class Diagnostics:
    """Publishes on /diagnostics, whatever the state of the node."""

    def __init__(self, node: Node) -> None:
        self._name = node.get_fully_qualified_name().lstrip("/")
        self._publisher = node.create_publisher(DiagnosticArray, "/diagnostics", 10)
        self._snapshots: dict[Camera, _Snapshot] = {}

    def publish(
        self,
        stamp: Time,
        state: str,
        model: ModelThread | None,
        cameras: Sequence[Camera],
        silent: Mapping[Camera, str],
        last_error: str,
    ) -> None:
        """One status for the model and one for each camera.

        Args:
            state: label of the lifecycle state.
            model: None while no model is loaded.
            silent: see `Watchdog.silent`.
            last_error: of the node: why its last transition failed; empty if none did.
        """
        self._snapshots = {camera: self._snapshots[camera] for camera in cameras if camera in self._snapshots}
        status = [self._model(state, model, last_error)]
        status += [self._camera(camera, silent.get(camera, "")) for camera in cameras]
        self._publisher.publish(DiagnosticArray(header=Header(stamp=stamp), status=status))

    def _model(self, state: str, model: ModelThread | None, last_error: str) -> DiagnosticStatus:
        values = {"state": state, "memory (MB)": f"{resident_memory() / _MEGABYTE:.0f}"}
        error = last_error
        if model is not None:
            error = model.failure or last_error
            gpu = model.memory()
            values |= {
                "checkpoint": model.info.name,
                "preset": model.info.config.preset,
                "trained": str(model.info.trained),
                "runtime": model.info.runtime,
                "device": model.device,
                "precision": model.info.precision,
                "GPU memory (MB)": "none" if gpu is None else f"{gpu / _MEGABYTE:.0f}",
            }
        values["last error"] = error
        return DiagnosticStatus(
            level=DiagnosticStatus.ERROR if error else DiagnosticStatus.OK,
            name=f"{self._name}: model",
            message=error or state,
            hardware_id=model.device if model is not None else "",
            values=_key_values(values),
        )

    def _camera(self, camera: Camera, silence: str) -> DiagnosticStatus:
        counts = camera.statistics.counts
        now = _Snapshot(time.monotonic(), counts.received, counts.processed)
        before = self._snapshots.get(camera, now)
        self._snapshots[camera] = now
        seconds = max(now.time - before.time, 1e-3)
        rate_in, rate_out = (now.received - before.received) / seconds, (now.processed - before.processed) / seconds
        values = {
            "topic": camera.input.topic,
            "input rate (Hz)": f"{rate_in:.1f}",
            "output rate (Hz)": f"{rate_out:.1f}",
            "frames received": str(counts.received),
            "frames processed": str(counts.processed),
        }
        values |= {f"frames dropped: {cause.replace('_', ' ')}": str(n) for cause, n in counts.dropped().items()}
        for step, (median, slowest) in camera.statistics.durations.percentiles(50, 99).items():
            values |= {f"{step} p50 (ms)": f"{1000 * median:.2f}", f"{step} p99 (ms)": f"{1000 * slowest:.2f}"}
        values["last error"] = camera.statistics.last_error
        problem = silence or camera.statistics.position_problem
        return DiagnosticStatus(
            level=DiagnosticStatus.WARN if problem else DiagnosticStatus.OK,
            name=f"{self._name}: camera {camera.name}".rstrip(),
            message=problem or f"{rate_in:.1f} Hz in, {rate_out:.1f} Hz out",
            hardware_id=camera.name,
            values=_key_values(values),
        )


def resident_memory() -> int:
    """Bytes of main memory that this process holds; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _key_values(values: Mapping[str, str]) -> list[KeyValue]:
    return [KeyValue(key=key, value=value) for key, value in values.items()]
