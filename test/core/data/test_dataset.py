"""Datasets: what an item holds, and that it repeats exactly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from media.recordings import indices, numbered_frames, write_image, write_video
from torch import Tensor
from torch.utils.data import DataLoader

from hotspot_core import InputError
from hotspot_core.data.annotation_files import read_annotations
from hotspot_core.data.augmentation import POLICIES, Augmentation, random_view
from hotspot_core.data.clips import Clip
from hotspot_core.data.dataset import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    AnnotatedImageDataset,
    ClipDataset,
    class_balanced_weights,
)
from hotspot_core.data.inactive_images import InactiveImage

OBJECTS = ("door", "drawer", "tap")
GREY = {"door": 40, "drawer": 120, "tap": 200}
ACTIONS = ("close", "open")


def pixels(tensor: Tensor) -> np.ndarray:
    """(..., 3, S, S) normalised -> (..., S, S, 3) uint8."""
    mean, std = torch.tensor(IMAGENET_MEAN), torch.tensor(IMAGENET_STD)
    return ((tensor.movedim(-3, -1) * std + mean) * 255).round().clamp(0, 255).to(torch.uint8).numpy()


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Clip]:
    """Numbered clips of 30 and 6 frames, 10 per second; every object's inactive image has its own gray level."""
    folder = tmp_path_factory.mktemp("clips")
    long = write_video(folder / "long.mp4", numbered_frames(30), 10)
    short = write_video(folder / "short.mp4", numbered_frames(6), 10)
    found = []
    for index in range(6):
        name = OBJECTS[index % 3]
        inactive = write_image(folder / f"{name}.png", np.full((40, 56, 3), GREY[name], np.uint8))
        found.append(Clip(long if index < 4 else short, 0.0, None, ACTIONS[index % 2], name, inactive))
    return found


@pytest.fixture(scope="module")
def textured(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """A clip that shows the same picture ten times: a horizontal and a vertical ramp, no symmetry."""
    folder = tmp_path_factory.mktemp("textured")
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[..., 0] = np.linspace(20, 230, 64)
    picture[..., 1] = np.linspace(20, 230, 48)[:, None]
    picture[..., 2] = 128
    video = write_video(folder / "still.mp4", np.repeat(picture[None], 10, axis=0), 10)
    return Clip(video, 0.0, None, "open", "door", write_image(folder / "picture.png", picture))


def same(a: dict, b: dict) -> bool:
    return all(torch.equal(torch.as_tensor(a[key]), torch.as_tensor(b[key])) for key in a)


def test_contract(clips: list[Clip]) -> None:
    """Keys, shapes, types and indices; frames after the last are zeros; images have ImageNet's normalization."""
    dataset = ClipDataset(clips, ACTIONS, frames=8, fps=10, size=32, negatives=True)
    assert len(dataset) == 6
    assert dataset.objects == OBJECTS
    assert dataset.labels == (0, 1, 0, 1, 0, 1)
    item = dataset[4]
    assert set(item) == {"frames", "length", "inactive", "action", "object", "negative"}
    assert item["frames"].shape == (8, 3, 32, 32)
    assert item["frames"].dtype == item["inactive"].dtype == torch.float32
    assert (item["length"], item["action"], item["object"]) == (6, 0, 1)
    assert item["frames"][6:].abs().max() == 0
    assert item["frames"][:6].abs().amin(dim=(1, 2, 3)).min() > 0
    expected = [(120 / 255 - m) / s for m, s in zip(IMAGENET_MEAN, IMAGENET_STD, strict=True)]
    assert item["inactive"].amin(dim=(1, 2)).tolist() == pytest.approx(expected, abs=1e-5)
    assert item["inactive"].amax(dim=(1, 2)).tolist() == pytest.approx(expected, abs=1e-5)
    assert "negative" not in ClipDataset(clips, ACTIONS, size=32)[0]


def test_items_depend_on_seed_epoch_and_index_alone(clips: list[Clip]) -> None:
    """Any order, number of workers and history give the same items; another epoch, seed or index gives others. Workers
    that outlive an epoch follow `set_epoch`."""

    def dataset(seed: int = 3) -> ClipDataset:
        return ClipDataset(clips, ACTIONS, frames=4, fps=5, size=24, negatives=True, seed=seed, augmentation="strong")

    plain = dataset()
    epochs = []
    for epoch in range(2):
        plain.set_epoch(epoch)
        epochs.append([plain[index] for index in range(6)])
    plain.set_epoch(0)
    assert all(same(plain[index], epochs[0][index]) for index in reversed(range(6)))
    assert not any(same(a, b) for a, b in zip(*epochs, strict=True))
    assert not same(dataset(seed=4)[0], epochs[0][0])
    shared = dataset()
    loader = DataLoader(shared, batch_size=None, num_workers=2, persistent_workers=True)
    for epoch in range(2):
        shared.set_epoch(epoch)
        assert all(same(a, b) for a, b in zip(loader, epochs[epoch], strict=True))


def test_windows(clips: list[Clip]) -> None:
    """Consecutive frames at the set rate: from a random place in training, all places in reach, from the middle in
    evaluation; a clip that is shorter gives all it has."""
    training = ClipDataset(clips[:1], ACTIONS, frames=8, fps=5, size=16)
    starts = set()
    for epoch in range(60):
        training.set_epoch(epoch)
        item = training[0]
        seen = indices(pixels(item["frames"]))
        assert item["length"] == 8
        assert seen == list(range(seen[0], seen[0] + 16, 2))
        starts.add(seen[0])
    assert starts == {0, 2, 4, 6, 8, 10, 12, 14}
    evaluation = ClipDataset(clips, ACTIONS, frames=7, fps=5, size=16, augment=False)
    assert indices(pixels(evaluation[0]["frames"])) == list(range(8, 22, 2))
    short = evaluation[5]
    assert indices(pixels(short["frames"][: short["length"]])) == [0, 2, 4]
    within = replace(clips[0], start=1.0, stop=2.0)
    assert indices(pixels(ClipDataset([within], ACTIONS, frames=5, fps=5, size=16)[0]["frames"])) == [
        10,
        12,
        14,
        16,
        18,
    ]


def test_evaluation_takes_the_center(textured: Clip) -> None:
    """Frames and inactive image: the shorter side is resized to 8/7 of the size, the center cut out, without a flip."""
    item = ClipDataset([textured], ACTIONS, frames=3, fps=5, size=42, augment=False)[0]
    x = np.linspace(20, 230, 64)[11:53]
    y = np.linspace(20, 230, 48)[3:45]
    for picture in [*pixels(item["frames"]), pixels(item["inactive"])]:
        np.testing.assert_allclose(picture[..., 0].mean(0), x, atol=6)
        np.testing.assert_allclose(picture[..., 1].mean(1), y, atol=6)


@pytest.mark.parametrize("augmentation", ["paper", "strong", "wild"])
def test_frames_of_a_clip_share_crop_flip_and_colors(textured: Clip, augmentation: str) -> None:
    """A clip of one picture stays one picture; its inactive image is varied by itself; both flip half of the time."""
    dataset = ClipDataset([textured], ACTIONS, frames=4, fps=5, size=42, augmentation=augmentation)
    flips = []
    for epoch in range(40):
        dataset.set_epoch(epoch)
        item = dataset[0]
        frames = pixels(item["frames"]).astype(int)
        assert abs(frames - frames[0]).max() <= 6
        ramps = [picture[..., 0].mean(0).astype(float) for picture in (frames[0], pixels(item["inactive"]))]
        flips.append(tuple(bool(ramp[-1] < ramp[0]) for ramp in ramps))
    assert {(False, False), (False, True), (True, False), (True, True)} == set(flips)


def test_paper_crops_are_everywhere_and_of_one_size(textured: Clip) -> None:
    """The crop's left edge covers its range, and its slope that of 42 of 64 columns."""
    dataset = ClipDataset([textured], ACTIONS, fps=5, size=42, augmentation=Augmentation(flip=0))
    slope = 210 / 63
    lefts = []
    for epoch in range(80):
        dataset.set_epoch(epoch)
        ramp = pixels(dataset[0]["inactive"])[..., 0].mean(0)
        assert ramp[-1] - ramp[0] == pytest.approx(41 * slope, abs=6)
        lefts.append((ramp[0] - 20) / slope)
    assert min(lefts) < 2
    assert 20 < max(lefts) < 23


def test_strong_changes_colors(textured: Clip) -> None:
    """The blue channel, flat in the picture, differs from draw to draw, within a clip's pictures not."""
    dataset = ClipDataset([textured], ACTIONS, fps=5, size=42, augmentation=replace(POLICIES["strong"], hue=0.0))
    means = []
    for epoch in range(20):
        dataset.set_epoch(epoch)
        means.append(float(pixels(dataset[0]["frames"])[0][..., 2].mean()))
    assert np.std(means) > 8


def test_negatives_show_another_object(clips: list[Clip]) -> None:
    """Always an inactive image of another object, and all others occur."""
    dataset = ClipDataset(clips, ACTIONS, frames=1, size=8, negatives=True)
    seen = set()
    for epoch in range(20):
        dataset.set_epoch(epoch)
        seen.add(int(pixels(dataset[0]["negative"]).mean()))
    assert seen == {GREY["drawer"], GREY["tap"]}
    with pytest.raises(InputError, match="at least two objects"):
        ClipDataset(clips[:1], ACTIONS, negatives=True)


def test_clips_without_an_inactive_image_take_one_of_their_object(clips: list[Clip], tmp_path: Path) -> None:
    """From another clip, or from the pool given; where there is none, the error says so before any training."""
    without = replace(clips[0], inactive_image=None)
    item = ClipDataset([without, clips[3]], ACTIONS, frames=1, size=8)[0]
    assert int(pixels(item["inactive"]).mean()) == GREY["door"]
    with pytest.raises(InputError, match="no image of 'door' at rest"):
        ClipDataset([without, clips[1]], ACTIONS)
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[10:20, 30:50] = 250
    pool = {"door": [InactiveImage(write_image(tmp_path / "scene.png", picture), (30, 10, 50, 20))]}
    dataset = ClipDataset([without], ACTIONS, frames=1, size=16, inactive_images=pool)
    assert pixels(dataset[0]["inactive"]).max() > 200


def test_boxes_are_widened_and_moved(tmp_path: Path) -> None:
    """Without a generator by the box's size; with one by 0.5 to 1.5 of it, moved by at most a fifth of the result,
    black outside the image."""
    picture = np.full((100, 200, 3), 90, np.uint8)
    path = write_image(tmp_path / "scene.png", picture)
    assert InactiveImage(path).read().shape == (100, 200, 3)
    assert InactiveImage(path, (80, 40, 120, 60)).read().shape == (40, 80, 3)
    assert InactiveImage(path, (0, 0, 40, 20)).read().shape == (30, 60, 3)
    shapes, dark = set(), 0
    for seed in range(40):
        cut = InactiveImage(path, (0, 0, 40, 20)).read(np.random.default_rng(seed))
        shapes.add(cut.shape)
        dark += bool((cut == 0).any())
        assert set(np.unique(cut)) <= {0, 90}
    assert {shape[0] for shape in shapes} <= set(range(24, 37))
    assert {shape[1] for shape in shapes} <= set(range(49, 72))
    assert len(shapes) > 10
    assert 10 < dark < 40


def test_unknown_names_and_empty_splits(clips: list[Clip]) -> None:
    """Named before anything is decoded."""
    with pytest.raises(InputError, match="the split has no clips"):
        ClipDataset([], ACTIONS)
    with pytest.raises(InputError, match="unknown action 'open'"):
        ClipDataset(clips, ["close"])
    with pytest.raises(InputError, match="unknown object 'tap'"):
        ClipDataset(clips, ACTIONS, ["door", "drawer"])
    with pytest.raises(InputError, match="unknown augmentation 'storng': did you mean 'strong'"):
        ClipDataset(clips, ACTIONS, augmentation="storng")


def test_weights_balance_classes() -> None:
    """Inverse frequency: all classes weigh the same together; a class rarer than one in a hundred is capped."""
    weights = class_balanced_weights(["a"] * 6 + ["b"] * 2)
    assert weights.tolist() == pytest.approx([8 / 6] * 6 + [4] * 2)
    rare = class_balanced_weights([0] * 499 + [1])
    assert rare[0] == pytest.approx(500 / 499)
    assert rare[-1] == 100
    assert class_balanced_weights([0] * 499 + [1], cap=7)[-1] == 7


def test_annotated_images_come_with_their_ground_truth(tmp_path: Path) -> None:
    """One item per image and action, the whole image squeezed to the size, the heat where the points are."""
    picture = np.zeros((40, 80, 3), np.uint8)
    picture[:, 60:] = 255
    write_image(tmp_path / "a.png", picture)
    (tmp_path / "set.json").write_text(
        '{"actions": ["close", "open"], "images": ['
        '{"image": "a.png", "action": "open", "object": "door", "width": 80, "height": 40, "points": [[70, 5]]},'
        '{"image": "a.png", "action": "open", "object": "door", "width": 80, "height": 40, "points": [[70, 5]]},'
        '{"image": "a.png", "action": "close", "object": "door", "width": 80, "height": 40, "points": []}]}'
    )
    dataset = AnnotatedImageDataset(read_annotations(tmp_path / "set.json"), size=32)
    assert len(dataset) == 2
    item = dataset[0]
    assert (item["action"], item["object"], item["index"]) == (1, "door", 0)
    assert pixels(item["image"])[:, :23].max() == 0
    assert pixels(item["image"])[:, 25:].min() == 255
    row, column = divmod(int(item["target"].argmax()), 28)
    assert (row, column) == (5 * 28 // 40, 70 * 28 // 80)
    assert item["target"].sum() == pytest.approx(1, abs=1e-5)
    assert len(dataset.entries[0].points) == 2
    assert dataset[1]["target"].max() == 0
    (tmp_path / "a.png").unlink()
    with pytest.raises(InputError, match=r"1 images are missing, first .*a\.png"):
        AnnotatedImageDataset(read_annotations(tmp_path / "set.json"))


def test_wild_colors_differ_by_more_than_light_does() -> None:
    """Of a red square on gray, strong variation keeps red the strongest channel; the wild one does not always."""
    image = np.full((64, 64, 3), 128, np.uint8)
    image[16:48, 16:48] = (220, 60, 60)
    for name, keeps in (("strong", True), ("wild", False)):
        rng = np.random.default_rng(0)
        views = [random_view(rng, image.shape[:2], 32, POLICIES[name], may_blur=True) for _ in range(60)]
        colors = [view.apply(image)[14:18, 14:18].mean(axis=(0, 1)) for view in views]
        assert all(color.argmax() == 0 for color in colors) is keeps
        assert len({view.noise_sigma for view in views}) > 10 or keeps
