"""The predictor: any image in, a prediction in the image's own pixels out."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from hotspot_core import (
    HotspotModel,
    HotspotPredictor,
    InputError,
    OutOfMemoryError,
    interaction_hotspots,
    save_model,
)
from hotspot_core.benchmarks.cases import normalized
from hotspot_core.inference.pixels import resize


@pytest.fixture(scope="module")
def predictor(robot: HotspotModel) -> HotspotPredictor:
    return HotspotPredictor(robot)


def photo(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_prediction_contract(predictor: HotspotPredictor) -> None:
    """Names in the order asked for, scores of a softmax over all actions, maps in [0, 1] with maximum 1, points
    inside the image, grouped by action, strongest first."""
    everything = predictor.predict(photo(60, 80))
    assert everything.actions == predictor.actions
    assert everything.scores.sum() == pytest.approx(1, abs=1e-5)
    prediction = predictor.predict(photo(60, 80), ["rotate", "open"])
    assert prediction.actions == ("rotate", "open")
    assert prediction.scores[1] == pytest.approx(everything.scores[predictor.actions.index("open")], abs=1e-6)
    assert prediction.heatmaps.shape == (2, 24, 32)
    assert prediction.heatmaps.dtype == np.float32
    assert prediction.heatmaps.min() >= 0
    assert prediction.heatmaps.max(axis=(1, 2)) == pytest.approx([1, 1])
    assert [p.action for p in prediction.points] == sorted((p.action for p in prediction.points), reverse=True)
    for action in prediction.actions:
        values = [p.value for p in prediction.points if p.action == action]
        assert 1 <= len(values) <= 3
        assert values == sorted(values, reverse=True)
    assert all(0 <= p.x <= 79 and 0 <= p.y <= 59 and 0 < p.value <= 1 for p in prediction.points)


@pytest.mark.parametrize("size", [(1080, 1920), (1081, 1920), (2160, 3840), (480, 640), (30, 40)])
def test_large_images_shrink_by_averaging(size: tuple[int, int]) -> None:
    """However large it is, of a picture of noise at a scale of 16 pixels the network's input is what averaging all of
    its pixels in one step gives, to a few of 255 levels."""
    noise = np.random.default_rng(0).integers(0, 256, (size[0] // 16 + 1, size[1] // 16 + 1, 3), dtype=np.uint8)
    picture = np.asarray(cv2.resize(noise, size[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)
    shrunk = resize(picture, (168, 296))
    once = cv2.resize(picture, (296, 168), interpolation=cv2.INTER_AREA if size[0] > 168 else cv2.INTER_LINEAR)
    assert shrunk.shape == (168, 296, 3)
    assert np.abs(shrunk.astype(int) - once).max() <= 8


def test_a_list_gives_what_single_images_give(predictor: HotspotPredictor) -> None:
    """Images of two shapes, mixed: the predictions come in the list's order and equal those of single images."""
    images = [photo(60, 80, 1), photo(50, 50, 2), photo(120, 160, 3)]
    together = predictor.predict(images, ["open"])
    assert [p.image_size for p in together] == [(60, 80), (50, 50), (120, 160)]
    for image, prediction in zip(images, together, strict=True):
        alone = predictor.predict(image, ["open"])
        np.testing.assert_allclose(prediction.heatmaps, alone.heatmaps, atol=1e-3)
        np.testing.assert_allclose(prediction.scores, alone.scores, atol=1e-5)
    assert predictor.predict([]) == []


def test_actions_below_a_score_are_left_out(predictor: HotspotPredictor) -> None:
    """`above` keeps actions, maps and points together."""
    prediction = predictor.predict(photo(60, 80))
    limit = float(np.median(prediction.scores))
    kept = prediction.above(limit)
    assert kept.actions == tuple(a for a, s in zip(prediction.actions, prediction.scores, strict=True) if s >= limit)
    assert len(kept.heatmaps) == len(kept.scores) == len(kept.actions) < len(prediction.actions)
    assert {p.action for p in kept.points} == set(kept.actions)
    assert prediction.above(1.1).heatmaps_at(6, 8).shape == (0, 6, 8)


def test_maps_only_of_what_is_kept(robot: HotspotModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """1. `score_threshold` and `top_k` leave what `above` leaves, with all scores. 2. Other maps are not computed."""
    predictor = HotspotPredictor(robot)
    everything = predictor.predict(photo(60, 80))
    computed: list[int] = []
    maps = predictor._runtime.maps

    def counted(encoding: object, indices: list[int]) -> object:
        computed.extend(indices)
        return maps(encoding, indices)

    monkeypatch.setattr(predictor._runtime, "maps", counted)
    best = predictor.predict(photo(60, 80), top_k=2)
    wanted = sorted(np.argsort(-everything.scores)[:2])
    assert best.actions == tuple(everything.actions[i] for i in wanted)
    np.testing.assert_allclose(best.heatmaps, everything.heatmaps[wanted], atol=1e-5)
    assert best.all_scores == pytest.approx(everything.all_scores)
    assert computed == wanted
    limit = float(np.median(everything.scores))
    assert predictor.predict(photo(60, 80), score_threshold=limit).actions == everything.above(limit).actions
    nothing = predictor.predict(photo(60, 80), ["open"], score_threshold=1.0)
    assert (nothing.actions, nothing.heatmaps.shape, nothing.points) == ((), (0, 24, 32), [])
    assert len(nothing.all_scores) == 7


def count_encodings(predictor: HotspotPredictor, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Gets an entry for each batch that the backbone runs on: its number of images."""
    encoded: list[int] = []
    encode = predictor._runtime.encode

    def counted(pixels: np.ndarray, **settings: bool) -> object:
        encoded.append(len(pixels))
        return encode(pixels, **settings)

    monkeypatch.setattr(predictor._runtime, "encode", counted)
    return encoded


def test_one_image_many_queries(robot: HotspotModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """1. Without an image there is an error. 2. After `set_image` queries run no backbone, and agree with plain
    predictions. 3. After `reset_image` there is no image again, nor is there after a failed `set_image`."""
    predictor = HotspotPredictor(robot)
    with pytest.raises(InputError, match="call set_image"):
        predictor.predict(actions=["open"])
    expected = predictor.predict(photo(60, 80, 5), ["open", "lift"])
    encoded = count_encodings(predictor, monkeypatch)
    predictor.set_image(photo(60, 80, 5))
    for index, action in enumerate(expected.actions):
        prediction = predictor.predict(actions=[action])
        np.testing.assert_allclose(prediction.heatmaps[0], expected.heatmaps[index], atol=1e-5)
        assert prediction.image_size == (60, 80)
    assert encoded == [1]
    predictor.reset_image()
    with pytest.raises(InputError, match="call set_image"):
        predictor.predict()
    predictor.set_image(photo(60, 80, 5))
    with pytest.raises(InputError, match="uint8 RGB"):
        predictor.set_image(np.zeros((8, 8), np.uint8))
    with pytest.raises(InputError, match="call set_image"):
        predictor.predict()


def test_nothing_else_is_kept(robot: HotspotModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """1. An image is set. 2. Other images of the same shape are predicted, alone and as a list: what was set answers
    as before, and is not encoded again. 3. The same image given twice is computed twice: nothing compares pixels.
    4. A setting of one call says nothing about the next one."""
    predictor = HotspotPredictor(robot)
    encoded = count_encodings(predictor, monkeypatch)
    predictor.set_image(photo(60, 80, 5))
    before = predictor.predict(actions=["open"])
    predictor.predict(photo(60, 80, 6), ["pull"])
    predictor.predict([photo(60, 80, 7), photo(60, 80, 8)])
    assert encoded == [1, 1, 2]
    after = predictor.predict(actions=["open", "pull"])
    assert encoded == [1, 1, 2]
    np.testing.assert_array_equal(after.heatmaps[0], before.heatmaps[0])
    expected = predictor.predict(photo(60, 80, 5), ["pull"])
    np.testing.assert_allclose(after.heatmaps[1], expected.heatmaps[0], atol=1e-5)
    predictor.predict(photo(60, 80, 5), ["pull"])
    assert encoded == [1, 1, 2, 1, 1]
    assert predictor.predict(photo(60, 80, 5), ["pull"], points_per_action=0).points == []
    assert predictor.predict(photo(60, 80, 5), ["pull"]).points == expected.points
    strong = predictor.predict(photo(60, 80, 5), ["pull"], points_per_action=50, peak_threshold=0.9).points
    assert strong == [
        point
        for point in predictor.predict(photo(60, 80, 5), ["pull"], points_per_action=50, peak_threshold=0.0).points
        if point.value >= 0.9
    ]


def test_maps_are_those_of_the_equation(robot: HotspotModel) -> None:
    """`maps` are Eq. 4's as `interaction_hotspots` computes them of the same pixels; `above` keeps them with their
    actions."""
    predictor = HotspotPredictor(robot)
    image = photo(*predictor.network_size((60, 80)))
    expected = interaction_hotspots(robot, normalized(robot, image), ["lift", "open"])
    prediction = predictor.predict(image, ["lift", "open"])
    assert prediction.maps is not None
    np.testing.assert_allclose(
        prediction.maps / prediction.maps.max(), expected.maps[0] / expected.maps[0].max(), atol=1e-3
    )
    limit = float(prediction.scores.max())
    kept = prediction.above(limit).maps
    assert kept is not None
    np.testing.assert_array_equal(kept[0], prediction.maps[prediction.scores.argmax()])


def test_what_is_known_of_a_model(robot: HotspotModel, tmp_path: Path) -> None:
    """1. Of a model in memory: its configuration and how it runs, no file. 2. Of a file: where it came from, too."""
    info = HotspotPredictor(robot).info
    assert (info.path, info.sha256, info.trained, info.learned_keypoints) == (None, "", False, False)
    assert (info.config, info.runtime, str(info.device), info.precision) == (robot.config, "pytorch", "cpu", "fp32")
    training = {"configuration": {"data": {"keypoints": ["marked.json"]}}}
    path = tmp_path / "model.safetensors"
    save_model(path, robot, training, {"clips": "CC0"})
    info = HotspotPredictor(path, "cpu").info
    assert (info.path, info.name, info.trained, info.learned_keypoints) == (path, "model.safetensors", True, True)
    assert info.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (info.actions, info.training, info.data_licenses) == (robot.actions, training, {"clips": "CC0"})


@pytest.mark.parametrize(
    "failure",
    [
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
        MemoryError(),
    ],
    ids=["PyTorch", "Python"],
)
def test_too_little_memory_is_no_bad_input(
    robot: HotspotModel, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """Where the network runs out of memory the error says so, and is no `InputError`; other failures stay."""
    predictor = HotspotPredictor(robot)

    def encode(pixels: np.ndarray, **_: bool) -> object:
        raise failure

    monkeypatch.setattr(predictor._runtime, "encode", encode)
    with pytest.raises(OutOfMemoryError, match="too little memory for 1 images of 192x256 pixels") as caught:
        predictor.predict(photo(60, 80))
    assert not isinstance(caught.value, InputError)
    failure = RuntimeError("CUDA error: an illegal memory access was encountered")
    with pytest.raises(RuntimeError, match="illegal memory access"):
        predictor.predict(photo(60, 80))


@pytest.mark.parametrize(
    "image",
    [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 4), np.uint8), np.zeros((8, 8, 3), np.float32), "photo.jpg", 7],
    ids=["gray", "four channels", "float", "path", "not a sequence"],
)
def test_wrong_images_are_named(predictor: HotspotPredictor, image: np.ndarray) -> None:
    """What is not (H, W, 3) uint8 is refused with what it is and what is wanted."""
    for given in (image, [image]):
        with pytest.raises(InputError, match=r"give an \(H, W, 3\) uint8 RGB array"):
            predictor.predict(given)
    with pytest.raises(InputError, match="is empty"):
        predictor.predict(np.zeros((0, 8, 3), np.uint8))


def test_actions_are_named(predictor: HotspotPredictor) -> None:
    """One name, or a sequence of any kind. An empty one is not taken for all, nor are numbers taken for names."""
    image = photo(60, 80)
    expected = predictor.predict(image, ["open"])
    for actions in ("open", ("open",), np.array(["open"])):
        assert predictor.predict(image, actions).actions == expected.actions  # type: ignore[arg-type]
    for wrong in ([], np.array([]), [0, 1], np.array([0, 1]), 3):
        with pytest.raises(InputError, match=r"give names, such as \['open'\], or None for all"):
            predictor.predict(image, wrong)  # type: ignore[arg-type]


def test_numbers_out_of_range_are_named(predictor: HotspotPredictor) -> None:
    """Of points, actions and sides of maps."""
    prediction = predictor.predict(photo(60, 80), top_k=1)
    for side in (0, -3):
        with pytest.raises(InputError, match=f"heatmaps of {side} x 10 pixels: give positive sides"):
            prediction.heatmaps_at(side, 10)
    settings: list[tuple[dict[str, Any], str]] = [
        ({"top_k": -1}, "top_k -1: give a whole number of at least 0"),
        ({"top_k": 1.5}, "top_k 1.5: give a whole number of at least 0"),
        ({"points_per_action": -1}, "points per action -1: give a whole number of at least 0"),
        ({"points_per_action": 2.5}, "points per action 2.5: give a whole number of at least 0"),
        ({"peak_threshold": math.nan}, "peak threshold nan: give a number from 0 to 1"),
        ({"peak_threshold": "x"}, "peak threshold 'x': give a number from 0 to 1"),
        ({"score_threshold": math.nan}, "score threshold nan: give a number from 0 to 1"),
        ({"score_threshold": -1}, "score threshold -1: give a number from 0 to 1"),
        ({"score_threshold": 7}, "score threshold 7: give a number from 0 to 1"),
    ]
    for setting, reason in settings:
        with pytest.raises(InputError, match=f"^{reason}$"):
            predictor.predict(photo(60, 80), **setting)
    numpys: dict[str, Any] = {"top_k": np.int64(1), "peak_threshold": np.float32(0.5)}
    assert predictor.predict(photo(60, 80), **numpys).actions == prediction.actions
