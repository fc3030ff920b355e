"""SalGAN's published weights: Lasagne's arrays in an .npz file, for the network with VGG-16."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import torch
from torch import nn

from hotspot_core.baselines.networks.salgan import SalGAN
from hotspot_core.data.dataset import IMAGENET_MEAN, IMAGENET_STD
from hotspot_core.errors import InputError

# Height and width of the images that it was trained on.
PUBLISHED_SIZE = (192, 256)
# Of blue, green and red, taken from images in [0, 255].
CAFFE_MEAN = (103.939, 116.779, 123.68)
ENCODER_CONVOLUTIONS = 13


def load_published_salgan(path: str | Path) -> SalGAN:
    """The published generator, in eval mode, for our normalization of RGB images.

    The file has `arr_0` ... `arr_53`: weight and bias of the 13 convolutions of VGG-16 and of the 14 of the decoder, in
    order. Lasagne turns the kernels of the decoder (a true convolution), and takes blue, green and red less their mean:
    both are folded into the weights. (At the border, where zeros are padded, that is exact up to 0.5 of 255.)

    Raises:
        InputError: no such file, or of other arrays.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = [np.asarray(file[f"arr_{index}"], np.float32) for index in range(len(file.files))]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        text = f"{path}: no .npz file of SalGAN's weights, arr_0, arr_1, ...; maps are given with --predictions"
        raise InputError(text) from None
    # All that maps need is in the file; what only training needs stays as it comes.
    with torch.device("meta"):
        network = SalGAN("vgg16", actions=0, size=32, weights=None)
    network = network.to_empty(device="cpu")
    layers = [*network.encoder.modules(), *network.decoder.modules()]
    convolutions = [layer for layer in layers if isinstance(layer, nn.Conv2d)]
    if len(arrays) != 2 * len(convolutions):
        raise InputError(f"{path} has {len(arrays)} arrays: the generator has {2 * len(convolutions)}")
    for index, layer in enumerate(convolutions):
        weight, bias = arrays[2 * index : 2 * index + 2]
        if weight.shape != tuple(layer.weight.shape) or bias.shape != (len(weight),):
            raise InputError(f"{path}: arr_{2 * index} of shape {weight.shape}: {tuple(layer.weight.shape)} expected")
        if index == 0:
            weight, bias = _for_normalized_rgb(weight, bias)
        if index >= ENCODER_CONVOLUTIONS:
            weight = weight[:, :, ::-1, ::-1]
        layer.weight.data = torch.from_numpy(weight.astype(np.float32, order="C"))
        layer.bias = nn.Parameter(torch.from_numpy(np.asarray(bias, np.float32)))
    return network.eval()


def _for_normalized_rgb(weight: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first convolution: from BGR in [0, 255] less Caffe's mean to RGB in [0, 1], normalized."""
    rgb = weight[:, ::-1]
    scale = 255 * np.array(IMAGENET_STD).reshape(1, 3, 1, 1)
    offset = (255 * np.array(IMAGENET_MEAN) - np.array(CAFFE_MEAN[::-1])).reshape(1, 3, 1, 1)
    return rgb * scale, bias + (rgb * offset).sum((1, 2, 3))
