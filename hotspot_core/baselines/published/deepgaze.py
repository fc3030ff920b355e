"""DeepGaze I (Kümmerer, Theis and Bethge, ICLR workshops 2015) in its authors' PyTorch version, with its weights."""

from __future__ import annotations

import math
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

# A name of its state that no other system has; what its names begin with; the log density of fixations beside it.
MARK = "features.features.1.features.0.weight"
_FEATURES, _UNUSED = "features.features.1.features.", "features.features.1.classifier."
CENTER_BIAS = "centerbias_mit1003.npy"
SIDE = 1024
# What images are reduced by, and the readout and the map once more.
_DOWNSAMPLE, _READOUT, _MAP = 2, 4, 4
TRUNCATE = 3


class PublishedDeepGazeI(PublishedSaliency):
    """AlexNet's fifth convolution, a 1x1 readout, a Gaussian, the center bias, a softmax over all places.

    As in the authors' code, all changes of size take the nearest value. Images are brought to a longer side of 1,024
    pixels, which is what it learned from.

    Args:
        path: deepgaze1.pth; the center bias is centerbias_mit1003.npy in the same folder, and uniform without it, which
            the table says.
        device: where it runs.
        side: longer side of the images in pixels.

    Raises:
        InputError: a file cannot be read or is another one.
    """

    def __init__(self, path: Path, device: torch.device, side: int = SIDE) -> None:
        bias = path.with_name(CENTER_BIAS)
        files = [path, bias] if bias.is_file() else [path]
        super().__init__("DeepGaze I", files, (side, side), device)
        told = "" if bias.is_file() else ", without center bias"
        self.setting = f"people's gaze: the authors' weights, longer side {side} px{told}"
        self._center_bias = _read_center_bias(bias) if bias.is_file() else np.zeros((2, 2))
        self._network = _Network()
        load_state(path, self._network, _renamed(read_state(path, "DeepGaze I's deepgaze1.pth")), "DeepGaze I's state")
        self._network.to(device).eval()

    @torch.no_grad()
    def saliency(self, image: Image) -> NDArray[np.float32]:
        scale = self.size_hw[0] / max(image.shape[:2])
        height, width = (max(round(side * scale), 64) for side in image.shape[:2])
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        pixels = np.asarray(cv2.resize(image, (width, height), interpolation=how), np.float32)
        tensor = torch.from_numpy(pixels.transpose(2, 0, 1)[None].copy()).to(self.device)
        bias = cv2.resize(self._center_bias, (width, height), interpolation=cv2.INTER_NEAREST)
        log_bias = torch.from_numpy(bias).float().to(self.device)
        return np.asarray(self._network(tensor, log_bias - log_bias.logsumexp((0, 1))).exp().cpu().numpy(), np.float32)


class _Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *(nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 256, 3, padding=1), nn.ReLU()),
            nn.Conv2d(256, 256, 3, padding=1),
        )
        self.readout = nn.Conv2d(256, 1, 1, bias=False)
        self.sigma = nn.Parameter(torch.zeros(()))
        self.center_bias_weight = nn.Parameter(torch.zeros(1))

    def forward(self, image: Tensor, log_bias: Tensor) -> Tensor:
        """(1, 3, H, W) RGB in [0, 255] and the log density (H, W) of the center bias -> log density (H, W)."""
        mean, deviation = (image.new_tensor(values).view(1, 3, 1, 1) for values in (IMAGENET_MEAN, IMAGENET_STD))
        small = functional.interpolate((image / 255 - mean) / deviation, scale_factor=1 / _DOWNSAMPLE)
        cells = [math.ceil(side / _DOWNSAMPLE / _READOUT) for side in image.shape[2:]]
        readout = self.readout(functional.interpolate(self.features(small), cells))
        bias = functional.interpolate(log_bias[None, None], scale_factor=1 / _MAP)
        scores = self._blurred(functional.interpolate(readout, bias.shape[2:])) + self.center_bias_weight * bias
        large = functional.interpolate(scores, image.shape[2:])[0, 0]
        return large - large.logsumexp((0, 1))

    def _blurred(self, maps: Tensor) -> Tensor:
        reach = math.ceil(TRUNCATE * float(self.sigma))
        places = torch.arange(-reach, reach + 1, device=maps.device)
        profile = (-0.5 * (places / self.sigma).square()).softmax(dim=0)
        rows = functional.conv2d(
            functional.pad(maps, (0, 0, reach, reach), mode="replicate"), profile.view(1, 1, -1, 1)
        )
        return functional.conv2d(
            functional.pad(rows, (reach, reach, 0, 0), mode="replicate"), profile.view(1, 1, 1, -1)
        )


def _renamed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Under our names; AlexNet's classifier, and the normalization that older files have, are left out."""
    ours = {
        "readout_network.conv0.weight": "readout.weight",
        "finalizer.gauss.sigma": "sigma",
        "finalizer.center_bias_weight": "center_bias_weight",
    }
    unused = (_UNUSED, "features.features.0.")
    kept = {name: value for name, value in state.items() if not name.startswith(unused)}
    return {ours.get(name, name.replace(_FEATURES, "features.")): value for name, value in kept.items()}


def _read_center_bias(path: Path) -> NDArray[np.float64]:
    try:
        bias = np.asarray(np.load(path, allow_pickle=False), np.float64)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{path}: no log density of fixations: {error}") from None
    if bias.ndim != 2 or not bias.size or not np.isfinite(bias).all():
        raise InputError(f"{path}: shape {bias.shape}: a finite log density (h, w) expected")
    return bias
