"""The evaluation protocol: its constants, and how it scores one map and one point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hotspot_core.data.annotations import Annotation, MapAnnotation
from hotspot_core.data.heatmaps import resize_maps
from hotspot_core.data.targets import target
from hotspot_core.errors import InputError, check_number
from hotspot_core.evaluation.method import Point
from hotspot_core.evaluation.metrics import (
    Normalization,
    Ties,
    blurred,
    iou,
    normalized,
    pointing_game,
    points_above,
    score,
)
from hotspot_core.hotspots.peaks import find_peaks
from hotspot_core.hotspots.regions import Region

# The metrics of regions: of the prediction relative to its maximum. How many points may hit.
IOU_THRESHOLDS, TOP_K = (0.25, 0.5, 0.75), 3
# Size of the ground truth above the threshold -> largest fraction of the image.
SIZES: Mapping[str, float] = {"none": 0.0, "small": 0.02, "medium": 0.08}
Layout = Literal["deployed", "release"]


@dataclass(frozen=True)
class Protocol:
    """The constants of an evaluation; the defaults are those of the published numbers.

    Attributes:
        kernel_ratio: of the ground truth, see `heatmap_from_points`. KLD changes much with it.
        intermediate_size: side to which the ground truth is resized before the grid; None for not at all.
        grid: cells per side on which maps are compared.
        blur: kernel of the prediction's blur in cells; 1 for none.
        threshold: of the positives of AUC-Judd, relative to the target's maximum.
        nss_threshold: of the positives of NSS.
        ties: how AUC-Judd treats equal values, "exact" or "jitter".
        normalize: of the prediction, by its "maximum" or its "range".
        eps: keeps KLD and SIM finite.
        pointing_tolerance: largest distance of a hit of the pointing game, relative to the longer side of the image.
        read_out: how the maps of hotspot models are laid over an image, "deployed" as `HotspotPredictor` publishes them
            or "release" as the authors' code does: the image resized to a square, the grid straight over it.

    Raises:
        InputError: a constant is out of its range.
    """

    kernel_ratio: float = 3.0
    intermediate_size: int | None = 224
    grid: int = 28
    blur: int = 5
    threshold: float = 0.5
    nss_threshold: float = 0.1
    ties: Ties = "exact"
    normalize: Normalization = "maximum"
    eps: float = 1e-12
    pointing_tolerance: float = 0.1
    read_out: Layout = "deployed"

    def __post_init__(self) -> None:
        check_number("kernel_ratio", self.kernel_ratio, 0.1, 1000)
        if self.intermediate_size is not None:
            check_number("intermediate_size", self.intermediate_size, 1, 4096, whole=True)
        check_number("grid", self.grid, 1, 4096, whole=True)
        check_number("blur", self.blur, 1, 999, whole=True)
        if self.blur % 2 == 0:
            raise InputError(f"blur {self.blur}: give an odd number of cells, or 1 for none")
        for name in ("threshold", "nss_threshold", "pointing_tolerance"):
            check_number(name, getattr(self, name), 0, 1)
        check_number("eps", self.eps, 0, 1, above=True)

    def __str__(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in asdict(self).items())

    def target(self, entry: Annotation) -> NDArray[np.float32]:
        """(grid, grid) ground-truth map of an entry, of sum 1 or 0; an entry that has a map instead of points is only
        resized."""
        return target(entry, self.grid, self.kernel_ratio, self.intermediate_size)

    def places(self, entry: Annotation) -> NDArray[np.float64]:
        """(P, 2) x, y of the annotated places in pixels of `entry.size_hw`: its points, or the core of its map."""
        return points_above(self.target(entry), entry.size_hw) if isinstance(entry, MapAnnotation) else entry.points

    def is_near(self, point: Sequence[float], places: NDArray[np.float64], size_hw: Sequence[int]) -> bool:
        """Whether a point lies near one of the places, all in pixels of an image of `size_hw`; see `pointing_game`."""
        return pointing_game(point, places, size_hw, self.pointing_tolerance)

    def scores(
        self, pred: NDArray[np.floating], entry: Annotation, points: Sequence[Point] | None = None
    ) -> dict[str, float]:
        """Every metric of a predicted map (h, w) over the entry's image; NaN where a metric is not defined.

        "pointing_game" is 1 where the strongest point lies near an annotated place, else 0, "top_3" where one of the
        three strongest does; "iou_50" is the IoU of the prediction above .5 of its maximum with the ground truth above
        `threshold` of its own.

        Args:
            points: that the method published for the entry's action, in pixels of `entry.size_hw`, strongest first;
                None to look for them in the map.
        """
        values = score(
            pred,
            self.target(entry),
            grid=self.grid,
            blur=self.blur,
            threshold=self.threshold,
            nss_threshold=self.nss_threshold,
            eps=self.eps,
            ties=self.ties,
            normalize=self.normalize,
        )
        result = {name: float(value) for name, value in values.items()}
        places = self.places(entry)
        result |= {"pointing_game": float("nan"), f"top_{TOP_K}": float("nan")}
        if len(places):
            points = self.points(pred, entry.size_hw) if points is None else points
            hits = [self.is_near((point.x, point.y), places, entry.size_hw) for point in points[:TOP_K]]
            result |= {"pointing_game": float(hits[:1] == [True]), f"top_{TOP_K}": float(any(hits))}
        return result | self._regions(pred, entry)

    def _regions(self, pred: NDArray[np.floating], entry: Annotation) -> dict[str, float]:
        grid = normalized(resize_maps(pred, (self.grid, self.grid)), self.normalize, self.eps)
        found, true = blurred(grid, self.blur), self.target(entry)
        return {f"iou_{round(100 * at)}": iou(found, true, at, self.threshold) for at in IOU_THRESHOLDS}

    def size_of(self, entry: Annotation) -> str:
        """How much of the image the ground truth of an entry covers above the threshold: "small", "medium" or "large";
        "none" where it is empty."""
        target = self.target(entry)
        fraction = float((target > self.threshold * target.max()).mean()) if target.max() > 0 else 0.0
        return next((name for name, most in SIZES.items() if fraction <= most), "large")

    def points(self, pred: NDArray[np.floating], size_hw: tuple[int, int], region: Region | None = None) -> list[Point]:
        """What a method that has maps alone points to on an image of that size: the peaks of its map, found as
        `HotspotPredictor` finds its points; of the blurred map on the grid where it is finer than that.

        Args:
            region: of the image that the map covers; None for exactly the image.
        """
        if self.normalize == "range":
            pred = normalized(np.asarray(pred, np.float64), self.normalize, self.eps)
        if max(pred.shape) > self.grid:
            pred = blurred(resize_maps(pred, (self.grid, self.grid)), self.blur)
        region = region or Region(0, 0, size_hw[1], size_hw[0])
        height, width = size_hw
        points = []
        for peak in find_peaks(np.asarray(pred, np.float32)):
            x, y = region.to_pixels(peak.column, peak.row, pred.shape)
            points.append(Point(min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0), peak.value))
        return points


# By name: "deployed" has the constants of the paper, for maps as they are published on a robot; "paper" is that of the
# published numbers for OPRA and EPIC-Kitchens in all; "agd20k" that of AGD20K.
PROTOCOLS: Mapping[str, Protocol] = {
    "deployed": Protocol(),
    "paper": Protocol(read_out="release"),
    "agd20k": Protocol(intermediate_size=None, grid=224, blur=1, normalize="range"),
}
