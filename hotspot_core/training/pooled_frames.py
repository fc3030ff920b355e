"""Pooled frames kept on disk: while the backbone is frozen, P(x_t) is all of a clip that training needs.

A batch then costs one pass of the backbone per inactive image instead of one per frame and image, and no video is
decoded.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.plugins.precision import Precision
from rich.progress import track
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from hotspot_core.data.dataset import ClipDataset
from hotspot_core.errors import InputError
from hotspot_core.model.hotspot_model import HotspotModel
from hotspot_core.training.inactive_features import InactiveFeatures
from hotspot_core.utils.files import atomic_write


@dataclass(frozen=True)
class PooledFrames:
    """P of the frames of every view of every clip.

    Attributes:
        pooled: (views, clips, T, C) float32.
        lengths: (views, clips) int, the valid frames; 0 where the clip could not be read.
    """

    pooled: Tensor
    lengths: Tensor


class PooledClipDataset(Dataset[dict[str, Any]]):
    """A `ClipDataset` whose items have `pooled` (T, C) in place of `frames`.

    Args:
        features: where given, items have `inactive_features` (C, h, w) of these in place of `inactive`.
    """

    def __init__(self, clips: ClipDataset, frames: PooledFrames, features: InactiveFeatures | None = None) -> None:
        self.clips = clips
        self.frames = frames
        self.features = features

    def __len__(self) -> int:
        return len(self.clips)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.clips.whole_item(index, self._frames_item, self._inactive_item if self.features else None)

    def _frames_item(self, index: int) -> dict[str, Any]:
        view = self.clips.view
        length = int(self.frames.lengths[view, index])
        if not length:
            raise InputError(f"{self.clips.clips[index].video}: could not be read when data.cache was made")
        return {"pooled": self.frames.pooled[view, index], "length": length}

    def _inactive_item(self, index: int) -> dict[str, Any]:
        assert self.features is not None
        features = self.features(self.clips.inactive_view_number, index)
        if not features.any():
            raise InputError(f"{self.clips.clips[index].video}: its inactive image could not be read for data.cache")
        return {"inactive_features": features, **self.clips.other_item(index)}


class PooledFramesCache:
    """Where the pooled frames of a run lie.

    Args:
        folder: of the cache.
        model: its frozen backbone is what they are computed with, on its device.
        clips: with `clip_views`.
        precision: the trainer's, in which the backbone runs while it trains.

    Raises:
        InputError: the model learns its backbone, or the clips have a new view in every epoch.
    """

    def __init__(self, folder: Path, model: HotspotModel, clips: ClipDataset, precision: Precision) -> None:
        if not model.config.freeze_backbone:
            raise InputError("data.cache keeps what a frozen backbone computes: freeze it, or leave data.cache out")
        if clips.clip_views is None:
            raise InputError("data.cache needs data.clip_views, the number of views to keep of each clip")
        self.model, self.clips, self.precision = model, clips, precision
        self.views = clips.clip_views
        self.path = folder / f"pooled-{self._identity()}.safetensors"

    def read(self) -> PooledFrames:
        """What `write` wrote.

        Raises:
            InputError: the file is not there, or is damaged.
        """
        try:
            return PooledFrames(**load_file(self.path))
        except (OSError, SafetensorError) as error:
            reason = f"data.cache {str(self.path)!r} cannot be read ({error})"
            raise InputError(f"{reason}: remove it, and share the folder between all machines") from error

    def write(self, workers: int) -> None:
        """Computes the pooled frames of all clips and views.

        Args:
            workers: processes that decode.

        Raises:
            InputError: the folder cannot be written.
        """
        device = next(self.model.parameters()).device
        loader = DataLoader(_Views(self.clips, self.views), batch_size=16, num_workers=workers)
        pooled, lengths = [], []
        with torch.no_grad(), self.precision.forward_context():
            for batch in track(loader, "Pooling the clips' frames", transient=True):
                pooled.append(self.model.pool_frames(batch["frames"].to(device)).float().cpu())
                lengths.append(batch["length"])
        shape = self.views, len(self.clips)
        tensors = {"pooled": torch.cat(pooled).unflatten(0, shape), "lengths": torch.cat(lengths).unflatten(0, shape)}
        try:
            with atomic_write(self.path) as partial:
                save_file(tensors, partial)
        except (InputError, SafetensorError) as error:
            raise InputError(f"data.cache {str(self.path.parent)!r} cannot be written: {error}") from error

    def _identity(self) -> str:
        """Changes with all that the pooled frames depend on, so that no other run's are ever taken for ours."""
        clips, model = self.clips, self.model
        digest = hashlib.sha256()
        for clip in clips.clips:
            status = clip.video.stat()
            digest.update(repr((clip, status.st_size, status.st_mtime_ns)).encode())
        settings = clips.seed, self.views, clips.frames, clips.fps, clips.size, clips.augment, clips.augmentation
        digest.update(repr((settings, model.config.pooling, self.precision.precision)).encode())
        for name, value in model.backbone.state_dict().items():
            digest.update(name.encode() + value.cpu().numpy().tobytes())
        return digest.hexdigest()[:16]


class _Views(Dataset[dict[str, Any]]):
    """The frames of all clips, view by view."""

    def __init__(self, clips: ClipDataset, views: int) -> None:
        self.clips = clips
        self.views = views

    def __len__(self) -> int:
        return len(self.clips) * self.views

    def __getitem__(self, index: int) -> dict[str, Any]:
        view, clip = divmod(index, len(self.clips))
        try:
            return self.clips.frames_item(clip, view)
        except (InputError, OSError) as error:
            print(f"a clip fails and is left out of data.cache: {error}", file=sys.stderr, flush=True)
            shape = self.clips.frames, 3, self.clips.size, self.clips.size
            return {"frames": torch.zeros(shape), "length": 0}
