"""Which tracks are probable enough to be shown, without points that come and go with each image."""

from __future__ import annotations

from dataclasses import replace

from hotspot_core.tracking.stabilizer import StablePrediction


class ProbableTracks:
    """Chooses from one stream's predictions, in their order."""

    def __init__(self) -> None:
        self._shown: set[int] = set()

    def reset(self) -> None:
        """Forgets what was shown."""
        self._shown.clear()

    def of(self, stable: StablePrediction, threshold: float, hysteresis: float) -> StablePrediction:
        """The same with the points alone that are probable enough.

        Args:
            threshold: smallest probability of a point that was not shown before, in [0, 1].
            hysteresis: one that was shown is shown until its probability falls below `threshold` by more than this
                fraction of it, in [0, 1].
        """
        lower = threshold * (1 - hysteresis)
        kept = [
            track
            for track in stable.tracks
            if track.point.probability >= (lower if track.track_id in self._shown else threshold)
        ]
        self._shown = {track.track_id for track in kept}
        if len(kept) == len(stable.tracks):
            return stable
        return replace(
            stable, prediction=replace(stable.prediction, points=[track.point for track in kept]), tracks=kept
        )
