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
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(gray, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float64)
    spectrum = np.fft.fft2(small)
    log_amplitude = np.log(np.abs(spectrum) + 1e-9)
    residual = log_amplitude - cv2.blur(log_amplitude, (3, 3), borderType=cv2.BORDER_WRAP)
    saliency = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    smooth = cv2.GaussianBlur(saliency, (0, 0), 2.5)
    return _for_each(actions, smooth / max(smooth.max(), 1e-30))


def fine_grained(image: Image, actions: Sequence[str]) -> Maps:
    """Fine-grained saliency (Montabone and Soto, 2010): centre-surround differences, at six sizes of the surround.

    Pixels brighter than the mean around them ("on") and darker ones ("off") are summed over the sizes, each of the two
    divided by its maximum, and added. Surrounds are cut at the border, as in OpenCV's implementation.
    """
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    for _ in range(2):
        gray = cv2.GaussianBlur(gray, (3, 3), 0)
    differences = [gray - _surround(np.asarray(gray, np.uint8), reach) for reach in (12, 24, 48, 28, 56, 112)]
    channels = [sum(np.clip(sign * d, 0, None) for d in differences) for sign in (1, -1)]
    # An image of one color has no salient place, and all of them are alike.
    both = sum(channel / max(float(np.max(channel)), 1e-30) for channel in channels)
    return _for_each(actions, np.asarray(both if np.any(both) else np.ones_like(gray, np.float64)))


BASELINES: Mapping[str, Predict] = {
    "uniform": uniform,
    "center": center,
    "center_untruncated": center_untruncated,
    "spectral_residual": spectral_residual,
    "fine_grained": fine_grained,
}
# Those that are the same whatever the image.
BLIND = ("uniform", "center", "center_untruncated")


def _surround(gray: Image, reach: int) -> NDArray[np.float64]:
    """Mean of the other pixels within `reach` of each pixel on either axis, of those that lie in the image."""
    height, width = gray.shape
    total = cv2.integral(gray, sdepth=cv2.CV_64F)
    rows, columns = np.arange(height)[:, None], np.arange(width)[None]
    top, bottom = np.maximum(rows - reach, 0), np.minimum(rows + reach + 1, height)
    left, right = np.maximum(columns - reach, 0), np.minimum(columns + reach + 1, width)
    inside = total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left]
    return np.asarray((inside - gray) / np.maximum((bottom - top) * (right - left) - 1, 1))


def _gaussian(size: int, middle: float, full_width: float) -> NDArray[np.float64]:
    """exp(-4 ln 2 (x / w)^2) at `size` places: 1 in the middle, 1/2 at half the full width at half maximum from it."""
    return np.exp(-4 * np.log(2) * ((np.arange(size, dtype=np.float64) - middle) / full_width) ** 2)


def _for_each(actions: Sequence[str], heatmap: NDArray[np.floating]) -> Maps:
    return np.repeat(heatmap[None].astype(np.float32), len(actions), axis=0)
