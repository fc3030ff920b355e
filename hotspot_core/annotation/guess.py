"""What the model thinks, for a page to show."""

from __future__ import annotations

import base64
from threading import Lock
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from hotspot_core.errors import InputError
from hotspot_core.hotspots.regions import resample
from hotspot_core.media.images import Image

if TYPE_CHECKING:
    from hotspot_core.inference.predictor import HotspotPredictor

LONGER_SIDE = 512


class ModelGuess:
    """A model that is loaded at the first question.

    Args:
        model: a file, or "default"; see `HotspotPredictor`.
    """

    def __init__(self, model: str = "default") -> None:
        self._model = model
        self._predictor: HotspotPredictor | None = None
        self._lock = Lock()

    def guess(self, image: Image, action: str) -> dict[str, Any]:
        """The heatmap of one action and its points.

        Returns:
            `heatmap`: a PNG of the image's shape, white, with the heatmap as its opacity, as a data URL. `points`: x
            and y from the image's top-left corner in pixels and the probability, strongest first.

        Raises:
            InputError: the model cannot be loaded, or does not know the action.
        """
        with self._lock:
            if self._predictor is None:
                from hotspot_core.inference.predictor import HotspotPredictor

                try:
                    self._predictor = HotspotPredictor(self._model)
                except ModuleNotFoundError as error:
                    raise InputError(f"no guess: the module {error.name!r} is not installed") from error
            if action not in self._predictor.actions:
                known = ", ".join(self._predictor.actions)
                raise InputError(f"no guess: the model does not know {action!r}; it knows {known}")
            prediction = self._predictor.predict(image, actions=[action])
        height, width = image.shape[:2]
        factor = min(1.0, LONGER_SIDE / max(height, width))
        size = max(1, round(height * factor)), max(1, round(width * factor))
        opacity = resample(prediction.heatmaps, prediction.region, (height, width), size)[0].clip(0, 1)
        white = np.full((*size, 4), 255, np.uint8)
        white[..., 3] = np.round(255 * opacity)
        png = cv2.imencode(".png", white)[1].tobytes()
        points = [[point.x + 0.5, point.y + 0.5, point.probability] for point in prediction.points]
        return {
            "heatmap": "data:image/png;base64," + base64.b64encode(png).decode(),
            "points": [[round(float(number), 3) for number in point] for point in points],
        }
