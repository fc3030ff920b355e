"""The fronts of doors, drawers and flaps: materials worked into panels, panes and planks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import cv2
import numpy as np

from hotspot_core.data.synthetic.engine.geometry import Generator, Image
from hotspot_core.data.synthetic.engine.materials import Material, sample_material


@dataclass(frozen=True)
class Surface:
    """The picture on a flat front: a material worked with one of `DECORS`, drawn when first looked at."""

    seed: int
    decor: str
    material: Material
    width: float
    height: float

    @classmethod
    def sample(cls, rng: Generator, decor: str, material: Material, width: float, height: float) -> Surface:
        """A random surface; width and height matter only by their ratio."""
        return cls(int(rng.integers(2**62)), decor, material, width, height)

    @cached_property
    def image(self) -> Image:
        """The texture, about 110 pixels on its long side."""
        return panel_texture(np.random.default_rng(self.seed), self.decor, self.material, self.width, self.height)


def panel_texture(rng: Generator, decor: str, material: Material, width: float, height: float) -> Image:
    """A front of about 110 pixels on its long side: the material worked with one of `DECORS`."""
    long = 112 / max(width, height)
    columns, rows = max(int(width * long), 24), max(int(height * long), 24)
    lying = width > height * 1.3 and rng.random() < 0.7
    if decor == "bare":
        return material.texture(rng, rows, columns)
    grain = material.texture(rng, columns, rows) if lying else material.texture(rng, rows, columns)
    texture = np.ascontiguousarray(grain.transpose(1, 0, 2)) if lying else grain
    DECORS[decor](rng, texture, material)
    edge = max(1, min(rows, columns) // 60)
    cv2.rectangle(texture, (0, 0), (columns - 1, rows - 1), material.tone(0.6), edge)
    if rng.random() < 0.3:
        gradient = np.linspace(rng.uniform(0.75, 1.0), rng.uniform(0.95, 1.15), rows)[:, None, None]
        texture = np.clip(texture * gradient, 0, 255).astype(np.uint8)
    if rng.random() < 0.2:
        _decal(rng, texture)
    return texture


def bevel(texture: Image, box: tuple[int, int, int, int], material: Material, sunk: bool) -> None:
    """Draw the moulding around (left, top, right, bottom) lit from above left."""
    left, top, right, bottom = box
    dark, bright = material.tone(0.55), material.tone(1.3)
    upper, lower = (dark, bright) if sunk else (bright, dark)
    cv2.line(texture, (left, top), (right, top), upper, 1, cv2.LINE_AA)
    cv2.line(texture, (left, top), (left, bottom), upper, 1, cv2.LINE_AA)
    cv2.line(texture, (right, top), (right, bottom), lower, 1, cv2.LINE_AA)
    cv2.line(texture, (left, bottom), (right, bottom), lower, 1, cv2.LINE_AA)


def _inset(texture: Image, rng: Generator) -> tuple[int, int, int, int]:
    rows, columns = texture.shape[:2]
    margin = int(min(rows, columns) * rng.uniform(0.1, 0.22))
    return margin, margin, columns - 1 - margin, rows - 1 - margin


def _plain(rng: Generator, texture: Image, material: Material) -> None:
    if rng.random() < 0.2:
        bevel(texture, (2, 2, texture.shape[1] - 3, texture.shape[0] - 3), material, False)


def _shaker(rng: Generator, texture: Image, material: Material) -> None:
    left, top, right, bottom = _inset(texture, rng)
    texture[top:bottom, left:right] = cv2.convertScaleAbs(texture[top:bottom, left:right], alpha=rng.uniform(0.86, 1.0))
    bevel(texture, (left, top, right, bottom), material, True)


def _raised(rng: Generator, texture: Image, material: Material) -> None:
    left, top, right, bottom = _inset(texture, rng)
    bevel(texture, (left, top, right, bottom), material, True)
    step = max(2, (right - left) // 12)
    if right - left > 4 * step and bottom - top > 4 * step:
        bevel(texture, (left + 1, top + 1, right - 1, bottom - 1), material, True)
        bevel(texture, (left + step, top + step, right - step, bottom - step), material, False)


def _arched(rng: Generator, texture: Image, material: Material) -> None:
    left, top, right, bottom = _inset(texture, rng)
    rise = max(2, min((right - left) // 4, (bottom - top) // 4))
    for shrink, light in ((0, 0.55), (1, 1.25), (max(3, rise // 3), 0.75)):
        center = ((left + right) // 2, top + rise + shrink)
        axes = (max((right - left) // 2 - shrink, 1), max(rise - shrink // 2, 1))
        cv2.ellipse(texture, center, axes, 0, 180, 360, material.tone(light), 1, cv2.LINE_AA)
        corners = [
            (left + shrink, top + rise + shrink),
            (left + shrink, bottom - shrink),
            (right - shrink, bottom - shrink),
            (right - shrink, top + rise + shrink),
        ]
        cv2.polylines(texture, [np.array(corners)], False, material.tone(light), 1, cv2.LINE_AA)


def _several(rng: Generator, texture: Image, material: Material) -> None:
    """Two to six raised fields, as in a room door."""
    rows, columns = texture.shape[:2]
    across, along = int(rng.integers(1, 3)), int(rng.integers(2, 4))
    gap = max(3, int(columns * rng.uniform(0.08, 0.14)))
    cuts = np.sort(rng.uniform(0.3, 0.7, along - 1)) if along == 2 else np.array([0.25, 0.65])
    tops = np.r_[0, cuts, 1] * (rows - gap) + gap
    for low, high in pairwise(tops):
        for column in range(across):
            left = gap + column * (columns - gap) // across
            right = (column + 1) * (columns - gap) // across
            field = np.ascontiguousarray(texture[int(low) : int(high) - gap, left:right])
            if min(field.shape[:2]) > 12:
                _raised(rng, field, material)
                bevel(field, (0, 0, field.shape[1] - 1, field.shape[0] - 1), material, True)
                texture[int(low) : int(high) - gap, left:right] = field


def _planks(rng: Generator, texture: Image, material: Material) -> None:
    rows, columns = texture.shape[:2]
    count = int(rng.integers(3, 9))
    for k in range(1, count):
        x = k * columns // count
        cv2.line(texture, (x, 0), (x, rows), material.tone(0.5), 1)
        cv2.line(texture, (x + 1, 0), (x + 1, rows), material.tone(1.15), 1)


def _louvres(rng: Generator, texture: Image, material: Material) -> None:
    left, top, right, bottom = _inset(texture, rng)
    pitch = int(rng.integers(4, 9))
    for y in range(top, bottom - pitch, pitch):
        cv2.line(texture, (left, y), (right, y), material.tone(0.45), max(1, pitch // 3))
        cv2.line(texture, (left, y + pitch // 3 + 1), (right, y + pitch // 3 + 1), material.tone(1.2), 1)
    bevel(texture, (left, top, right, bottom), material, True)


def _glazing(rng: Generator, rows: int, columns: int) -> Image:
    """What one sees in a pane: a dark or bright room with slanting reflections."""
    glass = sample_material(rng, ("glass",))
    pane = np.full((rows, columns, 3), glass.tone(rng.uniform(0.3, 1.1)), np.float32)
    pane *= np.linspace(rng.uniform(0.7, 1.3), rng.uniform(0.7, 1.1), rows, dtype=np.float32)[:, None, None]
    y, x = np.mgrid[:rows, :columns]
    for _ in range(2):
        place, width = rng.uniform(0, rows + columns), rng.uniform(2, 14)
        pane[np.abs(x + 0.7 * y - place) < width] += rng.uniform(8, 40)
    return np.clip(pane, 0, 255).astype(np.uint8)


def _glazed(rng: Generator, texture: Image, material: Material) -> None:
    left, top, right, bottom = _inset(texture, rng)
    if rng.random() < 0.3:
        bottom = top + (bottom - top) * int(rng.integers(4, 8)) // 10
    texture[top:bottom, left:right] = _glazing(rng, bottom - top, right - left)
    bevel(texture, (left, top, right, bottom), material, True)
    if rng.random() < 0.3:
        middle = (left + right) // 2
        cv2.line(texture, (middle, top), (middle, bottom), material.tone(0.9), 3)
        cv2.line(texture, (left, (top + bottom) // 2), (right, (top + bottom) // 2), material.tone(0.9), 3)


def _panes(rng: Generator, texture: Image, material: Material) -> None:
    """Small panes between bars, as in a French door."""
    left, top, right, bottom = _inset(texture, rng)
    texture[top:bottom, left:right] = _glazing(rng, bottom - top, right - left)
    across, along = int(rng.integers(2, 5)), int(rng.integers(2, 7))
    for x in np.linspace(left, right, across + 1).astype(int):
        cv2.line(texture, (x, top), (x, bottom), material.tone(0.95), 3)
    for y in np.linspace(top, bottom, along + 1).astype(int):
        cv2.line(texture, (left, y), (right, y), material.tone(0.95), 3)
    bevel(texture, (left, top, right, bottom), material, True)


def _flames(rng: Generator, texture: Image, material: Material) -> None:
    """The nested arches of wood that was sawn through its rings."""
    rows, columns = texture.shape[:2]
    for _ in range(int(rng.integers(1, 4))):
        middle, tip = rng.uniform(0, columns), rng.uniform(-0.2, 0.8) * rows
        width, pitch = rng.uniform(0.04, 0.15) * columns, rng.uniform(2.0, 6.0)
        tone = material.tone(float(rng.uniform(0.45, 0.85)))
        for k in range(int(rng.integers(4, 14))):
            y = np.arange(max(tip + k * pitch, 0), rows, 2.0)
            reach = width * np.sqrt(np.maximum(y - tip - k * pitch, 0) / rows) * (1 + 0.25 * k)
            for side in (-1, 1):
                wave = side * reach + rng.normal(0, 0.4) + middle
                line = np.rint(np.stack([wave, y], axis=1) * 8).astype(np.int32)
                cv2.polylines(texture, [line], False, tone, 1, cv2.LINE_AA, 3)


def _porthole(rng: Generator, texture: Image, material: Material) -> None:
    rows, columns = texture.shape[:2]
    radius = int(min(rows, columns) * rng.uniform(0.28, 0.4))
    center = (columns // 2, rows // 2)
    ring = sample_material(rng, ("chrome", "plastic", "steel"))
    cv2.circle(texture, center, int(radius * 1.15), ring.tone(0.6), -1, cv2.LINE_AA)
    cv2.circle(texture, (center[0] - 1, center[1] - 1), int(radius * 1.1), ring.tone(1.05), -1, cv2.LINE_AA)
    mask = np.zeros((rows, columns), np.uint8)
    cv2.circle(mask, center, radius, 255, -1)
    texture[mask > 0] = _glazing(rng, rows, columns)[mask > 0]


def _decal(rng: Generator, texture: Image) -> None:
    """A logo, a label, a notice or a keyhole somewhere on the surface."""
    rows, columns = texture.shape[:2]
    ink = (30, 30, 34) if texture.mean() > 110 else (225, 225, 220)
    x, y = int(rng.uniform(0.1, 0.7) * columns), int(rng.uniform(0.1, 0.85) * rows)
    choice = rng.random()
    if choice < 0.4:
        word = "".join(chr(int(c)) for c in rng.integers(65, 91, int(rng.integers(3, 7))))
        cv2.putText(texture, word, (x, y), int(rng.integers(0, 5)), rng.uniform(0.2, 0.5), ink, 1, cv2.LINE_AA)
    elif choice < 0.75:
        paper = sample_material(rng, ("paint", "card")).color
        far = (x + int(rng.integers(8, 30)), y + int(rng.integers(6, 26)))
        cv2.rectangle(texture, (x, y), far, paper, -1)
        for line in range(y + 3, far[1] - 1, 3):
            cv2.line(texture, (x + 2, line), (far[0] - 3, line), (90, 90, 90), 1)
    else:
        cv2.circle(texture, (x, y), max(1, rows // 40), (40, 34, 28), -1, cv2.LINE_AA)


DECORS: dict[str, Callable[[Generator, Image, Material], None]] = {
    "plain": _plain, "shaker": _shaker, "raised": _raised, "arched": _arched, "several": _several, "planks": _planks,
    "louvres": _louvres, "glazed": _glazed, "porthole": _porthole, "panes": _panes, "flames": _flames,
}  # fmt: skip
