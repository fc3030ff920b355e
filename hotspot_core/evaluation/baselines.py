"""Maps that need no training: what a learned method must be ahead of.

Each is called as `baseline(image, actions)` with an (H, W, 3) uint8 RGB image and gives (A, h, w) float32 maps over the
image, >= 0; none of them looks at the actions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Maps = NDArray[np.float32]
Predict = Callable[[Image, Sequence[str]], Maps]


def uniform(image: Image, actions: Sequence[str]) -> Maps:
    """The same value everywhere."""
    return _for_each(actions, np.ones((28, 28), np.float32))


def center(image: Image, actions: Sequence[str]) -> Maps:
    """The paper's center bias: a Gaussian that is cut off, and 0, outside the middle half of the image.

    On 224x224 its full width at half maximum is 56 pixels, its window 112 pixels and its middle the pixel (111, 111).
    The zeros are why its published KLD is that high.
    """
    window = _gaussian(224, 111.0, 56.0)
    window[:56] = window[168:] = 0
    return _for_each(actions, np.outer(window, window))


def center_untruncated(image: Image, actions: Sequence[str]) -> Maps:
    """The same Gaussian without the cut, in the very middle."""
    profile = _gaussian(224, 111.5, 56.0)
    return _for_each(actions, np.outer(profile, profile))


def spectral_residual(image: Image, actions: Sequence[str]) -> Maps:
    """Spectral residual saliency (Hou and Zhang, CVPR 2007), on 64x64.

    What the logarithm of the amplitude spectrum has beyond its local average, brought back to the image with the phase
    as it was, squared and smoothed.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float64)
    spectrum = np.fft.fft2(small)
    log_amplitude = np.log(np.abs(spectrum) + 1e-9)
    residual = log_amplitude - cv2.blur(log_amplitude, (3, 3), borderType=cv2.BORDER_WRAP)
    saliency = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    smooth = cv2.GaussianBlur(saliency, (0, 0), 2.5)
    return _for_each(actions, smooth / max(smooth.max(), 1e-30))


BASELINES: Mapping[str, Predict] = {
    "uniform": uniform,
    "center": center,
    "center_untruncated": center_untruncated,
    "spectral_residual": spectral_residual,
}


def _gaussian(size: int, middle: float, full_width: float) -> NDArray[np.float64]:
    """exp(-4 ln 2 (x / w)^2) at `size` places: 1 in the middle, 1/2 at half the full width at half maximum from it."""
    return np.exp(-4 * np.log(2) * ((np.arange(size, dtype=np.float64) - middle) / full_width) ** 2)


def _for_each(actions: Sequence[str], heatmap: NDArray[np.floating]) -> Maps:
    return np.repeat(heatmap[None].astype(np.float32), len(actions), axis=0)
