"""What light and camera do to a picture: gradients, casts, blur, noise, compression, a little shake."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from hotspot_core.data.synthetic.engine.geometry import Floats, Generator, Image
from hotspot_core.data.synthetic.engine.materials import noise


@dataclass(frozen=True)
class Lens:
    """What stays the same during one recording.

    A gain map (size, size, 3), an offset and noise in gray levels, blur and shake in pixels, and the JPEG quality.
    """

    gain: Floats
    offset: float
    blur: float
    grain: float
    quality: int
    shake: float

    @classmethod
    def sample(cls, rng: Generator, size: int, difficulty: float) -> Lens:
        """A random lens and light; harder ones degrade more."""
        strength = difficulty * rng.uniform(0.3, 1.0)
        y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j].astype(np.float32)
        angle = rng.uniform(0, 2 * np.pi)
        gain = 1 + 0.45 * strength * rng.uniform(0, 1) * (x * np.cos(angle) + y * np.sin(angle))
        gain *= 1 - 0.25 * strength * rng.uniform(0, 1) * (x**2 + y**2)
        gain *= 1 + 0.1 * strength * noise(rng, size, size, 3, 3)
        if rng.random() < 0.25 * difficulty:
            slope, place, width = rng.uniform(-1, 1), rng.uniform(-0.8, 0.8), rng.uniform(0.1, 0.5)
            patch = (np.abs(x + slope * y - place) < width).astype(np.float32)
            gain *= 1 + rng.choice((-0.35, 0.4)) * cv2.GaussianBlur(patch, (0, 0), size * rng.uniform(0.005, 0.04))
        exposure = np.exp(rng.normal(0, 0.04 + 0.14 * strength))
        cast = np.exp(rng.normal(0, 0.02 + 0.09 * strength, 3))
        return cls(
            (gain[..., None] * cast * exposure).astype(np.float32),
            float(rng.uniform(-6, 22) * strength),
            float(rng.uniform(0.3, 1.4) * (rng.random() < 0.5 * difficulty)),
            float(rng.uniform(0, 9) * strength),
            int(rng.uniform(35, 95)),
            float(rng.uniform(0, 1.2) * difficulty * size / 128),
        )

    def capture(self, rng: Generator, image: Image, size: int, at_rest: bool = False) -> Image:
        """The picture (size, size, 3) that the camera delivers of a painted image of any size."""
        picture = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
        picture = cv2.multiply(picture, self.gain, dtype=cv2.CV_32F)
        if self.blur > 0:
            picture = cv2.GaussianBlur(picture, (0, 0), self.blur)
        if self.shake > 0 and not at_rest:
            move = np.array([[1, 0, rng.normal(0, self.shake)], [0, 1, rng.normal(0, self.shake)]])
            picture = cv2.warpAffine(picture, move, (size, size), borderMode=cv2.BORDER_REFLECT_101)
        if self.grain > 0.3:
            speckle = rng.standard_normal((size, size, 1), dtype=np.float32) * (0.8 * self.grain)
            picture = picture + speckle
        picture = np.clip(picture + self.offset, 0, 255).astype(np.uint8)
        if at_rest and self.quality < 70:
            packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, self.quality])[1]
            return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
        return np.asarray(picture, np.uint8)
