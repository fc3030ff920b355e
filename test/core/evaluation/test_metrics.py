"""Metrics against hand-computed values and independent formulas."""

from __future__ import annotations

from itertools import pairwise
from math import log

import cv2
import numpy as np
import pytest

from hotspot_core import InputError
from hotspot_core.evaluation.metrics import auc_judd, kld, nss, pointing_game, points_above, score, sim


def judd_by_hand(pred: np.ndarray, target: np.ndarray) -> float:
    """Judd's curve, vertex by vertex: one per positive, from the strongest on, and trapezoids between."""
    positive = (target > 0.5 * target.max()).ravel()
    values = pred.ravel()
    n, m = positive.sum(), (~positive).sum()
    vertices = [(0.0, 0.0)]
    for k, threshold in enumerate(sorted(values[positive], reverse=True), start=1):
        vertices.append((((values >= threshold).sum() - k) / m, k / n))
    vertices.append((1.0, 1.0))
    return sum((x1 - x0) * (y1 + y0) / 2 for (x0, y0), (x1, y1) in pairwise(vertices))


def maps(seed: int, size: int = 12) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    pred = cv2.GaussianBlur(rng.random((size, size)), (5, 5), 0)
    return pred, cv2.GaussianBlur(rng.random((size, size)) ** 8, (5, 5), 0)


def test_hand_computed_values() -> None:
    """KLD, SIM and NSS of two maps of four cells."""
    pred = np.array([[1.0, 1.0], [2.0, 4.0]])
    target = np.array([[0.0, 3.0], [0.0, 9.0]])
    assert kld(pred, target) == pytest.approx(0.25 * log(0.25 / 0.125) + 0.75 * log(0.75 / 0.5), abs=1e-9)
    assert sim(pred, target) == pytest.approx(0.125 + 0.5, abs=1e-9)
    deviation = np.sqrt(((1 - 2) ** 2 * 2 + 0 + (4 - 2) ** 2) / 4)
    assert nss(pred, target) == pytest.approx((-1 / deviation + 2 / deviation) / 2)


def test_equal_maps_are_best() -> None:
    """A prediction that is its target, at any scale: KLD 0, SIM 1, AUC-Judd 1."""
    _, target = maps(1)
    assert kld(7 * target, target) == pytest.approx(0, abs=1e-8)
    assert sim(7 * target, target) == pytest.approx(1, abs=1e-8)
    assert auc_judd(7 * target, target) == 1


def test_a_zero_where_the_target_is_costs_log_eps() -> None:
    """The prediction has no mass on the target's only cell: KLD is log(1 / eps); SIM 0."""
    pred, target = np.zeros((3, 3)), np.zeros((3, 3))
    pred[0, 0] = target[2, 2] = 1
    assert kld(pred, target) == pytest.approx(-log(1e-12), rel=1e-6)
    assert kld(pred, target, eps=1e-6) == pytest.approx(-log(1e-6), rel=1e-4)
    assert sim(pred, target) == 0


def test_an_empty_target_counts_as_uniform_or_is_skipped() -> None:
    """KLD and SIM take it for uniform; AUC-Judd and NSS are not defined for it."""
    pred, _ = maps(2)
    scores = score(pred, np.zeros((12, 12)), grid=12, blur=1)
    assert scores["kld"] == pytest.approx(kld(pred, np.ones((12, 12))))
    assert scores["sim"] == pytest.approx(sim(pred, np.ones((12, 12))))
    assert np.isnan(scores["auc_judd"])
    assert np.isnan(scores["nss"])


@pytest.mark.parametrize("seed", range(5))
def test_auc_without_ties_is_judds(seed: int) -> None:
    """Where no values are equal, exactly the area under Judd's curve; the jitter changes next to nothing."""
    pred, target = maps(seed)
    assert auc_judd(pred, target) == pytest.approx(judd_by_hand(pred, target), abs=1e-12)
    assert auc_judd(pred, target, ties="jitter") == pytest.approx(judd_by_hand(pred, target), abs=1e-3)


def test_auc_with_ties_is_the_mean_over_all_orders() -> None:
    """With many equal values, as in a truncated or rounded map: the mean of Judd's area over random orders of the
    equal cells, which the jitter samples one of."""
    pred, target = maps(3)
    rounded = np.round(pred * 8) / 8
    rounded[:5] = 0
    assert len(np.unique(rounded)) < 7
    rng = np.random.default_rng(0)
    orders = [judd_by_hand(rounded + 1e-6 * rng.random(pred.shape), target) for _ in range(4000)]
    error = np.std(orders) / 4000**0.5
    assert np.std(orders) > 0.01
    assert auc_judd(rounded, target) == pytest.approx(np.mean(orders), abs=4 * error)
    jittered = [auc_judd(rounded, target, ties="jitter", seed=seed) for seed in range(1000)]
    assert np.mean(jittered) == pytest.approx(np.mean(orders), abs=8 * error)


def test_a_flat_map_is_at_chance() -> None:
    """A map without information scores what Judd's curve gives for random ranks: 1/2 + 1 / (2 (n + 1)) for n
    positives; also where resizing has left rounding errors in it."""
    target = np.zeros((28, 28))
    target[4:8, 5:9] = 1
    expected = 0.5 + 1 / (2 * (16 + 1))
    for size in (28, 7, 225):
        assert score(np.ones((size, size)), target)["auc_judd"] == pytest.approx(expected, abs=1e-12)


def test_nss_of_a_flat_prediction_is_zero() -> None:
    """No information: 0, not NaN or a large number from rounding."""
    assert score(np.ones((7, 7)), maps(1)[1])["nss"] == 0


def test_the_protocol_by_hand() -> None:
    """`score` resizes both, divides the prediction by its maximum, blurs it, and only then measures."""
    rng = np.random.default_rng(5)
    pred, target = rng.random((14, 14)), cv2.GaussianBlur(rng.random((56, 56)) ** 6, (9, 9), 0)
    small = target.reshape(28, 2, 28, 2).mean((1, 3))
    # Corners not aligned: OpenCV's bilinear enlargement is the same.
    large = cv2.resize(pred, (28, 28), interpolation=cv2.INTER_LINEAR)
    kernel = np.array([1, 4, 6, 4, 1]) / 16
    padded = np.pad(large / large.max(), 2, mode="reflect")
    smooth = sum(kernel[i] * kernel[j] * padded[i : i + 28, j : j + 28] for i in range(5) for j in range(5))
    scores = score(pred, target)
    assert scores["kld"] == pytest.approx(kld(smooth, small), abs=1e-9)
    assert scores["sim"] == pytest.approx(sim(smooth, small), abs=1e-9)
    assert scores["auc_judd"] == pytest.approx(judd_by_hand(np.asarray(smooth), small), abs=1e-9)
    assert scores["nss"] == pytest.approx(nss(smooth, small), abs=1e-9)


def test_a_stack_gives_what_single_maps_give() -> None:
    """10,000 pairs at 28x28 at once, ties and empty targets among them."""
    rng = np.random.default_rng(6)
    pred, target = rng.random((10_000, 28, 28)), rng.random((10_000, 28, 28)) ** 8
    pred[1, 5:20] = 0
    target[2] = 0
    together = score(pred, target)
    for index in (0, 1, 2, 9_999):
        for name, value in score(pred[index], target[index]).items():
            np.testing.assert_allclose(together[name][index], value, atol=1e-12, err_msg=name)


@pytest.mark.parametrize(
    ("pred", "reason"),
    [
        (np.full((4, 4), np.nan), "prediction has values that are NaN"),
        (np.full((4, 4), -1.0), "prediction has negative values"),
        (np.ones((4, 5)), r"\(4, 5\)"),
        (np.ones(4), "give a map"),
        (np.ones((0, 4)), "give a map"),
    ],
    ids=["NaN", "negative", "shape", "one axis", "empty"],
)
def test_bad_maps_are_named(pred: np.ndarray, reason: str) -> None:
    """Each metric refuses a map it cannot use, and says why."""
    for metric in (kld, sim, auc_judd, nss):
        with pytest.raises(InputError, match=reason):
            metric(pred, np.ones((4, 4)))


def test_the_bad_map_of_a_stack_is_named() -> None:
    """The text says which one."""
    stack = np.ones((5, 4, 4))
    stack[3, 1, 1] = np.inf
    with pytest.raises(InputError, match="prediction 3 of 5 has values that are NaN or infinite"):
        score(stack, np.ones((5, 4, 4)))
    with pytest.raises(InputError, match="one for each"):
        score(np.ones((4, 4, 4)), np.ones((5, 4, 4)))


def test_the_pointing_game() -> None:
    """Within 10 % of the longer side of any true point, the border included; no point is a miss."""
    true = [(10.0, 10.0), (150.0, 50.0)]
    assert pointing_game((150, 70), true, (100, 200))
    assert not pointing_game((150, 70.1), true, (100, 200))
    assert not pointing_game((150, 70), true, (100, 199))
    assert pointing_game((150, 99), true, (100, 200), tolerance=0.25)
    assert not pointing_game(None, true, (100, 200))
    with pytest.raises(InputError, match="at least one true point"):
        pointing_game((1, 1), [], (100, 200))


def test_true_points_of_a_map() -> None:
    """The cells above half the maximum, as pixels: the second cell of four over 80 pixels is centred on 29.5."""
    target = np.zeros((2, 4))
    target[1, 1], target[0, 3], target[0, 0] = 4, 3, 2
    assert points_above(target, (20, 80)).tolist() == [[69.5, 4.5], [29.5, 14.5]]
