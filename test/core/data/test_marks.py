"""The marks on real photos that training uses: well-formed, inside of their photos, and split by photo or session."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest

from hotspot_core.data.annotation_files import read_annotations
from hotspot_core.media.images import read_image

MARKS = Path(__file__).parents[3] / "config/marks"
PARTS = {
    "doordetect_train.json": "train",
    "doordetect_validation.json": "validation",
    "doordetect_handles_train.json": "train",
    "droid_train.json": "train",
    "droid_validation.json": "validation",
}
FILES = list(PARTS)
DOOR_FILES = [name for name in FILES if name.startswith("doordetect")]
DROID_FILES = [name for name in FILES if name.startswith("droid")]
ACTIONS = ("open", "close", "pull", "push", "press", "rotate", "slide", "lift", "hold", "pour")
# Published data, which are not part of the repository.
DATA = Path(os.environ.get("HOTSPOT_DATA", "data"))
DOORS = DATA / "doordetect"
DROID = DATA / "droid"
needs_photos = pytest.mark.skipif(not DOORS.is_dir(), reason="HOTSPOT_DATA has no doordetect")
needs_stills = pytest.mark.skipif(not DROID.is_dir(), reason="HOTSPOT_DATA has no droid")


def document(name: str) -> dict[str, Any]:
    return json.loads((MARKS / name).read_text())


def photos_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Every photo that was gone through, once: those with entries, and those without."""
    listed = {item["image"]: item for item in [*content["images"], *content.get("empty", [])]}
    return list(listed.values())


def split() -> dict[str, set[str]]:
    return {part: set(photos) for part, photos in document("doordetect_split.json").items()}


def check_sizes(name: str, folder: Path) -> None:
    for item in photos_of(document(name)):
        assert read_image(folder / item["image"]).shape[:2] == (item["height"], item["width"]), item["image"]


def photo(image: str | Path) -> str:
    return Path(image).stem


@pytest.mark.parametrize("name", FILES)
def test_entries(name: str) -> None:
    """The reader takes each file; every entry has points, all inside; a photo and an action have one entry."""
    annotations = read_annotations(MARKS / name)
    assert annotations.actions == ACTIONS
    assert len(annotations.merged()) == len(annotations)
    for entry in annotations.entries:
        height, width = entry.size_hw
        assert len(entry.points) >= 3, entry
        assert ((entry.points > 0) & (entry.points < [width, height])).all(), entry


@pytest.mark.parametrize("name", FILES)
def test_parts_account_for_all_points(name: str) -> None:
    """The parts of an entry have 3 to 8 points each, which together are those of the entry."""
    for item in document(name)["images"]:
        counts = [part["points"] for part in item["parts"]]
        assert set(counts) <= set(range(3, 9)), item["image"]
        assert sum(counts) == len(item["points"]), item["image"]
        kinds = {part["object"] for part in item["parts"]}
        assert item["object"] == (kinds.pop() if len(kinds) == 1 else "several"), item["image"]


@pytest.mark.parametrize("name", FILES)
def test_photos_that_were_gone_through(name: str) -> None:
    """Entries of a photo agree in its size and in what is complete; one without entries is listed once."""
    content = document(name)
    known = {item["image"]: item for item in photos_of(content)}
    for item in [*content["images"], *content.get("empty", [])]:
        assert set(item["complete"]) <= set(ACTIONS), item
        for key in ("width", "height", "complete"):
            assert item[key] == known[item["image"]][key], item["image"]
    empty = [item["image"] for item in content.get("empty", [])]
    assert len(set(empty)) == len(empty)


def test_no_door_photo_is_in_two_parts() -> None:
    """The parts of the split are disjoint, and every file keeps to its part: nothing of the test half is marked."""
    parts = split()
    assert set(parts) == {"train", "validation", "test"}
    assert len(set.union(*parts.values())) == sum(map(len, parts.values()))
    seen: set[str] = set()
    for name in DOOR_FILES:
        photos = {photo(item["image"]) for item in photos_of(document(name))}
        assert photos <= parts[PARTS[name]], name
        assert not photos & seen, name
        seen |= photos
    assert {photo(item["image"]) for item in photos_of(document("doordetect_validation.json"))} == parts["validation"]


def test_no_still_is_in_two_parts() -> None:
    """No robot still is for training and for validation; each part affords every action and has stills without it."""
    stills = {name: {item["image"] for item in photos_of(document(name))} for name in DROID_FILES}
    assert not set.intersection(*stills.values())
    for name in DROID_FILES:
        afforded = {(item["image"], item["action"]) for item in document(name)["images"]}
        complete = {(item["image"], action) for item in photos_of(document(name)) for action in item["complete"]}
        assert {action for _, action in afforded} == set(ACTIONS), name
        assert {action for _, action in complete - afforded} == set(ACTIONS), name


@needs_photos
@pytest.mark.parametrize("name", DOOR_FILES)
def test_photos_have_the_stated_sizes(name: str) -> None:
    """Every photo is there, and of the size that its marks refer to."""
    check_sizes(name, DOORS)


@needs_stills
@pytest.mark.parametrize("name", DROID_FILES)
def test_stills_have_the_stated_sizes(name: str) -> None:
    """Every robot still is there, and of the size that its marks refer to."""
    check_sizes(name, DROID)


@needs_stills
def test_no_session_is_in_two_parts() -> None:
    """The stills of one robot session (a laboratory and a day) are all for training or all for validation."""
    with (DROID / "labels.csv").open(newline="") as file:
        session = {row["inactive_image"]: row["session"] for row in csv.DictReader(file)}
    train, validation = ({session[item["image"]] for item in photos_of(document(name))} for name in DROID_FILES)
    assert train
    assert validation
    assert not train & validation


@needs_photos
def test_split_agrees_with_the_crops() -> None:
    """The first 201 crops by name are cut out of photos for learning, the others out of test photos, half of all."""
    parts = split()
    crops = json.loads((DOORS / "annotations.json").read_text())["images"]
    crops.sort(key=lambda crop: crop["image"])
    assert {crop["source"] for crop in crops[:201]} <= parts["train"] | parts["validation"]
    assert {crop["source"] for crop in crops[201:]} <= parts["test"]
    photos = {path.stem for path in (DOORS / "photos").glob("*.jpg")}
    assert photos <= set.union(*parts.values())
    assert len(photos & parts["test"]) == len(photos) // 2
