"""What things are made of: colors, gloss and small procedural textures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from hotspot_core.data.synthetic.engine.geometry import Floats, Generator, Image

Color = tuple[float, float, float]


@dataclass(frozen=True)
class Material:
    """A finish (a key of `FINISHES`), its base color (RGB, 0..255) and how it shines (0 matt .. 1 mirror)."""

    finish: str
    color: Color
    gloss: float

    @property
    def metallic(self) -> bool:
        """Whether it reflects its surroundings in bands, as polished metal does."""
        return FINISHES[self.finish].metallic

    def tone(self, light: float) -> Color:
        """RGB color under `light`: 0 dark, 1 the base color, above 1 a highlight."""
        red, green, blue = self.color
        if light <= 1:
            light = max(light, 0.0)
            return red * light, green * light, blue * light
        white = min((light - 1) * (0.15 + 0.85 * self.gloss), 1.0)
        return red + (255 - red) * white, green + (255 - green) * white, blue + (255 - blue) * white

    def texture(self, rng: Generator, height: int = 96, width: int = 96) -> Image:
        """A texture (height, width, 3) of the flat material."""
        relief = FINISHES[self.finish].relief(rng, height, width)
        shaded = np.asarray(self.color)[None, None] * relief[..., None] if relief.ndim == 2 else relief * self.color
        return np.clip(shaded, 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Finish:
    """How a family of materials looks: usual colors, gloss range and relief (brightness around 1) generator."""

    colors: tuple[Color, ...]
    gloss: tuple[float, float]
    relief: Callable[[Generator, int, int], Floats]
    metallic: bool = False
    jitter: float = 0.08


def noise(rng: Generator, height: int, width: int, cells_y: int, cells_x: int) -> Floats:
    """Smooth noise (height, width), zero mean, about unit deviation, with the given number of cells."""
    coarse = rng.standard_normal((max(cells_y, 2), max(cells_x, 2))).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def clouds(rng: Generator, height: int, width: int, cells: int = 3) -> Floats:
    """Noise of three octaves, about unit deviation."""
    octaves = [noise(rng, height, width, cells * 2**k, cells * 2**k) * 0.6**k for k in range(3)]
    return np.asarray(octaves[0] + octaves[1] + octaves[2]) * 0.8


def _plain(rng: Generator, height: int, width: int) -> Floats:
    return np.asarray(1 + rng.uniform(0.0, 0.03) * clouds(rng, height, width))


def _brushed(rng: Generator, height: int, width: int) -> Floats:
    streaks = noise(rng, height, width, height // 2, 3)
    sheen = noise(rng, height, width, 2, 3)
    return np.asarray(1 + rng.uniform(0.01, 0.05) * streaks + rng.uniform(0.05, 0.15) * sheen)


def _wood(rng: Generator, height: int, width: int) -> Floats:
    """Vertical grain: wavy growth rings, fine fibres and, on planks, a different tone per plank."""
    across = np.linspace(0, 1, width, dtype=np.float32)[None]
    warp = noise(rng, height, width, 4, 4) * rng.uniform(0.01, 0.12) + noise(rng, height, width, 2, 5) * 0.05
    rings = np.sin((across + warp) * rng.uniform(15, 80))
    fibres = noise(rng, height, width, 4, width // 2)
    relief = 1 + rng.uniform(0.02, 0.13) * rings + rng.uniform(0.03, 0.09) * fibres + 0.05 * clouds(rng, height, width)
    if rng.random() < 0.2:
        planks = np.repeat(rng.normal(1, 0.08, 8), width // 8 + 1)[:width]
        relief = relief * planks[None]
    return np.asarray(relief)


def _speckled(rng: Generator, height: int, width: int) -> Floats:
    grains = noise(rng, height, width, height // 2, width // 2) * rng.uniform(0.05, 0.25)
    return np.asarray(1 + grains + 0.06 * clouds(rng, height, width))


def _woven(rng: Generator, height: int, width: int) -> Floats:
    pitch = rng.uniform(1.0, 2.5)
    rows, columns = np.mgrid[:height, :width]
    return np.asarray(1 + 0.08 * np.sin(rows * pitch) * np.sin(columns * pitch) + 0.06 * clouds(rng, height, width))


def _tiled(rng: Generator, height: int, width: int) -> Floats:
    """Tiles or bricks with joints."""
    rows, columns = int(rng.integers(2, 6)), int(rng.integers(2, 5))
    tile_h, tile_w = height // rows, width // columns
    tones = rng.normal(1, rng.uniform(0.01, 0.1), (rows + 1, columns + 2))
    y, x = np.mgrid[:height, :width]
    shift = (y // tile_h % 2) * (tile_w // 2) * int(rng.random() < 0.5)
    relief = tones[np.minimum(y // tile_h, rows), np.minimum((x + shift) // tile_w, columns + 1)]
    joint = (y % tile_h < 2) | ((x + shift) % tile_w < 2)
    return np.asarray(np.where(joint, rng.uniform(0.6, 1.2), relief) + 0.03 * clouds(rng, height, width))


def _striped(rng: Generator, height: int, width: int) -> Floats:
    stripes = np.sin(np.arange(width) * rng.uniform(0.1, 0.6)) * rng.uniform(0.02, 0.1)
    return np.asarray(1 + stripes[None] + 0.03 * clouds(rng, height, width))


_WHITES: tuple[Color, ...] = ((244, 243, 240), (232, 230, 224), (222, 216, 200), (205, 205, 203), (238, 236, 228))
_GRAYS: tuple[Color, ...] = ((160, 162, 163), (118, 122, 124), (84, 86, 90), (48, 48, 52))
_COLORS: tuple[Color, ...] = (
    (170, 40, 35), (32, 60, 120), (38, 96, 72), (214, 178, 70), (190, 210, 220), (120, 150, 130), (92, 60, 48),
    (226, 190, 180), (60, 120, 160), (230, 120, 40), (150, 172, 90), (90, 30, 45),
)  # fmt: skip

FINISHES: dict[str, Finish] = {
    "wood": Finish(
        ((181, 120, 62), (205, 160, 100), (120, 70, 40), (82, 46, 28), (222, 190, 140), (150, 85, 40), (196, 110, 40),
         (110, 84, 62), (60, 40, 30), (165, 60, 25)),
        (0.1, 0.5), _wood, jitter=0.12),
    "paint": Finish(_WHITES * 5 + _GRAYS * 2 + _COLORS, (0.1, 0.6), _plain),
    "plastic": Finish(_WHITES * 3 + _GRAYS * 3 + _COLORS, (0.3, 0.8), _plain),
    "ceramic": Finish(_WHITES * 3 + _COLORS, (0.6, 1.0), _plain),
    "enamel": Finish(_WHITES * 3 + _COLORS, (0.6, 1.0), _plain),
    "steel": Finish(((188, 190, 192), (165, 168, 170), (205, 206, 206), (140, 142, 146)), (0.7, 1.0), _brushed, True),
    "chrome": Finish(((200, 203, 208), (178, 182, 188), (215, 216, 218)), (0.9, 1.0), _plain, True),
    "brass": Finish(((196, 158, 84), (176, 132, 60), (212, 180, 110), (140, 104, 54)), (0.7, 1.0), _brushed, True),
    "copper": Finish(((184, 110, 76), (160, 88, 60)), (0.7, 1.0), _brushed, True),
    "iron": Finish(((40, 40, 42), (58, 54, 50), (28, 28, 30), (70, 62, 54)), (0.2, 0.5), _speckled),
    "rubber": Finish(((34, 34, 36), (60, 60, 62), (90, 30, 30)), (0.05, 0.3), _plain),
    "glass": Finish(((150, 172, 176), (90, 108, 116), (60, 70, 78), (170, 188, 180)), (0.9, 1.0), _plain),
    "stone": Finish(((150, 146, 140), (90, 88, 86), (190, 184, 172), (58, 56, 58)), (0.2, 0.7), _speckled),
    "card": Finish(((176, 136, 92), (196, 160, 116), (232, 228, 220), (160, 118, 76)), (0.0, 0.1), _woven, jitter=0.1),
    "fabric": Finish(_GRAYS + _COLORS + ((150, 140, 120),), (0.0, 0.05), _woven),
    "tiles": Finish(_WHITES * 5 + _GRAYS[:2] + _COLORS, (0.3, 0.8), _tiled),
    "brick": Finish(((150, 82, 62), (172, 110, 84), (190, 180, 166)), (0.0, 0.05), _tiled, jitter=0.1),
    "wallpaper": Finish(_WHITES * 4 + _COLORS, (0.0, 0.1), _striped),
    "skin": Finish(
        ((236, 198, 172), (224, 178, 148), (198, 146, 112), (158, 106, 76), (112, 72, 52), (78, 50, 38)),
        (0.1, 0.25), _plain, jitter=0.05),
}  # fmt: skip


def sample_material(rng: Generator, finishes: Sequence[str]) -> Material:
    """A random material whose finish is one of `finishes`."""
    name = finishes[int(rng.integers(len(finishes)))]
    finish = FINISHES[name]
    base = np.asarray(finish.colors[int(rng.integers(len(finish.colors)))])
    jittered = base * rng.normal(1, finish.jitter) + rng.normal(0, 40 * finish.jitter, 3)
    red, green, blue = np.clip(jittered, 8, 250)
    return Material(name, (float(red), float(green), float(blue)), float(rng.uniform(*finish.gloss)))


@dataclass(frozen=True)
class Look:
    """How one part looks: its material, a second one, and free traits (8,), uniform in [0, 1), that vary its shape."""

    material: Material
    accent: Material
    traits: Floats

    @classmethod
    def sample(cls, rng: Generator, finishes: Sequence[str]) -> Look:
        """A random look whose main material has one of `finishes`."""
        accent = sample_material(rng, ("plastic", "steel", "paint", "rubber", "chrome"))
        return cls(sample_material(rng, finishes), accent, rng.random(8))
