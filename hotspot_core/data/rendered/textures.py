"""Procedural textures: small RGB pictures of wood, stone, tiles, cloth, metal, print; and pieces of photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hotspot_core.errors import InputError
from hotspot_core.media.images import images_in, read_image

Picture = NDArray[np.uint8]
Floats32 = NDArray[np.float32]
Generator = np.random.Generator

SIDE = 128
# So many pictures of a folder are tried before it is refused; single broken ones are passed over.
PROBED = 20


def photo_paths(folder: Path) -> tuple[Path, ...]:
    """The pictures below a folder, sorted.

    Raises:
        InputError: it is no folder, has none, or they cannot be read.
    """
    if not folder.is_dir():
        raise InputError(f"--textures {folder}: no such folder")
    found = tuple(images_in(folder, below=True))
    if not found:
        raise InputError(f"--textures {folder}: no pictures found; name a folder with JPEG or PNG files")
    if all(_photo(path) is None for path in found[:PROBED]):
        raise InputError(
            f"--textures {folder}: its pictures cannot be read, first {found[0].name}; name another folder"
        )
    return found


@lru_cache(maxsize=64)
def _photo(path: Path) -> Picture | None:
    try:
        image = read_image(path, halved=True)
    except InputError:
        return None
    if min(image.shape[:2]) < 16:
        return None
    scale = min(1.0, 640 / max(image.shape[:2]))
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def photo(rng: Generator, photos: Sequence[Path], side: int, min_fraction: float) -> Picture:
    """A square piece of a photo, at least that fraction of its shorter side; gray noise where none can be read."""
    for _ in range(4):
        image = _photo(photos[int(rng.integers(len(photos)))])
        fraction, x, y = rng.uniform(min_fraction, 1), rng.random(), rng.random()
        if image is None:
            continue
        height, width = image.shape[:2]
        cut = max(8, int(fraction * min(height, width)))
        left, top = int(x * (width - cut)), int(y * (height - cut))
        piece = image[top : top + cut, left : left + cut]
        return np.asarray(cv2.resize(piece, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
    return (128 + 60 * (noise(rng, side, 3)[..., None] - 0.5)).astype(np.uint8).repeat(3, 2)


def noise(rng: Generator, side: int, first: int = 4, octaves: int = 4, stretch: float = 1.0) -> Floats32:
    """Tileable smooth noise (side, side) from 0 to 1; `stretch` makes it longer along the rows."""
    total = np.zeros((side, side), np.float32)
    for octave in range(octaves):
        rows = min(side, first * 2**octave)
        columns = max(2, min(side, int(rows / stretch)))
        grid = rng.random((rows, columns), np.float32)
        grid = np.pad(grid, ((0, 1), (0, 1)), mode="wrap")
        total += cv2.resize(grid, (side + side // columns, side + side // rows))[:side, :side] / 2**octave
    low, high = total.min(), total.max()
    return (total - low) / max(high - low, 1e-6)


def mixed(first: Floats32, second: Floats32, fraction: Floats32) -> Picture:
    """The colors (3,) mixed by (H, W) from 0 to 1, as RGB bytes."""
    return np.uint8(255 * (first + (second - first) * fraction[..., None]).clip(0, 1))


def shade(rng: Generator, color: Floats32, low: float = 0.5, high: float = 1.3) -> Floats32:
    """A darker or lighter color near to another."""
    return (color * rng.uniform(low, high) + rng.normal(0, 0.03, 3)).clip(0, 1).astype(np.float32)


def wood(rng: Generator, color: Floats32) -> Picture:
    """Grain along the rows, sometimes in boards."""
    grain = noise(rng, SIDE, 16, 3, rng.uniform(8, 30))
    wave = noise(rng, SIDE, 2, 2, 3.0)
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * (wave * rng.uniform(2, 7) + np.arange(SIDE)[:, None] / SIDE))
    fraction = (rng.uniform(0.4, 0.9) * grain + rng.uniform(0.1, 0.5) * rings.astype(np.float32)).clip(0, 1)
    image = mixed(color, shade(rng, color, 0.45, 0.85), fraction)
    if rng.random() < 0.3:
        boards = int(rng.integers(2, 7))
        for k in range(boards):
            rows = slice(k * SIDE // boards, (k + 1) * SIDE // boards)
            image[rows] = np.uint8((image[rows] * rng.uniform(0.75, 1.15)).clip(0, 255))
            image[k * SIDE // boards] = image[k * SIDE // boards] // 3
    return image


def stone(rng: Generator, color: Floats32) -> Picture:
    """Granite or marble."""
    other = shade(rng, color, 0.3, 1.6)
    if rng.random() < 0.5:
        return mixed(
            color, other, (noise(rng, SIDE, int(rng.integers(16, 64)), 2) > rng.uniform(0.45, 0.75)).astype(np.float32)
        )
    veins = np.abs(noise(rng, SIDE, 3, 5) - 0.5) * rng.uniform(4, 12)
    return mixed(other, color, veins.clip(0, 1))


def tiles(rng: Generator, color: Floats32) -> Picture:
    """Tiles or bricks with joints."""
    columns, rows = int(rng.integers(1, 5)), int(rng.integers(1, 7))
    image = np.zeros((SIDE, SIDE, 3), np.uint8)
    image[:] = 255 * shade(rng, color, 0.4, 1.3)
    vary, shift, gap = rng.uniform(0, 0.15), rng.random() < 0.5, int(rng.integers(1, 4))
    for r in range(rows):
        for c in range(-1, columns + 1):
            left = (c + (0.5 if shift and r % 2 else 0)) * SIDE / columns
            tile = shade(rng, color, 1 - vary, 1 + vary) if vary > 0.03 else color
            top = r * SIDE // rows + gap
            bottom = (r + 1) * SIDE // rows - gap
            cv2.rectangle(
                image, (int(left) + gap, top), (int(left + SIDE / columns) - gap, bottom), (255 * tile).tolist(), -1
            )
    return image


def cloth(rng: Generator, color: Floats32) -> Picture:
    """Weave, plaid, stripes or dots."""
    style = int(rng.integers(4))
    other = rng.random(3).astype(np.float32)
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    if style == 0:
        count = int(rng.integers(16, 48))
        fraction = 0.5 + 0.25 * (np.sin(2 * np.pi * count * x) + np.sin(2 * np.pi * count * y))
        other = shade(rng, color, 0.6, 0.9)
    elif style == 1:
        a, b = rng.random((2, int(rng.integers(4, 12))))
        fraction = (a[(x * len(a)).astype(int)] + b[(y * len(b)).astype(int)]) / 2
    elif style == 2:
        count, along = int(rng.integers(2, 14)), rng.random() < 0.5
        fraction = (np.sin(2 * np.pi * count * (x if along else y)) > rng.uniform(-0.5, 0.5)).astype(float)
    else:
        count = int(rng.integers(2, 9))
        fraction = (np.hypot(x * count % 1 - 0.5, y * count % 1 - 0.5) < rng.uniform(0.15, 0.4)).astype(float)
    return mixed(color, other, fraction.astype(np.float32))


def brushed(rng: Generator, color: Floats32) -> Picture:
    """Brushed metal, with a soft reflection of nothing in particular."""
    lines = noise(rng, SIDE, 64, 1, 30)
    sheen = noise(rng, SIDE, 2, 2, rng.uniform(0.3, 4))
    return mixed(color * 0.55, (color * 1.25).clip(0, 1), (0.25 * lines + 0.75 * sheen).astype(np.float32))


def mottled(rng: Generator, color: Floats32) -> Picture:
    """Paint, plaster, worn plastic."""
    return mixed(shade(rng, color, 0.75, 1.0), color, noise(rng, SIDE, int(rng.integers(2, 40)), 3))


def checker(rng: Generator, color: Floats32) -> Picture:
    """A checkerboard."""
    count = 2 * int(rng.integers(1, 5))
    y, x = np.mgrid[:SIDE, :SIDE] * count // SIDE
    return mixed(color, shade(rng, color, 0.2, 1.5), ((x + y) % 2).astype(np.float32))


def lettering(rng: Generator, color: Floats32) -> Picture:
    """A print: blocks, shapes and letters, as on labels, covers, posters and screens."""
    image = np.zeros((SIDE, SIDE, 3), np.uint8)
    image[:] = 255 * color
    for _ in range(int(rng.integers(1, 6))):
        ink = (255 * rng.random(3)).tolist()
        (x0, y0), (x1, y1) = rng.integers(0, SIDE, (2, 2)).tolist()
        if rng.random() < 0.6:
            cv2.rectangle(image, (x0, y0), (x1, y1), ink, -1)
        else:
            cv2.circle(image, (x0, y0), abs(x1 - x0) // 2 + 2, ink, int(rng.choice([-1, 2, 5])))
    for _ in range(int(rng.integers(0, 7))):
        count = int(rng.integers(1, 10))
        text = "".join(chr(c) for c in rng.integers(65, 91, count))
        x, y = rng.integers(0, SIDE * 3 // 4), rng.integers(12, SIDE)
        ink = (255 * rng.random(3)).tolist()
        cv2.putText(
            image,
            text,
            (int(x), int(y)),
            int(rng.integers(0, 5)),
            rng.uniform(0.3, 1.6),
            ink,
            int(rng.integers(1, 4)),
            cv2.LINE_AA,
        )
    return image


def gradient(rng: Generator, color: Floats32) -> Picture:
    """A soft gradient in a random direction."""
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    angle = rng.uniform(0, 2 * np.pi)
    fraction = 0.5 + np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5)
    return mixed(color, shade(rng, color, 0.4, 1.5), fraction.clip(0, 1).astype(np.float32))


TEXTURES: dict[str, Callable[[Generator, Floats32], Picture]] = {
    "wood": wood,
    "stone": stone,
    "tiles": tiles,
    "cloth": cloth,
    "brushed": brushed,
    "mottled": mottled,
    "checker": checker,
    "lettering": lettering,
    "gradient": gradient,
}
