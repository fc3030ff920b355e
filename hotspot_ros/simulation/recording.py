"""The video of an episode: what was perceived, then what came of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from hotspot_core.hotspots.overlay import draw_overlay
from hotspot_core.hotspots.prediction import Image
from hotspot_core.media.writers import VideoFile
from hotspot_core.utils.files import atomic_write
from hotspot_ros.conversions.messages import prediction
from hotspot_ros.msg import HotspotArray
from hotspot_ros.simulation.methods import Sight

# Seconds that the perceived scene is shown before the robot moves, and the last picture after it has.
_BEFORE, _AFTER = 1.5, 1.0


class EpisodeVideo:
    """Pictures of an episode, as they come."""

    def __init__(self, video: VideoFile, sight: Sight, fps: float) -> None:
        self._video, self._sight, self._fps = video, sight, fps
        self._last: Image | None = None

    def add(self, picture: Image) -> None:
        """Appends a picture; before the first one, in its size, the scene with what was perceived."""
        if self._last is None:
            height, width = picture.shape[:2]
            perceived = cv2.resize(_perceived(self._sight), (width, height), interpolation=cv2.INTER_AREA)
            self._hold(np.asarray(perceived, np.uint8), _BEFORE)
        self._last = picture
        self._video.add(picture)

    def finish(self, success: bool) -> None:
        """Says on the last picture what came of it."""
        picture = np.array(_perceived(self._sight) if self._last is None else self._last)
        text, color = ("done", (60, 220, 60)) if success else ("not done", (255, 80, 80))
        place, scale = (10, picture.shape[0] - 12), picture.shape[0] / 360
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, color, 2, cv2.LINE_AA)
        self._hold(picture, _AFTER)

    def _hold(self, picture: Image, seconds: float) -> None:
        for _ in range(round(seconds * self._fps)):
            self._video.add(picture)


@contextlib.contextmanager
def episode_video(path: Path, sight: Sight, fps: float) -> Iterator[EpisodeVideo]:
    """A video that is whole, or not there, whenever it is interrupted."""
    with contextlib.ExitStack() as stack:
        partial = stack.enter_context(atomic_write(path))
        yield EpisodeVideo(stack.enter_context(VideoFile(partial, fps)), sight, fps)


def _perceived(sight: Sight) -> Image:
    if sight.hotspots is None:
        return sight.seen.color
    wanted = [hotspot for hotspot in sight.hotspots.hotspots if hotspot.action == sight.action]
    message = HotspotArray(
        header=sight.hotspots.header,
        image_width=sight.hotspots.image_width,
        image_height=sight.hotspots.image_height,
        region=sight.hotspots.region,
        hotspots=wanted,
    )
    return draw_overlay(sight.seen.color, prediction(message))
