"""A clip that fails in the middle of a run is replaced, reported and counted, and ends nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from media.recordings import write_image, write_video
from torch.utils.data import DataLoader

from hotspot_core import InputError
from hotspot_core.data.annotations import Annotation, AnnotationSet
from hotspot_core.data.clips import Clip, check_clips
from hotspot_core.data.dataset import AnnotatedImageDataset, ClipDataset
from hotspot_core.data.replacements import MAX_IN_A_ROW

ACTIONS = ("open", "push")


def clips_in(folder: Path, count: int) -> list[Clip]:
    """Clips whose frames are as gray as their index, of two actions in turn."""
    still = write_image(folder / "still.png", np.full((48, 64, 3), 90, np.uint8))
    clips = []
    for index in range(count):
        video = write_video(folder / f"{index}.mp4", np.full((12, 48, 64, 3), 20 * index, np.uint8), rate=10)
        clips.append(Clip(video, 0, None, ACTIONS[index % 2], "door", still))
    return check_clips(clips)


def dataset(clips: list[Clip]) -> ClipDataset:
    return ClipDataset(clips, ACTIONS, frames=2, size=32)


def test_another_clip_of_the_action_takes_the_place(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """1. Six clips pass the check; then one vanishes and one is damaged. 2. Their items, read in two other processes,
    show other clips of the same action; the others are untouched. 3. Each is told once, in the second epoch not again,
    and counted. 4. The same seed chooses the same again."""
    data = dataset(clips_in(tmp_path, 6))
    before = [data[index]["frames"] for index in range(6)]
    (tmp_path / "2.mp4").unlink()
    (tmp_path / "3.mp4").write_bytes(b"damaged")
    for epoch in (0, 1):
        data.set_epoch(epoch)
        loader = DataLoader(data, batch_size=None, num_workers=2)
        found = list(loader)
        assert [int(item["action"]) for item in found] == [0, 1, 0, 1, 0, 1]
        if epoch == 0:
            for index in (0, 1, 4, 5):
                assert torch.equal(found[index]["frames"], before[index])
            first = [item["frames"] for item in found]
        for index, others in ((2, (0, 4)), (3, (1, 5))):
            levels = [abs(float(found[index]["frames"][0].mean() - before[other][0].mean())) for other in others]
            assert min(levels) < 0.05
    told = capfd.readouterr().err
    assert told.count("a clip fails and is replaced by another one") == 2
    assert "2.mp4: no such file" in told
    assert "3.mp4: no video that FFmpeg can read" in told
    assert (data.replacements.failures.failed, data.replacements.failures.replaced) == (2, 4)
    again = dataset(list(data.clips))
    assert all(torch.equal(again[index]["frames"], first[index]) for index in range(6))


def test_an_image_at_rest_that_vanishes_replaces_the_clip(tmp_path: Path) -> None:
    """One clip has an image of its own, which goes: another clip comes."""
    clips = clips_in(tmp_path, 4)
    own = write_image(tmp_path / "own.png", np.zeros((48, 64, 3), np.uint8))
    data = dataset([Clip(**{**vars(clips[0]), "inactive_image": own}), *clips[1:]])
    own.unlink()
    assert data[0]["action"] == 0
    assert data.replacements.failures.failed == 1


def test_a_disk_that_has_gone_ends_the_run(tmp_path: Path) -> None:
    """Where one after the other fails, that is said."""
    clips = clips_in(tmp_path, 2) * 8
    for clip in clips:
        clip.video.unlink(missing_ok=True)
    with pytest.raises(InputError, match=f"{MAX_IN_A_ROW} clips in a row cannot be read: is the disk still there"):
        dataset(clips)[0]


def test_the_only_clip_cannot_be_replaced(tmp_path: Path) -> None:
    data = dataset(clips_in(tmp_path, 1))
    (tmp_path / "0.mp4").unlink()
    with pytest.raises(InputError, match="1 clips in a row cannot be read"):
        data[0]


def test_a_validation_image_that_vanishes_is_replaced_by_the_next(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its item is the next image's, which says so by its index; it is told once and counted. Where none is left, that
    is said."""
    entries = []
    for index in range(3):
        path = write_image(tmp_path / f"{index}.png", np.full((32, 32, 3), 40 * index, np.uint8))
        entries.append(Annotation(path, "open", "door", (32, 32), np.array([[4.0, 4.0]])))
    data = AnnotatedImageDataset(AnnotationSet(tmp_path, ("open",), tuple(entries)), size=32)
    entries[1].image.write_bytes(b"damaged")
    assert [data[index]["index"] for index in (0, 1, 2, 1)] == [0, 2, 2, 2]
    assert (data.failures.failed, data.failures.replaced) == (1, 2)
    assert capfd.readouterr().err.count("a validation image fails and is replaced") == 1
    for entry in entries:
        entry.image.write_bytes(b"damaged")
    with pytest.raises(InputError, match="3 validation images in a row cannot be read"):
        data[0]
