"""Runs a method over annotated stills and scores it: from a callable and an annotation file to a table's row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from hotspot_core.data.annotations import Annotation, AnnotationSet
from hotspot_core.data.heatmaps import ground_truth, resize_maps
from hotspot_core.data.readers.agd20k import MapAnnotation, read_map
from hotspot_core.errors import InputError
from hotspot_core.evaluation.method import Method
from hotspot_core.evaluation.metrics import Normalization, Ties, blurred, hit, points_above, score
from hotspot_core.hotspots.peaks import find_peaks
from hotspot_core.hotspots.regions import Region

# (H, W, 3) uint8 RGB image, names of A actions -> (A, h, w) maps >= 0 that cover exactly the image.
Predict = Callable[[NDArray[np.uint8], Sequence[str]], NDArray[np.float32]]


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
        normalise: of the prediction, by its "maximum" or its "range".
        eps: keeps KLD and SIM finite.
        pointing_tolerance: largest distance of a hit, relative to the longer side of the image.
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

    def __str__(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in asdict(self).items())

    def target(self, entry: Annotation) -> NDArray[np.float32]:
        """(grid, grid) ground-truth map of an entry, of sum 1 or 0; an entry that has a map instead of points is only
        resized."""
        if isinstance(entry, MapAnnotation):
            heatmap = resize_maps(read_map(entry.heatmap), (self.grid, self.grid))
            return (heatmap / max(float(heatmap.sum()), 1e-30)).astype(np.float32)
        return ground_truth(entry.points, entry.size_hw, self.grid, self.kernel_ratio, self.intermediate_size)

    def scores(self, pred: NDArray[np.floating], entry: Annotation) -> dict[str, float]:
        """Every metric of a predicted map (h, w) over the entry's image; NaN where a metric is not defined.

        "hit" is 1 where the strongest peak lies near an annotated point, else 0.
        """
        target = self.target(entry)
        values = score(
            pred,
            target,
            grid=self.grid,
            blur=self.blur,
            threshold=self.threshold,
            nss_threshold=self.nss_threshold,
            eps=self.eps,
            ties=self.ties,
            normalize=self.normalize,
        )
        found = {name: float(value) for name, value in values.items()}
        true = points_above(target, entry.size_hw) if isinstance(entry, MapAnnotation) else entry.points
        found["hit"] = float("nan")
        if len(true):
            found["hit"] = float(
                hit(self._strongest(pred, entry.size_hw), true, entry.size_hw, self.pointing_tolerance)
            )
        return found

    def _strongest(self, pred: NDArray[np.floating], size_hw: tuple[int, int]) -> tuple[float, float] | None:
        """x, y of the strongest peak in pixels of the image; of the map on the grid where it is finer than that."""
        if max(pred.shape) > self.grid:
            pred = blurred(resize_maps(pred, (self.grid, self.grid)), self.blur)
        peaks = find_peaks(np.asarray(pred, np.float32), max_peaks=1)
        if not peaks:
            return None
        return Region(0, 0, size_hw[1], size_hw[0]).to_pixels(peaks[0].column, peaks[0].row, pred.shape)


# By name: "paper" is that of the published numbers for OPRA and EPIC-Kitchens; "agd20k" that of AGD20K.
PROTOCOLS: Mapping[str, Protocol] = {
    "paper": Protocol(),
    "agd20k": Protocol(intermediate_size=None, grid=224, blur=1, normalize="range"),
}


@dataclass(frozen=True)
class Item:
    """The scores of one entry: metric -> value, NaN where it is not defined."""

    image: Path
    action: str
    object: str
    scores: dict[str, float]


@dataclass(frozen=True)
class Summary:
    """A metric over all items: mean, standard error of the mean, number of items in it, number skipped (undefined)."""

    mean: float
    standard_error: float
    n: int
    skipped: int


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found.

    Attributes:
        items: one per entry (or merged entry), in order.
        missing: images that were not there; none of their entries is among the items.
        protocol: with which constants.
        unpredicted: "image, action" of the entries that the method has no map for; they are not among the items.
        splits: the evaluations of which this is the mean, for novel objects; empty otherwise.
    """

    items: tuple[Item, ...]
    missing: tuple[Path, ...]
    protocol: Protocol
    unpredicted: tuple[str, ...] = ()
    splits: tuple[Evaluation, ...] = ()

    @property
    def summary(self) -> dict[str, Summary]:
        """Metric -> its summary over all items; the mean of the splits' means where there are splits."""
        if self.splits:
            return mean_of_splits([split.summary for split in self.splits])
        return {name: summarize([item.scores[name] for item in self.items]) for name in self.items[0].scores}

    def by(self, key: str) -> dict[str, dict[str, Summary]]:
        """The same per "action" or per "object"."""
        groups: dict[str, list[Item]] = {}
        for item in self.items:
            groups.setdefault(getattr(item, key), []).append(item)
        return {name: Evaluation(tuple(items), (), self.protocol).summary for name, items in sorted(groups.items())}

    def as_json(self) -> dict[str, Any]:
        """All of it for a JSON file; undefined values are None."""
        return {
            "protocol": asdict(self.protocol),
            "summary": _summary_json(self.summary),
            "missing": [str(path) for path in self.missing],
            "unpredicted": list(self.unpredicted),
            **({"splits": [_summary_json(split.summary) for split in self.splits]} if self.splits else {}),
            "items": [
                {"image": str(i.image), "action": i.action, "object": i.object, **_json(i.scores)} for i in self.items
            ],
        }


def evaluate(
    predict: Predict | Method,
    annotations: AnnotationSet,
    protocol: Protocol | None = None,
    *,
    merge: bool = True,
    images: bool = True,
    skip_missing: bool = False,
    progress: str | None = None,
) -> Evaluation:
    """Score a method on annotated stills. It is called once per image, for all actions annotated there.

    Args:
        predict: (H, W, 3) uint8 RGB image, names of A actions -> (A, h, w) maps >= 0 that cover exactly the image; or
            a `Method`, which also learns which entry it is.
        protocol: the constants; None for the published ones.
        merge: one item per image and action, with the points of all its entries; else one per entry.
        images: False for methods that do not look at the image: they get a black one, and no file is opened.
        skip_missing: count missing images, and entries that a method has no map for, instead of raising.
        progress: title of a progress bar; None for none.

    Raises:
        InputError: missing images or maps (with `skip_missing`: all of them), an unreadable one, an action that the
            method does not know, or a map of a wrong shape, or that is not finite or negative; the text names the
            image and the action.
    """
    protocol = protocol or Protocol()
    annotations = annotations.merged() if merge else annotations
    unpredicted: tuple[str, ...] = ()
    if isinstance(predict, Method):
        predict.check_actions(annotations)
        annotations, unpredicted = _predicted(predict, annotations, skip_missing)
    missing = annotations.missing_images() if images else []
    by_image: dict[Path, list[int]] = {}
    for index, entry in enumerate(annotations.entries):
        by_image.setdefault(entry.image, []).append(index)
    if missing and (not skip_missing or len(missing) == len(by_image)):
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise InputError(f"{annotations.path}: no image {missing[0]}{more}: {len(missing)} of {len(by_image)} missing")
    for path in missing:
        del by_image[path]
    scores: dict[int, dict[str, float]] = {}
    for path, indices in track(by_image.items(), progress or "", disable=progress is None):
        entries = [annotations.entries[index] for index in indices]
        for index, values in zip(indices, _image_scores(predict, path, entries, protocol, images), strict=True):
            scores[index] = values
    items = []
    for index in sorted(scores):
        entry = annotations.entries[index]
        items.append(Item(entry.image, entry.action, entry.object, scores[index]))
    return Evaluation(tuple(items), tuple(missing), protocol, unpredicted)


def mean_of_splits(summaries: Sequence[Mapping[str, Summary]]) -> dict[str, Summary]:
    """The mean of the means of disjoint splits, with its standard error; the numbers of items are added up."""
    found = {}
    for name in summaries[0]:
        parts = [summary[name] for summary in summaries]
        error = sum(part.standard_error**2 for part in parts) ** 0.5 / len(parts)
        mean = sum(part.mean for part in parts) / len(parts)
        found[name] = Summary(mean, error, sum(part.n for part in parts), sum(part.skipped for part in parts))
    return found


def summarize(values: Sequence[float]) -> Summary:
    """Mean and standard error (population deviation, as published) of the values that are not NaN."""
    known = np.array([value for value in values if not np.isnan(value)])
    skipped = len(values) - len(known)
    if not len(known):
        return Summary(float("nan"), float("nan"), 0, skipped)
    return Summary(float(known.mean()), float(known.std() / len(known) ** 0.5), len(known), skipped)


def _predicted(method: Method, annotations: AnnotationSet, skip_missing: bool) -> tuple[AnnotationSet, tuple[str, ...]]:
    """The entries that a method has maps for, and which it has not."""
    kept = [entry for entry in annotations.entries if method.predicts(entry)]
    absent = tuple(f"{e.image.name}, {e.action}" for e in annotations.entries if not method.predicts(e))
    if absent and (not skip_missing or not kept):
        raise InputError(
            f"{method.name}: no prediction for {absent[0]}, {len(absent)} of {len(annotations)} missing: give them, or "
            "count them with --skip-missing"
        )
    return replace(annotations, entries=tuple(kept)), absent


def _image_scores(
    predict: Predict | Method, path: Path, entries: Sequence[Annotation], protocol: Protocol, images: bool
) -> list[dict[str, float]]:
    image = entries[0].read_image() if images else np.zeros((*entries[0].size_hw, 3), np.uint8)
    actions = tuple(dict.fromkeys(entry.action for entry in entries))
    asked = predict(image, actions, entries[0]) if isinstance(predict, Method) else predict(image, actions)
    maps = np.asarray(asked)
    if maps.ndim != 3 or len(maps) != len(actions):
        raise InputError(f"{path}: maps of shape {maps.shape} for {len(actions)} actions: give (A, h, w)")
    by_action: Mapping[str, NDArray[np.floating]] = dict(zip(actions, maps, strict=True))
    found = []
    for entry in entries:
        try:
            found.append(protocol.scores(by_action[entry.action], entry))
        except InputError as error:
            raise InputError(f"{path}, action {entry.action}: {error}") from None
    return found


def _summary_json(summary: Mapping[str, Summary]) -> dict[str, dict[str, float | None]]:
    return {name: _json(asdict(value)) for name, value in summary.items()}


def _json(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: None if np.isnan(value) else value for name, value in values.items()}
