"""Hard negatives of the procedural data set: they change how an object looks, and nothing of what it affords."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hotspot_core.data.synthetic import CLASSES, make_clip, make_image
from hotspot_core.data.synthetic.__main__ import main
from hotspot_core.data.synthetic.assets.boxes import BoxClass
from hotspot_core.data.synthetic.assets.clutter import Foreground
from hotspot_core.data.synthetic.assets.hard_negatives import HARD_NEGATIVES, HardNegative, with_hard_negatives
from hotspot_core.data.synthetic.assets.objects import ObjectInstance
from hotspot_core.data.synthetic.engine.canvas import Canvas
from hotspot_core.data.synthetic.engine.geometry import CoordinateFrame, Generator, PinholeCamera


def drawn(instance: ObjectInstance) -> Canvas:
    """The object at rest, from the front, whole."""
    width, height, _ = instance.body.extent()
    camera = PinholeCamera.looking_at((0, height / 2, 0), 1.3 * max(width, height), 128, 0.1, 0.1, 0.0, 0.6)
    canvas = Canvas(camera, np.array((0.0, 0.6, 0.8)), np.full((128, 128, 3), 90, np.uint8))
    instance.draw(canvas, instance.at_rest(CoordinateFrame.world()))
    return canvas


def cabinets(rng: Generator, count: int) -> list[ObjectInstance]:
    """Objects with panels, of all classes that have some."""
    classes = [spec for spec in CLASSES.values() if isinstance(spec, BoxClass) and spec.motions]
    return [classes[index % len(classes)].sample(rng) for index in range(count)]


def test_hard_negatives_are_seen_and_afford_nothing() -> None:
    """1. Sixty objects, with hard negatives and without. 2. What a hand can use is where it was, pixel for pixel, and
    affords the same. 3. The pictures differ, and every kind of hard negative was drawn."""
    rng = np.random.default_rng(0)
    kinds = set()
    for plain in cabinets(rng, 60):
        decorated = with_hard_negatives(rng, plain)
        before, after = drawn(plain), drawn(decorated)
        np.testing.assert_array_equal(after.tags, before.tags)
        assert [decorated.affordances(k) for k in range(len(plain.fixtures))] == [
            plain.affordances(k) for k in range(len(plain.fixtures))
        ]
        fittings = [fitting for panel in decorated.panels for fitting in panel.fittings]
        if fittings:
            assert (after.image != before.image).any()
        kinds |= {fitting.kind for fitting in fittings if isinstance(fitting, HardNegative)}
    assert kinds == set(HARD_NEGATIVES)


def test_what_stands_before_a_part_hides_it() -> None:
    """A picture full of a part: under something at its edge, the region is gone."""
    camera = PinholeCamera.looking_at((0, 0, 0), 1.0, 64, 0.0, 0.0, 0.0, 0.6)
    canvas = Canvas(camera, np.array((0.0, 0.6, 0.8)), np.zeros((64, 64, 3), np.uint8))
    canvas.tags[:] = 1
    Foreground.sample(np.random.default_rng(1), 64).draw(canvas)
    hidden = canvas.tags == 0
    assert 0.005 < hidden.mean() < 0.3
    assert (canvas.image[hidden] > 0).any()
    assert not canvas.image[~hidden].any(axis=1).mean() > 0.05


def test_without_the_option_nothing_changes() -> None:
    """Without hard negatives the same seed gives the same image and clip as ever; with them it gives another image."""
    item = make_image(np.random.default_rng(4), size=64)
    same, other = (make_image(np.random.default_rng(4), size=64, hard_negatives=fraction) for fraction in (0.0, 1.0))
    np.testing.assert_array_equal(item.image, same.image)
    assert not np.array_equal(item.image, other.image)
    clip = make_clip(np.random.default_rng(4), size=64, hard_negatives=1.0)
    assert clip.region.any()


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The README of the data says what fraction there is; a fraction above 1 is refused."""
    arguments = ["--clips", "1", "--stills", "1", "--size", "64", "--workers", "1", "--hard-negatives"]
    assert main([str(tmp_path / "set"), *arguments, "0.5"]) == 0
    assert "hard_negatives: 0.5" in (tmp_path / "set" / "README.txt").read_text()
    assert main([str(tmp_path / "other"), *arguments, "2"]) != 0
    assert "--hard-negatives 2.0: out of range; give a number from 0 to 1" in capsys.readouterr().err
