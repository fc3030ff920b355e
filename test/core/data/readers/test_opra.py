"""OPRA in miniature: the release's folders with real clips, its text files, and the authors' annotations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data.readers.miniatures import OPRA_LINE, opra_authors_file, opra_release

from hotspot_core import InputError
from hotspot_core.data.clips import action_names, check_clips
from hotspot_core.data.dataset import ClipDataset
from hotspot_core.data.readers.opra import ACTIONS, FPS, read_opra_annotations, read_opra_clips
from hotspot_core.data.readers.reader import Split


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return opra_release(tmp_path)


def test_clips_of_the_text_files(root: Path) -> None:
    """One clip per image and action, frames where they were extracted, and all of them can be read."""
    clips = read_opra_clips(root)
    assert [(c.action, c.object, c.frame_rate) for c in clips] == [
        ("rotate", "seattle/1/76", None),
        ("put down", "seattle/1/77", 5),
    ]
    assert clips[0].video == root / "data/clips/seattle/1/76/428.0_3.0.mp4"
    assert clips[1].video == root / "data/frames/seattle/1/77/5.5_2.0.mp4"
    assert clips[1].inactive_image == root / "data/images/seattle/1/77/A2_0.jpg"
    kept = check_clips(clips, 0, fps=FPS)
    assert [clip.stop for clip in kept] == [3.0, 2.0]
    dataset = ClipDataset(kept, action_names(kept), frames=12, fps=FPS, size=16, negatives=True)
    assert [dataset[index]["length"] for index in range(2)] == [12, 10]


def test_annotated_images_of_the_text_files(root: Path) -> None:
    """x and y, height and width, in the order of the file, one entry per line."""
    annotations = read_opra_annotations(root)
    assert annotations.actions == ACTIONS
    (entry,) = annotations.entries
    assert (entry.action, entry.object, entry.size_hw) == ("rotate", "seattle/1/76", (80, 120))
    assert entry.points[1].tolist() == [11, 61.5]
    assert annotations.missing_images() == []
    assert len(read_opra_annotations(root, "train")) == 3
    assert len(read_opra_annotations(root, "train").merged()) == 2


def test_the_first_release_has_no_actions(root: Path) -> None:
    """Lines of its text files, which lack the ninth word: the same clips, images and points, with one action for all.
    A file of both kinds of lines is refused."""
    expected_clips, expected = read_opra_clips(root), read_opra_annotations(root)
    path = root / "data/annotations"
    for split in ("train", "test"):
        lines = [line.split() for line in (path / f"{split}.txt").read_text().splitlines()]
        (path / f"{split}.txt").write_text("".join(" ".join([*items[:8], *items[9:]]) + "\n" for items in lines))
    clips = read_opra_clips(root)
    assert [(clip.video, clip.inactive_image) for clip in clips] == [
        (clip.video, clip.inactive_image) for clip in expected_clips
    ]
    assert action_names(clips) == ("interact",)
    annotations = read_opra_annotations(root)
    assert annotations.actions == ("interact",)
    (entry,), (same,) = annotations.entries, expected.entries
    assert (entry.image, entry.size_hw) == (same.image, same.size_hw)
    np.testing.assert_array_equal(entry.points, same.points)
    (path / "train.txt").write_text((path / "train.txt").read_text() + OPRA_LINE)
    with pytest.raises(InputError, match="line 1 has 19 coordinates"):
        read_opra_clips(root)


def test_the_authors_file_says_the_same(root: Path) -> None:
    """Rows and columns become x and y; nouns name the objects where there are some."""
    path = opra_authors_file(root)
    (clip,) = read_opra_clips(root, annotations=path)
    expected = read_opra_clips(root)[1]
    assert (clip.video, clip.inactive_image, clip.action) == (expected.video, expected.inactive_image, "put down")
    assert clip.object == "kettle"
    (entry,) = read_opra_annotations(root, annotations=path).entries
    (same,) = read_opra_annotations(root).entries
    assert (entry.image, entry.action, entry.object, entry.size_hw) == (
        same.image,
        same.action,
        same.object,
        same.size_hw,
    )
    np.testing.assert_array_equal(entry.points, same.points)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("seattle 1 76\n", "line 2: no numbers"),
        (OPRA_LINE.replace(" 3 10", " x 10"), "line 2: no numbers"),
        (OPRA_LINE.replace(" 3 10", " 8 10"), "line 2 has the action 8: known are 1 to 7"),
        (OPRA_LINE.replace(" 3 10", " 0 10"), "line 2 has the action 0"),
        (OPRA_LINE.strip() + " 5\n", "line 2 has 21 coordinates"),
    ],
)
def test_wrong_lines_are_named(root: Path, line: str, reason: str) -> None:
    """File, line and reason."""
    (root / "data/annotations/train.txt").write_text(OPRA_LINE + line)
    with pytest.raises(InputError, match=reason) as caught:
        read_opra_clips(root)
    assert "train.txt" in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"verbs": None}, "no lists 'verbs' and 'nouns'"),
        ({"train_clips": []}, "no 'train_clips'"),
        ({"train_clips": [{"clip": ["a"], "verb": 0}]}, "train_clips 0 has no 'image'"),
        ({"train_clips": [{"clip": ["a"], "image": ["a"], "verb": 7}]}, "train_clips 0 has the verb 7: known are 7"),
        ({"train_clips": [{"clip": ["a"], "image": ["a"], "verb": 0}]}, "this is not OPRA's file"),
    ],
)
def test_wrong_authors_files_are_named(root: Path, changes: dict[str, Any], reason: str) -> None:
    """File, entry and reason."""
    with pytest.raises(InputError, match=reason):
        read_opra_clips(root, annotations=opra_authors_file(root, **changes))


def test_wrong_folders_and_splits(root: Path) -> None:
    """Another folder, a split that is not there, a split that does not exist."""
    with pytest.raises(InputError, match="no folder 'data' in it"):
        read_opra_clips(root / "data")
    (root / "data/annotations/test.txt").unlink()
    with pytest.raises(InputError, match=r"test\.txt: No such file"):
        read_opra_annotations(root)
    wrong: Split = "validation"  # type: ignore[assignment]
    with pytest.raises(InputError, match="unknown split 'validation': known are train, test"):
        read_opra_clips(root, wrong)
