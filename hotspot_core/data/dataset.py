"""PyTorch datasets: clips with their inactive images to learn from, and annotated images to evaluate on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from hotspot_core.data.annotations import AnnotationSet
from hotspot_core.data.augmentation import Augmentation, Image, View, central_view, policy, random_view, resized
from hotspot_core.data.clips import Clip, object_names
from hotspot_core.data.inactive_images import InactiveImage, inactive_images_of_clips
from hotspot_core.data.keypoint_images import KeypointImages
from hotspot_core.data.replacements import Failures, Replacements, first_readable
from hotspot_core.data.targets import target
from hotspot_core.errors import InputError, select_names
from hotspot_core.media.video import frame_count, probe, read_frames

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class ClipDataset(Dataset[dict[str, Any]]):
    """Clips of interaction, each with an image of its object at rest.

    What item i gives in epoch e depends on (seed, e, i) alone, not on workers or order, so that a resumed run repeats
    exactly. For training, a window of frames is taken at a random place of the clip, and pictures are varied as the
    policy says; for evaluation, it is the middle window and the centre of the pictures. With `clip_views` V, the frames
    of a clip are those of epoch e modulo V, so that they can be kept (see `hotspot_core.training.pooled_frames`); its
    inactive images stay new in every epoch. A clip that cannot be read, or whose images cannot, is replaced by another
    one and reported; `replacements` counts them.

    Args:
        clips: at least one; `check_clips` has seen them, or their videos are opened when they are needed.
        actions: names in the order of their indices.
        objects: likewise; None for the clips' own, sorted.
        frames: largest number T of frames.
        fps: frames sampled per second.
        size: side S of the pictures in pixels.
        augment: True for training, False for evaluation.
        negatives: whether to give an inactive image of another object too.
        seed: of all random choices.
        augmentation: a policy, or its name, see `hotspot_core.data.augmentation.POLICIES`.
        clip_views: number of different views of each clip's frames over the epochs; None for a new one in each.
        inactive_views: likewise of its inactive image.
        inactive_images: object -> images of it at rest, for clips without one of their own; None for those of the other
            clips. With `negatives`, the images of other objects come from these, too.
        keypoints: images of which each clip brings one along that is annotated with its action, drawn anew in every
            epoch.
        mean, std: of the normalization, for RGB in [0, 1].

    An item is a dict of
        frames: (T, 3, S, S) float32, normalized, zeros after the last frame;
        length: how many of the T frames there are, 1..T;
        inactive: (3, S, S) float32, normalized: the inactive image;
        action, object: indices;
        negative: (3, S, S), with `negatives` only;
        keypoints, place: (3, S, S) and (28, 28) float32 ground truth of sum 1, or 0 where no image is annotated with
            the action, with `keypoints` only.

    Raises:
        InputError: no clips, an unknown action or object, an object without an image at rest, or one object only where
            negatives are asked for.
    """

    def __init__(
        self,
        clips: Sequence[Clip],
        actions: Sequence[str],
        objects: Sequence[str] | None = None,
        frames: int = 8,
        fps: float = 5.0,
        size: int = 224,
        augment: bool = True,
        negatives: bool = False,
        seed: int = 0,
        augmentation: Augmentation | str = "paper",
        clip_views: int | None = None,
        inactive_views: int | None = None,
        inactive_images: Mapping[str, Sequence[InactiveImage]] | None = None,
        keypoints: KeypointImages | None = None,
        mean: Sequence[float] = IMAGENET_MEAN,
        std: Sequence[float] = IMAGENET_STD,
    ) -> None:
        if not clips:
            raise InputError("the split has no clips")
        self.clips = tuple(clips)
        self.actions = tuple(actions)
        self.objects = tuple(objects) if objects is not None else object_names(clips)
        for clip in self.clips:
            select_names("action", [clip.action], self.actions)
            select_names("object", [clip.object], self.objects)
        self.frames = frames
        self.fps = fps
        self.size = size
        self.augment = augment
        self.negatives = negatives
        self.seed = seed
        self.augmentation = policy(augmentation)
        self.clip_views = clip_views
        self.inactive_views = inactive_views
        pools = inactive_images or inactive_images_of_clips(clips)
        self.inactive_images = {name: tuple(items) for name, items in pools.items() if items}
        self.keypoints = keypoints
        self._check_inactive_images()
        self._normalization = _normalization(mean, std)
        self.replacements = Replacements(self.labels)
        # Workers that outlive an epoch have a copy of this object, but share this number.
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()

    @property
    def labels(self) -> tuple[int, ...]:
        """The index of each clip's action."""
        return tuple(self.actions.index(clip.action) for clip in self.clips)

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose random choices follow; call it before the loader's iterator is made."""
        self._epoch.fill_(epoch)

    def __len__(self) -> int:
        return len(self.clips)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.whole_item(index, lambda clip: self.frames_item(clip, self.view))

    def whole_item(
        self,
        index: int,
        frames_item: Callable[[int], dict[str, Any]],
        inactive_item: Callable[[int], dict[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Both parts of an item by functions of the clip's index; those of another clip where they cannot be read, see
        `Replacements`."""
        at_rest = inactive_item or self.inactive_item
        return self.replacements.item(
            index,
            lambda clip: {**frames_item(clip), **at_rest(clip)},
            lambda: self._generator(int(self._epoch), index, 2),
        )

    @property
    def view(self) -> int:
        """The view of the clips' frames in the current epoch."""
        return int(self._epoch) if self.clip_views is None else int(self._epoch) % self.clip_views

    @property
    def inactive_view_number(self) -> int:
        """The view of their inactive images."""
        return int(self._epoch) if self.inactive_views is None else int(self._epoch) % self.inactive_views

    def frames_item(self, index: int, view: int) -> dict[str, Any]:
        """The part of an item that shows the clip: frames and length."""
        rng = self._generator(view, index, 0)
        pictures = self._window(self.clips[index], rng)
        crop = self._view(rng, pictures[0].shape[:2])
        frames = torch.zeros(self.frames, 3, self.size, self.size)
        frames[: len(pictures)] = self._tensor(np.stack([crop.apply(picture) for picture in pictures]))
        return {"frames": frames, "length": len(pictures)}

    def inactive_item(self, index: int) -> dict[str, Any]:
        """The other part: inactive, action and object; negative, and keypoints and place, where they are asked for."""
        return {"inactive": self.inactive_view(index, self.inactive_view_number), **self.other_item(index)}

    def inactive_view(self, index: int, view: int) -> Tensor:
        """(3, S, S): a view of the inactive image of a clip."""
        rng = self._generator(view, index, 1)
        return self._inactive_tensor(self._inactive_of(self.clips[index], rng), rng)

    def other_item(self, index: int) -> dict[str, Any]:
        """What of the other part is not the inactive image."""
        clip = self.clips[index]
        rng = self._generator(int(self._epoch), index, 3)
        item: dict[str, Any] = {"action": self.actions.index(clip.action), "object": self.objects.index(clip.object)}
        if self.negatives:
            item["negative"] = self._inactive_tensor(self._inactive_of_another(clip, rng), rng)
        if self.keypoints is not None:
            picture, place = self.keypoints.draw(clip.action, rng, self.size)
            item["keypoints"], item["place"] = self._tensor(picture[None])[0], torch.from_numpy(place)
        return item

    def _generator(self, epoch: int, index: int, part: int) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(epoch, index, part)))

    def _check_inactive_images(self) -> None:
        for clip in self.clips:
            if clip.inactive_image is None and clip.object not in self.inactive_images:
                raise InputError(f"{clip.video}: no image of {clip.object!r} at rest: fill inactive_image for one clip")
        if self.negatives and not any(name != self.clips[0].object for name in self.inactive_images):
            raise InputError(
                "negatives need images of at least two objects at rest: name the objects in the clip table"
            )

    def _window(self, clip: Clip, rng: np.random.Generator) -> list[Image]:
        """Up to T frames of a clip, as far reduced as the crop allows."""
        rate = clip.frame_rate or self.fps if clip.video.is_dir() else None
        stop = probe(clip.video, rate).duration if clip.stop is None else clip.stop
        spare = frame_count(clip.start, stop, self.fps) - self.frames
        first = 0
        if spare > 0:
            first = int(rng.integers(0, spare + 1)) if self.augment else spare // 2
        shorter_side = round(self.size * (self.augmentation if self.augment else Augmentation()).reduction)
        return read_frames(
            clip.video,
            clip.start + first / self.fps,
            stop,
            self.fps,
            self.frames,
            frame_rate=rate,
            shorter_side=shorter_side,
        )

    def _view(self, rng: np.random.Generator, size_hw: Sequence[int], may_blur: bool = False) -> View:
        if self.augment:
            return random_view(rng, size_hw, self.size, self.augmentation, may_blur)
        return central_view(size_hw, self.size)

    def _inactive_of(self, clip: Clip, rng: np.random.Generator) -> InactiveImage:
        if clip.inactive_image is not None:
            return InactiveImage(clip.inactive_image, time=clip.inactive_time)
        return self._drawn(self.inactive_images[clip.object], rng)

    def _inactive_of_another(self, clip: Clip, rng: np.random.Generator) -> InactiveImage:
        others = [name for name in self.inactive_images if name != clip.object]
        return self._drawn(self.inactive_images[others[int(rng.integers(len(others)))]], rng)

    def _drawn(self, images: Sequence[InactiveImage], rng: np.random.Generator) -> InactiveImage:
        return images[int(rng.integers(len(images))) if self.augment else 0]

    def _inactive_tensor(self, inactive: InactiveImage, rng: np.random.Generator) -> Tensor:
        picture = inactive.read(rng if self.augment else None)
        return self._tensor(self._view(rng, picture.shape[:2], may_blur=True).apply(picture)[None])[0]

    def _tensor(self, pictures: Image) -> Tensor:
        return normalized(pictures, *self._normalization)


class AnnotatedImageDataset(Dataset[dict[str, Any]]):
    """Annotated images, resized wholly, with their ground truth; one item per image and action.

    An image that cannot be read any more is replaced by the next one that can, reported and counted in `failures`.

    Args:
        annotations: their entries are merged.
        size: side S of the pictures in pixels.
        grid: cells per side of the ground truth.
        kernel_ratio: see `heatmap_from_points`.
        mean, std: of the normalization, for RGB in [0, 1].

    An item is a dict of
        image: (3, S, S) float32, normalized;
        target: (grid, grid) float32 ground truth of sum 1, or 0 where there are no points;
        action: index into `annotations.actions`;
        object: its name;
        index: of the entry in `entries`, which has the points.

    Raises:
        InputError: an image is missing.
    """

    def __init__(
        self,
        annotations: AnnotationSet,
        size: int = 224,
        grid: int = 28,
        kernel_ratio: float = 3.0,
        mean: Sequence[float] = IMAGENET_MEAN,
        std: Sequence[float] = IMAGENET_STD,
    ) -> None:
        missing = annotations.missing_images()
        if missing:
            raise InputError(f"{annotations.path}: {len(missing)} images are missing, first {missing[0]}")
        self.actions = annotations.actions
        self.entries = annotations.merged().entries
        self.size = size
        self.grid = grid
        self.kernel_ratio = kernel_ratio
        self.failures = Failures(len(self.entries), "validation image")
        self._normalization = _normalization(mean, std)

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return first_readable(index, len(self), self._item, self.failures)

    def _item(self, index: int) -> dict[str, Any]:
        entry = self.entries[index]
        whole = resized(entry.read_image(), (self.size, self.size))
        return {
            "image": normalized(whole[None], *self._normalization)[0],
            "target": torch.from_numpy(target(entry, self.grid, self.kernel_ratio)),
            "action": self.actions.index(entry.action),
            "object": entry.object,
            "index": index,
        }


def class_balanced_weights(labels: Sequence[Hashable], cap: float = 100.0) -> Tensor:
    """Sampling weights (N,) float64: the number of items over the number in the item's class, at most `cap`."""
    counts = Counter(labels)
    return torch.tensor([min(len(labels) / counts[label], cap) for label in labels], dtype=torch.float64)


def network_input(image: Image, size_hw: tuple[int, int]) -> Tensor:
    """A whole image (H, W, 3) uint8 RGB as (3, *size_hw), ImageNet-normalized, whatever its aspect ratio."""
    return normalized(resized(image, size_hw)[None], *_normalization(IMAGENET_MEAN, IMAGENET_STD))[0]


def normalized(pictures: Image, mean: NDArray[np.float32], std: NDArray[np.float32]) -> Tensor:
    """(N, S, S, 3) uint8 RGB -> (N, 3, S, S) float32; mean and std of RGB in [0, 255]."""
    channels = np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))
    return torch.from_numpy(channels).float().sub_(torch.from_numpy(mean)).div_(torch.from_numpy(std))


def _normalization(mean: Sequence[float], std: Sequence[float]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(3, 1, 1) each, for RGB in [0, 255]."""
    scaled = [np.array(values, np.float32).reshape(3, 1, 1) * 255 for values in (mean, std)]
    return scaled[0], scaled[1]
