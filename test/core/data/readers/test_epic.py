"""EPIC-Kitchens in miniature: the release's folders, with frames or videos, and the authors' annotations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from data.readers.miniatures import EPIC_CLIPS, epic_authors_file, epic_release
from media.recordings import indices

from hotspot_core import InputError
from hotspot_core.data.clips import check_clips
from hotspot_core.data.dataset import IMAGENET_MEAN, IMAGENET_STD, ClipDataset
from hotspot_core.data.inactive_images import readable
from hotspot_core.data.readers.epic import FPS, read_epic_annotations, read_epic_clips, read_epic_inactive_images
from hotspot_core.media.video import read_frames


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return epic_release(tmp_path)


def test_clips(root: Path) -> None:
    """Frame numbers become seconds: at the paper's rate every tenth frame from the first to the last comes, from
    extracted frames and from a video alike."""
    clips = read_epic_clips(root, epic_authors_file(root))
    assert [(c.action, c.object) for c in clips] == [("open", "tap"), ("close", "fridge")]
    assert clips[0].video == root / "frames_rgb_flow/rgb/train/P01/P01_01"
    assert clips[1].video == root / "videos/train/P02/P02_03.MP4"
    for clip in check_clips(clips, 0, fps=FPS):
        frames = read_frames(clip.video, clip.start, clip.stop, FPS, frame_rate=clip.frame_rate)
        assert [index + 1 for index in indices(frames)] == [5, 15, 25]


def test_inactive_images_serve_the_clips(root: Path) -> None:
    """Boxes that are there are drawn from; those that are not are counted once; an item shows the object."""
    path = epic_authors_file(root)
    reported: list[str] = []
    pools = readable(read_epic_inactive_images(root, path), reported.append)
    assert {noun: len(items) for noun, items in pools.items()} == {"tap": 1, "fridge": 1}
    assert len(reported) == 1
    assert reported[0].startswith("1 of 3 inactive images are missing or broken and left out, first ")
    clips = check_clips(read_epic_clips(root, path), 0)
    dataset = ClipDataset(clips, ("close", "open"), frames=3, fps=FPS, size=16, negatives=True, inactive_images=pools)
    item = dataset[0]
    dark = (-IMAGENET_MEAN[0] + 40 / 255) / IMAGENET_STD[0]
    assert item["inactive"][0].min() < dark
    assert item["negative"][0].min() < dark
    assert item["length"] == 3
    with pytest.raises(InputError, match="none of the 3 inactive images can be read"):
        readable(read_epic_inactive_images(root / "elsewhere", path))


def test_annotated_images(root: Path) -> None:
    """They lie beside the annotations; shapes are (width, height), points (x, y)."""
    path = epic_authors_file(root)
    annotations = read_epic_annotations(path)
    (entry,) = annotations.entries
    assert annotations.actions == ("close", "open")
    assert entry.image == path.parent / "images/P01_17_301.jpg"
    assert (entry.action, entry.object, entry.size_hw) == ("open", "", (80, 120))
    assert entry.points.tolist() == [[110, 20]]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"train_clips": [EPIC_CLIPS[0] | {"stop": 5}]}, "train_clips 0 goes from frame 5 to 5"),
        ({"train_clips": [EPIC_CLIPS[0] | {"start": "5"}]}, "train_clips 0 goes from frame 5 to 34"),
        ({"train_clips": [EPIC_CLIPS[0] | {"noun": 2}]}, "train_clips 0 has the noun 2: known are 2"),
        ({"train_clips": [{"v_id": "P01_01"}]}, "train_clips 0 has no 'start'"),
    ],
)
def test_wrong_clips_are_named(root: Path, changes: dict[str, Any], reason: str) -> None:
    """File, entry and reason."""
    with pytest.raises(InputError, match=reason):
        read_epic_clips(root, epic_authors_file(root, **changes))


@pytest.mark.parametrize(
    ("boxes", "reason"),
    [
        ({}, "no 'inactive_images'"),
        ({"tap": [{"v_id": "P01_01", "f_id": 31}]}, "'tap': give v_id, f_id and box"),
        ({"tap": [{"v_id": "P01_01", "f_id": 31, "box": [9, 9, 9, 20]}]}, "the box is empty"),
    ],
)
def test_wrong_boxes_are_named(root: Path, boxes: dict[str, Any], reason: str) -> None:
    """File, entry and reason."""
    with pytest.raises(InputError, match=reason):
        read_epic_inactive_images(root, epic_authors_file(root, inactive_images=boxes))
