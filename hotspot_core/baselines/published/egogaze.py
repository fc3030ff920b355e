"""EgoGaze (Huang, Cai, Li and Sato, ECCV 2018) for single images, with the weights of the authors' repository."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from hotspot_core.baselines.published.saliency import PublishedSaliency
from hotspot_core.baselines.published.state import load_state, read_state
from hotspot_core.data.dataset import IMAGENET_MEAN, IMAGENET_STD
from hotspot_core.errors import InputError
from hotspot_core.evaluation.method import Image

SPATIAL, LATE = "spatial.pth.tar", "late.pth.tar"
SIZE = 224
STRIDE = 16
# Widths of the convolutions; None is a pooling in the features, an enlargement in the decoder.
_FEATURES = (64, 64, None, 128, 128, None, 256, 256, 256, None, 512, 512, 512, None, 512, 512, 512)
_DECODER = (512, 512, 512, None, 512, 512, 512, None, 256, 256, 256, None, 128, 128, None, 64, 64)


class SpatialStream(nn.Module):
    """VGG-16 with batch norm and without its last pooling, and its mirror image.

    (B, 3, H, W) -> features (B, 512, H/16, W/16) and a map (B, 1, H, W) in [0, 1]. Weights have the authors' names.
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for width in _FEATURES:
            if width is None:
                layers.append(nn.MaxPool2d(2))
                continue
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
            channels = width
        self.features = nn.Sequential(*layers)
        layers = []
        for width in _DECODER:
            if width is None:
                layers.append(nn.Upsample(scale_factor=2))
                continue
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
            channels = width
        self.decoder = nn.Sequential(*layers, nn.Conv2d(channels, 1, 1))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        features = self.features(images)
        return features, self.decoder(features).sigmoid()


class LateFusion(nn.Module):
    """Two maps (B, 2, H, W) -> one (B, 1, H, W) in [0, 1]."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for channels, width in ((2, 32), (32, 32), (32, 8)):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
        self.fusion = nn.Sequential(*layers, nn.Conv2d(8, 1, 1))

    def forward(self, maps: Tensor) -> Tensor:
        return self.fusion(maps).sigmoid()


class PublishedEgoGaze(PublishedSaliency):
    """The authors' way for single images: no optical flow, and no memory of earlier fixations.

    The spatial stream gives a map. The features around its center of mass (3x3 cells) are averaged to weights of the
    channels, and the features' sum with these weights, brought to [0, 1], is the map of attention; both maps are fused.
    As in the authors' code, blue, green and red are normalized with the statistics of red, green and blue, and the
    center of mass is that of the map in 8 bits. Their output is in 8 bits, too, which is left out here.

    Args:
        path: spatial.pth.tar; late.pth.tar lies in the same folder.
        device: where it runs.
        size: side in pixels of the squares that images are resized to, a multiple of 16; the authors' is 224.

    Raises:
        InputError: a file is missing or is another one.
    """

    def __init__(self, path: Path, device: torch.device, size: int = SIZE) -> None:
        late = path.with_name(LATE)
        if not late.is_file():
            raise InputError(f"{path}: EgoGaze's other file, {LATE}, is not in the same folder: put it there")
        super().__init__("EgoGaze", [path, late], (size, size), device)
        self.spatial, self.fusion = SpatialStream(), LateFusion()
        load_state(path, self.spatial, read_state(path, f"EgoGaze's {SPATIAL}"), f"EgoGaze's {SPATIAL}")
        load_state(late, self.fusion, read_state(late, f"EgoGaze's {LATE}"), f"EgoGaze's {LATE}")
        self.spatial.to(device).eval()
        self.fusion.to(device).eval()

    @torch.no_grad()
    def saliency(self, image: Image) -> NDArray[np.float32]:
        features, seen = self.spatial(self._pixels(image))
        attention = _attention(features, _center_of_mass((seen[0, 0] * 255).byte().cpu().numpy()))
        enlarged = functional.interpolate(attention, scale_factor=STRIDE, mode="bilinear", align_corners=False)
        return np.asarray(self.fusion(torch.cat([seen, enlarged], dim=1))[0, 0].cpu().numpy(), np.float32)

    def _pixels(self, image: Image) -> Tensor:
        """(1, 3, S, S): blue, green, red with the statistics of red, green, blue."""
        bgr = np.ascontiguousarray(image[:, :, ::-1])
        small = np.asarray(cv2.resize(bgr, self.size_hw[::-1]), np.float32) / 255
        normalized = (small - np.array(IMAGENET_MEAN, np.float32)) / np.array(IMAGENET_STD, np.float32)
        return torch.from_numpy(normalized.transpose(2, 0, 1)[None].copy()).to(self.device)


def _center_of_mass(heatmap: NDArray[np.uint8]) -> tuple[float, float]:
    """Row and column; the middle of a map of zeros."""
    weights = heatmap.astype(np.float64)
    total = weights.sum()
    if total == 0:
        return heatmap.shape[0] / 2, heatmap.shape[1] / 2
    rows, columns = np.indices(heatmap.shape)
    return float((weights * rows).sum() / total), float((weights * columns).sum() / total)


def _attention(features: Tensor, center: tuple[float, float]) -> Tensor:
    """(1, 1, h, w) in [0, 1]: features (1, C, h, w) weighted by their mean over 3x3 cells around a place in pixels."""
    height, width = features.shape[2:]
    row = int(np.clip(center[0] // STRIDE, 1, height - 2))
    column = int(np.clip(center[1] // STRIDE, 1, width - 2))
    weights = features[:, :, row - 1 : row + 2, column - 1 : column + 2].mean((2, 3), keepdim=True)
    attention = (features * weights).sum(1, keepdim=True)
    attention = attention - attention.min()
    return attention / attention.max().clamp_min(1e-12)
