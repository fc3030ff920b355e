"""The learned methods of the paper's Table 1, beside hotspots and LSTM+Grad-CAM: a registry of networks."""

from __future__ import annotations

from collections.abc import Mapping

from hotspot_core.baselines.networks.deepgaze import DeepGazeII
from hotspot_core.baselines.networks.demo2vec import Demo2Vec
from hotspot_core.baselines.networks.egogaze import EgoGaze
from hotspot_core.baselines.networks.img2heatmap import Img2Heatmap
from hotspot_core.baselines.networks.mlnet import MLNet
from hotspot_core.baselines.networks.network import HeatmapNetwork
from hotspot_core.baselines.networks.salgan import SalGAN

NETWORKS: Mapping[str, type[HeatmapNetwork]] = {
    "egogaze": EgoGaze,
    "mlnet": MLNet,
    "deepgaze2": DeepGazeII,
    "salgan": SalGAN,
    "img2heatmap": Img2Heatmap,
    "demo2vec": Demo2Vec,
}

__all__ = ["NETWORKS", "HeatmapNetwork"]
