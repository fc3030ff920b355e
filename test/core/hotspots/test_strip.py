"""Which frames of a recording are shown."""

from __future__ import annotations

from typing import cast

import numpy as np

from hotspot_core.hotspots.prediction import Prediction
from hotspot_core.hotspots.strip import Strip


def test_strips_are_spread_over_any_length() -> None:
    """Whatever the number of frames, at most eight, from the first to nearly the last, about evenly spread."""
    for count in (1, 5, 8, 23, 400):
        strip = Strip()
        for index in range(count):
            strip.add(np.full((1, 1, 3), index // 256, np.uint8), cast(Prediction, index))
        kept = np.array([prediction for _, prediction in strip.spread()], np.int64)
        assert kept[0] == 0
        assert len(kept) == min(count, 8)
        assert kept[-1] >= 0.85 * (count - 1)
        if count >= 8:
            gaps = np.diff(kept)
            assert gaps.max() <= 2 * max(gaps.min(), count / 16)
