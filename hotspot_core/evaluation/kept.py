"""Evaluations that are done while others are not yet: an interrupted run finds them again when it is repeated."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hotspot_core.data.annotations import AnnotationSet, MapAnnotation
from hotspot_core.errors import InputError
from hotspot_core.evaluation.affordance import JudgedAction
from hotspot_core.evaluation.method import Method
from hotspot_core.evaluation.protocol import Protocol
from hotspot_core.evaluation.results import Evaluation, Item
from hotspot_core.utils.files import write_text

FOLDER = "unfinished"


class KeptEvaluations:
    """One file per evaluation, in a folder that is there only while a run is unfinished.

    Args:
        output: folder of the report.

    Attributes:
        folder: where the files are.
    """

    def __init__(self, output: Path) -> None:
        self.folder = output / FOLDER

    def __len__(self) -> int:
        return len(list(self.folder.glob("*.json")))

    def once(self, name: str, key: str, protocol: Protocol, make: Callable[[], Evaluation]) -> Evaluation:
        """What an interrupted run has kept under a key (see `identity`), or what `make` returns, which is then kept.

        Args:
            name: of the method, for whoever looks at the folder.
            protocol: of the evaluation.

        Raises:
            InputError: the folder cannot be written; or see `make`.
        """
        path = self.folder / f"{key}.json"
        if path.is_file():
            try:
                return _evaluation(json.loads(path.read_text(encoding="utf-8")), protocol)
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(f"{path}: not what an evaluation left here ({error}): delete {self.folder}") from error
        evaluation = make()
        write_text(path, json.dumps({"method": name, **_document(evaluation)}))
        return evaluation

    def discard(self) -> None:
        """To be called once the report is written."""
        for path in self.folder.glob("*.json"):
            path.unlink()
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()


def identity(method: Method, annotations: AnnotationSet, protocol: Protocol, **settings: Any) -> str:
    """Changes with all that an evaluation depends on: the method, the files of the images, the annotations, and the
    settings."""
    digest = hashlib.sha256()
    what = type(method).__name__, method.name, method.supervision, method.provenance
    digest.update(repr((what, asdict(protocol), sorted(settings.items()))).encode())
    complete = sorted((str(image), sorted(names)) for image, names in annotations.complete.items())
    digest.update(repr((annotations.actions, annotations.exhaustive, complete)).encode())
    for entry in annotations.entries:
        digest.update(repr((entry.action, entry.object, entry.size_hw, _file(entry.image))).encode())
        digest.update(entry.points.tobytes())
        if isinstance(entry, MapAnnotation):
            digest.update(_map(entry))
    for empty in annotations.empty:
        digest.update(repr((empty.size_hw, _file(empty.image))).encode())
    return digest.hexdigest()[:24]


def _map(entry: MapAnnotation) -> bytes:
    """What changes with an entry's map."""
    if isinstance(entry.heatmap, Path):
        return repr(_file(entry.heatmap)).encode()
    return entry.read_map().tobytes()


def _file(path: Path) -> tuple[str, int, int]:
    """A file's path, and what changes with its content; -1 where it is missing."""
    try:
        status = path.stat()
    except OSError:
        return str(path), -1, -1
    return str(path), status.st_size, status.st_mtime_ns


def _document(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "items": [
            [str(item.image), item.action, item.object, _floats(item.scores), item.size] for item in evaluation.items
        ],
        "missing": [str(path) for path in evaluation.missing],
        "unpredicted": list(evaluation.unpredicted),
        "judged": [
            [
                str(one.image),
                one.action,
                bool(one.afforded),
                None if one.score is None else float(one.score),
                *([float(value) for value in values] for values in (one.values, one.probabilities)),
                *([bool(hit) for hit in hits] for hits in (one.hits, one.cross_hits)),
            ]
            for one in evaluation.judged
        ],
    }


def _floats(scores: dict[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in scores.items()}


def _evaluation(document: dict[str, Any], protocol: Protocol) -> Evaluation:
    items = tuple(Item(Path(image), *rest) for image, *rest in document["items"])
    judged = tuple(
        JudgedAction(
            Path(image), action, afforded, score, tuple(values), tuple(hits), tuple(cross_hits), tuple(probabilities)
        )
        for image, action, afforded, score, values, probabilities, hits, cross_hits in document["judged"]
    )
    missing = tuple(map(Path, document["missing"]))
    return Evaluation(items, missing, protocol, tuple(document["unpredicted"]), judged)
