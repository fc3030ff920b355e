"""Metrics over all actions of an image, against small examples that are worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from media.recordings import write_image

from hotspot_core.data.annotation_files import read_annotations
from hotspot_core.data.annotations import Annotation
from hotspot_core.evaluation.affordance import (
    JudgedAction,
    action_auc,
    average_precision,
    calibration_error,
    cross_action_accuracy,
    mean_average_precision,
    summaries,
)
from hotspot_core.evaluation.method import Maps, Method, MethodOutput, Point
from hotspot_core.evaluation.scoring import evaluate


def judged(
    action: str,
    afforded: bool,
    score: float | None = None,
    points: Sequence[tuple[float, bool]] = (),
    cross_hits: tuple[bool, ...] = (),
    image: str = "a",
) -> JudgedAction:
    values, hits = tuple(value for value, _ in points), tuple(hit for _, hit in points)
    return JudgedAction(Path(image), action, afforded, score, values, hits, cross_hits)


def test_the_auc_counts_pairs() -> None:
    """Afforded .8 and .3, others .5 and .3: of four pairs two are right, one is a tie and one is wrong: 2.5 / 4."""
    scores = [("open", True, 0.8), ("pull", True, 0.3), ("pour", False, 0.5), ("hold", False, 0.3)]
    image = [judged(name, afforded, score) for name, afforded, score in scores]
    assert action_auc(image) == pytest.approx(2.5 / 4)
    assert np.isnan(action_auc(image[:2])), "nothing to rank above"
    assert np.isnan(action_auc([judged("open", True), judged("pour", False)])), "no scores"


def test_average_precision_is_the_area_under_the_curve() -> None:
    """Ranked by score x value: a hit (.9), a false point of an action that is not afforded (.6), a miss (.45), a hit on
    another image (.4); a second hit on the first place, of .81, is left out. Three actions are afforded, the third gets
    no point: (1/1 + 2/4) / 3."""
    points = [
        judged("open", True, 0.9, [(1.0, True), (0.9, True)]),
        judged("pour", False, 0.6, [(1.0, False)]),
        judged("pull", True, 0.5, [(0.9, False), (0.8, True)], image="b"),
        judged("press", True, 0.5, image="b"),
    ]
    assert average_precision(points) == pytest.approx((1 / 1 + 2 / 4) / 3)
    assert average_precision([judged("open", True, 0.9)]) == 0
    assert np.isnan(average_precision(points[1:2])), "nothing is afforded"


def test_equal_ranks_enter_together() -> None:
    """A method without scores, whose strongest points have the value 1: one of two is right whatever their order."""
    points = [judged("open", True, None, [(1.0, True)]), judged("pour", False, None, [(1.0, False)])]
    assert average_precision(points) == average_precision(points[::-1]) == pytest.approx(1 / 2)


def test_the_mean_average_precision_is_per_action() -> None:
    """open: its only point is right, 1. pull: a false point on another image comes first, 1/2. pour is never afforded
    and does not count, though it would spoil the common ranking."""
    points = [
        judged("open", True, 0.3, [(1.0, True)]),
        judged("pull", True, 0.4, [(1.0, True)]),
        judged("pull", False, 0.5, [(1.0, False)], image="b"),
        judged("pour", False, 0.9, [(1.0, False)]),
    ]
    assert mean_average_precision(points) == pytest.approx((1 + 1 / 2) / 2)
    assert average_precision(points) == pytest.approx((1 / 3 + 2 / 4) / 2)


def test_the_calibration_error_is_the_mean_gap() -> None:
    """Bin .9 to 1: scores .95 and .91, one afforded, gap .43 x 2. Bin .1 to .2: .15, not afforded, gap .15. A score of
    1 belongs to the last bin."""
    items = [judged("a", True, 0.95), judged("b", False, 0.91), judged("c", False, 0.15)]
    assert calibration_error(items) == pytest.approx((abs(0.93 - 0.5) * 2 + 0.15) / 3)
    assert calibration_error([judged("a", True, 1.0)]) == pytest.approx(0)
    assert np.isnan(calibration_error([judged("a", True)]))


def test_the_cross_action_accuracy_counts_wrong_maps_that_hit() -> None:
    """Two actions that are not afforded against two that are: one of the four strongest points hits."""
    items = [
        judged("open", True),
        judged("pull", True),
        judged("pour", False, cross_hits=(True, False)),
        judged("hold", False, cross_hits=(False, False)),
    ]
    assert cross_action_accuracy(items) == pytest.approx(1 / 4)
    assert np.isnan(cross_action_accuracy(items[:2]))


def test_a_summary_says_how_sure_it_is() -> None:
    """The mean AUC and its error over images; metrics of all images together have an error by resampling, 0 where all
    images are alike; what is not defined is NaN of no image."""

    def image(name: str, open_score: float) -> list[JudgedAction]:
        right = judged("open", True, open_score, [(1.0, True)], image=name)
        return [right, judged("pour", False, 0.5, [(0.5, False)], (False,), image=name)]

    alike = summaries([*image("a", 0.9), *image("b", 0.9)])
    assert (alike["action_auc"].mean, alike["action_auc"].n) == (1, 2)
    assert (alike["average_precision"].mean, alike["average_precision"].standard_error) == (1, 0)
    mixed = summaries([*image("a", 0.9), *image("b", 0.1)])
    assert (mixed["action_auc"].mean, mixed["action_auc"].standard_error) == pytest.approx((0.5, 0.5 / 2**0.5))
    assert mixed["average_precision"].standard_error > 0.01
    unscored = summaries([judged("open", True, None, [(1.0, True)])])
    assert np.isnan(unscored["action_auc"].mean)
    assert np.isnan(unscored["calibration_error"].mean)
    assert unscored["calibration_error"].n == 0


class Pointer(Method):
    """Points to fixed places, in pixels of the image that it gets, and scores an action by the length of its name."""

    name = "pointer"
    actions = ("open", "pour", "press")
    places = {"open": (20.0, 10.0), "pour": (21.0, 10.0), "press": (70.0, 30.0)}  # noqa: RUF012

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[str, ...]]] = []

    def __call__(self, image: np.ndarray, actions: Sequence[str], entry: Annotation | None = None) -> Maps:
        return self.predict(image, actions, entry).maps

    def predict(self, image: np.ndarray, actions: Sequence[str], entry: Annotation | None = None) -> MethodOutput:
        assert entry is not None
        self.calls.append((entry.image.name, tuple(actions)))
        scale = image.shape[1] / 80
        points = [[Point(self.places[name][0] * scale, self.places[name][1] * scale, 1.0)] for name in actions]
        return MethodOutput(np.ones((len(actions), 4, 8), np.float32), points, np.array([len(n) / 10 for n in actions]))


@pytest.fixture
def kitchen(tmp_path: Path) -> Path:
    """Two annotated images, annotated as 80x40, one of them twice as large as a file; a third that affords nothing. On
    the second, only open and press were looked for. The method does not know pull."""
    entries = [
        {"image": "a.png", "action": "open", "object": "door", "width": 80, "height": 40, "points": [[20, 10]]},
        {"image": "b.png", "action": "press", "object": "radio", "width": 80, "height": 40, "points": [[20, 10]]},
    ]
    entries[1]["complete"] = ["open", "press"]
    document = {
        "actions": ["open", "pour", "press", "pull"],
        "images": entries,
        "empty": [{"image": "wall.png", "width": 80, "height": 40}],
    }
    for name, scale in (("a", 2), ("b", 1), ("wall", 1)):
        write_image(tmp_path / f"{name}.png", np.full((40 * scale, 80 * scale, 3), 90, np.uint8))
    path = tmp_path / "kitchen.json"
    path.write_text(json.dumps(document))
    return path


def test_what_an_image_affords_decides(kitchen: Path) -> None:
    """1. Every image is asked once, for all actions of which is known whether it affords them and that the method
    knows; one that affords nothing, too. 2. Points count in the pixels of the annotation. 3. The metrics of single maps
    are those without the others. 4. All of it stands in the JSON."""
    method = Pointer()
    found = evaluate(method, read_annotations(kitchen), affordance=True)
    assert method.calls == [
        ("a.png", ("open", "pour", "press")),
        ("b.png", ("press", "open")),
        ("wall.png", ("open", "pour", "press")),
    ]
    by_name = {(one.image.name, one.action): one for one in found.judged}
    assert [key for key, one in by_name.items() if one.afforded] == [("a.png", "open"), ("b.png", "press")]
    assert by_name["a.png", "open"].hits == (True,)
    assert by_name["a.png", "pour"].cross_hits == (True,)
    assert by_name["a.png", "press"].cross_hits == (False,)
    assert by_name["b.png", "press"].hits == (False,)
    assert by_name["b.png", "open"].cross_hits == (True,)
    assert by_name["wall.png", "open"].cross_hits == ()
    assert by_name["a.png", "press"].score == 0.5
    summary = found.affordance
    assert summary["cross_action"].mean == pytest.approx(2 / 3)
    # Ranked: press .5 on three images, all wrong; open and pour .4, one of five right: 1/8 of 2 actions.
    assert summary["average_precision"].mean == pytest.approx(1 / 8 / 2)
    plain = evaluate(Pointer(), read_annotations(kitchen))
    assert plain.items == found.items
    assert plain.affordance == {}
    written = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert written["summary"]["cross_action"]["mean"] == pytest.approx(2 / 3)
    assert len(written["judged"]) == 8
