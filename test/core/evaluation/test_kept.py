"""An evaluation that is interrupted keeps the methods that are done, and goes on from there when it is repeated."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from evaluation.squares import square_images

pytest.importorskip("torch", reason="the extra 'torch' is not installed")

from hotspot_core import evaluate
from hotspot_core.data.annotations import Annotation, AnnotationSet
from hotspot_core.errors import InputError
from hotspot_core.evaluation.comparison import evaluate_methods
from hotspot_core.evaluation.kept import KeptEvaluations
from hotspot_core.evaluation.method import Maps, Method, MethodOutput, Point
from hotspot_core.evaluation.protocol import Protocol


class Sure(Method):
    """Scores, points with probabilities, and a map; Ctrl-C comes with its image number `ends`."""

    def __init__(self, name: str, ends: int | None = None) -> None:
        self.name, self.ends, self.asked = name, ends, 0

    def __call__(self, image: np.ndarray, actions: Sequence[str], entry: Annotation | None = None) -> Maps:
        return self.predict(image, actions, entry).maps

    def predict(self, image: np.ndarray, actions: Sequence[str], entry: Annotation | None = None) -> MethodOutput:
        if self.asked == self.ends:
            raise KeyboardInterrupt
        self.asked += 1
        rng = np.random.default_rng(self.asked)
        points = [[Point(rng.uniform(0, 60), rng.uniform(0, 60), 1.0, 0.4), Point(9.0, 9.0, 0.5, 0.1)] for _ in actions]
        return MethodOutput(rng.random((len(actions), 8, 8), np.float32), points, rng.random(len(actions)))


def scored(annotations: AnnotationSet, methods: Sequence[Method], output: Path | None) -> list[dict[str, Any]]:
    kept = None if output is None else KeptEvaluations(output)
    rows = evaluate_methods(methods, annotations, Protocol(), affordance=True, kept=kept)
    return [{"name": row.name, **row.evaluation.as_json()} for row in rows]


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    """1. Three methods, the second of which is interrupted. 2. The next run asks the first one nothing, the others
    everything; all is what it is without interruption, to the last digit. 3. Another annotation, or a picture that has
    changed, is another evaluation. 4. A file that is damaged is named."""
    annotations = square_images(tmp_path, count=3)
    whole = scored(annotations, [Sure("a"), Sure("b"), Sure("c")], None)
    with pytest.raises(KeyboardInterrupt):
        scored(annotations, [Sure("a"), Sure("b", ends=1), Sure("c")], tmp_path / "out")
    kept = KeptEvaluations(tmp_path / "out")
    assert len(kept) == 1
    methods = [Sure("a"), Sure("b"), Sure("c")]
    assert scored(annotations, methods, tmp_path / "out") == whole
    assert [method.asked for method in methods] == [0, 3, 3]
    first = Sure("a")
    scored(annotations.selected(["open"]), [first], tmp_path / "out")
    assert first.asked == 3
    (tmp_path / "images" / "001.png").touch()
    scored(annotations, [first], tmp_path / "out")
    assert first.asked == 6
    for path in kept.folder.iterdir():
        path.write_text("{}")
    with pytest.raises(InputError, match="not what an evaluation left here"):
        scored(annotations, methods, tmp_path / "out")
    kept.discard()
    assert not kept.folder.exists()


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow)]
)
def test_a_signal_keeps_the_methods_that_are_done(
    tmp_path: Path, number: signal.Signals, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """1. The command, in a process of its own, gets a signal once its first method is done. 2. It ends with its status
    and says what is kept. 3. Repeated, it writes the report; nothing else is left."""
    annotations = square_images(tmp_path, count=60)
    output = tmp_path / "out"
    arguments = ["--annotations", str(annotations.path), "--methods", "center,hotspots", "--quiet", "--bootstrap", "0"]
    arguments += ["--examples", "0", "--output", str(output)]
    command = [sys.executable, "-m", "hotspot_core.evaluate", *arguments]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    kept = KeptEvaluations(output)
    while not len(kept):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    _, errors = process.communicate(timeout=90)
    assert process.returncode == status
    assert f"interrupted: 1 evaluations (a method on a set) are kept in {kept.folder}" in errors
    (path,) = kept.folder.iterdir()
    document = json.loads(path.read_text())
    document["items"] = [[*item[:3], {**item[3], "kld": 7.0}] for item in document["items"]]
    path.write_text(json.dumps(document))
    evaluate.main(arguments)
    (found,) = json.loads((output / "scores.json").read_text())["comparisons"]
    assert found["methods"]["Center bias"]["summary"]["kld"]["mean"] == 7
    assert sorted(file.name for file in output.iterdir()) == [
        "breakdown.csv",
        "report.html",
        "scores.json",
        "table.csv",
        "table.md",
    ]
