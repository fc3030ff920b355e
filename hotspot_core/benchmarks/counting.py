"""How many operations and bytes a computation takes, counted while it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry


class Cost(NamedTuple):
    """Floating-point operations (a multiplication and an addition are two) and bytes read and written."""

    flops: int
    bytes: int


def cost_of(function: Callable[[], Any]) -> Cost:
    """Runs a function and counts its operators: FLOPs of products and convolutions, bytes of all operands.

    Bytes are what would cross the memory bus if no operator found its operands in a cache.
    """
    counter = _Counter()
    with torch.no_grad(), counter:
        function()
    return Cost(counter.flops, counter.bytes)


class _Counter(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.flops = 0
        self.bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        if func.is_view:
            return result
        packet = func.overloadpacket
        if packet in flop_registry:
            self.flops += flop_registry[packet](*args, **kwargs, out_val=result)
        operands = {id(leaf): leaf for leaf in tree_leaves((args, kwargs, result)) if isinstance(leaf, Tensor)}
        self.bytes += sum(tensor.numel() * tensor.element_size() for tensor in operands.values())
        return result
