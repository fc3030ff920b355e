"""Keypoints in COCO's layout: exports of annotation tools, and files of human-object interactions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from media.recordings import write_image

from hotspot_core import InputError
from hotspot_core.data.keypoint_images import KeypointImages
from hotspot_core.data.readers.registry import read_annotated_images

IMAGES = [{"id": 3, "file_name": "a.jpg", "width": 64, "height": 48}]


def write(folder: Path, **document: Any) -> str:
    write_image(folder / "images" / "a.jpg", np.full((48, 64, 3), 120, np.uint8))
    path = folder / "keypoints.json"
    path.write_text(json.dumps({"info": {}, "licenses": [], "images": IMAGES, **document}))
    return f"coco:{path}"


def entries(source: str) -> list[tuple[str, str, list[list[float]]]]:
    return [(entry.action, entry.object, entry.points.tolist()) for entry in read_annotated_images(source).entries]


def test_keypoints_named_as_actions(tmp_path: Path) -> None:
    """What annotation tools export: the category is the object; points that are not annotated are left out, so is an
    annotation without any; and a map can be learned from them. Only what is annotated is known of an image."""
    source = write(
        tmp_path,
        categories=[{"id": 1, "name": "drawer", "keypoints": ["open", "close", "open"], "skeleton": []}],
        annotations=[
            {
                "id": 1,
                "image_id": 3,
                "category_id": 1,
                "keypoints": [10, 20, 2, 0, 0, 0, 12.5, 21, 1],
                "bbox": [0, 0, 9, 9],
            },
            {"id": 2, "image_id": 3, "category_id": 1, "keypoints": [0] * 9, "num_keypoints": 0},
        ],
    )
    assert entries(source) == [("open", "drawer", [[10, 20], [12.5, 21]])]
    annotations = read_annotated_images(source)
    assert annotations.actions == ("open",)
    assert annotations.judged(annotations.entries[0].image, {"open"}) == ("open",)
    picture, place = KeypointImages([annotations]).draw("open", np.random.default_rng(0), 64)
    assert place.sum() == pytest.approx(1)
    assert picture.any()


def test_a_verb_for_each_annotation(tmp_path: Path) -> None:
    """What files of human-object interactions have: a verb by its id or its name, the category is the object."""
    source = write(
        tmp_path,
        categories=[{"id": 1, "name": "mug"}],
        verbs=[{"id": 9, "name": "hold"}],
        annotations=[
            {"image_id": 3, "category_id": 1, "verb_id": 9, "keypoints": [5, 6, 2, 7, 8, 1]},
            {"image_id": 3, "category_id": 1, "verb": "pour", "keypoints": [30, 6, 2]},
        ],
    )
    assert entries(source) == [("hold", "mug", [[5, 6], [7, 8]]), ("pour", "mug", [[30, 6]])]


def test_categories_that_are_actions(tmp_path: Path) -> None:
    """Where neither verbs nor names of keypoints are there."""
    source = write(
        tmp_path,
        categories=[{"id": 1, "name": "press", "supercategory": "button"}],
        annotations=[{"image_id": 3, "category_id": 1, "keypoints": [5, 6, 2]}],
    )
    assert entries(source) == [("press", "button", [[5, 6]])]


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        ({"image_id": 4}, "annotation 0 has the image_id 4: no such id in the file"),
        ({"category_id": None}, "annotation 0 has the category_id None: no such id"),
        ({"verb_id": 2}, "annotation 0 has the verb_id 2: no such id"),
        ({"keypoints": [1, 2]}, "annotation 0 has keypoints that are no x, y, visibility"),
        ({"keypoints": ["x", 2, 1]}, "annotation 0 has keypoints that are no x, y, visibility"),
        ({"keypoints": [1, 2, 2]}, "annotation 0 has 1 keypoints, its category 'drawer' 2"),
        ({"keypoints": [900, 2, 2, 0, 0, 0]}, "outside its 64x48 image"),
        ({"keypoints": [0] * 6}, "no annotation has keypoints with a visibility above 0"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, annotation: dict[str, Any], reason: str) -> None:
    """In one line, before any image is opened."""
    item = {"image_id": 3, "category_id": 1, "keypoints": [1, 2, 2, 0, 0, 0], **annotation}
    source = write(
        tmp_path,
        categories=[{"id": 1, "name": "drawer", "keypoints": ["open", "close"]}],
        annotations=[item],
    )
    with pytest.raises(InputError, match=reason):
        read_annotated_images(source)


def test_other_files_are_refused(tmp_path: Path) -> None:
    """A list, and a file without annotations."""
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "other.json").write_text('{"images": [], "categories": []}')
    with pytest.raises(InputError, match="no COCO file"):
        read_annotated_images(f"coco:{tmp_path / 'list.json'}")
    with pytest.raises(InputError, match="no list 'annotations'"):
        read_annotated_images(f"coco:{tmp_path / 'other.json'}")
