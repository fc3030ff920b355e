"""Batch normalisation folded into the convolution before it: the same function, in fewer steps."""

from __future__ import annotations

import copy
from typing import TypeVar

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

Module = TypeVar("Module", bound=nn.Module)


def folded(module: Module) -> Module:
    """A copy of a module in eval mode without batch normalisation.

    A `BatchNorm2d` that its parent holds directly after a `Conv2d` is taken to normalize that convolution's output,
    as in all of torchvision's and this library's networks. It is replaced by the identity.
    """
    result = copy.deepcopy(module).eval()
    for parent in list(result.modules()):
        _fold_children(parent)
    return result


def _fold_children(parent: nn.Module) -> None:
    before: tuple[str, nn.Module] | None = None
    for name, child in list(parent.named_children()):
        if isinstance(child, nn.BatchNorm2d) and before is not None and isinstance(before[1], nn.Conv2d):
            setattr(parent, before[0], fuse_conv_bn_eval(before[1], child))
            setattr(parent, name, nn.Identity())
        before = name, child
