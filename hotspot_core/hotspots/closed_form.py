"""From features to hotspots: the paper's Eq. 4, exactly, in closed form and batched over images and actions.

    H_a = sum_k ReLU( d y_a / d x_I^k  *  x_I^k )

y_a is the logit of action a after F_ant, L2-pooling and one LSTM step; x_I^k the k-th channel of the backbone's
features. Plain automatic differentiation needs one backward pass per action. Here the gradient is written down:

- the LSTM step and the pooling have small closed-form Jacobians: the gradient at F_ant's output is the output itself
  times one factor per (action, channel), so that what its last convolution passes back is built from one tensor;
- the ReLU masks of F_ant are shared by all actions, batch normalization is part of the convolutions;
- what remains is one transposed convolution per layer of F_ant for a batch of (image, action) pairs;
- features are >= 0, hence H_a = sum_k x_I^k ReLU(d y_a / d x_I^k);
- maps are linear in the factors, which are divided by their largest before they meet a small number format.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from hotspot_core.errors import InputError, OutOfMemoryError, select_names
from hotspot_core.hotspots.convolutions import Algorithm, Convolution, build_convolution
from hotspot_core.model.anticipation import ConvBlock
from hotspot_core.model.classifier import LSTMStep
from hotspot_core.model.folding import folded
from hotspot_core.model.hotspot_model import HotspotModel
from hotspot_core.utils.memory import is_out_of_memory

# Bytes that the gradients of one chunk of actions may take: bounds memory whatever the number of actions.
CHUNK_BYTES = 2**29
# Copies of a gradient that one layer's pass back holds at a time, Winograd's patches (2.25 values each) included.
COPIES = 9
# Preparing Winograd's filters costs about as much as it saves on so many maps.
FEW_MAPS = 3
# Model -> what its weights were when they were prepared, and that.
_PREPARED: WeakKeyDictionary[HotspotModel, tuple[tuple[object, ...], ClosedFormHotspots]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Hotspots:
    """Maps of a batch of images.

    Attributes:
        maps: (B, A, h, w) float32 >= 0, Eq. 4, not normalized.
        logits: (B, all actions of the model) float32, those of the scores, see `ModelConfig.scores`.
        actions: the A names that `maps` follows.
    """

    maps: Tensor
    logits: Tensor
    actions: tuple[str, ...]


@dataclass(frozen=True)
class Encoding:
    """All that maps of a batch of images need and that no action changes.

    Attributes:
        features: (B, h, w, C), x_I.
        gates: where the ReLU of each hidden layer of F_ant is open, 1 or 0, (B, h, w, C') each.
        anticipated: (B, h, w, C), x~_I divided by the image's largest value.
        pool_factor: (B, 1, C) float32, d(P_k) / d(x~_k) divided by `anticipated`.
        step: the LSTM step on P(x~_I).
        logits: (B, all actions) float32, those of the scores.
        cells: (B, all actions, h, w) float32, the place head's logits; without a head (B, 0, h, w).
    """

    features: Tensor
    gates: list[Tensor]
    anticipated: Tensor
    pool_factor: Tensor
    step: LSTMStep
    logits: Tensor
    cells: Tensor

    def tensors(self) -> list[Tensor]:
        """All of them, always in the same order."""
        return [self.features, *self.gates, self.anticipated, self.pool_factor, *self.step, self.logits, self.cells]


@torch.no_grad()
def interaction_hotspots(model: HotspotModel, images: Tensor, actions: Sequence[str] | None = None) -> Hotspots:
    """Where each action happens in each image.

    What F_ant's weights are prepared to is kept for the next call with the same ones, as long as the model lives.

    Args:
        model: in eval mode. Weights that change are noticed as PyTorch notices it: not what is done by way of `.data`.
        images: (B, 3, H, W) float on the model's device, ImageNet-normalized, H and W multiples of 8.
        actions: names of actions; None for all.

    Raises:
        InputError: the model is in training mode, the images' shape or type is wrong, or an action is unknown.
        OutOfMemoryError: the memory does not suffice for a single map.
    """
    if model.training:
        raise InputError("the model is in training mode: call model.eval() before asking for maps")
    stride = model.backbone.stride
    wrong_shape = images.ndim != 4 or images.shape[1] != 3 or images.shape[2] % stride or images.shape[3] % stride
    if wrong_shape or not images.numel():
        raise InputError(
            f"images of shape {tuple(images.shape)}: give (B, 3, H, W), B >= 1, H and W multiples of {stride}"
        )
    if not images.is_floating_point():
        raise InputError(f"images of type {images.dtype}: give normalized floats, or uint8 images to HotspotPredictor")
    select_names("action", actions, model.actions)
    # float32 means float32: TF32, PyTorch's default for convolutions on CUDA, keeps three digits.
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        return hotspots_from_features(model, model.backbone(images), actions)


@torch.no_grad()
def hotspots_from_features(model: HotspotModel, features: Tensor, actions: Sequence[str] | None = None) -> Hotspots:
    """The same from the backbone's features x_I, (B, C, h, w)."""
    names = select_names("action", actions, model.actions)
    fast = not features.is_cuda and len(features) * len(names) > FEW_MAPS
    mapping = _prepared(model, features.dtype, "winograd" if fast else "direct")
    encoding = mapping.encode(features)
    indices = torch.tensor([model.actions.index(name) for name in names], device=features.device)
    return Hotspots(mapping.maps(encoding, indices), encoding.logits, names)


def _prepared(model: HotspotModel, dtype: torch.dtype, algorithm: Algorithm) -> ClosedFormHotspots:
    """The same as before where nothing has changed since: Winograd's filters take longer to make than to use."""
    try:
        state = [*model.anticipation.parameters(), *model.anticipation.buffers()]
        modules = id(model.classifier), id(model.affordance)
        key = (dtype, algorithm, modules, *((tensor.data_ptr(), tensor._version) for tensor in state))
    except RuntimeError:  # Tensors made in inference mode do not count their changes.
        return ClosedFormHotspots(model, dtype, algorithm)
    kept = _PREPARED.get(model)
    if kept is None or kept[0] != key:
        _PREPARED.pop(model, None)  # its memory first
        _PREPARED[model] = kept = key, ClosedFormHotspots(model, dtype, algorithm)
    return kept[1]


class ClosedFormHotspots(nn.Module):
    """Everything after the backbone, prepared to run: features -> `Encoding` -> maps.

    Args:
        model: F_ant is copied in its folded form, the classifier is shared.
        dtype: what F_ant runs in, both ways; pooling, LSTM and the maps' last sum are float32. In float32 the hidden
            layers run forwards as the model has them: rounding in another order flips the ReLU of a value that is
            almost 0 now and then, and each flip changes a few cells of the maps by 1e-3.
        algorithm: of F_ant's 3x3 convolutions.
    """

    def __init__(self, model: HotspotModel, dtype: torch.dtype, algorithm: Algorithm) -> None:
        super().__init__()
        blocks = model.anticipation.blocks()
        # Gradients pass the ReLU of every block but the last (whose output is 0 where it is closed).
        self.gated_blocks = nn.ModuleList(blocks[:-1]) if dtype.itemsize >= torch.float32.itemsize else None
        self.layers = nn.ModuleList(
            build_convolution(
                *_folded(block), dtype, algorithm, forwards=self.gated_blocks is None or block is blocks[-1]
            )
            for block in blocks
        )
        self.classifier = model.classifier
        self.affordance = model.affordance
        places = model.places
        # In float32 the model's own, in smaller formats a copy without batch normalization.
        folds = places is not None and dtype.itemsize < torch.float32.itemsize
        self.places = folded(places).to(dtype) if folds and places is not None else places
        self.pooling = model.config.pooling
        self.chunk_bytes = CHUNK_BYTES
        self.gate_dtype = torch.float64

    def encode(self, features: Tensor) -> Encoding:
        """x_I, (B, C, h, w) >= 0 -> what its maps need."""
        activations = self._activations(features)
        gates = [(hidden > 0).to(hidden.dtype) for hidden in activations[1:-1]]
        anticipated = activations[-1]
        pooled = torch.linalg.vector_norm(
            anticipated, dim=(1, 2), dtype=torch.promote_types(anticipated.dtype, torch.float32)
        )
        # d(P_k) / d(x_k) = x_k / (n P_k), n = 1 for the norm of the sum, h * w for that of the mean.
        slope = torch.where(pooled > 0, 1 / pooled, 0.0)
        if self.pooling == "mean":
            root = (anticipated.shape[1] * anticipated.shape[2]) ** 0.5
            pooled, slope = pooled / root, slope / root
        step = self.classifier.first_step(pooled)
        largest = anticipated.amax(dim=(1, 2, 3), keepdim=True).clamp_min(torch.finfo(torch.float32).tiny)
        factor = (slope * largest.flatten(1).float())[:, None]
        cells = features[:, :0].float() if self.places is None else self.places(features).float()
        logits = self.classifier.linear(step.hidden) if self.affordance is None else self.affordance(pooled, cells)
        return Encoding(activations[0], gates, anticipated / largest, factor, step, logits.float(), cells)

    def _activations(self, features: Tensor) -> list[Tensor]:
        """x_I and the output of each layer of F_ant, (B, h, w, C'), the last one x~_I."""
        channels_first = [features]
        if self.gated_blocks is not None:
            for block in self.gated_blocks:
                channels_first.append(block(channels_first[-1]))
        activations = [tensor.permute(0, 2, 3, 1).contiguous() for tensor in channels_first]
        for layer in self.layers[len(activations) - 1 :]:
            activations.append(layer(activations[-1]))
        return activations

    def maps(self, encoding: Encoding, indices: Tensor) -> Tensor:
        """Eq. 4 for actions given by (A,) indices: (B, A, h, w) float32, computed in chunks of actions.

        Raises:
            OutOfMemoryError: the memory does not suffice for a single map.
        """
        factors, scale = self._factors(encoding, indices)
        while True:
            try:
                parts = factors.split(self._actions_per_chunk(encoding, len(indices)), dim=1)
                # One action after the other, whose gradient then stays in the cache.
                gradients = (g for part in parts for g in self._gradients(encoding, part).unbind(1))
                return torch.stack([_map_of(g, encoding.features) for g in gradients], dim=1) * scale
            except RuntimeError as error:
                self._halve_chunk(encoding, error)

    def all_at_once(self, encoding: Encoding, indices: Tensor) -> Tensor:
        """`maps` without chunks, for graphs that other runtimes run.

        The gradients of all actions at a cell lie together there, so that the last sum over channels is a product of
        matrices, which runtimes do faster than to multiply, to write out and to add.
        """
        factors, scale = self._factors(encoding, indices)
        gradient = self._hidden_gradients(encoding, factors).permute(0, 2, 3, 1, 4)
        if len(self.layers) > 1:
            first = self.layers[0]
            assert isinstance(first, Convolution)
            if first.is_pointwise:
                gradient = first.backward(gradient)
            else:
                by_action = gradient.permute(0, 3, 1, 2, 4)
                gradient = first.backward(by_action.flatten(0, 1)).unflatten(0, by_action.shape[:2])
                gradient = gradient.permute(0, 2, 3, 1, 4)
        maps = torch.matmul(gradient.relu(), encoding.features[..., None])[..., 0]
        return maps.permute(0, 3, 1, 2).float() * scale

    def _factors(self, encoding: Encoding, indices: Tensor) -> tuple[Tensor, Tensor]:
        """d(logit_a) / d(x~_k) over `anticipated`, (B, A, C), divided by its largest; and that, (B, A, 1, 1)."""
        gradients = self.classifier.logit_gradients(encoding.step, indices, self.gate_dtype)
        factors = gradients * encoding.pool_factor
        scale = factors.abs().amax(dim=2, keepdim=True).clamp_min(torch.finfo(torch.float32).tiny)
        return (factors / scale).to(encoding.features.dtype), scale[..., None]

    def _gradients(self, encoding: Encoding, factors: Tensor) -> Tensor:
        """(B, a, C) factors -> d(logit) / d(x_I) up to `scale`, (B, a, h, w, C)."""
        gradient = self._hidden_gradients(encoding, factors)
        if len(self.layers) == 1:
            return gradient
        first = self.layers[0]
        assert isinstance(first, Convolution)
        return first.backward(gradient.flatten(0, 1)).unflatten(0, gradient.shape[:2])

    def _hidden_gradients(self, encoding: Encoding, factors: Tensor) -> Tensor:
        """Likewise after the first layer of F_ant and before its ReLU; where there is no other, as above."""
        layers = [layer for layer in self.layers if isinstance(layer, Convolution)]
        gradient = layers[-1].backward_scaled(encoding.anticipated, factors)
        for layer, gate in zip(reversed(layers[:-1]), reversed(encoding.gates), strict=True):
            gradient = gradient.mul_(gate[:, None])
            if layer is not layers[0]:
                gradient = layer.backward(gradient.flatten(0, 1)).unflatten(0, gradient.shape[:2])
        return gradient

    def _bytes_per_action(self, encoding: Encoding) -> int:
        largest = max(tensor[..., :1].numel() * tensor.shape[-1] for tensor in (encoding.features, *encoding.gates))
        return COPIES * largest * encoding.features.element_size()

    def _actions_per_chunk(self, encoding: Encoding, actions: int) -> int:
        """Chunks of equal size, as few as the budget allows."""
        max_actions = max(1, self.chunk_bytes // self._bytes_per_action(encoding))
        return -(-actions // -(-actions // max_actions))

    def _halve_chunk(self, encoding: Encoding, error: RuntimeError) -> None:
        """Where memory ran out, the next try gets half of it; any other error is raised again."""
        if not is_out_of_memory(error):
            raise error
        needed = self._bytes_per_action(encoding)
        if self.chunk_bytes <= needed:
            batch, height, width = encoding.features.shape[:3]
            raise OutOfMemoryError(
                f"too little memory for one action's maps of {batch} images on a {height}x{width} grid (about "
                f"{needed / 1e6:.0f} MB): give fewer or smaller images, or free memory"
            ) from error
        self.chunk_bytes = max(needed, self.chunk_bytes // 2)


def _map_of(gradient: Tensor, features: Tensor) -> Tensor:
    """The sum over channels of x_I ReLU(gradient), in float32; overwrites the gradient."""
    return gradient.relu_().mul_(features).sum(dim=-1, dtype=torch.float32)


def _folded(block: ConvBlock) -> tuple[Tensor, Tensor]:
    """Weight and bias of a block's convolution with its batch normalization."""
    convolution, norm = block.convolution, block.normalization
    assert norm.running_mean is not None
    assert norm.running_var is not None
    weight, bias = fuse_conv_bn_weights(
        convolution.weight, convolution.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
    )
    return weight.detach(), bias.detach()
