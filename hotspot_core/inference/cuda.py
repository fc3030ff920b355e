"""The runtime for CUDA: a frame is a copy to the device, two recorded graphs, and one copy back, its only wait."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor

from hotspot_core.hotspots.closed_form import Encoding
from hotspot_core.inference.pytorch import TorchRuntime
from hotspot_core.inference.runtime import Floats, Outputs, Pixels
from hotspot_core.model.hotspot_model import HotspotModel

# Image shapes whose graphs are kept: each holds the memory of its activations. Several cameras come in batches of
# changing size, and a recording takes as long as dozens of frames.
KEPT_SHAPES = 16
# Runs before a recording: cuDNN chooses its algorithms, the chunks of actions find their size.
WARM_UPS = 3

Output = TypeVar("Output")


class Recording(Generic[Output]):
    """A function of one tensor of fixed shape, recorded as a CUDA graph on its first use.

    Args:
        function: launches work on the current stream only, and never waits for it.
        example: an input.
    """

    def __init__(self, function: Callable[[Tensor], Output], example: Tensor) -> None:
        # float32 means float32: TF32 would keep three digits.
        with torch.backends.cudnn.flags(enabled=True, benchmark=True, allow_tf32=False):
            self._record(function, example)

    def _record(self, function: Callable[[Tensor], Output], example: Tensor) -> None:
        self._input = example.clone()
        side_stream = torch.cuda.Stream()
        side_stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side_stream):
            for _ in range(WARM_UPS):
                function(self._input)
        torch.cuda.current_stream().wait_stream(side_stream)
        self._graph = torch.cuda.CUDAGraph()
        # Other threads may use CUDA meanwhile.
        with torch.cuda.graph(self._graph, capture_error_mode="thread_local"):
            self._output = function(self._input)

    def __call__(self, value: Tensor) -> Output:
        """The output for `value`, in the same tensors every time, once the current stream gets there."""
        self._input.copy_(value, non_blocking=True)
        self._graph.replay()
        return self._output


@dataclass
class Shape:
    """What is kept for images of one shape.

    Attributes:
        staging: page-locked memory that an image is copied from.
        copied: when that copy has been made.
        encode: pixels -> encoding.
        maps: number of actions -> indices -> scores and maps; and the page-locked memory for them.
    """

    staging: Tensor
    copied: torch.cuda.Event
    encode: Recording[Encoding]
    maps: dict[int, tuple[Recording[Tensor], Tensor]] = field(default_factory=dict)


@dataclass(frozen=True)
class GraphEncoding:
    """An encoding in the memory of a shape's graph: valid until the next image of that shape.

    Attributes:
        copy: of its tensors, where it has to stay valid longer; they are put back before every use.
    """

    shape: Shape
    encoding: Encoding
    copy: list[Tensor] | None = None

    @property
    def logits(self) -> Tensor:
        return self.encoding.logits

    @property
    def features(self) -> Tensor:
        return self.encoding.features

    def put_back(self) -> None:
        """Brings the graph's memory to the state in which this encoding left it."""
        if self.copy is not None:
            for place, value in zip(self.encoding.tensors(), self.copy, strict=True):
                place.copy_(value, non_blocking=True)


class CudaRuntime(TorchRuntime):
    """PyTorch on CUDA. See `TorchRuntime`."""

    def __init__(self, model: HotspotModel, precision: str = "fp32") -> None:
        super().__init__(model, precision)
        self._shapes: OrderedDict[tuple[int, ...], Shape] = OrderedDict()

    @torch.inference_mode()
    def encode(self, pixels: Pixels, *, keep: bool = False) -> GraphEncoding:
        with torch.cuda.device(self.device):
            shape = self._shapes.get(pixels.shape) or self._new_shape(pixels)
            self._shapes.move_to_end(pixels.shape)
            shape.copied.synchronize()  # the copy of the image before this one: long done, unless nobody asked for it
            shape.staging.copy_(torch.from_numpy(pixels))
            encoding = shape.encode(shape.staging)
            shape.copied.record()
            copy = [tensor.clone() for tensor in encoding.tensors()] if keep else None
            return GraphEncoding(shape, encoding, copy)

    @torch.inference_mode()
    def scores(self, encoding: Any) -> Floats:
        with torch.cuda.device(self.device):
            encoding.put_back()
            return super().scores(encoding)

    @torch.inference_mode()
    def maps(self, encoding: Any, indices: list[int]) -> Outputs:
        with torch.cuda.device(self.device):
            encoding.put_back()
            return super().maps(encoding, indices)

    def _outputs(self, encoding: Any, indices: Tensor) -> Tensor:
        shape: Shape = encoding.shape
        if len(indices) not in shape.maps:
            of_encoding = super()._outputs
            recording = Recording(lambda index: of_encoding(encoding.encoding, index), indices)
            result = recording(indices)
            shape.maps[len(indices)] = recording, torch.empty(result.shape, dtype=result.dtype, pin_memory=True)
        recording, host = shape.maps[len(indices)]
        host.copy_(recording(indices), non_blocking=True)
        torch.cuda.current_stream().synchronize()
        return host.clone()

    def _new_shape(self, pixels: Pixels) -> Shape:
        staging = torch.from_numpy(pixels).pin_memory()
        example = staging.to(self.device, non_blocking=True)
        shape = Shape(staging, torch.cuda.Event(), Recording(self.network.encode, example))
        self._shapes[pixels.shape] = shape
        if len(self._shapes) > KEPT_SHAPES:
            self._shapes.popitem(last=False)
        return shape
