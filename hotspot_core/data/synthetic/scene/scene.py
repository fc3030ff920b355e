"""A scene: one main object and its neighbors in a place, seen by a camera, in a light."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from hotspot_core.data.synthetic.assets.backdrop import Backdrop
from hotspot_core.data.synthetic.assets.clutter import Foreground, Ornament
from hotspot_core.data.synthetic.assets.handles import cast_shadow
from hotspot_core.data.synthetic.assets.objects import ObjectInstance
from hotspot_core.data.synthetic.engine.canvas import Canvas
from hotspot_core.data.synthetic.engine.geometry import CoordinateFrame, Floats, Mask, PinholeCamera
from hotspot_core.data.synthetic.engine.lens import Lens

SUPERSAMPLING = 1.5
_SMALLEST_REGION = 6e-4


def large_enough(region: Mask) -> bool:
    """Whether a region covers enough of its picture for a person to point at it."""
    return bool(region.sum() >= max(_SMALLEST_REGION * region.size, 6))


@dataclass(frozen=True)
class Placed:
    """An object at its place; its part k leaves the tag `first_tag` + k."""

    instance: ObjectInstance
    frame: CoordinateFrame
    first_tag: int


@dataclass(frozen=True)
class Scene:
    """Everything but what moves. `objects` are painted in order, the main one last."""

    objects: tuple[Placed, ...]
    camera: PinholeCamera
    light: Floats
    ambient: float
    backdrop: Backdrop
    ornaments: tuple[Ornament, ...]
    lens: Lens
    size: int
    foreground: tuple[Foreground, ...] = ()

    @property
    def main(self) -> Placed:
        """The object that is used."""
        return self.objects[-1]

    def surroundings(self) -> Canvas:
        """A new canvas with the backdrop, the shadows and every object but the main one."""
        return self._surroundings.copy()

    @cached_property
    def _surroundings(self) -> Canvas:
        side = round(self.size * SUPERSAMPLING)
        canvas = Canvas(self.camera, self.light, np.zeros((side, side, 3), np.uint8), self.ambient)
        self.backdrop.draw(canvas)
        for ornament in self.ornaments:
            ornament.draw(canvas)
        for placed in self.objects[:-1]:
            self.ground_shadow(canvas, placed.instance, placed.frame)
            placed.instance.draw(canvas, placed.instance.at_rest(placed.frame), placed.first_tag)
        return canvas

    def ground_shadow(self, canvas: Canvas, instance: ObjectInstance, frame: CoordinateFrame) -> None:
        """The soft shadow of an object on the ground or on the wall behind it."""
        width, height, depth = instance.body.extent()
        half = width / 2
        turned = instance.panels == () and instance.stands == "counter"
        near = half if turned else 0.0
        foot = [
            (-half * 1.05, 0, near),
            (half * 1.05, 0, near),
            (half * 1.05, 0, near - depth),
            (-half * 1.05, 0, near - depth),
        ]
        wall = [(-half, 0, -depth), (half, 0, -depth), (half, height, -depth), (-half, height, -depth)]
        softness = 0.06 * min(width, height) + 0.004
        scale = canvas.camera.pixels_per_meter(frame.origin)
        if self.backdrop.ground is not None or self.backdrop.wall is None:
            canvas.shadow(canvas.camera.project(frame.at(foot)), max(softness * 1.5 * scale, 1.0), 0.6)
        if self.backdrop.wall is not None and instance.stands == "wall":
            cast_shadow(canvas, frame.at(wall), softness, 0.4)

    def at_rest(self) -> Canvas:
        """A canvas with everything at rest."""
        canvas = self.surroundings()
        instance, frame = self.main.instance, self.main.frame
        self.ground_shadow(canvas, instance, frame)
        instance.draw(canvas, instance.at_rest(frame), self.main.first_tag)
        for thing in self.foreground:
            thing.draw(canvas)
        return canvas

    def regions(self, canvas: Canvas) -> dict[str, Mask]:
        """For every afforded action the contact region, (size, size) bool, over all objects of the scene.

        Parts of which next to nothing can be seen are left out.
        """
        tags = cv2.resize(canvas.tags, (self.size, self.size), interpolation=cv2.INTER_NEAREST)
        result: dict[str, Mask] = {}
        for placed in self.objects:
            for k in range(len(placed.instance.fixtures)):
                region = tags == placed.first_tag + k
                if not large_enough(region):
                    continue
                for action in placed.instance.affordances(k):
                    result[action] = result[action] | region if action in result else region
        return result
