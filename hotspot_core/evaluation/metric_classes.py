"""The metrics as torchmetrics classes: for validation in a training loop, over batches and processes.

metrics = hotspot_metrics()
metrics.update(maps, targets)          # (B, h, w) tensors, as often as there are batches
metrics.compute()                      # {"kld": ..., "sim": ..., "auc_judd": ..., "nss": ...}
metrics["kld"].standard_error, metrics["auc_judd"].skipped
"""

from __future__ import annotations

from typing import Any

# Before torchmetrics, which imports torchvision.
import hotspot_core.model.torchvision_import  # noqa: F401 # isort: skip
import torch
from torch import Tensor
from torchmetrics import Metric, MetricCollection

from hotspot_core.evaluation.metrics import score
from hotspot_core.evaluation.protocol import Protocol


class HeatmapMetric(Metric):
    """The mean of one metric over maps, under a protocol.

    Args:
        name: "kld", "sim", "auc_judd" or "nss".
        protocol: its constants; None for the published ones.
    """

    full_state_update = False
    is_differentiable = False
    total: Tensor
    squares: Tensor
    count: Tensor
    undefined: Tensor

    def __init__(self, name: str, protocol: Protocol | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.name = name
        self.protocol = protocol or Protocol()
        for state in ("total", "squares", "count", "undefined"):
            self.add_state(state, torch.zeros((), dtype=torch.float64), dist_reduce_fx="sum")

    def update(self, pred: Tensor, target: Tensor) -> None:
        """Add maps.

        Args:
            pred, target: (B, h, w) and (B, H, W) or single maps, >= 0.

        Raises:
            InputError: see `score`.
        """
        p = self.protocol
        values = torch.as_tensor(
            score(
                pred.detach().cpu().numpy(),
                target.detach().cpu().numpy(),
                grid=p.grid,
                blur=p.blur,
                threshold=p.threshold,
                nss_threshold=p.nss_threshold,
                eps=p.eps,
                ties=p.ties,
                normalize=p.normalize,
            )[self.name],
            dtype=torch.float64,
            device=self.total.device,
        ).reshape(-1)
        defined = values[~values.isnan()]
        self.total += defined.sum()
        self.squares += defined.square().sum()
        self.count += len(defined)
        self.undefined += len(values) - len(defined)

    def compute(self) -> Tensor:
        """The mean; NaN where no map had a value."""
        return self.total / self.count

    @property
    def standard_error(self) -> float:
        """Of the mean, with the population's deviation."""
        variance = (self.squares / self.count - (self.total / self.count) ** 2).clamp_min(0)
        return float((variance / self.count).sqrt())

    @property
    def skipped(self) -> int:
        """How many maps the metric is not defined for."""
        return int(self.undefined)


class KLDivergence(HeatmapMetric):
    """See `hotspot_core.evaluation.metrics.kld`."""

    higher_is_better = False

    def __init__(self, protocol: Protocol | None = None, **options: Any) -> None:
        super().__init__("kld", protocol, **options)


class Similarity(HeatmapMetric):
    """See `hotspot_core.evaluation.metrics.sim`."""

    higher_is_better = True

    def __init__(self, protocol: Protocol | None = None, **options: Any) -> None:
        super().__init__("sim", protocol, **options)


class AUCJudd(HeatmapMetric):
    """See `hotspot_core.evaluation.metrics.auc_judd`."""

    higher_is_better = True

    def __init__(self, protocol: Protocol | None = None, **options: Any) -> None:
        super().__init__("auc_judd", protocol, **options)


class NormalizedScanpathSaliency(HeatmapMetric):
    """See `hotspot_core.evaluation.metrics.nss`."""

    higher_is_better = True

    def __init__(self, protocol: Protocol | None = None, **options: Any) -> None:
        super().__init__("nss", protocol, **options)


def hotspot_metrics(protocol: Protocol | None = None) -> MetricCollection:
    """All four by their names in tables."""
    return MetricCollection(
        {
            "kld": KLDivergence(protocol),
            "sim": Similarity(protocol),
            "auc_judd": AUCJudd(protocol),
            "nss": NormalizedScanpathSaliency(protocol),
        },
        compute_groups=False,
    )
