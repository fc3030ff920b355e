"""What a predictor tells of its model."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from hotspot_core.model.checkpoint import CheckpointInfo


@dataclass(frozen=True)
class ModelInfo(CheckpointInfo):
    """Everything known of a loaded model: where it comes from, and how it runs.

    Attributes:
        runtime: "pytorch", "onnxruntime" or "aotinductor".
        device: where it runs.
        precision: of its computation: "fp32", "bf16" or "fp16".
    """

    runtime: str
    device: torch.device
    precision: str
