"""How many operations and bytes a computation takes, counted while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

try:
    # PyTorch's notes on extending it document the class at this place, whose underscore says that it may move.
    from torch.utils._python_dispatch import TorchDispatchMode
except ImportError:  # pragma: no cover
    TorchDispatchMode = None  # type: ignore[assignment, misc]

# Why there are no bytes, where there are none.
NO_BYTES = "" if TorchDispatchMode is not None else f"PyTorch {torch.__version__} has no TorchDispatchMode where it was"


class Cost(NamedTuple):
    """Floating-point operations (a multiplication and an addition are two) and bytes read and written.

    Bytes are those of all operators' operands, what would cross the memory bus if none were found in a cache; views
    are free. They are None where this PyTorch does not let them be counted, see `NO_BYTES`.
    """

    flops: int
    bytes: int | None


def cost_of(function: Callable[[], Any]) -> Cost:
    """Runs a function and counts what its operators cost."""
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        if TorchDispatchMode is None:
            function()
            return Cost(int(counter.get_total_flops()), None)
        with _ByteCounter() as traffic:
            function()
    return Cost(int(counter.get_total_flops()), traffic.bytes)


if TorchDispatchMode is not None:

    class _ByteCounter(TorchDispatchMode):
        def __init__(self) -> None:
            super().__init__()
            self.bytes = 0

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = kwargs or {}
            result = func(*args, **kwargs)
            if not func.is_view:
                operands = {id(tensor): tensor for tensor in _tensors((args, kwargs, result))}
                self.bytes += sum(tensor.numel() * tensor.element_size() for tensor in operands.values())
            return result


def _tensors(value: Any) -> Iterator[Tensor]:
    """The tensors in nested tuples, lists and dictionaries."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        yield from _tensors(tuple(value.values()))
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _tensors(one)
