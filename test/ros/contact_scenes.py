"""Parts of known geometry before walls and on tables: rays cast by MuJoCo, without OpenGL, give exact depth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import mujoco
import numpy as np
from numpy.typing import NDArray

from hotspot_ros.positions.camera_model import CameraModel

Floats = NDArray[np.float64]
SIDE, FOCAL = 360, 540.0
CENTER = (SIDE - 1) / 2
CAMERA = CameraModel((FOCAL, 0, CENTER, 0, FOCAL, CENTER, 0, 0, 1), (), False, (1, 1), (0, 0))
BOX, CYLINDER = mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_CYLINDER
_COLUMNS, _ROWS = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
RAYS = np.stack([(_COLUMNS - CENTER) / FOCAL, (_ROWS - CENTER) / FOCAL, np.ones((SIDE, SIDE))], axis=-1)
Made = tuple[list["Geom"], Floats | None, float, float, bool]
Geom = tuple[mujoco.mjtGeom, tuple[float, ...], Floats, Floats]


@dataclass(frozen=True)
class ContactScene:
    """Depth (H, W) in metres with a part in it, in the camera's optical frame.

    Attributes:
        part: (H, W) where the face is seen to which the normal belongs.
        center: (3,) of that face, or of the axis of something round.
        axis: the long one; None where there is none.
        width, length: metres; infinite where there are no sides.
        round: whether it is a cylinder that lies along its axis.
    """

    depth: Floats
    part: NDArray[np.bool_]
    center: Floats
    normal: Floats
    axis: Floats | None
    width: float
    length: float
    round: bool = False

    def normal_at(self, pixel: Floats) -> Floats:
        """Of the surface at a pixel; of a thin cylinder that of the side that faces the camera."""
        if not self.round:
            return self.normal
        assert self.axis is not None
        column, row = pixel.astype(int)
        place = RAYS[row, column] * self.depth[row, column]
        away = -place if self.width < 0.025 else place - self.center
        away = away - (away @ self.axis) * self.axis
        return np.asarray(-away / np.linalg.norm(away))


def turn(axis: tuple[float, float, float], degrees: float) -> Floats:
    """(3, 3)."""
    vector = np.array(axis)
    return np.asarray(cv2.Rodrigues(vector / np.linalg.norm(vector) * np.radians(degrees))[0])


def cast(geoms: list[Geom]) -> tuple[Floats, NDArray[np.int32]]:
    """(H, W) depth, 0 where nothing is, and the number of the geom, -1 for none."""
    spec = mujoco.MjSpec()
    for kind, size, position, rotation in geoms:
        quaternion = np.zeros(4)
        mujoco.mju_mat2Quat(quaternion, np.ascontiguousarray(rotation).ravel())
        padded = [*size, *[0.0] * (3 - len(size))]
        spec.worldbody.add_geom(type=kind, size=padded, pos=position.tolist(), quat=quaternion.tolist())
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    length = np.linalg.norm(RAYS, axis=-1)
    number, distance, count = np.zeros(SIDE * SIDE, np.int32), np.zeros(SIDE * SIDE), SIDE * SIDE
    vectors = (RAYS / length[..., None]).ravel()
    mujoco.mj_multiRay(model, data, np.zeros(3), vectors, None, 1, -1, number, distance, None, count, 50.0)
    return np.where(number < 0, 0, distance / length.ravel()).reshape(SIDE, SIDE), number.reshape(SIDE, SIDE)


def _before_wall(rng: np.random.Generator, make: Callable[[np.random.Generator, Floats, Floats], Made]) -> ContactScene:
    """A part whose face looks along the wall's normal: slanted by up to 45 degrees, turned at will."""
    direction = rng.normal(size=2)
    frame = turn((direction[0], direction[1], 0), rng.uniform(0, 45)) @ turn((0, 0, 1), rng.uniform(-180, 180))
    center = np.array([*rng.uniform(-0.03, 0.03, 2), rng.uniform(0.45, 1.2)])
    geoms, axis, width, length, is_round = make(rng, frame, center)
    depth, number = cast(geoms)
    away = frame[:, 2]
    part = number == 0
    if is_round:
        center = center + away * width / 2
    else:
        part &= np.abs((RAYS * depth[..., None] - center) @ away) < 1e-3
    return ContactScene(depth, part, center, away, axis, width, length, is_round)


def _wall(frame: Floats, center: Floats, behind: float) -> Geom:
    return BOX, (2.0, 2.0, 0.01), center + frame[:, 2] * (behind + 0.01), frame


def bar(rng: np.random.Generator) -> ContactScene:
    """A flat handle on two posts."""

    def make(rng: np.random.Generator, frame: Floats, center: Floats) -> Made:
        length, width, thick = rng.uniform(0.08, 0.2), rng.uniform(0.01, 0.02), rng.uniform(0.004, 0.012)
        out, away = rng.uniform(0.025, 0.05), frame[:, 2]
        geoms = [(BOX, (length / 2, width / 2, thick / 2), center + away * thick / 2, frame)]
        for side in (-1, 1):
            place = center + frame[:, 0] * side * (length / 2 - 0.012) + away * (thick + out / 2)
            geoms.append((BOX, (0.005, 0.4 * width, out / 2), place, frame))
        return [*geoms, _wall(frame, center, thick + out)], frame[:, 0], width, length, False

    return _before_wall(rng, make)


def tube(rng: np.random.Generator) -> ContactScene:
    """A round handle."""

    def make(rng: np.random.Generator, frame: Floats, center: Floats) -> Made:
        length, width = rng.uniform(0.08, 0.2), rng.uniform(0.01, 0.03)
        lying = frame @ np.array([[0, 0, 1.0], [0, 1, 0], [-1, 0, 0]])
        geoms = [(CYLINDER, (width / 2, length / 2), center + frame[:, 2] * width / 2, lying)]
        return [*geoms, _wall(frame, center, width + rng.uniform(0.025, 0.05))], frame[:, 0], width, length, True

    return _before_wall(rng, make)


def box(rng: np.random.Generator) -> ContactScene:
    """A box that stands out of the wall."""

    def make(rng: np.random.Generator, frame: Floats, center: Floats) -> Made:
        length, width, high = rng.uniform(0.08, 0.16), rng.uniform(0.03, 0.06), rng.uniform(0.03, 0.1)
        geom = BOX, (length / 2, width / 2, high / 2), center + frame[:, 2] * high / 2, frame
        return [geom, _wall(frame, center, high)], frame[:, 0], width, length, False

    return _before_wall(rng, make)


def plate(rng: np.random.Generator) -> ContactScene:
    """A thin plate far before the wall."""

    def make(rng: np.random.Generator, frame: Floats, center: Floats) -> Made:
        length, width = rng.uniform(0.1, 0.18), rng.uniform(0.04, 0.07)
        geom = BOX, (length / 2, width / 2, 0.002), center + frame[:, 2] * 0.002, frame
        return [geom, _wall(frame, center, rng.uniform(0.2, 0.6))], frame[:, 0], width, length, False

    return _before_wall(rng, make)


def knob(rng: np.random.Generator) -> ContactScene:
    """A disc whose side runs down to the wall."""

    def make(rng: np.random.Generator, frame: Floats, center: Floats) -> Made:
        width, high = rng.uniform(0.025, 0.05), rng.uniform(0.018, 0.035)
        geom = CYLINDER, (width / 2, high / 2), center + frame[:, 2] * high / 2, frame
        return [geom, _wall(frame, center, high)], None, width, width, False

    return _before_wall(rng, make)


def door(rng: np.random.Generator) -> ContactScene:
    """Nothing but a wall."""
    return _before_wall(rng, lambda _, frame, center: ([_wall(frame, center, 0)], None, np.inf, np.inf, False))


def slab(rng: np.random.Generator) -> ContactScene:
    """A block on a table, seen from above: its upper face."""
    elevation = np.radians(rng.uniform(25, 60))
    length, width, high = rng.uniform(0.08, 0.16), rng.uniform(0.03, 0.06), rng.uniform(0.03, 0.06)
    up = np.array([0, -np.cos(elevation), -np.sin(elevation)])
    right = np.array([1.0, 0, 0])
    frame = np.stack([right, np.cross(up, right), up], axis=1) @ turn((0, 0, 1), rng.uniform(0, 360))
    center = np.array([*rng.uniform(-0.03, 0.03, 2), rng.uniform(0.5, 1.2)])
    block = BOX, (length / 2, width / 2, high / 2), center, frame
    depth, number = cast([block, (BOX, (2.0, 2.0, 0.01), center - up * (high / 2 + 0.01), frame)])
    top = center + up * high / 2
    part = (number == 0) & (np.abs((RAYS * depth[..., None] - top) @ up) < 1e-3)
    return ContactScene(depth, part, top, -up, frame[:, 0], width, length)


SCENES: dict[str, Callable[[np.random.Generator], ContactScene]] = {
    scene.__name__: scene for scene in (bar, tube, box, plate, knob, door, slab)
}


def as_measured(rng: np.random.Generator, depth: Floats, stereo: bool = True) -> NDArray[np.uint16]:
    """Millimetres of a depth camera: noise of 1.5 mm at 1 m that grows with the square; and, of stereo, mixed pixels
    and gaps along edges, and holes."""
    found = depth.copy()
    if stereo:
        block = np.ones((3, 3))
        edge = cv2.dilate(depth, block) - cv2.erode(depth, block) > 0.015
        found = np.where(edge & (rng.random(depth.shape) < 0.7), cv2.blur(depth, (3, 3)), found)
        found[edge & (rng.random(depth.shape) < 0.25)] = 0
        found[cv2.dilate((rng.random(depth.shape) < 0.0012).astype(np.uint8), block.astype(np.uint8)) > 0] = 0
    noise = cv2.GaussianBlur(rng.normal(size=depth.shape), (3, 3), 0.6)
    found = np.where(found > 0, found + 0.0015 * found**2 * noise / noise.std(), 0)
    return np.rint(1000 * found).clip(0, 65535).astype(np.uint16)


def pixel_of(rng: np.random.Generator, scene: ContactScene) -> Floats:
    """(2,) x and y of a pixel in the inner half of the part."""
    rows, columns = np.nonzero(scene.part)
    distance = np.hypot(rows - rows.mean(), columns - columns.mean())
    inner = np.argsort(distance)[: max(1, len(rows) // 4)]
    index = rng.choice(inner)
    return np.array([columns[index], rows[index]], np.float64)
