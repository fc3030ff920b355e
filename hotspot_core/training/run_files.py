"""What lies in the folder of a training run."""

from __future__ import annotations

LAST_CHECKPOINT, MODEL = "last.ckpt", "model.safetensors"
