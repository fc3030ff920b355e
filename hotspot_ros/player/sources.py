"""Images to play: whatever `hotspot_core.media` opens, or scenes of the synthetic world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from hotspot_core.errors import InputError
from hotspot_core.media import sources
from hotspot_core.media.sources import Frame, Source, Warn

SYNTHETIC_SCENES, SYNTHETIC_SIDE = 6, 480


@dataclass(frozen=True, kw_only=True)
class SyntheticSource(Source):
    """Scenes of the synthetic world: nothing to download, nobody's licence."""

    moves: ClassVar[bool] = False

    def frames(self, warn: Warn | None = None) -> Iterator[Frame]:
        for seed in range(SYNTHETIC_SCENES):
            yield Frame(f"synthetic_{seed}", seed, 0.0, _synthetic(seed))


def open_source(name: str, fps: float | None = None, topic: str | None = None) -> Source:
    """What a name stands for.

    Args:
        name: what `hotspot_core.media.sources.open_source` takes; empty for synthetic scenes.
        fps: frames per second to take of a video or webcam at most; None for all.
        topic: of a bag; None for the only one with images.

    Raises:
        InputError: there is nothing of that name, or nothing in it that can be read; or the name is
            empty, and the synthetic world is not installed.
    """
    if name:
        return sources.open_source(name, fps, topic)
    if find_spec("hotspot_core.data.synthetic") is None:
        raise InputError(
            "no pictures are named, and synthetic scenes are not installed on robots: give a photo, a folder of "
            "photos, a video or the number of a webcam"
        )
    return SyntheticSource(name="synthetic", length=SYNTHETIC_SCENES)


@lru_cache(maxsize=SYNTHETIC_SCENES)
def _synthetic(seed: int) -> NDArray[np.uint8]:
    from hotspot_core.data.synthetic import make_image

    return make_image(np.random.default_rng(seed), difficulty=0.2, size=SYNTHETIC_SIDE).image
