"""What an evaluation comes to: the scores of single items, and their means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hotspot_core.evaluation.affordance import JudgedAction, summaries
from hotspot_core.evaluation.protocol import Protocol
from hotspot_core.evaluation.summary import Summary, mean_of_splits, summarize


@dataclass(frozen=True)
class Item:
    """The scores of one entry: metric -> value, NaN where it is not defined; `size` is that of its ground truth, see
    `Protocol.size_of`."""

    image: Path
    action: str
    object: str
    scores: dict[str, float]
    size: str = ""


@dataclass(frozen=True)
class Evaluation:
    """The scores of one method.

    Attributes:
        items: one per entry (or merged entry), in order.
        missing: images that were not there; none of their entries is among the items.
        protocol: with which constants.
        unpredicted: "image, action" of the entries that the method has no map for; they are not among the items.
        judged: what the method said of all actions of each image; empty where that was not asked for.
        splits: the evaluations of which this is the mean, for novel objects; empty otherwise.
    """

    items: tuple[Item, ...]
    missing: tuple[Path, ...]
    protocol: Protocol
    unpredicted: tuple[str, ...] = ()
    judged: tuple[JudgedAction, ...] = ()
    splits: tuple[Evaluation, ...] = ()

    @property
    def summary(self) -> dict[str, Summary]:
        """Metric -> its summary over all items; the mean of the splits' means where there are splits."""
        if self.splits:
            return mean_of_splits([split.summary for split in self.splits])
        return {name: summarize([item.scores[name] for item in self.items]) for name in self.items[0].scores}

    @property
    def affordance(self) -> dict[str, Summary]:
        """Metric of `AFFORDANCE_METRICS` -> its summary over images; empty where that was not asked for."""
        if self.splits:
            return mean_of_splits([split.affordance for split in self.splits])
        return summaries(self.judged) if self.judged else {}

    def by(self, key: str) -> dict[str, dict[str, Summary]]:
        """The summary per "action", "object" or "size"."""
        groups: dict[str, list[Item]] = {}
        for item in self.items:
            groups.setdefault(getattr(item, key), []).append(item)
        return {name: Evaluation(tuple(items), (), self.protocol).summary for name, items in sorted(groups.items())}

    def as_json(self) -> dict[str, Any]:
        """All of it for a JSON file; undefined values are None."""
        return {
            "protocol": asdict(self.protocol),
            "summary": _summary_json({**self.summary, **self.affordance}),
            "missing": [str(path) for path in self.missing],
            "unpredicted": list(self.unpredicted),
            **({"splits": [_summary_json(split.summary) for split in self.splits]} if self.splits else {}),
            "items": [
                {"image": str(i.image), "action": i.action, "object": i.object, "size": i.size, **_json(i.scores)}
                for i in self.items
            ],
            **({"judged": [{**asdict(one), "image": str(one.image)} for one in self.judged]} if self.judged else {}),
        }


def _summary_json(summary: Mapping[str, Summary]) -> dict[str, dict[str, float | None]]:
    return {name: _json(asdict(value)) for name, value in summary.items()}


def _json(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: None if np.isnan(value) else value for name, value in values.items()}
