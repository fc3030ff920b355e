"""Runs a method over annotated images and scores it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from hotspot_core.data.annotations import Annotation, AnnotationSet
from hotspot_core.errors import InputError
from hotspot_core.evaluation.affordance import JudgedAction
from hotspot_core.evaluation.method import Maps, Method, MethodOutput, Point
from hotspot_core.evaluation.protocol import Protocol
from hotspot_core.evaluation.results import Evaluation, Item
from hotspot_core.media.images import read_image

# (H, W, 3) uint8 RGB image, names of A actions -> (A, h, w) maps >= 0 that cover exactly the image.
Predict = Callable[[NDArray[np.uint8], Sequence[str]], NDArray[np.float32]]


class FunctionMethod(Method):
    """A function as a method."""

    def __init__(self, function: Predict) -> None:
        self.name = getattr(function, "__name__", "function")
        self._function = function

    def __call__(self, image: NDArray[np.uint8], actions: Sequence[str], entry: Annotation | None = None) -> Maps:
        return self._function(image, actions)


@dataclass
class _ImageTask:
    """What is asked of one image: the entries to score by their index, and the actions to judge."""

    image: Path
    size_hw: tuple[int, int]
    entries: dict[int, Annotation] = field(default_factory=dict)
    judged: tuple[str, ...] = ()

    def entry_for(self, action: str) -> Annotation:
        """An entry of this image for an action, without points where the image has none."""
        own = list(self.entries.values())
        same = [entry for entry in own if entry.action == action]
        name = own[0].object if own else ""
        return same[0] if same else Annotation(self.image, action, name, self.size_hw, np.zeros((0, 2)))


def evaluate(
    predict: Predict | Method,
    annotations: AnnotationSet,
    protocol: Protocol | None = None,
    *,
    merge: bool = True,
    images: bool = True,
    skip_missing: bool = False,
    affordance: bool = False,
    progress: str | None = None,
) -> Evaluation:
    """Score a method on annotated images. It is called once per image, for all actions that are asked for there.

    Args:
        predict: (H, W, 3) uint8 RGB image, names of A actions -> (A, h, w) maps >= 0 that cover exactly the image; or
            a `Method`, which also learns which entry it is, and may publish points and scores.
        protocol: the constants; None for the published ones.
        merge: one item per image and action, with the points of all its entries; else one per entry.
        images: False for methods that do not look at the image: they get a black one, and no file is opened.
        skip_missing: count missing images, and entries that a method has no map for, instead of raising.
        affordance: also ask for the actions that are known not to be afforded, and of images without any; see
            `hotspot_core.evaluation.affordance`. Actions that the method does not know are left out.
        progress: title of a progress bar; None for none.

    Raises:
        InputError: missing images or maps (with `skip_missing`: all of them), an unreadable one, an action that the
            method does not know, or a map of a wrong shape, or that is not finite or negative; the text names the
            image and the action.
    """
    protocol = protocol or Protocol()
    method = predict if isinstance(predict, Method) else FunctionMethod(predict)
    annotations = annotations.merged() if merge else annotations
    if not affordance:
        annotations = replace(annotations, empty=())
    method.check_actions(annotations)
    annotations, unpredicted = _predicted(method, annotations, skip_missing)
    tasks = _tasks(annotations, method, affordance)
    missing = annotations.missing_images() if images else []
    if missing and (not skip_missing or len(missing) == len(tasks)):
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise InputError(f"{annotations.path}: no image {missing[0]}{more}: {len(missing)} of {len(tasks)} missing")
    tasks = [task for task in tasks if task.image not in set(missing)]
    scores: dict[int, dict[str, float]] = {}
    judged: list[JudgedAction] = []
    for task in track(tasks, progress or "", disable=progress is None):
        outputs = _ask(method, task, images)
        for index, entry in task.entries.items():
            scores[index] = _scores(outputs[entry.action], entry, protocol, method.name)
        judged += _judged(outputs, task, protocol)
    items = []
    for index in sorted(scores):
        entry = annotations.entries[index]
        items.append(Item(entry.image, entry.action, entry.object, scores[index], protocol.size_of(entry)))
    return Evaluation(tuple(items), tuple(missing), protocol, unpredicted, tuple(judged))


def _predicted(method: Method, annotations: AnnotationSet, skip_missing: bool) -> tuple[AnnotationSet, tuple[str, ...]]:
    """The entries that a method has maps for, and which it has not."""
    absent = tuple(f"{e.image.name}, {e.action}" for e in annotations.entries if not method.predicts(e))
    if absent and (not skip_missing or len(absent) == len(annotations)):
        raise InputError(
            f"{method.name}: no prediction for {absent[0]}, {len(absent)} of {len(annotations)} missing: give them, or "
            "count them with --skip-missing"
        )
    return (annotations.where(method.predicts) if absent else annotations), absent


def _tasks(annotations: AnnotationSet, method: Method, affordance: bool) -> list[_ImageTask]:
    tasks: dict[Path, _ImageTask] = {}
    for index, entry in enumerate(annotations.entries):
        tasks.setdefault(entry.image, _ImageTask(entry.image, entry.size_hw)).entries[index] = entry
    for empty in annotations.empty:
        tasks[empty.image] = _ImageTask(empty.image, empty.size_hw)
    for task in tasks.values():
        if affordance:
            afforded = {entry.action for entry in task.entries.values()}
            actions = annotations.judged(task.image, afforded)
            task.judged = tuple(
                name
                for name in actions
                if name in afforded or (method.knows(name) and method.predicts(task.entry_for(name)))
            )
    return [task for task in tasks.values() if task.entries or task.judged]


@dataclass(frozen=True)
class _Answer:
    """What a method said of one action: a map, points in pixels of the annotated image, and a score."""

    heatmap: NDArray[np.floating]
    points: list[Point] | None
    score: float | None


def _ask(method: Method, task: _ImageTask, images: bool) -> dict[str, _Answer]:
    """Action -> what the method says of it."""
    first = next(iter(task.entries.values()), None)
    image = np.zeros((*task.size_hw, 3), np.uint8)
    if images:
        image = first.read_image() if first is not None else read_image(task.image)
    actions = tuple(dict.fromkeys([*(entry.action for entry in task.entries.values()), *task.judged]))
    output: MethodOutput = method.predict(image, actions, first or task.entry_for(actions[0]))
    maps = np.asarray(output.maps)
    if maps.ndim != 3 or len(maps) != len(actions):
        raise InputError(f"{task.image}: maps of shape {maps.shape} for {len(actions)} actions: give (A, h, w)")
    answers = {}
    for index, action in enumerate(actions):
        points = None if output.points is None else [_at(p, image.shape, task.size_hw) for p in output.points[index]]
        answers[action] = _Answer(maps[index], points, None if output.scores is None else float(output.scores[index]))
    return answers


def _at(point: Point, image_shape: Sequence[int], size_hw: tuple[int, int]) -> Point:
    """A point of an image in the pixels in which it was annotated, which the file may not have any more."""
    scale_y, scale_x = size_hw[0] / image_shape[0], size_hw[1] / image_shape[1]
    return point._replace(x=(point.x + 0.5) * scale_x - 0.5, y=(point.y + 0.5) * scale_y - 0.5)


def _scores(answer: _Answer, entry: Annotation, protocol: Protocol, name: str) -> dict[str, float]:
    try:
        return protocol.scores(answer.heatmap, entry, answer.points)
    except InputError as error:
        raise InputError(f"{name}, {entry.image}, action {entry.action}: {error}") from None


def _judged(answers: dict[str, _Answer], task: _ImageTask, protocol: Protocol) -> list[JudgedAction]:
    parts: dict[str, list[NDArray[np.float64]]] = {}
    for entry in task.entries.values():
        parts.setdefault(entry.action, []).append(protocol.places(entry))
    own = {action: np.concatenate(places) for action, places in parts.items()}
    judged = []
    for action in task.judged:
        answer = answers[action]
        points = protocol.points(answer.heatmap, task.size_hw) if answer.points is None else answer.points
        true = own.get(action, np.zeros((0, 2)))
        hits = tuple(len(true) > 0 and protocol.is_near(point[:2], true, task.size_hw) for point in points)
        others = [places for places in own.values() if len(places)] if action not in own else []
        cross_hits = tuple(bool(points) and protocol.is_near(points[0][:2], places, task.size_hw) for places in others)
        values = tuple(point.value for point in points)
        stated = tuple(point.probability for point in points if point.probability is not None)
        probabilities = stated if len(stated) == len(points) else ()
        judged.append(
            JudgedAction(task.image, action, action in own, answer.score, values, hits, cross_hits, probabilities)
        )
    return judged
