"""Novel objects: disjoint splits of any data set with object names, and their mean."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from evaluation.squares import OBJECTS, square_images

from hotspot_core import InputError
from hotspot_core.data.annotation_files import read_annotations
from hotspot_core.data.clips import read_clip_table
from hotspot_core.evaluation.summary import Summary, mean_of_splits
from hotspot_core.experiments import splits
from hotspot_core.experiments.splits import novel_objects


def test_no_class_is_held_out_twice() -> None:
    """Disjoint, of the wanted size, the same for the same seed; too many splits are refused."""
    names = [f"object {k}" for k in range(20)]
    held_out = novel_objects(names * 3, 3, 0.2, seed=4)
    assert [len(part) for part in held_out] == [4, 4, 4]
    assert len(set().union(*held_out)) == 12
    assert novel_objects(names, 3, 0.2, seed=4) == held_out
    assert novel_objects(names, 3, 0.2, seed=5) != held_out
    with pytest.raises(InputError, match="3 splits of 10 classes each out of 20"):
        novel_objects(names, 3, 0.5)


def test_the_command_writes_what_training_and_evaluation_read(tmp_path: Path) -> None:
    """1. Stills and clips of three objects. 2. Three splits, each holding out one. 3. Its training files show only the
    others, its test file only that one, and all paths still lead to the files."""
    annotated = square_images(tmp_path, count=6)
    (tmp_path / "clips.csv").write_text(
        "clip,start,stop,action,object,inactive_image\n"
        + "".join(f"{name}.mp4,0,2.5,open,{name},images/000.png\n" for name in OBJECTS)
    )
    output = tmp_path / "novel"
    splits.main(
        f"--annotations {annotated.path} --clips {tmp_path / 'clips.csv'} --output {output} --fraction 0.3".split()
    )
    held_out = set()
    for index in range(3):
        folder = output / f"split_{index}"
        train, test = (read_annotations(folder / f"{name}.json") for name in ("train", "test"))
        assert len(test.objects) == 1
        assert set(train.objects) == set(OBJECTS) - set(test.objects)
        assert not train.missing_images()
        clips = read_clip_table(folder / "train.csv")
        assert {clip.object for clip in clips} == set(train.objects)
        assert clips[0].video.parent == tmp_path
        assert clips[0].stop == 2.5
        assert clips[0].inactive_image is not None
        assert clips[0].inactive_image.is_file()
        held_out |= set(test.objects)
    assert held_out == set(OBJECTS)
    with (output / "split_0" / "train.csv").open() as file:
        assert "frame_rate" in next(csv.reader(file))


def test_the_mean_of_splits_weighs_them_equally() -> None:
    """Means of means; independent errors; numbers add up."""
    parts = [{"kld": Summary(1.0, 0.3, 10, 1)}, {"kld": Summary(4.0, 0.4, 90, 0)}]
    assert mean_of_splits(parts)["kld"] == Summary(2.5, 0.25, 100, 1)
