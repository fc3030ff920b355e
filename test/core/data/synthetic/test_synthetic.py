"""The procedural data set: determinism, file formats, ground truth, and no shortcut from class to action."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
import pytest

from hotspot_core.data.synthetic import ACTIONS, CLASSES, NOVEL, make_clip, make_image, seen_classes
from hotspot_core.data.synthetic.__main__ import main
from hotspot_core.data.synthetic.assets.classes import parts_affording, sample_object

av = pytest.importorskip("av")

ARGUMENTS = ("--clips", "8", "--stills", "4", "--size", "64", "--seed", "3")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small data set, written by two processes."""
    folder = tmp_path_factory.mktemp("synthetic") / "two"
    assert main([str(folder), *ARGUMENTS, "--workers", "2"]) == 0
    return folder


def _picture(path: Path) -> np.ndarray:
    picture = cv2.imread(str(path))
    assert picture is not None
    return picture


def _contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "README.txt")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_same_files_whatever_the_number_of_workers(written: Path, tmp_path: Path) -> None:
    assert main([str(tmp_path / "one"), *ARGUMENTS, "--workers", "1"]) == 0
    assert _contents(tmp_path / "one") == _contents(written)


def test_another_seed_draws_another_clip() -> None:
    first, again, other = (make_clip(np.random.default_rng(seed), size=64) for seed in (1, 1, 2))
    assert np.array_equal(first.frames, again.frames)
    assert np.array_equal(first.inactive, again.inactive)
    assert first.frames.shape != other.frames.shape or not np.array_equal(first.frames, other.frames)


def test_clip_table_and_videos(written: Path) -> None:
    with (written / "train.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8
    for row in rows:
        assert list(row) == ["clip", "start", "stop", "action", "object", "inactive_image"]
        assert row["action"] in ACTIONS
        assert row["object"] in CLASSES
        assert row["object"] not in NOVEL
        with av.open(str(written / row["clip"])) as container:
            frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
            rate = container.streams.video[0].average_rate
        assert 8 <= len(frames) <= 20
        assert frames[0].shape == (64, 64, 3)
        assert float(row["stop"]) == pytest.approx(len(frames) / rate, abs=1e-2)
        assert _picture(written / row["inactive_image"]).shape == (64, 64, 3)


@pytest.mark.parametrize("split", ["val", "test_seen", "test_novel"])
def test_points_lie_in_the_masks(written: Path, split: str) -> None:
    document = json.loads((written / f"{split}.json").read_text())
    assert document["actions"] == list(ACTIONS)
    assert len({entry["image"] for entry in document["images"]}) == 4
    for entry in document["images"]:
        assert entry["action"] in ACTIONS
        assert (entry["object"] in NOVEL) == (split == "test_novel")
        mask = _picture(written / entry["mask"])[..., 0]
        assert _picture(written / entry["image"]).shape[:2] == mask.shape == (entry["height"], entry["width"])
        assert len(entry["points"]) == 10
        for x, y in entry["points"]:
            assert mask[int(y), int(x)] == 255


def test_demonstrations_belong_to_their_images(written: Path, tmp_path: Path) -> None:
    """With --demonstrations: 1. the same images and annotations as without; 2. a clip for actions of the annotated
    images, of which each names its own image, shows that scene, and has another action than none."""
    folder = tmp_path / "shown"
    assert main([str(folder), *ARGUMENTS, "--demonstrations"]) == 0
    same, before = _contents(folder), _contents(written)
    assert {name: same[name] for name in before} == before
    for split in ("val", "test_seen", "test_novel"):
        entries = {(e["image"], e["action"]) for e in json.loads((folder / f"{split}.json").read_text())["images"]}
        with (folder / f"{split}.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        shown = {(row["inactive_image"], row["action"]) for row in rows}
        assert shown <= entries
        assert len(shown) == len(rows) >= 0.8 * len(entries)
        for row in rows:
            image = _picture(folder / row["inactive_image"]).astype(float)
            with av.open(str(folder / row["clip"])) as container:
                frames = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
            assert len(frames) == 8
            alike = min(np.median(np.abs(frame - image)) for frame in frames)
            assert alike < 20


def test_readme_repeats_the_command(written: Path) -> None:
    text = (written / "README.txt").read_text()
    assert "--clips 8 --stills 4 --size 64 --seed 3" in text
    assert "seed: 3" in text


def test_classes_do_not_tell_the_action() -> None:
    """Every class affords at least half of the actions, every action is afforded by many classes."""
    for spec in CLASSES.values():
        assert len(spec.actions) >= len(ACTIONS) / 2, spec.name
    for action in ACTIONS:
        able = [name for name in seen_classes() if action in CLASSES[name].actions]
        assert len(able) >= 8, action
        assert any(action in CLASSES[name].actions for name in NOVEL), action


def test_promised_actions_are_found() -> None:
    """What a class claims to afford, sampling does find."""
    rng = np.random.default_rng(0)
    for name, spec in CLASSES.items():
        for action in sorted(spec.actions):
            instance = sample_object(rng, name, action)
            assert instance is not None, (name, action)
            assert parts_affording(instance, action)


def test_no_shortcut_from_what_the_action_must_not_tell() -> None:
    """Length, brightness of the border and its change over time are alike for all actions."""
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for seed in range(120):
        clip = make_clip(np.random.default_rng([9, seed]), difficulty=0.3, size=48, frames=(4, 8))
        border = np.concatenate([clip.frames[0][:4].ravel(), clip.frames[0][-4:].ravel()])
        found[clip.action].append((len(clip.frames), float(border.mean())))
    assert set(found) == set(ACTIONS)
    everything = np.array([row for rows in found.values() for row in rows])
    for rows in found.values():
        error = everything.std(0) / np.sqrt(len(rows))
        assert (np.abs(np.mean(rows, 0) - everything.mean(0)) < 4 * error).all()


def test_still_regions_match_its_points() -> None:
    item = make_image(np.random.default_rng(5), size=96)
    assert item.image.shape == (96, 96, 3)
    assert set(item.regions) == set(item.points)
    for action, points in item.points.items():
        columns, rows = np.floor(points).astype(int).T
        assert item.regions[action][rows, columns].all()


def test_clip_region_lies_on_the_inactive_image() -> None:
    clip = make_clip(np.random.default_rng(6), size=96, actions=("open",))
    assert clip.region.shape == clip.inactive.shape[:2]
    assert 0 < clip.region.mean() < 0.5


def test_photo_backgrounds(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "green.png"), np.full((80, 120, 3), (0, 255, 0), np.uint8))
    greens = 0
    for seed in range(12):
        item = make_image(np.random.default_rng(seed), 0.0, 48, photos=str(tmp_path), objects=("light switch",))
        red, green, blue = item.image.reshape(-1, 3).mean(0)
        greens += bool(green > 1.5 * red and green > 1.5 * blue)
    assert greens > 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--size", "63"], "--size 63"),
        (["--clips", "-1"], "--clips -1"),
        (["--difficulty", "2"], "--difficulty 2"),
        (["--novel", "spoon"], "'spoon'"),
        (["--actions", "juggle"], "'juggle'"),
        (["--backgrounds", "nowhere"], "--backgrounds nowhere"),
    ],
)
def test_bad_arguments(tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    assert main([str(tmp_path / "out"), *arguments]) == 2
    message = capsys.readouterr().err
    assert words in message
    assert message.count("\n") == 1


def test_does_not_write_into_a_full_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "precious.txt").write_text("keep me")
    assert main([str(tmp_path)]) == 2
    assert "not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_action_that_nothing_in_training_affords(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vessels = ",".join(name for name, spec in CLASSES.items() if "pour" in spec.actions)
    assert main([str(tmp_path / "out"), "--novel", vessels]) == 2
    assert "--actions pour" in capsys.readouterr().err
