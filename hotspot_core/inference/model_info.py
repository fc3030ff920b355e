"""What a predictor tells of its model."""

from __future__ import annotations

from dataclasses import dataclass

from hotspot_core.model.checkpoint_info import CheckpointInfo


@dataclass(frozen=True)
class ModelInfo(CheckpointInfo):
    """Everything known of a loaded model: where it comes from, and how it runs.

    Attributes:
        runtime: "pytorch", "openvino", "onnxruntime" or "aotinductor".
        device: where it runs: "cpu", "cuda:0", "gpu" ...
        precision: of its computation: "fp32", "bf16" or "fp16".
    """

    runtime: str
    device: str
    precision: str

    @property
    def how(self) -> str:
        """How it runs, for messages."""
        return f"{self.runtime} on {self.device} in {self.precision}"
