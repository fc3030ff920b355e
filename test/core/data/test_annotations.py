"""The annotation format: what is read, merged and written, and one clear line on every mistake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from media.recordings import write_image

from hotspot_core import InputError
from hotspot_core.data.annotation_files import read_annotations, write_annotations
from hotspot_core.data.annotations import AnnotationSet


def entry(**changes: Any) -> dict[str, Any]:
    """A correct entry, but for the changes; None leaves a key out."""
    whole = {"image": "a.jpg", "action": "open", "object": "door", "width": 80, "height": 40, "points": [[70, 5.5]]}
    return {key: value for key, value in (whole | changes).items() if value is not None}


def file(tmp_path: Path, *entries: Any, actions: Any = ("close", "open")) -> Path:
    path = tmp_path / "set.json"
    path.write_text(json.dumps({"actions": actions, "images": entries, "note": "ignored"}))
    return path


def test_entries(tmp_path: Path) -> None:
    """Paths are relative to the file; unknown keys are ignored; an object is not needed, nor are points."""
    annotations = read_annotations(file(tmp_path, entry(mask="m.png"), entry(object=None, points=[], action="close")))
    assert annotations.actions == ("close", "open")
    assert annotations.objects == ("", "door")
    first, second = annotations.entries
    assert first.image == tmp_path / "a.jpg"
    assert first.size_hw == (40, 80)
    assert first.points.tolist() == [[70, 5.5]]
    assert second.points.shape == (0, 2)


def test_merging(tmp_path: Path) -> None:
    """The points of an image and an action come together; other actions and images stay apart, in order."""
    annotations = read_annotations(
        file(
            tmp_path,
            entry(),
            entry(action="close"),
            entry(image="b.jpg"),
            entry(points=[[1, 2], [3, 4]]),
        )
    ).merged()
    assert [(e.image.name, e.action, len(e.points)) for e in annotations.entries] == [
        ("a.jpg", "open", 3),
        ("a.jpg", "close", 1),
        ("b.jpg", "open", 1),
    ]
    with pytest.raises(InputError, match=r"entries for a\.jpg differ in size or object"):
        read_annotations(file(tmp_path, entry(), entry(width=81))).merged()


def test_selecting(tmp_path: Path) -> None:
    """By action and object; an unknown name, or nothing left, is an error."""
    annotations = read_annotations(file(tmp_path, entry(), entry(action="close", object="tap")))
    assert [e.object for e in annotations.selected(["close"]).entries] == ["tap"]
    assert annotations.selected(["close"]).actions == ("close",)
    assert [e.object for e in annotations.selected(objects=["door"]).entries] == ["door"]
    with pytest.raises(InputError, match="unknown object 'dor': did you mean 'door'"):
        annotations.selected(objects=["dor"])
    with pytest.raises(InputError, match="no entry for close on door"):
        annotations.selected(["close"], ["door"])


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """A round trip, with paths relative to the new file where they lie below its folder."""
    annotations = read_annotations(file(tmp_path, entry(), entry(image="/far/b.jpg", action="close", points=[])))
    copy = tmp_path / "copy.json"
    write_annotations(copy, annotations.actions, annotations.entries)
    assert json.loads(copy.read_text())["images"][0]["image"] == "a.jpg"
    again = read_annotations(copy)
    assert again.actions == annotations.actions
    for a, b in zip(again.entries, annotations.entries, strict=True):
        assert (a.image, a.action, a.object, a.size_hw) == (b.image, b.action, b.object, b.size_hw)
        np.testing.assert_array_equal(a.points, b.points)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (entry(image=None), "no valid 'image': give a path"),
        (entry(action=None), "no valid 'action'"),
        (entry(action="opne"), "unknown action 'opne': did you mean 'open'?"),
        (entry(points=None), "no valid 'points'"),
        (entry(points=[[1, 2, 3]]), "the point [1, 2, 3]: give [x, y]"),
        (entry(points=[["1", 2]]), "the point ['1', 2]"),
        (entry(points=[[float("nan"), 2]]), "the point [nan, 2]"),
        (entry(points=[[5, 70]]), "the point (5, 70) outside its 80x40 image: check the order"),
        (entry(width=None), "has width None and height 40: give whole numbers"),
        (entry(height=0), "has width 80 and height 0"),
        (entry(width=8.5), "has width 8.5"),
        (entry(object=3), "the object 3: give a name"),
        ("a.jpg", "is no object: give image, action"),
    ],
)
def test_wrong_entries_are_named(tmp_path: Path, wrong: Any, reason: str) -> None:
    """File, entry, reason and remedy, in one line."""
    with pytest.raises(InputError) as caught:
        read_annotations(file(tmp_path, entry(), wrong))
    assert str(caught.value).startswith(f"{tmp_path / 'set.json'}: entry 1")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_points_just_outside_are_kept(tmp_path: Path) -> None:
    """As resizing and careless clicks leave them: up to a tenth of the longer side."""
    assert read_annotations(file(tmp_path, entry(points=[[-7.9, 47.9]]))).entries[0].points.tolist() == [[-7.9, 47.9]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "no valid JSON"),
        ("[]", "no annotation file"),
        ('{"actions": ["open"]}', "no annotation file"),
        ('{"actions": ["open"], "images": []}', "'images' is empty"),
        ('{"images": [{}]}', "'actions' must be a list"),
        ('{"actions": [], "images": [{}]}', "'actions' must be a list"),
        ('{"actions": ["open", "open"], "images": [{}]}', "names one action twice"),
    ],
)
def test_wrong_files(tmp_path: Path, text: str, reason: str) -> None:
    """What is no annotation file is named with the reason."""
    path = tmp_path / "wrong.json"
    path.write_text(text)
    with pytest.raises(InputError, match=reason) as caught:
        read_annotations(path)
    assert str(path) in str(caught.value)
    with pytest.raises(InputError, match="No such file"):
        read_annotations(tmp_path / "missing.json")


def test_missing_images_are_found(tmp_path: Path) -> None:
    """Of the images that entries name, once each; the one that is there is of another shape than its entry says."""
    write_image(tmp_path / "red.png", np.zeros((4, 6, 3), np.uint8))
    annotations = read_annotations(file(tmp_path, entry(image="red.png"), entry(), entry()))
    assert annotations.missing_images() == [tmp_path / "a.jpg"]
    turned, missing = annotations.broken_images(workers=2).values()
    assert "6x4 pixels, annotated as" in turned
    assert "No such file" in missing


def test_what_an_image_affords_is_known(tmp_path: Path) -> None:
    """1. Of the actions of a file all are known, unless an entry names those that were looked for; images that afford
    nothing are read. 2. Written and read again, all is the same. 3. What is left out of a selection is not known to be
    not afforded."""
    entries = [entry(), entry(image="b.jpg", action="close", complete=["close"])]
    path = file(tmp_path, *entries)
    document = json.loads(path.read_text())
    document["empty"] = [{"image": "wall.jpg", "width": 8, "height": 4}]
    path.write_text(json.dumps(document))
    for found in (read_annotations(path), copied(read_annotations(path), tmp_path / "again.json")):
        assert found.judged(tmp_path / "a.jpg", {"open"}) == found.actions
        assert found.judged(tmp_path / "b.jpg", {"close"}) == ("close",)
        assert [(image.image, image.size_hw) for image in found.empty] == [(tmp_path / "wall.jpg", (4, 8))]
        assert tmp_path / "wall.jpg" in found.missing_images()
        others = found.where(lambda one: one.image.name != "a.jpg")
        assert others.judged(tmp_path / "a.jpg", set()) == tuple(name for name in found.actions if name != "open")


def copied(annotations: AnnotationSet, path: Path) -> AnnotationSet:
    write_annotations(path, annotations.actions, annotations.entries, annotations.empty, annotations.complete)
    return read_annotations(path)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"empty": {}}, "'empty' must be a list"),
        ({"empty": [{"width": 8, "height": 4}]}, "empty image 0 has no valid 'image'"),
        ({"empty": [{"image": "wall.jpg", "width": 8}]}, "empty image 0 has width 8 and height None"),
        ({"empty": [{"image": "a.jpg", "width": 8, "height": 4}]}, "has entries, too"),
        ({"images": [entry(complete="open")]}, "has the 'complete' 'open': list the actions"),
        ({"images": [entry(complete=["opne"])]}, "'complete': unknown action 'opne': did you mean 'open'"),
        ({"images": [entry(complete=["open"]), entry(complete=[])]}, "differ in 'complete': make them agree"),
    ],
)
def test_wrong_statements_of_affordances_are_named(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    """In one line that names the file."""
    path = file(tmp_path, entry())
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(InputError, match=reason) as caught:
        read_annotations(path)
    assert str(path) in str(caught.value)
