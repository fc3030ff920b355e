"""Things that afford nothing here and only distract: pictures, sockets, plants, books, plates, fruit, towels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from hotspot_core.data.synthetic.engine.canvas import Canvas
from hotspot_core.data.synthetic.engine.geometry import CoordinateFrame, Floats, Generator
from hotspot_core.data.synthetic.engine.materials import Material, noise, sample_material


@dataclass(frozen=True)
class Ornament:
    """One distracting thing: a key of `ORNAMENTS` at a place (n is out of the wall, or v up from the ground)."""

    kind: str
    frame: CoordinateFrame
    seed: int

    def draw(self, canvas: Canvas) -> None:
        """Paint it."""
        canvas.tag = 0
        ORNAMENTS[self.kind].draw(np.random.default_rng(self.seed), canvas, self.frame)


def _picture(rng: Generator, canvas: Canvas, frame: CoordinateFrame) -> None:
    wide, high = rng.uniform(0.3, 0.5, 2)
    scene = np.clip(noise(rng, 48, 48, 4, 4)[..., None] * rng.normal(0, 50, 3) + rng.uniform(60, 220, 3), 0, 255)
    canvas.box(frame, (-wide, -high, 0), (wide, high, 0.04), sample_material(rng, ("wood", "paint", "brass")))
    canvas.rectangle(
        frame, (-wide * 0.85, -high * 0.85), (wide * 0.85, high * 0.85), 0.045, texture=scene.astype(np.uint8)
    )


def _socket(rng: Generator, canvas: Canvas, frame: CoordinateFrame) -> None:
    canvas.box(frame, (-0.2, -0.2, 0), (0.2, 0.2, 0.03), sample_material(rng, ("plastic",)))
    angle = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    ring = np.stack([np.cos(angle), np.sin(angle), np.zeros(20)], axis=1)
    canvas.polygon(frame.moved((0, 0, 0.035)).at(ring * 0.13), (150, 150, 150))
    for u in (-0.05, 0.05):
        canvas.polygon(frame.moved((u, 0, 0.036)).at(ring * 0.02), (25, 25, 25))


def _clock(rng: Generator, canvas: Canvas, frame: CoordinateFrame) -> None:
    rim = sample_material(rng, ("plastic", "wood", "chrome"))
    canvas.discs(frame, [(0.4, 0), (0.38, 0.06)], rim)
    canvas.discs(frame, [(0.34, 0.06), (0.34, 0.065)], Material("paint", (238, 236, 230), 0.0))
    ink = Material("paint", (30, 30, 32), 0.0)
    for length in (0.18, 0.27):
        a = rng.uniform(0, 2 * np.pi)
        canvas.tube(frame.at([(0, 0, 0.07), (length * np.cos(a), length * np.sin(a), 0.07)]), 0.01 * frame.scale, ink)


def _towel(rng: Generator, canvas: Canvas, frame: CoordinateFrame) -> None:
    cloth = sample_material(rng, ("fabric",))
    high = float(rng.uniform(0.4, 0.7))
    texture = cloth.texture(rng, 40, 24).astype(np.float32)
    texture *= (1 + 0.15 * np.sin(np.linspace(0, rng.uniform(8, 18), 24)))[None, :, None]
    canvas.rectangle(frame, (-0.25, -high), (0.25, 0.2), 0.03, texture=np.clip(texture, 0, 255).astype(np.uint8))


def _plant(rng: Generator, canvas: Canvas, frame: CoordinateFrame) -> None:
    up = frame.facing("up")
    canvas.discs(up, [(0.14, 0), (0.2, 0.3)], sample_material(rng, ("ceramic", "plastic", "copper")))
    green = (rng.uniform(30, 90), rng.uniform(90, 150), rng.uniform(30, 80))
    leaf = Material("paint", (float(green[0]), float(green[1]), float(green[2])), 0.3)
    for _ in range(int(rng.integers(7, 16))):
        tip = rng.normal(0, 0.3, 3) * (1, 0.5, 1) + (0, 0.75, 0)
        path = np.stack([(0, 0.3, 0), tip * 0.55 + (0, 0.2, 0), tip])
        canvas.tube(frame.at(path), np.array([0.02, 0.07, 0.01]) * frame.scale, leaf)


def _books(rng: Generator, canvas: Canvas, frame: CoordinateFrame) -> None:
    x = -0.4
    for _ in range(int(rng.integers(3, 7))):
        thick, high = float(rng.uniform(0.06, 0.14)), float(rng.uniform(0.5, 0.8))
        canvas.box(frame, (x, 0, -0.4), (x + thick, high, 0.0), sample_material(rng, ("paint", "fabric", "card")))
        x += thick + 0.01


def _plate(rng: Generator, canvas: Canvas, frame: CoordinateFrame) -> None:
    up = frame.facing("up")
    material = sample_material(rng, ("ceramic",))
    canvas.discs(up, [(0.25, 0), (0.45, 0.06)], material)
    canvas.discs(up, [(0.33, 0.061), (0.32, 0.062)], material)


def _fruit(rng: Generator, canvas: Canvas, frame: CoordinateFrame) -> None:
    for x in rng.uniform(-0.35, 0.35, int(rng.integers(1, 5))):
        hue = ((200, 40, 30), (230, 140, 30), (220, 200, 60), (110, 160, 50))[int(rng.integers(4))]
        ball = frame.moved((float(x), 0.13, 0)).facing("front")
        canvas.discs(
            ball,
            [(0.13 * np.sin(a), -0.1 * np.cos(a)) for a in np.linspace(1.2, 2.6, 6)],
            Material("plastic", hue, 0.4),
        )


def _carton(rng: Generator, canvas: Canvas, frame: CoordinateFrame) -> None:
    wide, high = rng.uniform(0.12, 0.3), rng.uniform(0.3, 0.9)
    front = sample_material(rng, ("paint", "card")).texture(rng, 48, 32)
    ink = sample_material(rng, ("paint",)).color
    cv2.rectangle(front, (3, int(rng.integers(4, 20))), (28, int(rng.integers(22, 44))), ink, -1)
    canvas.box(frame, (-wide, 0, -wide), (wide, high, wide * 0.6), sample_material(rng, ("card",)), front)


@dataclass(frozen=True)
class OrnamentKind:
    """How an ornament is drawn, its unit in meters (low, high), and whether it hangs on the wall."""

    draw: Callable[[Generator, Canvas, CoordinateFrame], None]
    size: tuple[float, float]
    hangs: bool


ORNAMENTS: dict[str, OrnamentKind] = {
    "picture": OrnamentKind(_picture, (0.3, 0.7), True),
    "socket": OrnamentKind(_socket, (0.18, 0.25), True),
    "clock": OrnamentKind(_clock, (0.25, 0.4), True),
    "towel": OrnamentKind(_towel, (0.3, 0.6), True),
    "plant": OrnamentKind(_plant, (0.3, 0.5), False),
    "books": OrnamentKind(_books, (0.28, 0.35), False),
    "plate": OrnamentKind(_plate, (0.2, 0.3), False),
    "fruit": OrnamentKind(_fruit, (0.25, 0.35), False),
    "carton": OrnamentKind(_carton, (0.2, 0.35), False),
}


def sample_ornaments(
    rng: Generator, stands: str, width: float, depth: float, extent: float, difficulty: float
) -> list[Ornament]:
    """Ornaments beside an object `width` wide and `depth` deep, within a view of `extent` meters, farthest first."""
    result = []
    for _ in range(int(rng.binomial(4, 0.7 * difficulty))):
        kinds = [name for name, kind in ORNAMENTS.items() if kind.hangs or stands != "wall"]
        name = str(rng.choice(kinds))
        kind = ORNAMENTS[name]
        unit = float(rng.uniform(*kind.size)) * (0.6 if stands == "counter" else 1.0)
        side = float(rng.choice((-1.0, 1.0))) * (width / 2 + unit * 0.5 + float(rng.uniform(0, 0.35)) * extent)
        if kind.hangs:
            place = (side, float(rng.uniform(0.1, 0.9)) * extent, -depth - 0.001)
        else:
            place = (side, 0.0, -depth * float(rng.uniform(0.2, 0.9)))
        result.append(Ornament(name, CoordinateFrame(np.array(place), np.eye(3) * unit), int(rng.integers(2**62))))
    return sorted(result, key=lambda ornament: float(ornament.frame.origin[2]))


@dataclass(frozen=True)
class Foreground:
    """Something before the camera that reaches into the picture: an outline (N, 2) in pixels, and what it is of."""

    outline: Floats
    folds: tuple[Floats, ...]
    material: Material

    @classmethod
    def sample(cls, rng: Generator, side: int) -> Foreground:
        """A random one at the edge of a picture of `side` pixels."""
        along = float(rng.uniform(0, 1)) * side
        center = [(along, 0.0), (along, side), (0.0, along), (side, along)][int(rng.integers(4))]
        count = int(rng.integers(4, 12))
        angle = np.sort(rng.uniform(0, 2 * np.pi, count))
        reach = side * float(rng.uniform(0.06, 0.22)) * rng.uniform(0.7, 1.3, count)
        outline = np.stack([np.cos(angle), np.sin(angle)], axis=1) * reach[:, None] + np.array(center)
        folds = tuple(outline[[k, (k + count // 2) % count]] for k in range(int(rng.integers(0, 4))))
        return cls(outline, folds, sample_material(rng, ("card", "paint", "plastic", "paint", "steel")))

    def draw(self, canvas: Canvas) -> None:
        """Paint it over everything else."""
        canvas.tag = 0
        canvas.fill([self.outline], self.material.tone(0.95))
        for fold in self.folds:
            inner = fold.mean(0) + (fold - fold.mean(0)) * 0.7
            canvas.stroke(inner, np.full(2, canvas.size / 90), Material("paint", self.material.tone(0.8), 0.0))
