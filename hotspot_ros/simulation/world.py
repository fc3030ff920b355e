"""What a simulator has to offer to be put into the loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hotspot_core.hotspots.prediction import Image
from hotspot_ros.simulation.rgbd import RgbdImage

Position = NDArray[np.float64]
# What comes of the pictures of an episode.
Watch = Callable[[Image], None]


class TaskWorld(Protocol):
    """One task for a robot with a camera, in episodes that can be begun again. Positions are (3,) metres in the
    robot's base frame."""

    def reset(self, episode: int) -> None:
        """Begins an episode; the same number gives the same scene and the same place of the camera every time."""

    def look(self, rng: np.random.Generator) -> RgbdImage:
        """What the camera sees now.

        Args:
            rng: of the sensor's noise.
        """

    def target(self) -> Position:
        """The true position of what is to be acted on, which the controller would be told; for the method `truth` and
        for errors alone."""

    def act(self, point: Position, watch: Watch | None = None) -> bool:
        """Has the controller act from here on, as if the target had been at `point` when the episode began.

        Args:
            watch: shown pictures of what happens, in order.

        Returns:
            Whether the task was done.
        """

    def close(self) -> None:
        """Frees what the world holds."""
