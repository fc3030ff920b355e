"""How training pictures are varied: named policies, and the functions that apply them to uint8 RGB images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hotspot_core.errors import select_names

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Augmentation:
    """A policy. Crop, flip and colors are drawn once per clip, so that its frames agree, and once for its
    inactive image.

    Attributes:
        margin: the picture is resized so that its shorter side is `margin` times the crop, before the crop.
        scale: least and greatest fraction of the picture's area in a crop of random size and shape, which is then
            resized; None for crops of one size at a random place.
        flip: probability of a horizontal flip.
        brightness, contrast, saturation: greatest relative change.
        hue: greatest change, as a fraction of the color circle.
        blur: probability that an image that belongs to no clip's frames is blurred, as pictures from other cameras are.
        blur_sigma: greatest standard deviation of that, in pixels of a crop of 224.
        mixing: greatest fraction in which colors are replaced by random mixtures of the three channels, so that a thing
            is known by its shape (a random convolution of one pixel, as in Xu et al., "Robust and Generalizable Visual
            Representation Learning via Random Convolutions", ICLR 2021).
        noise: greatest standard deviation of noise in images that may be blurred.
    """

    margin: float = 256 / 224
    scale: tuple[float, float] | None = None
    flip: float = 0.5
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    hue: float = 0.0
    blur: float = 0.0
    blur_sigma: float = 2.0
    mixing: float = 0.0
    noise: float = 0.0

    @property
    def reduction(self) -> float:
        """How many times the crop's size a picture's shorter side must have, so that no crop is enlarged needlessly."""
        return self.margin if self.scale is None else 1 / self.scale[0] ** 0.5


POLICIES: Mapping[str, Augmentation] = {
    "flip": Augmentation(margin=1.0),
    "paper": Augmentation(),
    "strong": Augmentation(
        scale=(0.35, 1.0), brightness=0.4, contrast=0.4, saturation=0.4, hue=0.1, blur=0.3, blur_sigma=2.0
    ),
    "wild": Augmentation(
        scale=(0.3, 1.0),
        brightness=0.4,
        contrast=0.4,
        saturation=0.6,
        hue=0.25,
        blur=0.3,
        blur_sigma=2.0,
        mixing=0.8,
        noise=10.0,
    ),
}


def policy(augmentation: Augmentation | str) -> Augmentation:
    """The policy of that name, or the policy itself.

    Raises:
        InputError: no policy has that name.
    """
    if isinstance(augmentation, Augmentation):
        return augmentation
    return POLICIES[select_names("augmentation", [augmentation], tuple(POLICIES))[0]]


class Box(NamedTuple):
    """A rectangle of an image in whole pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class View:
    """One draw from a policy: what is done to all pictures that belong together."""

    box: Box
    size: int
    flip: bool = False
    colors: NDArray[np.float32] | None = None
    blur_sigma: float = 0.0
    noise_sigma: float = 0.0
    noise_seed: int = 0

    def apply(self, image: Image) -> Image:
        """(H, W, 3) uint8 RGB -> (size, size, 3)."""
        x, y, width, height = self.box
        crop = image[y : y + height, x : x + width]
        if crop.shape[:2] != (self.size, self.size):
            shrinks = min(width, height) > self.size
            how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
            crop = np.asarray(cv2.resize(crop, (self.size, self.size), interpolation=how), np.uint8)
        if self.flip:
            crop = crop[:, ::-1]
        if self.colors is not None:
            crop = _recolored(crop, self.colors)
        if self.blur_sigma > 0:
            crop = np.asarray(cv2.GaussianBlur(np.ascontiguousarray(crop), (0, 0), self.blur_sigma), np.uint8)
        if self.noise_sigma > 0:
            noise = np.random.default_rng(self.noise_seed).normal(0, self.noise_sigma, crop.shape)
            crop = (crop + noise).clip(0, 255).astype(np.uint8)
        return crop


def central_view(size_hw: Sequence[int], size: int, margin: float = 256 / 224) -> View:
    """The view for evaluation: a centred square of 1 / `margin` of the shorter side."""
    height, width = size_hw
    side = max(1, round(min(height, width) / margin))
    return View(Box((width - side) // 2, (height - side) // 2, side, side), size)


def random_view(
    rng: np.random.Generator, size_hw: Sequence[int], size: int, augmentation: Augmentation, may_blur: bool = False
) -> View:
    """A view drawn from a policy for pictures of that size; frames of clips are not to be blurred."""
    box = _random_box(rng, size_hw[0], size_hw[1], augmentation)
    flip = bool(rng.random() < augmentation.flip)
    colors = _random_colors(rng, augmentation)
    blurs = may_blur and rng.random() < augmentation.blur
    sigma = float(rng.uniform(0.1, 1.0)) * augmentation.blur_sigma * size / 224 if blurs else 0.0
    if not (may_blur and augmentation.noise):
        return View(box, size, flip, colors, sigma)
    # Half of the images have none.
    noise_sigma = max(0.0, float(rng.uniform(-1, 1))) * augmentation.noise
    return View(box, size, flip, colors, sigma, noise_sigma, int(rng.integers(2**31)))


def resized(image: Image, size_hw: tuple[int, int]) -> Image:
    """A whole image at another size, averaged where it shrinks; its aspect ratio is not kept."""
    shrinks = image.shape[0] > size_hw[0] or image.shape[1] > size_hw[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size_hw[::-1], interpolation=how), np.uint8)


def _random_box(rng: np.random.Generator, height: int, width: int, augmentation: Augmentation) -> Box:
    box_height = box_width = max(1, round(min(height, width) / augmentation.margin))
    if augmentation.scale is not None:
        area = height * width * rng.uniform(*augmentation.scale)
        aspect = np.exp(rng.uniform(-np.log(4 / 3), np.log(4 / 3)))
        box_width = min(width, max(1, round((area * aspect) ** 0.5)))
        box_height = min(height, max(1, round((area / aspect) ** 0.5)))
    x, y = rng.integers(0, width - box_width + 1), rng.integers(0, height - box_height + 1)
    return Box(int(x), int(y), box_width, box_height)


def _random_colors(rng: np.random.Generator, augmentation: Augmentation) -> NDArray[np.float32] | None:
    """An affine map of RGB in [0, 255], (3, 4), that changes brightness, contrast, saturation and hue."""
    a = augmentation
    if not (a.brightness or a.contrast or a.saturation or a.hue or a.mixing):
        return None
    brightness, contrast, saturation = (1 + rng.uniform(-s, s) for s in (a.brightness, a.contrast, a.saturation))
    angle = 2 * np.pi * rng.uniform(-a.hue, a.hue)
    gray = np.full((3, 3), 1 / 3)
    # Rotation by the hue's angle about the gray axis of the color cube (Rodrigues' formula).
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / 3**0.5
    turn = np.cos(angle) * np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * gray
    matrix = contrast * brightness * (gray + saturation * (turn - gray))
    if a.mixing:
        # Half of the images keep their colors.
        fraction = max(0.0, float(rng.uniform(-1, 1))) * a.mixing
        matrix = (1 - fraction) * matrix + fraction * contrast * brightness * rng.dirichlet(np.ones(3), size=3)
    offset = 127.5 * (1 - contrast)
    return np.hstack([matrix, np.full((3, 1), offset)]).astype(np.float32)


def _recolored(image: Image, colors: NDArray[np.float32]) -> Image:
    return np.asarray(cv2.transform(np.ascontiguousarray(image), colors), np.uint8)
