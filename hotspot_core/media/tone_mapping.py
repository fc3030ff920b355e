"""High dynamic range brought to what a usual picture holds: BT.2020 with PQ or HLG -> sRGB.

Light is scaled so that reference white, 203 cd/m2 (ITU-R BT.2408), becomes white. What is brighter is rolled off by
Reinhard's extended curve, applied to the largest channel, so that hues stay.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

# FFmpeg's numbers of the transfer characteristics.
PQ, HLG = 16, 18
REFERENCE_WHITE = 203.0
# cd/m2: of the display that HLG is made for, and what becomes the brightest of all.
PEAK = 1000.0
# Linear BT.2020 -> linear BT.709 (ITU-R BT.2087).
TO_BT709 = np.array(
    [[1.660491, -0.587641, -0.072850], [-0.124550, 1.132900, -0.008349], [-0.018151, -0.100579, 1.118730]], np.float32
)
LUMA = np.array([0.2627, 0.6780, 0.0593], np.float32)
# Where the roll-off begins, as a fraction of white, and the steps of the table of sRGB's curve.
KNEE = 0.75
STEPS = 4095


def to_standard_range(code: NDArray[np.uint16], transfer: int) -> NDArray[np.uint8]:
    """(H, W, 3) BT.2020 RGB of 16 bits, coded by `PQ` or `HLG`, as (H, W, 3) sRGB of 8 bits."""
    light = _linear_table(transfer)[code]
    if transfer == HLG:
        # So far, it is that of the scene: a display's overall gamma is 1.2.
        light *= np.maximum(light @ LUMA, 1e-6)[..., None] ** 0.2 * np.float32(PEAK / REFERENCE_WHITE)
    light = np.maximum(cv2.transform(light, TO_BT709), 0)
    largest = np.maximum(light.max(axis=2), 1e-6)
    light *= (_rolled_off(largest) / largest)[..., None]
    return _encoding_table()[np.rint(light * STEPS).astype(np.uint16)]


def _rolled_off(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Up to the knee as they are; from there level at the peak, which becomes 1."""
    room = 1 - KNEE
    farthest = (PEAK / REFERENCE_WHITE - KNEE) / room
    above = np.clip((values - KNEE) / room, 0, farthest)
    rolled = KNEE + room * above * (1 + above / farthest**2) / (1 + above)
    return np.where(values <= KNEE, values, np.minimum(rolled, 1)).astype(np.float32)


@lru_cache(maxsize=2)
def _linear_table(transfer: int) -> NDArray[np.float32]:
    """(65536,) light for each code: of the display in units of reference white for PQ (SMPTE ST 2084), of the scene in
    [0, 1] for HLG (ITU-R BT.2100)."""
    code = np.arange(65536) / 65535
    if transfer == PQ:
        power = code ** (32 / 2523)
        light = (np.maximum(power - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * power)) ** (16384 / 2610)
        return (light * 10000 / REFERENCE_WHITE).astype(np.float32)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12).astype(np.float32)


@lru_cache(maxsize=1)
def _encoding_table() -> NDArray[np.uint8]:
    """(STEPS + 1,) sRGB of linear light in [0, 1] (IEC 61966-2-1)."""
    light = np.arange(STEPS + 1) / STEPS
    code = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(255 * code).astype(np.uint8)
