"""Features x_I of inactive images kept on disk: while the backbone is frozen, no image has to pass it twice.

With the clips' pooled frames beside them (`pooled_frames`), a step of training passes nothing through the backbone and
decodes nothing.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.pytorch.plugins.precision import Precision
from numpy.typing import NDArray
from rich.progress import track
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from hotspot_core.data.dataset import ClipDataset
from hotspot_core.errors import InputError
from hotspot_core.model.hotspot_model import HotspotModel
from hotspot_core.utils.files import atomic_write

BATCH = 16


class InactiveFeatures:
    """Features of every view of every clip's inactive image; those of a view and a clip as (C, h, w).

    Args:
        path: .npy of (views * clips, C, h, w), float32, or bfloat16 as uint16; 0 where an image could not be read.
        clips: their number.

    Raises:
        InputError: the file is not there, or is damaged.
    """

    def __init__(self, path: Path, clips: int) -> None:
        self._clips = clips
        try:
            self._stored: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            reason = f"data.cache {str(path)!r} cannot be read ({error})"
            raise InputError(f"{reason}: remove it, and share the folder between all machines") from error

    def __call__(self, view: int, clip: int) -> Tensor:
        features = torch.from_numpy(np.array(self._stored[view * self._clips + clip]))
        return features.view(torch.bfloat16) if features.dtype == torch.uint16 else features


class InactiveFeaturesCache:
    """Where the features of a run's inactive images lie.

    Args:
        folder: of the cache.
        model: its frozen backbone is what they are computed with, on its device.
        clips: with `inactive_views`.
        precision: the trainer's, in which the backbone runs while it trains.

    Raises:
        InputError: the model learns its backbone, or a clip's loss needs an image of another object.
    """

    def __init__(self, folder: Path, model: HotspotModel, clips: ClipDataset, precision: Precision) -> None:
        if not model.config.freeze_backbone:
            raise InputError("data.inactive_views keeps what a frozen backbone computes: freeze it, or leave it out")
        if clips.negatives:
            raise InputError("data.inactive_views keeps no images of other objects: leave it out with data.negatives")
        assert clips.inactive_views is not None
        self.model, self.clips, self.precision, self.views = model, clips, precision, clips.inactive_views
        self.path = folder / f"inactive-{self._identity()}.npy"

    def read(self) -> InactiveFeatures:
        """What `write` wrote.

        Raises:
            InputError: see `InactiveFeatures`.
        """
        return InactiveFeatures(self.path, len(self.clips))

    def write(self, workers: int) -> None:
        """Computes the features of all views of all clips' inactive images, batch by batch, onto the disk.

        Raises:
            InputError: the folder cannot be written.
        """
        loader = DataLoader(_InactiveViews(self.clips, self.views), batch_size=BATCH, num_workers=workers)
        try:
            with atomic_write(self.path) as partial:
                self._write(partial, loader)
        except (InputError, OSError) as error:
            raise InputError(f"data.cache {str(self.path.parent)!r} cannot be written: {error}") from error

    def _write(self, path: Path, loader: DataLoader[Tensor]) -> None:
        stored: np.memmap[Any, np.dtype[Any]] | None = None
        for number, images in enumerate(track(loader, "Features of inactive images", transient=True)):
            features = self._features(images)
            if stored is None:
                shape = (self.views * len(self.clips), *features.shape[1:])
                stored = np.lib.format.open_memmap(path, "w+", features.dtype, shape)
            stored[number * BATCH : number * BATCH + len(features)] = features
        assert stored is not None
        stored.flush()

    @torch.no_grad()
    def _features(self, images: Tensor) -> NDArray[Any]:
        with self.precision.forward_context():
            features = self.model.backbone(images.to(next(self.model.parameters()).device)).cpu()
        features = features * (images.flatten(1).any(dim=1)[:, None, None, None])
        if features.dtype == torch.bfloat16:
            features = features.contiguous().view(torch.uint16)
        return np.asarray(features.contiguous().numpy())

    def _identity(self) -> str:
        clips = self.clips
        images = {clip.inactive_image for clip in clips.clips if clip.inactive_image is not None}
        images |= {one.path for several in clips.inactive_images.values() for one in several}
        files = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(images)]
        settings = clips.clips, files, clips.seed, self.views, clips.size, clips.augment, clips.augmentation
        digest = hashlib.sha256(repr((settings, self.precision.precision)).encode())
        for name, value in self.model.backbone.state_dict().items():
            digest.update(name.encode() + value.cpu().numpy().tobytes())
        return digest.hexdigest()[:16]


class _InactiveViews(Dataset[Tensor]):
    """The inactive images of all clips, view by view; 0 where one cannot be read."""

    def __init__(self, clips: ClipDataset, views: int) -> None:
        self.clips = clips
        self.views = views

    def __len__(self) -> int:
        return len(self.clips) * self.views

    def __getitem__(self, index: int) -> Tensor:
        view, clip = divmod(index, len(self.clips))
        try:
            return self.clips.inactive_view(clip, view)
        except (InputError, OSError) as error:
            print(f"an inactive image fails and is left out of data.cache: {error}", file=sys.stderr, flush=True)
            return torch.zeros(3, self.clips.size, self.clips.size)
