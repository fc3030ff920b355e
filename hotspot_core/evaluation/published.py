"""The paper's Table 1, to put beside ours: row -> KLD, SIM, AUC-Judd."""

from __future__ import annotations

from collections.abc import Mapping

Figures = tuple[float, float, float]

# (data set, objects) -> row -> figures.
TABLE_1: Mapping[tuple[str, str], Mapping[str, Figures]] = {
    ("OPRA", "seen"): {
        "Center bias": (11.132, 0.205, 0.625),
        "LSTM+Grad-CAM": (8.573, 0.209, 0.620),
        "EgoGaze": (2.428, 0.245, 0.646),
        "MLNet": (4.022, 0.284, 0.763),
        "DeepGaze II": (1.897, 0.296, 0.720),
        "SalGAN": (2.116, 0.309, 0.769),
        "Interaction hotspots": (1.427, 0.362, 0.806),
        "Img2Heatmap": (1.473, 0.355, 0.821),
        "Demo2Vec": (1.197, 0.482, 0.847),
    },
    ("EPIC", "seen"): {
        "Center bias": (10.660, 0.222, 0.634),
        "LSTM+Grad-CAM": (6.470, 0.257, 0.626),
        "EgoGaze": (2.241, 0.273, 0.614),
        "MLNet": (6.116, 0.318, 0.746),
        "DeepGaze II": (1.352, 0.394, 0.751),
        "SalGAN": (1.508, 0.395, 0.774),
        "Interaction hotspots": (1.258, 0.404, 0.785),
        "Img2Heatmap": (1.400, 0.359, 0.794),
    },
    ("OPRA", "novel"): {
        "Center bias": (6.281, 0.244, 0.680),
        "LSTM+Grad-CAM": (5.405, 0.259, 0.644),
        "Interaction hotspots": (1.381, 0.374, 0.826),
        "Img2Heatmap": (1.431, 0.362, 0.820),
    },
    ("EPIC", "novel"): {
        "Center bias": (5.910, 0.277, 0.699),
        "LSTM+Grad-CAM": (4.508, 0.255, 0.664),
        "Interaction hotspots": (1.249, 0.405, 0.817),
        "Img2Heatmap": (1.466, 0.353, 0.770),
    },
}
METRICS = ("kld", "sim", "auc_judd")


def published(name: str, metric: str, novel: bool) -> tuple[float | None, float | None]:
    """The paper's figure for a row of that name on OPRA and on EPIC-Kitchens, None where it has none."""
    objects = "novel" if novel else "seen"
    figures = [TABLE_1[data, objects].get(name) for data in ("OPRA", "EPIC")]
    values = [
        row_figures[METRICS.index(metric)] if row_figures and metric in METRICS else None for row_figures in figures
    ]
    return values[0], values[1]
