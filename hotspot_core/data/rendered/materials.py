"""Materials: what surfaces are made of, with colors and textures drawn anew for every scene."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import mujoco
import numpy as np

from hotspot_core.data.rendered import textures
from hotspot_core.data.rendered.textures import Floats32, Generator, Picture


@dataclass(frozen=True)
class Kind:
    """A family of materials.

    colors: name of its palette; textures: names of the textures that it may carry; bare: how often it carries none;
    tile: meters that one repetition of the texture covers; specular, shininess, alpha: ranges from 0 to 1.
    """

    colors: str
    textures: tuple[str, ...]
    bare: float
    tile: tuple[float, float] = (0.2, 1.0)
    specular: tuple[float, float] = (0.0, 0.4)
    shininess: tuple[float, float] = (0.1, 0.6)
    alpha: tuple[float, float] = (1.0, 1.0)


KINDS: dict[str, Kind] = {
    "wood": Kind("wood", ("wood",), 0.1, (0.25, 1.0), (0.0, 0.3)),
    "paint": Kind("any", ("mottled", "gradient"), 0.55, (0.3, 1.5), (0.0, 0.6)),
    "plastic": Kind("any", ("mottled", "gradient"), 0.8, (0.05, 0.4), (0.2, 0.9), (0.3, 0.9)),
    "dark": Kind("dark", ("mottled",), 0.8, (0.05, 0.4), (0.2, 0.8)),
    "white": Kind("white", ("mottled",), 0.8, (0.1, 0.6), (0.1, 0.7)),
    "metal": Kind("metal", ("brushed", "brushed", "gradient"), 0.35, (0.05, 0.5), (0.6, 1.0), (0.4, 1.0)),
    "ceramic": Kind("any", ("cloth", "gradient", "lettering"), 0.7, (0.05, 0.2), (0.5, 1.0), (0.5, 1.0)),
    "fabric": Kind("any", ("cloth", "mottled"), 0.2, (0.05, 0.4), (0.0, 0.05)),
    "stone": Kind("any", ("stone",), 0.0, (0.15, 0.8), (0.0, 0.7)),
    "tile": Kind("any", ("tiles", "checker"), 0.0, (0.15, 0.9), (0.0, 0.7)),
    "cardboard": Kind("wood", ("mottled", "lettering"), 0.5, (0.1, 0.4), (0.0, 0.05)),
    "print": Kind("any", ("lettering",), 0.0, (0.08, 0.3), (0.0, 0.4)),
    "glass": Kind("white", ("gradient",), 0.9, (0.2, 0.5), (0.6, 1.0), (0.6, 1.0), (0.2, 0.6)),
    "rubber": Kind("dark", ("mottled", "brushed"), 0.6, (0.02, 0.1), (0.0, 0.3)),
    "wall": Kind("pale", ("mottled", "stone", "tiles", "cloth", "wood", "gradient"), 0.4, (0.3, 2.0), (0.0, 0.2)),
    "floor": Kind("any", ("wood", "tiles", "stone", "checker", "cloth", "mottled"), 0.05, (0.3, 1.5), (0.0, 0.4)),
    "anything": Kind("any", tuple(textures.TEXTURES), 0.2, (0.05, 0.8), (0.0, 1.0), (0.1, 1.0)),
}

# Kinds on which a piece of a photo may lie, and how often it does where photos are given.
PHOTO_FRACTION = {"wall": 0.25, "floor": 0.25, "print": 0.5, "anything": 0.5, "fabric": 0.2, "stone": 0.2, "wood": 0.1,
               "ceramic": 0.1, "paint": 0.08, "cardboard": 0.2}  # fmt: skip


@dataclass(frozen=True)
class SurfaceMaterial:
    """A surface: its name in the model, kind, color (r, g, b, alpha), texture and how it shines.

    tile: meters per repetition of the texture; 0 for a picture with uv from 0 to 1.
    """

    name: str
    kind: str
    rgba: tuple[float, float, float, float]
    texture: Picture | None = None
    tile: float = 0.0
    specular: float = 0.2
    shininess: float = 0.4
    reflectance: float = 0.0
    emission: float = 0.0


class Materials:
    """The materials of one scene.

    Args:
        photos: pictures to cut textures from; may be empty.
        photo_fraction: factor on how often they are used.
    """

    def __init__(self, photos: Sequence[Path] = (), photo_fraction: float = 1.0) -> None:
        self.photos = photos
        self.photo_fraction = photo_fraction if photos else 0.0
        self.all: list[SurfaceMaterial] = []

    def new(self, rng: Generator, kind: str) -> SurfaceMaterial:
        """A material of a kind, of random color, texture and gloss."""
        family = KINDS[kind]
        color = _color(rng, family.colors)
        picture = None
        if rng.random() < PHOTO_FRACTION.get(kind, 0.0) * self.photo_fraction:
            picture = textures.photo(rng, self.photos, textures.SIDE, 0.15)
        elif rng.random() > family.bare:
            picture = textures.TEXTURES[family.textures[int(rng.integers(len(family.textures)))]](rng, color)
        alpha = float(rng.uniform(*family.alpha))
        tone = (1.0, 1.0, 1.0) if picture is not None else (float(color[0]), float(color[1]), float(color[2]))
        return self._kept(
            SurfaceMaterial(
                f"material{len(self.all)}",
                kind,
                (*tone, alpha),
                picture,
                float(np.exp(rng.uniform(*np.log(family.tile)))),
                float(rng.uniform(*family.specular)),
                float(rng.uniform(*family.shininess)),
            )
        )

    def mirror(self, rng: Generator, kind: str) -> SurfaceMaterial:
        """A material that reflects what is before it; costly, for one flat thing per scene at most."""
        plain = self.new(rng, kind)
        self.all.pop()
        values = {**plain.__dict__, "reflectance": float(rng.uniform(0.1, 0.6))}
        return self._kept(SurfaceMaterial(**values))

    def picture(self, image: Picture, emission: float = 0.0) -> SurfaceMaterial:
        """A picture for a surface with uv from 0 to 1."""
        return self._kept(
            SurfaceMaterial(f"material{len(self.all)}", "picture", (1, 1, 1, 1), image, emission=emission)
        )

    def print(self, rng: Generator, emission: float = 0.0) -> SurfaceMaterial:
        """A label, cover, poster or screen: a drawn print or a photo, for a surface with uv from 0 to 1."""
        if rng.random() < 0.5 * self.photo_fraction:
            return self.picture(textures.photo(rng, self.photos, textures.SIDE, 0.3), emission)
        return self.picture(textures.lettering(rng, _color(rng, "any")), emission)

    def glowing(self, rng: Generator) -> SurfaceMaterial:
        """Something that shines by itself: a lamp, a small light, a display."""
        color = _color(rng, "any")
        tone = (float(color[0]), float(color[1]), float(color[2]), 1.0)
        return self._kept(
            SurfaceMaterial(f"material{len(self.all)}", "glow", tone, emission=float(rng.uniform(0.4, 1.0)))
        )

    def tinted(
        self, rng: Generator, hue: tuple[float, float], saturation: tuple[float, float], value: tuple[float, float]
    ) -> SurfaceMaterial:
        """A plain material of a color within ranges of hue, saturation and value, each from 0 to 1."""
        red, green, blue = colorsys.hsv_to_rgb(rng.uniform(*hue), rng.uniform(*saturation), rng.uniform(*value))
        return self._kept(SurfaceMaterial(f"material{len(self.all)}", "tinted", (red, green, blue, 1.0)))

    def _kept(self, material: SurfaceMaterial) -> SurfaceMaterial:
        self.all.append(material)
        return material

    def write(self, spec: mujoco.MjSpec) -> None:
        """Add all materials to a model's specification."""
        for item in self.all:
            made = spec.add_material(
                name=item.name,
                rgba=item.rgba,
                specular=item.specular,
                shininess=item.shininess,
                reflectance=item.reflectance,
                emission=item.emission,
            )
            if item.texture is None:
                continue
            height, width = item.texture.shape[:2]
            texture = spec.add_texture(
                name=item.name, type=mujoco.mjtTexture.mjTEXTURE_2D, width=width, height=height, nchannel=3
            )
            texture.data = np.ascontiguousarray(item.texture).tobytes()
            made.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = item.name
            repeat = 1 / item.tile if item.tile else 1.0
            made.texrepeat = [repeat, repeat]


def _color(rng: Generator, palette: str) -> Floats32:
    """A color (3,) from 0 to 1 of a palette."""
    if palette == "any":
        palette = ("vivid", "vivid", "pale", "white", "dark", "gray", "wood", "muted")[int(rng.integers(8))]
    low, high = {
        "vivid": ((0, 0.5, 0.35), (1, 1, 1)),
        "muted": ((0, 0.1, 0.25), (1, 0.5, 0.8)),
        "pale": ((0, 0, 0.7), (1, 0.25, 1)),
        "white": ((0, 0, 0.8), (1, 0.06, 1)),
        "dark": ((0, 0, 0.03), (1, 0.5, 0.25)),
        "gray": ((0, 0, 0.15), (1, 0.06, 0.9)),
        "wood": ((0.04, 0.25, 0.25), (0.12, 0.7, 0.9)),
        "metal": ((0, 0, 0.35), (1, 0.08, 0.95)),
    }[palette]
    if palette == "metal" and rng.random() < 0.25:
        low, high = (0.05, 0.35, 0.5), (0.13, 0.7, 0.95)
    hue, saturation, value = rng.uniform(low, high)
    return np.array(colorsys.hsv_to_rgb(hue, saturation, value), np.float32)
