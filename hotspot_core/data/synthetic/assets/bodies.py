"""The shapes that carry parts: boxes with a front, and bodies of revolution with a spout."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hotspot_core.data.synthetic.assets.fronts import Surface
from hotspot_core.data.synthetic.engine.canvas import Canvas
from hotspot_core.data.synthetic.engine.geometry import CoordinateFrame, Floats
from hotspot_core.data.synthetic.engine.materials import Material


@dataclass(frozen=True)
class BoxBody:
    """A box (width, height, depth in meters) with a textured front, standing on its foot, its front at n = 0."""

    width: float
    height: float
    depth: float
    material: Material
    front: Surface
    side: Surface
    feet: bool = False

    def draw(self, canvas: Canvas, frame: CoordinateFrame) -> None:
        half = self.width / 2
        lift = 0.04 * self.height if self.feet else 0.0
        if self.feet:
            for x in (-0.85, 0.75):
                canvas.box(
                    frame,
                    (x * half, 0, -0.1 * self.depth),
                    ((x + 0.1) * half, lift, 0),
                    Material("rubber", (30, 30, 30), 0.1),
                )
        canvas.box(
            frame, (-half, lift, -self.depth), (half, self.height, 0), self.material, self.front.image, self.side.image
        )

    def extent(self) -> tuple[float, float, float]:
        return self.width, self.height, self.depth


@dataclass(frozen=True)
class TurnedBody:
    """A body of revolution around v: `profile` (N, 2) of (height, radius) in meters, open at the top or not."""

    profile: Floats
    lut: Floats
    bands: Floats
    material: Material
    alpha: float
    hollow: bool
    label: Surface | None
    spout: str
    spout_side: float

    def draw(self, canvas: Canvas, frame: CoordinateFrame) -> None:
        height, radius = self.profile[-1]
        rim = frame.moved((0, height, 0)).facing("up")
        sees_inside = canvas.camera.sees_front(rim)
        if self.alpha < 1 and self.hollow and sees_inside:
            self._rim(canvas, rim, radius, 0.9)
        self._draw_spout(canvas, frame)
        canvas.lathe(frame, self.profile, self.lut, self.bands, self.alpha, self.label.image if self.label else None)
        if sees_inside:
            self._rim(canvas, rim, radius, 1.1)

    def _rim(self, canvas: Canvas, rim: CoordinateFrame, radius: float, light: float) -> None:
        angle = np.linspace(0, 2 * np.pi, 28, endpoint=False)
        circle = np.stack([np.cos(angle), np.sin(angle), np.zeros(28)], axis=1) * radius
        canvas.polygon(rim.at(circle), self.material.tone(light * 0.95))
        if self.hollow:
            canvas.polygon(rim.at(circle * 0.9), self.material.tone(0.4))
            canvas.polygon(rim.at(circle * 0.8 - (0, radius * 0.06, radius * 0.2)), self.material.tone(0.55))

    def _draw_spout(self, canvas: Canvas, frame: CoordinateFrame) -> None:
        height, radius = self.profile[-1, 0], float(self.profile[:, 1].max())
        side = self.spout_side
        if self.spout == "beak":
            points = [(side * radius * 0.7, height * 0.8, 0), (side * radius * 1.25, height * 0.98, 0)]
            canvas.tube(frame.at(points), np.array([radius * 0.35, radius * 0.12]), self.material)
        elif self.spout == "neck":
            points = [
                (side * radius * 0.8, height * 0.3, 0),
                (side * radius * 1.4, height * 0.5, 0),
                (side * radius * 1.55, height * 0.85, 0),
                (side * radius * 1.9, height * 0.95, 0),
            ]
            canvas.tube(frame.at(points), radius * np.array([0.28, 0.2, 0.15, 0.13]), self.material)
        elif self.spout == "tap":
            angle = np.linspace(0, np.pi, 18)
            reach = height * 0.45
            arc = np.stack(
                [
                    side * 0.4 * reach * (1 - np.cos(angle)),
                    height * 0.7 + reach * np.sin(angle) * 0.8,
                    reach * (1 - np.cos(angle)) * 0.9,
                ],
                axis=1,
            )
            canvas.tube(frame.at(arc), self.profile[-1, 1] * 0.75, self.material)

    def extent(self) -> tuple[float, float, float]:
        diameter = 2 * float(self.profile[:, 1].max())
        return diameter, float(self.profile[-1, 0]), diameter
