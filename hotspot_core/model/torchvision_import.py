"""Imports torchvision, also beside a CPU-only PyTorch.

torchvision's registry build is compiled for CUDA. Beside a CPU-only PyTorch its compiled library does not load,
and `import torchvision` then fails while it registers shape functions for two operators that nobody declared
("operator torchvision::nms does not exist"). Declaring their schemas first cures it; neither operator is used here.
"""

from __future__ import annotations

import torch

_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"

try:
    import torchvision
except RuntimeError:
    for _operator in ("nms", "qnms"):
        torch.library.define(f"torchvision::{_operator}", _SCHEMA)
    import torchvision

__all__ = ["torchvision"]
