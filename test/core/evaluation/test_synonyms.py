"""Actions by other names: a method is asked by the name that it knows, and says so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from evaluation.squares import square_images

from hotspot_core.data.annotations import Annotation
from hotspot_core.errors import InputError
from hotspot_core.evaluation.method import Image, Maps, Method
from hotspot_core.evaluation.scoring import evaluate
from hotspot_core.evaluation.synonyms import known_names, translated


class Columns(Method):
    """The map of its n-th action has its peak in column n."""

    name = "columns"
    actions = ("pick up", "tap")

    def __call__(self, image: Image, actions: Sequence[str], entry: Annotation | None = None) -> Maps:
        return np.stack([np.eye(4, dtype=np.float32)[[self.actions.index(action)] * 4] for action in actions])


@pytest.mark.parametrize(
    ("asked", "known", "found"),
    [
        ("pick_up", ("pick up", "hold"), {"pick_up": "pick up"}),
        ("lift", ("pick up", "hold"), {"lift": "pick up"}),
        ("drink_with", ("sip",), {"drink_with": "sip"}),
        ("hold", ("hold", "grasp"), {}),
        ("pick_up", ("lift", "take"), {}),
        ("jump", ("hold",), {}),
    ],
)
def test_names_of_one_action(asked: str, known: Sequence[str], found: dict[str, str]) -> None:
    """Spelling and synonyms; a name that is known stays, and of two synonyms none is guessed."""
    assert known_names([asked], known) == found


def test_a_method_is_asked_by_its_own_names(tmp_path: Path) -> None:
    """1. A set's "press" is its "tap"; "open" stays unknown, which is named. 2. The table says what was asked."""
    annotations = square_images(tmp_path, count=2)
    method = translated(Columns(), annotations)
    assert method.setting == "press asked as tap"
    with pytest.raises(InputError, match="does not know open"):
        evaluate(method, annotations)
    maps = method.predict(np.zeros((8, 8, 3), np.uint8), ["press", "tap", "pick up"]).maps
    assert maps.argmax(2)[:, 0].tolist() == [1, 1, 0]
    assert len(evaluate(method, annotations.selected(["press"])).items) == 2
