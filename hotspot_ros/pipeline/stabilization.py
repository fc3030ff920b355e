"""One camera's results from image to image: tracks that live in the target frame where there is one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hotspot_core.tracking.point_tracker import TrackedPoint
from hotspot_core.tracking.probable_tracks import ProbableTracks
from hotspot_core.tracking.stabilizer import StabilitySettings, Stabilizer, StablePrediction
from hotspot_ros.conversions.crop import Crop
from hotspot_ros.msg import HotspotArray
from hotspot_ros.pipeline.frames import InferredFrame
from hotspot_ros.positions.nearest_message import nanoseconds
from hotspot_ros.positions.scene_geometry import SceneGeometry
from hotspot_ros.ros.parameters import Parameters

# Pixels: where no point is.
_OUT_OF_SIGHT = -1e9
# What builtin_interfaces/Duration holds, in nanoseconds.
_LONGEST = (2**31 - 1) * 10**9


class CameraStabilizer:
    """Stabilizes the predictions of one camera, in the order of its images."""

    def __init__(self) -> None:
        self._stabilizer, self._probable = Stabilizer(), ProbableTracks()
        # Track's number -> its position in the frame of that name.
        self._positions: dict[int, NDArray[np.float64]] = {}
        self._frame = ""
        self._crop: Crop | None = None

    def update(self, inferred: InferredFrame, geometry: SceneGeometry | None) -> StablePrediction:
        """The prediction of a frame in the light of those before it, without what is too improbable."""
        decoded, parameters = inferred.decoded, inferred.settings.parameters
        if decoded.crop != self._crop:  # What was remembered is of another part of the image.
            self._stabilizer.reset()
            self._probable.reset()
            self._crop = decoded.crop
        stable = self._stabilizer.update(
            inferred.prediction,
            decoded.crop.of(decoded.image),
            nanoseconds(decoded.frame.message.header.stamp),
            stability_settings(parameters),
            lambda: self._expected(geometry, decoded.crop),
        )
        scored = _above(stable, parameters.score_threshold)
        # What is not calibrated has no absolute meaning.
        threshold = parameters.probability_threshold if inferred.prediction.calibrated else 0.0
        return self._probable.of(scored, threshold, parameters.hysteresis)

    def remember(self, hotspots: HotspotArray) -> None:
        """Takes the positions that the points of the last frame have."""
        if hotspots.position_frame != self._frame:
            self._frame = hotspots.position_frame
            self._positions.clear()
        alive = self._stabilizer.numbers()
        self._positions = {number: position for number, position in self._positions.items() if number in alive}
        for point in (point for hotspot in hotspots.hotspots for point in hotspot.points if point.has_position):
            self._positions[point.track_id] = np.array([point.position.x, point.position.y, point.position.z])

    def _expected(self, geometry: SceneGeometry | None, crop: Crop) -> dict[int, tuple[float, float]] | None:
        """Where the crop shows tracks; None where nothing tells how the camera moves."""
        if geometry is None or geometry.transform is None:
            return None
        if geometry.frame != self._frame or not self._positions:
            return {}
        pixels = geometry.pixels_of(np.array(list(self._positions.values())))
        pixels = np.where(np.isfinite(pixels), pixels - (crop.left, crop.top), _OUT_OF_SIGHT)
        return {number: (x, y) for number, (x, y) in zip(self._positions, pixels.tolist(), strict=True)}


def stability_settings(parameters: Parameters) -> StabilitySettings:
    """What the node's parameters say."""
    return StabilitySettings(
        parameters.smoothing, parameters.hysteresis, parameters.points_per_action, parameters.peak_threshold
    )


def set_tracks(hotspots: HotspotArray, tracks: list[TrackedPoint]) -> None:
    """Writes track and age into the points of a message, which are those of the tracks, in their order."""
    points = (point for hotspot in hotspots.hotspots for point in hotspot.points)
    for point, track in zip(points, tracks, strict=True):
        point.track_id = track.track_id
        point.age.sec, point.age.nanosec = divmod(min(track.age, _LONGEST), 10**9)


def _above(stable: StablePrediction, score_threshold: float) -> StablePrediction:
    prediction = stable.prediction.above(score_threshold)
    if prediction is stable.prediction:
        return stable
    return replace(
        stable, prediction=prediction, tracks=[t for t in stable.tracks if t.point.action in prediction.actions]
    )
