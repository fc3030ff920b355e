"""From predictions to what is published: positions, the message, the outputs.

A frame whose depth image or transform is late waits here, and no other camera's frame with it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping

from rclpy.impl.rcutils_logger import RcutilsLogger

from hotspot_core.errors import InputError
from hotspot_core.hotspots.prediction import Prediction
from hotspot_ros.conversions.messages import hotspot_array
from hotspot_ros.msg import HotspotArray
from hotspot_ros.outputs.result import Result
from hotspot_ros.pipeline.camera import Camera
from hotspot_ros.pipeline.frames import InferredFrame
from hotspot_ros.pipeline.reports import THROTTLE, report
from hotspot_ros.pipeline.stabilization import CameraStabilizer, set_tracks
from hotspot_ros.pipeline.statistics import Durations
from hotspot_ros.positions.scene_geometry import SceneGeometry


class PendingResults:
    """Predicted frames that wait for depth or a transform. Those of one camera leave in the order in which they came.

    Args:
        patience: seconds that each waits.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        # Camera -> its frames, each with the time (`time.perf_counter`) at which its patience ends.
        self._waiting: dict[str, deque[tuple[InferredFrame, float]]] = {}

    def add(self, inferred: InferredFrame) -> None:
        """Takes a frame in."""
        queue = self._waiting.setdefault(inferred.decoded.frame.camera, deque())
        queue.append((inferred, inferred.ended + self._patience))

    def take(self, now: float) -> list[InferredFrame]:
        """Takes those that have all they can have, or have waited long enough, unless one before them has not."""
        taken = []
        for queue in self._waiting.values():
            while queue and (queue[0][1] <= now or _is_complete(queue[0][0])):
                taken.append(queue.popleft()[0])
        return taken

    def take_all(self) -> list[InferredFrame]:
        """Takes all, whatever they wait for."""
        taken = [inferred for queue in self._waiting.values() for inferred, _ in queue]
        self._waiting.clear()
        return taken

    def next_deadline(self) -> float | None:
        """When the next patience ends; None where nothing waits."""
        return min((queue[0][1] for queue in self._waiting.values() if queue), default=None)


class Results:
    """Publishes predicted frames, each as soon as its positions can be known or it has waited long enough for them.

    Args:
        cameras: by name.
        note: a remark for people.
        patience: seconds that a predicted frame waits for what gives its points positions.
    """

    def __init__(self, cameras: Mapping[str, Camera], note: str, patience: float, log: RcutilsLogger) -> None:
        self._cameras, self._note, self._log = cameras, note, log
        self._pending = PendingResults(patience)
        self._stabilizers = {name: CameraStabilizer() for name in cameras}

    def add(self, frames: Iterable[InferredFrame]) -> None:
        """Takes the frames of a batch in."""
        for inferred in frames:
            self._pending.add(inferred)

    def publish(self) -> None:
        """Publishes what waits for nothing any more."""
        self._publish(self._pending.take(time.perf_counter()))

    def publish_all(self) -> None:
        """Publishes what there is, with the positions that are known by now."""
        self._publish(self._pending.take_all())

    def seconds_left(self) -> float | None:
        """Until `publish` has something to do though nothing comes; None where nothing waits."""
        deadline = self._pending.next_deadline()
        return None if deadline is None else max(0.0, deadline - time.perf_counter())

    def _publish(self, frames: list[InferredFrame]) -> None:
        """First what is prompt, of all of them. The dearest comes last: where it fails, the others are out."""
        finished = [(camera, result) for inferred in frames for camera, result in self._publish_prompt(inferred)]
        for camera, result in finished:
            for output in camera.outputs:
                if output.prompt:
                    continue
                try:
                    if output.wanted():
                        output.publish(result)
                except Exception as error:  # No output may cost another, or another camera's.
                    report(camera, error, self._log)

    def _publish_prompt(self, inferred: InferredFrame) -> list[tuple[Camera, Result]]:
        """Publishes what is prompt and takes the times; nothing, counted and reported, where that fails."""
        decoded = inferred.decoded
        camera = self._cameras[decoded.frame.camera]
        try:
            result = self._result(camera, inferred)
            for output in camera.outputs:
                if output.prompt and output.wanted():
                    output.publish(result)
        except Exception as error:  # Such as a context that is shut down.
            camera.statistics.counts.failed += 1
            report(camera, error, self._log)
            return []
        now, arrived = time.perf_counter(), decoded.frame.arrived
        camera.statistics.counts.processed += 1
        camera.statistics.durations.add(
            Durations(
                wait=decoded.began - arrived,
                decode=decoded.ended - decoded.began,
                inference=inferred.ended - decoded.ended,
                message=now - inferred.ended,
                total=now - arrived,
            )
        )
        return [(camera, result)]

    def _result(self, camera: Camera, inferred: InferredFrame) -> Result:
        decoded, parameters = inferred.decoded, inferred.settings.parameters
        geometry = self._geometry(camera, inferred)
        stabilizer = self._stabilizers[camera.name]
        stable = stabilizer.update(inferred, geometry)
        hotspots = hotspot_array(stable.prediction, decoded.frame.message.header, parameters.heatmap_hw(), decoded.crop)
        set_tracks(hotspots, stable.tracks)
        shown = decoded.crop.to_image(stable.prediction)
        if geometry is not None and not self._place(camera, hotspots, geometry, shown):
            geometry = None
        stabilizer.remember(hotspots)
        return Result(hotspots, stable.prediction, decoded.crop, decoded.image, geometry, parameters, self._note)

    def _geometry(self, camera: Camera, inferred: InferredFrame) -> SceneGeometry | None:
        """What gives the points positions; None, with the reason reported, where it is not known."""
        expected = inferred.decoded.frame.expected
        if expected is None:
            return None
        try:
            return expected.geometry(inferred.decoded.crop.image_hw)
        except Exception as error:  # No depth image may cost the points their pixels.
            self._report_positions(camera, str(error) if isinstance(error, InputError) else repr(error))
            return None

    def _place(self, camera: Camera, hotspots: HotspotArray, geometry: SceneGeometry, shown: Prediction) -> bool:
        """Gives the points positions; False, with the reason reported, where that is impossible.

        Args:
            shown: the prediction of the hotspots, in the image.
        """
        try:
            self._report_positions(camera, geometry.place(hotspots, shown))
        except Exception as error:
            self._report_positions(camera, str(error) if isinstance(error, InputError) else repr(error))
            return False
        return True

    def _report_positions(self, camera: Camera, problem: str) -> None:
        """Why points have no positions; empty where they have."""
        camera.statistics.position_problem = problem and f"no positions: {problem}"
        if problem:
            self._log.warning(camera.statistics.position_problem, throttle_duration_sec=THROTTLE)


def _is_complete(inferred: InferredFrame) -> bool:
    expected = inferred.decoded.frame.expected
    if expected is None:
        return True
    try:
        return expected.is_complete()
    except Exception:  # Such as a stamp that tf2 does not take: `geometry` says why.
        return True
