"""MLNet (Cornia, Baraldi, Serra and Cucchiara, ICPR 2016) with the published weights: an HDF5 file of Keras 1, although
it is called .pkl."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from hotspot_core.baselines.networks.salgan_published import CAFFE_MEAN
from hotspot_core.baselines.published.saliency import PublishedSaliency
from hotspot_core.errors import InputError
from hotspot_core.evaluation.method import Image

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
STRIDE, PRIOR_STRIDE = 8, 10
# Widths of VGG-16's convolutions by stage, and the strides of the poolings after them.
_WIDTHS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
_POOLING_STRIDES = (2, 2, 2, 1)
READOUT = 64


class PublishedMLNet(PublishedSaliency):
    """The published network, in the arithmetic of Keras 1 on Theano, for which its weights were learned.

    Convolutions turn their kernels; a pooling of the same size looks one cell to the left and above, not to the right
    and below; the prior is enlarged by 10 as Theano does it, half a cell off its center. Images are fitted into 640x480
    with black bars, as blue, green and red less their means, and the map is cut out of the bars.

    Args:
        path: mlnet_salicon_weights.pkl. The shape of its prior tells the size of the images.
        device: where it runs.

    Raises:
        InputError: the file cannot be read or is another one, or h5py is not installed.
    """

    def __init__(self, path: Path, device: torch.device) -> None:
        kernels, prior = read_keras_weights(path)
        rows, columns = (side * PRIOR_STRIDE * STRIDE for side in prior.shape)
        super().__init__("MLNet", [path], (rows, columns), device)
        self._network = _Network(path, kernels, prior).to(device).eval()

    @torch.no_grad()
    def saliency(self, image: Image) -> NDArray[np.float32]:
        pixels = letterboxed(np.ascontiguousarray(image[:, :, ::-1]), self.size_hw).astype(np.float32)
        pixels -= np.array(CAFFE_MEAN, np.float32)
        tensor = torch.from_numpy(pixels.transpose(2, 0, 1)[None].copy()).to(self.device)
        return without_bars(self._network(tensor)[0, 0].cpu().numpy(), image.shape[:2])


class _Network(nn.Module):
    prior: Tensor

    def __init__(self, path: Path, kernels: list[NDArray[np.float32]], prior: NDArray[np.float32]) -> None:
        super().__init__()
        widths = [width for stage in _WIDTHS for width in stage]
        shapes = [(width, before, 3, 3) for before, width in zip([3, *widths], widths, strict=False)]
        shapes += [(READOUT, _WIDTHS[2][-1] + 2 * _WIDTHS[3][-1], 3, 3), (1, READOUT, 1, 1)]
        if len(kernels) != 2 * len(shapes):
            raise InputError(f"{path}: {len(kernels) // 2} convolutions: MLNet has {len(shapes)}")
        self.convolutions = nn.ModuleList()
        for index, shape in enumerate(shapes):
            weight, bias = kernels[2 * index : 2 * index + 2]
            if weight.shape != shape or bias.shape != shape[:1]:
                raise InputError(f"{path}: convolution {index + 1} has the shape {weight.shape}: {shape} expected")
            layer = nn.Conv2d(shape[1], shape[0], shape[2], padding=shape[2] // 2)
            layer.weight.data = torch.from_numpy(weight[:, :, ::-1, ::-1].copy())
            layer.bias = nn.Parameter(torch.from_numpy(bias.copy()))
            self.convolutions.append(layer)
        self.register_buffer("prior", enlarged(torch.from_numpy(1 + prior)[None, None]))

    def forward(self, pixels: Tensor) -> Tensor:
        layers = iter(self.convolutions)
        levels = []
        for stage, stride in zip(_WIDTHS, (*_POOLING_STRIDES, None), strict=True):
            for _ in stage:
                pixels = next(layers)(pixels).relu()
            pixels = pixels if stride is None else pooled(pixels, stride)
            levels.append(pixels)
        features = torch.cat(levels[2:], dim=1)
        for layer in layers:
            features = layer(features).relu()
        return (features * self.prior).relu()


def pooled(features: Tensor, stride: int) -> Tensor:
    """Maxima over 2x2 cells (B, C, h, w), of which the second is the own one: as Keras 1 does it with Theano."""
    padded = functional.pad(features, (1, 1, 1, 1), value=-torch.inf)
    height, width = (-(-side // stride) for side in features.shape[2:])
    return functional.max_pool2d(padded, 2, stride)[:, :, :height, :width]


def enlarged(prior: Tensor, ratio: int = PRIOR_STRIDE) -> Tensor:
    """(1, 1, h, w) -> (1, 1, 10 h, 10 w), linear between the values, which stand at places 4, 14, 24 ...; as Theano's
    `bilinear_upsampling`."""
    ramp = torch.arange(1, ratio + 1, dtype=prior.dtype)
    profile = torch.cat([ramp, ramp.flip(0)[1:]]) / ratio
    padded = functional.pad(prior, (1, 1, 1, 1), mode="replicate")
    cut = 2 * ratio - (ratio - 1) // 2 - 1
    kernel = (profile[:, None] * profile[None])[None, None]
    return functional.conv_transpose2d(padded, kernel, stride=ratio, padding=cut, output_padding=1)


def letterboxed(image: NDArray[np.uint8], size_hw: tuple[int, int]) -> NDArray[np.uint8]:
    """An image in the middle of a black one of that size, as large as it fits."""
    height, width = size_hw
    if image.shape[0] / height > image.shape[1] / width:
        inner = (height, image.shape[1] * height // image.shape[0])
    else:
        inner = (image.shape[0] * width // image.shape[1], width)
    inner = (max(1, min(inner[0], height)), max(1, min(inner[1], width)))
    top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    result = np.zeros((height, width, 3), np.uint8)
    result[top : top + inner[0], left : left + inner[1]] = cv2.resize(image, inner[::-1])
    return result


def without_bars(heatmap: NDArray[np.float32], image_hw: tuple[int, ...]) -> NDArray[np.float32]:
    """The part (H, W) of a map that covers the image alone."""
    height, width = image_hw
    if height / heatmap.shape[0] > width / heatmap.shape[1]:
        whole = (height, heatmap.shape[1] * height // heatmap.shape[0])
    else:
        whole = (heatmap.shape[0] * width // heatmap.shape[1], width)
    whole = (max(whole[0], height), max(whole[1], width))
    top, left = (whole[0] - height) // 2, (whole[1] - width) // 2
    large = np.asarray(cv2.resize(heatmap, whole[::-1]), np.float32)
    return large[top : top + height, left : left + width]


def is_hdf5(path: Path) -> bool:
    """Whether a file is one of HDF5, by its first bytes."""
    try:
        with path.open("rb") as file:
            return file.read(len(HDF5_SIGNATURE)) == HDF5_SIGNATURE
    except OSError:
        return False


def read_keras_weights(path: Path) -> tuple[list[NDArray[np.float32]], NDArray[np.float32]]:
    """Kernels and biases in the order of the layers, and the prior, of a file of Keras 1 of the weights or the model.

    Raises:
        InputError: the file cannot be read or is another one, or h5py is not installed.
    """
    try:
        import h5py
    except ImportError:
        raise InputError(f"{path}: HDF5 files need h5py: pip install 'hotspot_core[hdf5]'") from None
    try:
        with h5py.File(path) as file:
            arrays = _arrays(file.get("model_weights", file))
    except (OSError, KeyError, RuntimeError) as error:
        raise InputError(f"{path}: no HDF5 file of Keras' layers: {error}") from None
    priors = [array for array in arrays if array.ndim == 2]
    kernels = [array for array in arrays if array.ndim != 2]
    if len(priors) != 1:
        raise InputError(f"{path}: {len(priors)} priors (h, w) among {len(arrays)} arrays: MLNet has one")
    return kernels, priors[0]


def _arrays(root: Any) -> list[NDArray[np.float32]]:
    """The weights in the order of the layers."""
    layers = [root[_text(name)] for name in root.attrs["layer_names"]]
    return [np.asarray(layer[_text(name)], np.float32) for layer in layers for name in layer.attrs["weight_names"]]


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name
