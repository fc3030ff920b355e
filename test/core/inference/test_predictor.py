"""The predictor: any image in, a prediction in the image's own pixels out."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from hotspot_core import HotspotModel, HotspotPredictor, InputError
from hotspot_core.hotspots.overlay import action_color, draw_overlay, draw_panels, draw_strip
from hotspot_core.inference.predictor import _resize


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
    shrunk = _resize(picture, (168, 296))
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
    predictor.predict(photo(60, 80, 1))  # forgets the first
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


def test_one_image_many_queries(robot: HotspotModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """1. After `set_image` queries run no backbone, and agree with plain predictions. 2. An unchanged frame is not
    computed again, a changed one is. 3. Without an image there is an error."""
    predictor = HotspotPredictor(robot)
    with pytest.raises(InputError, match="call set_image"):
        predictor.predict(actions=["open"])
    expected = predictor.predict(photo(60, 80, 5), ["open", "lift"])
    predictor.predict(photo(60, 80, 6))
    encoded = []
    encode = predictor._runtime.encode

    def counted(pixels: np.ndarray) -> object:
        encoded.append(1)
        return encode(pixels)

    monkeypatch.setattr(predictor._runtime, "encode", counted)
    predictor.set_image(photo(60, 80, 5))
    for index, action in enumerate(expected.actions):
        prediction = predictor.predict(actions=[action])
        np.testing.assert_allclose(prediction.heatmaps[0], expected.heatmaps[index], atol=1e-5)
        assert prediction.image_size == (60, 80)
    assert len(encoded) == 1
    predictor.predict(photo(60, 80, 5).copy(), ["pull"])
    assert len(encoded) == 1
    changed = predictor.predict(photo(60, 80, 6), ["open"])
    assert len(encoded) == 2
    assert not np.allclose(changed.heatmaps, expected.heatmaps[:1])


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


def test_numbers_out_of_range_are_named(robot: HotspotModel, predictor: HotspotPredictor) -> None:
    """Of points, actions and sides of maps."""
    prediction = predictor.predict(photo(60, 80), top_k=1)
    for side in (0, -3):
        with pytest.raises(InputError, match=f"heatmaps of {side} x 10 pixels: give positive sides"):
            prediction.heatmaps_at(side, 10)
    with pytest.raises(InputError, match="top_k is -1: give 0 or more"):
        predictor.predict(photo(60, 80), top_k=-1)
    with pytest.raises(InputError, match="-1 points per action: give 0 or more"):
        HotspotPredictor(robot, points_per_action=-1)
    with pytest.raises(InputError, match="least value of a point nan: give a number from 0 to 1"):
        HotspotPredictor(robot, peak_threshold=float("nan"))


def test_an_action_keeps_its_color(predictor: HotspotPredictor) -> None:
    """1. Black images, predictions of all actions. 2. Where an action is shown alone, in an overlay and in a strip, its
    legend has the colour that it has among all."""
    black = np.zeros((240, 320, 3), np.uint8)
    everything = predictor.predict(black)
    for index, action in enumerate(everything.actions):
        alone = predictor.predict(black, [action])
        red, green, blue = (round(255 * level) for level in action_color(index))
        for picture in (draw_overlay(black, alone), draw_strip([black], [alone])):
            assert (picture[:40, :20] == (red, green, blue)).all(axis=2).any()


@pytest.mark.parametrize("size", [(240, 320), (24, 16), (1080, 1920)])
def test_pictures(predictor: HotspotPredictor, size: tuple[int, int]) -> None:
    """An overlay has the image's size, shows heat, and can carry a note; the sheet has a panel per action."""
    image = photo(*size)
    prediction = predictor.predict(image, ["open", "pull"])
    overlay = draw_overlay(image, prediction)
    assert overlay.shape == image.shape
    assert overlay.dtype == np.uint8
    assert (overlay != image).any()
    assert (draw_overlay(image, prediction, "untrained") != overlay).any()
    height = round(size[0] * 90 / size[1])
    assert draw_panels(image, prediction, panel_width=90).shape == (height, 3 * 90, 3)
    assert (draw_overlay(image, prediction.above(1.1)) == image).all()
