"""Figures that papers publish for a data set, to stand below our rows on that very data set and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TABLE_1 = "Table 1 of Nagarajan et al., ICCV 2019; the released models: the README of their code"
AGD20K = "the methods' papers and READMEs"


@dataclass(frozen=True)
class PublishedFigures:
    """The figures of one data set and its split.

    Attributes:
        source: where they stand.
        metrics: which metrics, in the order of the figures.
        rows: method -> its figures.
    """

    source: str
    metrics: tuple[str, ...]
    rows: Mapping[str, tuple[float, ...]]

    def of(self, row: str) -> dict[str, float]:
        """Metric -> figure of a method."""
        return dict(zip(self.metrics, self.rows[row], strict=True))


_MAPS = ("kld", "sim", "auc_judd")
_AGD20K_METRICS = ("kld", "sim", "nss")

# (benchmark of an `AnnotationSet`, "seen" or "novel") -> figures.
PUBLISHED: Mapping[tuple[str, str], PublishedFigures] = {
    ("OPRA", "seen"): PublishedFigures(
        TABLE_1,
        _MAPS,
        {
            "Center bias": (11.132, 0.205, 0.625),
            "LSTM+Grad-CAM": (8.573, 0.209, 0.620),
            "EgoGaze": (2.428, 0.245, 0.646),
            "MLNet": (4.022, 0.284, 0.763),
            "DeepGaze II": (1.897, 0.296, 0.720),
            "SalGAN": (2.116, 0.309, 0.769),
            "Interaction hotspots": (1.427, 0.362, 0.806),
            "Interaction hotspots (released model)": (1.431, 0.360, 0.807),
            "Img2Heatmap": (1.473, 0.355, 0.821),
            "Demo2Vec": (1.197, 0.482, 0.847),
        },
    ),
    ("EPIC", "seen"): PublishedFigures(
        TABLE_1,
        _MAPS,
        {
            "Center bias": (10.660, 0.222, 0.634),
            "LSTM+Grad-CAM": (6.470, 0.257, 0.626),
            "EgoGaze": (2.241, 0.273, 0.614),
            "MLNet": (6.116, 0.318, 0.746),
            "DeepGaze II": (1.352, 0.394, 0.751),
            "SalGAN": (1.508, 0.395, 0.774),
            "Interaction hotspots": (1.258, 0.404, 0.785),
            "Interaction hotspots (released model)": (1.254, 0.403, 0.792),
            "Img2Heatmap": (1.400, 0.359, 0.794),
        },
    ),
    ("OPRA", "novel"): PublishedFigures(
        TABLE_1,
        _MAPS,
        {
            "Center bias": (6.281, 0.244, 0.680),
            "LSTM+Grad-CAM": (5.405, 0.259, 0.644),
            "EgoGaze": (2.083, 0.278, 0.694),
            "MLNet": (2.458, 0.316, 0.778),
            "DeepGaze II": (1.757, 0.318, 0.742),
            "SalGAN": (1.698, 0.337, 0.790),
            "Interaction hotspots": (1.381, 0.374, 0.826),
            "Img2Heatmap": (1.431, 0.362, 0.820),
        },
    ),
    ("EPIC", "novel"): PublishedFigures(
        TABLE_1,
        _MAPS,
        {
            "Center bias": (5.910, 0.277, 0.699),
            "LSTM+Grad-CAM": (4.508, 0.255, 0.664),
            "EgoGaze": (1.974, 0.298, 0.673),
            "MLNet": (3.221, 0.361, 0.799),
            "DeepGaze II": (1.297, 0.400, 0.793),
            "SalGAN": (1.296, 0.406, 0.808),
            "Interaction hotspots": (1.249, 0.405, 0.817),
            "Img2Heatmap": (1.466, 0.353, 0.770),
        },
    ),
    ("AGD20K", "seen"): PublishedFigures(
        AGD20K,
        _AGD20K_METRICS,
        {
            "Interaction hotspots": (1.773, 0.278, 0.615),
            "Cross-View-AG": (1.538, 0.334, 0.927),
            "LOCATE": (1.226, 0.401, 1.177),
            "WSMA": (1.176, 0.416, 1.247),
            "INTRA": (1.199, 0.407, 1.239),
            "SelectiveCL": (1.124, 0.433, 1.280),
            "LoopTrans": (1.088, 0.445, 1.322),
            "PLSP": (0.890, 0.510, 1.547),
            "OOAL": (0.740, 0.577, 1.745),
        },
    ),
    ("AGD20K", "novel"): PublishedFigures(
        AGD20K,
        _AGD20K_METRICS,
        {
            "Interaction hotspots": (1.994, 0.237, 0.577),
            "Cross-View-AG": (1.787, 0.285, 0.829),
            "LOCATE": (1.405, 0.372, 1.157),
            "WSMA": (1.335, 0.382, 1.220),
            "INTRA": (1.365, 0.375, 1.209),
            "SelectiveCL": (1.243, 0.405, 1.368),
            "LoopTrans": (1.247, 0.403, 1.315),
            "PLSP": (1.153, 0.437, 1.418),
            "OOAL": (1.070, 0.461, 1.503),
            "AffordanceLLM": (1.463, 0.377, 1.070),
        },
    ),
}


def published(benchmark: str, novel: bool) -> PublishedFigures | None:
    """The figures for a benchmark, with seen or with novel objects; None where there are none."""
    return PUBLISHED.get((benchmark, "novel" if novel else "seen"))
