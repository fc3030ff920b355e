"""What is behind and beneath the objects: walls, floors, counters, plain studio grounds, or the user's photos."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from hotspot_core.data.synthetic.engine.canvas import Canvas
from hotspot_core.data.synthetic.engine.geometry import Floats, Generator, Image
from hotspot_core.data.synthetic.engine.materials import sample_material
from hotspot_core.errors import InputError
from hotspot_core.media.images import images_in, read_image

_WALLS = ("paint", "paint", "paint", "wallpaper", "tiles", "tiles", "brick", "wood", "stone")
_FLOORS = ("wood", "wood", "tiles", "stone", "fabric", "paint")
_COUNTERS = ("wood", "wood", "stone", "stone", "paint", "fabric", "steel", "tiles")


@dataclass(frozen=True)
class TexturedPlane:
    """A textured plane through `origin`, spanned by `right` and `up`; one texture repeat is `meters` wide."""

    origin: Floats
    right: Floats
    up: Floats
    texture: Image
    meters: float

    def draw(self, canvas: Canvas, mask: Floats | None = None) -> None:
        """Paint the plane over the whole canvas, or inside the polygon `mask` (N, 2) of pixels."""
        normal = np.cross(self.right, self.up)
        corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
        world = self.origin + (corners[:, :1] * self.right + corners[:, 1:] * self.up) * 0.1
        rows, columns = self.texture.shape[:2]
        source = corners * (0.1 / self.meters) * (columns, -rows) + (0.37 * columns, 0.63 * rows)
        matrix = cv2.getPerspectiveTransform(source.astype(np.float32), canvas.camera.project(world).astype(np.float32))
        inverse = np.linalg.inv(matrix)
        y, x = np.mgrid[: canvas.size, : canvas.size].astype(np.float32)
        weight = inverse[2, 0] * x + inverse[2, 1] * y + inverse[2, 2]
        weight = np.where(np.abs(weight) < 1e-6, 1e-6, weight)
        map_x = (inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2]) / weight
        map_y = (inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2]) / weight
        painted = cv2.remap(
            self.texture,
            np.mod(map_x, columns).astype(np.float32),
            np.mod(map_y, rows).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_WRAP,
        )
        painted = cv2.convertScaleAbs(painted, alpha=canvas.shade(normal))
        if mask is None:
            canvas.image[:] = painted
            return
        stencil = np.zeros(canvas.image.shape[:2], np.uint8)
        cv2.fillPoly(stencil, [np.round(np.clip(mask, -5000, 5000)).astype(np.int32)], 255)
        canvas.image[stencil > 0] = painted[stencil > 0]


@dataclass(frozen=True)
class Backdrop:
    """A wall and a ground, or a flat picture (a studio ground or a photo) under everything."""

    picture: Image | None
    wall: TexturedPlane | None
    ground: TexturedPlane | None
    front_edge: float | None

    def draw(self, canvas: Canvas) -> None:
        """Paint it over the whole canvas."""
        canvas.tag = 0
        if self.picture is not None:
            canvas.image[:] = cv2.resize(self.picture, (canvas.size, canvas.size), interpolation=cv2.INTER_LINEAR)
        if self.wall is not None:
            self.wall.draw(canvas)
        if self.ground is None:
            return
        back = self._line(canvas, float(self.ground.origin[2]))
        bottom = np.array([(3.0 * canvas.size, 4.0 * canvas.size), (-3.0 * canvas.size, 4.0 * canvas.size)])
        self.ground.draw(canvas, np.concatenate([back, bottom]))
        if self.front_edge is not None:
            edge = self._line(canvas, self.front_edge)
            canvas.shadow(np.concatenate([edge, bottom]), 2.0, 0.72)

    def _line(self, canvas: Canvas, depth: float) -> Floats:
        """Where the ground at world z = depth crosses the image, from far left to far right."""
        assert self.ground is not None
        x, y = canvas.camera.position[0] * 0.3, float(self.ground.origin[1])
        ends = canvas.camera.project(np.array([(x - 0.05, y, depth), (x + 0.05, y, depth)]))
        step = (ends[1] - ends[0]) / (np.linalg.norm(ends[1] - ends[0]) + 1e-9) * 4 * canvas.size
        return np.stack([ends[0] - step, ends[1] + step])


@lru_cache(maxsize=4)
def photo_paths(folder: str) -> tuple[str, ...]:
    """All pictures below a folder, sorted."""
    return tuple(map(str, images_in(Path(folder), below=True)))


def sample_photo(rng: Generator, folder: str, size: int) -> Image | None:
    """A random crop (size, size, 3) of a random photo in a folder; None when it can not be read."""
    paths = photo_paths(folder)
    if not paths:
        return None
    try:
        picture = read_image(Path(paths[int(rng.integers(len(paths)))]), halved=True)
    except InputError:
        return None
    rows, columns = picture.shape[:2]
    side = max(int(min(rows, columns) * rng.uniform(0.4, 1.0)), 8)
    top, left = int(rng.integers(rows - side + 1)), int(rng.integers(columns - side + 1))
    crop = cv2.resize(picture[top : top + side, left : left + side], (size, size), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        crop = np.ascontiguousarray(crop[:, ::-1])
    if rng.random() < 0.5:
        crop = cv2.GaussianBlur(crop, (0, 0), float(rng.uniform(0.5, 3)))
    return np.asarray(crop, np.uint8)


def sample_backdrop(
    rng: Generator,
    stands: str,
    depth: float,
    size: int,
    difficulty: float,
    photos: str | None,
    studio: bool,
    extent: float,
) -> Backdrop:
    """A backdrop for an object `depth` meters deep that stands on the floor, on a counter or hangs on a wall.

    Hard scenes have textured, contrasting surroundings, easy ones calm ones; `studio` asks for a product photo's
    plain ground. `extent` is about how many meters the picture shows. With a folder of `photos`, half of the scenes are
    set in front of one.
    """
    if studio:
        top, bottom = rng.uniform(200, 255, 2) if rng.random() < 0.75 else rng.uniform(20, 200, 2)
        ramp = np.linspace(top, bottom, 32)[:, None, None] * np.ones((32, 32, 3)) * rng.uniform(0.97, 1.0, 3)
        return Backdrop(ramp.astype(np.uint8), None, None, None)
    calm = rng.random() > 0.3 + 0.6 * difficulty
    gap = 0.0 if stands == "wall" else float(rng.uniform(0.0, 0.3))
    wall_z = -depth - gap
    picture = sample_photo(rng, photos, size) if photos and rng.random() < 0.5 else None
    wall = None
    if picture is None:
        material = sample_material(rng, ("paint", "wallpaper") if calm else _WALLS)
        wall = TexturedPlane(
            np.array((0.0, 0.0, wall_z)),
            np.array((1.0, 0, 0)),
            np.array((0, 1.0, 0)),
            material.texture(rng, 128, 128),
            extent * float(rng.uniform(0.4, 1.3)),
        )
    ground, edge = None, None
    if stands != "wall" and (picture is None or rng.random() < 0.5):
        material = sample_material(rng, _COUNTERS if stands == "counter" else _FLOORS)
        origin = np.array((0.0, 0.0, wall_z if picture is None else wall_z - float(rng.uniform(0.1, 0.8))))
        ground = TexturedPlane(
            origin,
            np.array((1.0, 0, 0)),
            np.array((0, 0, -1.0)),
            material.texture(rng, 128, 128),
            extent * float(rng.uniform(0.3, 1.0)),
        )
        if stands == "counter" and rng.random() < 0.3:
            edge = float(rng.uniform(0.05, 0.3))
    return Backdrop(picture, wall, ground, edge)
