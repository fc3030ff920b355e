"""The torchmetrics classes give over batches what the functions give at once."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torchmetrics", reason="the extra 'train' is not installed")
import torch

from hotspot_core import InputError
from hotspot_core.evaluation.metric_classes import AUCJudd, KLDivergence, hotspot_metrics
from hotspot_core.evaluation.metrics import score
from hotspot_core.evaluation.protocol import Protocol
from hotspot_core.evaluation.summary import summarize


def test_batches_give_what_the_whole_gives() -> None:
    """1. Three batches of different size, with an empty target among them. 2. Means, standard errors and skipped
    items are those of `score` and `summarise`. 3. After a reset they start anew."""
    rng = np.random.default_rng(0)
    pred, target = rng.random((10, 14, 14)), rng.random((10, 14, 14)) ** 6
    target[4] = 0
    metrics = hotspot_metrics()
    for part in (slice(0, 3), slice(3, 4), slice(4, 10)):
        metrics.update(torch.from_numpy(pred[part]), torch.from_numpy(target[part]))
    computed = metrics.compute()
    for name, values in score(pred, target).items():
        summary = summarize(list(values))
        assert float(computed[name]) == pytest.approx(summary.mean)
        assert metrics[name].standard_error == pytest.approx(summary.standard_error)
        assert metrics[name].skipped == summary.skipped
    metrics.reset()
    metrics.update(torch.from_numpy(pred[0]), torch.from_numpy(target[0]))
    assert float(metrics.compute()["kld"]) == pytest.approx(float(score(pred[0], target[0])["kld"]))


def test_the_protocol_and_the_direction_are_theirs() -> None:
    """Constants go through to the metric; lower is better for KLD alone; NaN is refused."""
    pred, target = torch.rand(2, 7, 7), torch.rand(2, 7, 7)
    wide = KLDivergence(Protocol(grid=7, blur=1))
    wide.update(pred, target)
    expected = score(pred.numpy(), target.numpy(), grid=7, blur=1)["kld"].mean()
    assert float(wide.compute()) == pytest.approx(expected)
    assert not wide.higher_is_better
    assert AUCJudd().higher_is_better
    with pytest.raises(InputError, match="NaN"):
        wide.update(torch.full((1, 7, 7), torch.nan), target[:1])
