"""What a camera does to a picture: exposure, white balance, vignetting, blur, noise, compression."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


def photographed(rng: np.random.Generator, image: Picture) -> Picture:
    """The picture (H, W, 3) as some camera would have taken it; geometry stays."""
    value = image.astype(np.float32) / np.float32(255)
    level = float(np.percentile(value, 80)) + 0.02
    if rng.random() < 0.85:
        # Automatic exposure, not always right.
        value *= np.float32(np.clip(rng.uniform(0.55, 0.95) / level, 0.5, 6.0))
    value *= np.float32(rng.normal(1, 0.06, 3).clip(0.8, 1.2))
    if rng.random() < 0.5:
        gamma = np.float32(np.exp(rng.normal(0, 0.2)))
        value = np.power(value.clip(0, 1), gamma).astype(np.float32)
    if rng.random() < 0.4:
        value = (value - np.float32(0.5)) * np.float32(rng.uniform(0.75, 1.25)) + np.float32(0.5)
    if rng.random() < 0.25:
        gray = value.mean(2, keepdims=True)
        value = gray + (value - gray) * np.float32(rng.uniform(0.3, 1.4))
    height, width = image.shape[:2]
    if rng.random() < 0.3:
        y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
        value *= (1 - np.float32(rng.uniform(0.05, 0.35)) * (x * x + y * y) / 2)[..., None]
    if rng.random() < 0.35:
        sigma = float(rng.uniform(0.3, 1.3)) * width / 640 + 0.15
        value = np.asarray(cv2.GaussianBlur(value, (0, 0), sigma), np.float32)
    if rng.random() < 0.05:
        length = int(rng.integers(3, 8))
        kernel = np.zeros((length, length), np.float32)
        cv2.line(kernel, (0, int(rng.integers(length))), (length - 1, int(rng.integers(length))), 1.0)
        value = np.asarray(cv2.filter2D(value, -1, kernel / kernel.sum()), np.float32)
    if rng.random() < 0.6:
        grain = rng.standard_normal((height, width, 1 if rng.random() < 0.5 else 3), np.float32)
        value = value + grain * np.float32(rng.uniform(0.003, 0.035))
    result = (value * 255).clip(0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        code = cv2.imencode(".jpg", result, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 80))])[1]
        result = np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR), np.uint8)
    return result
