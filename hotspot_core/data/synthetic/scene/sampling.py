"""Random scenes: an object, its neighbors and surroundings, a view and a light."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hotspot_core.data.synthetic.assets.backdrop import sample_backdrop
from hotspot_core.data.synthetic.assets.classes import CLASSES
from hotspot_core.data.synthetic.assets.clutter import sample_ornaments
from hotspot_core.data.synthetic.assets.objects import ObjectInstance
from hotspot_core.data.synthetic.engine.geometry import CoordinateFrame, Generator
from hotspot_core.data.synthetic.engine.lens import Lens
from hotspot_core.data.synthetic.scene.scene import SUPERSAMPLING, Placed, Scene
from hotspot_core.data.synthetic.scene.view import focus_view

_LAST_TAG = 250


def sample_scene(
    rng: Generator,
    instance: ObjectInstance,
    part: int,
    size: int,
    difficulty: float,
    photos: str | None = None,
    neighbors: Sequence[str] = (),
    studio: bool = False,
) -> Scene:
    """A random scene around an object, the camera aimed near one of its parts.

    `neighbors` names the classes that may stand beside it; how many do depends on the difficulty.
    """
    side = round(size * SUPERSAMPLING)
    frame = CoordinateFrame.world()
    if instance.stands == "counter":
        frame = frame.turned("v", float(rng.uniform(-0.4, 0.4)))
    camera = focus_view(rng, instance, frame, part, size, difficulty)
    light = np.array((rng.uniform(-0.7, 0.7), rng.uniform(0.2, 1.0), rng.uniform(0.4, 1.0)))
    width, height, depth = instance.body.extent()
    extent = side / camera.pixels_per_meter(frame.at((0, height / 2, 0)))
    behind = depth if instance.panels or instance.stands == "wall" else width / 2
    backdrop = sample_backdrop(rng, instance.stands, behind, side, difficulty, photos, studio, extent)
    others = [] if studio else _neighbors(rng, instance, difficulty, neighbors)
    ornaments = [] if studio else sample_ornaments(rng, instance.stands, width, behind, extent, difficulty)
    tag = 1 + len(instance.fixtures)
    placed = []
    for other, place in others:
        if tag + len(other.fixtures) < _LAST_TAG:
            placed.append(Placed(other, place, tag))
            tag += len(other.fixtures)
    return Scene(
        (*placed, Placed(instance, frame, 1)),
        camera,
        light / np.linalg.norm(light),
        float(rng.uniform(0.4, 0.7)),
        backdrop,
        tuple(ornaments),
        Lens.sample(rng, size, difficulty),
        size,
    )


def _neighbors(
    rng: Generator, instance: ObjectInstance, difficulty: float, names: Sequence[str]
) -> list[tuple[ObjectInstance, CoordinateFrame]]:
    """Objects of the same kind of place to the left and right, and small ones on top of furniture."""
    result: list[tuple[ObjectInstance, CoordinateFrame]] = []
    width, height, depth = instance.body.extent()
    alike = [name for name in names if CLASSES[name].stands == instance.stands]
    small = [name for name in names if CLASSES[name].stands == "counter"]
    for sign in (-1.0, 1.0):
        if alike and rng.random() < 0.75 * difficulty:
            repeated = instance.panels != () and rng.random() < 0.4
            other = instance if repeated else CLASSES[str(rng.choice(alike))].sample(rng)
            gap = 0.003 if repeated else float(rng.uniform(0.02, 0.35)) * min(width, 0.6)
            shift = sign * (width / 2 + other.body.extent()[0] / 2 + gap)
            back = -float(rng.uniform(0, 0.12)) if instance.stands == "counter" else 0.0
            result.append((other, CoordinateFrame(np.array((shift, 0.0, back)), np.eye(3))))
    if instance.stands == "floor" and height < 1.1 and small and rng.random() < 0.6 * difficulty:
        other = CLASSES[str(rng.choice(small))].sample(rng)
        reach = max(width / 2 - other.body.extent()[0] / 2, 0.0)
        result.append(
            (other, CoordinateFrame(np.array((float(rng.uniform(-reach, reach)), height, -depth * 0.5)), np.eye(3)))
        )
    return result
