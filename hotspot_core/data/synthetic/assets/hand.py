"""The hand that acts: a person's, in several poses, bare, gloved and sleeved, or a robot's gripper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hotspot_core.data.synthetic.engine.canvas import Canvas
from hotspot_core.data.synthetic.engine.geometry import Floats, Generator
from hotspot_core.data.synthetic.engine.materials import Material, sample_material
from hotspot_core.data.synthetic.engine.strokes import Layer

Stroke = tuple[Sequence[tuple[float, float]], Sequence[float]]

# Strokes (points, half widths) in palm widths: x from the contact towards the arm, y across. Painted in this order.
_POSES: dict[str, tuple[Stroke, ...]] = {
    "point": (
        (((1.55, -0.15), (1.2, -0.35), (0.85, -0.3)), (0.2, 0.16, 0.12)),
        (((1.1, 0.28), (1.9, 0.26), (2.4, 0.22)), (0.48, 0.5, 0.34)),
        (((1.3, 0.72), (0.85, 0.7), (0.95, 0.6)), (0.14, 0.14, 0.1)),
        (((1.3, 0.5), (0.72, 0.48), (0.85, 0.4)), (0.15, 0.15, 0.1)),
        (((1.3, 0.27), (0.68, 0.25), (0.8, 0.2)), (0.15, 0.15, 0.1)),
        (((1.35, 0.05), (0.8, 0.02), (0.4, 0.0), (0.05, 0.0)), (0.16, 0.15, 0.13, 0.1)),
    ),
    "pinch": (
        (((1.0, 0.2), (1.8, 0.22), (2.2, 0.2)), (0.46, 0.5, 0.34)),
        (((1.1, 0.62), (0.5, 0.62), (0.4, 0.45)), (0.14, 0.14, 0.1)),
        (((1.1, 0.45), (0.4, 0.46), (0.22, 0.28)), (0.15, 0.14, 0.1)),
        (((1.15, 0.2), (0.5, 0.3), (0.1, 0.12)), (0.16, 0.14, 0.1)),
        (((1.5, -0.15), (0.8, -0.35), (0.1, -0.12)), (0.22, 0.17, 0.11)),
    ),
    "grip": (
        (((0.5, 0.0), (1.2, 0.02), (1.8, 0.0)), (0.48, 0.52, 0.36)),
        (((0.55, 0.42), (0.0, 0.42), (-0.2, 0.4)), (0.15, 0.15, 0.12)),
        (((0.55, 0.16), (-0.06, 0.16), (-0.28, 0.15)), (0.16, 0.16, 0.13)),
        (((0.55, -0.12), (-0.06, -0.12), (-0.28, -0.12)), (0.16, 0.16, 0.13)),
        (((0.55, -0.38), (0.0, -0.38), (-0.2, -0.37)), (0.15, 0.15, 0.12)),
        (((1.2, -0.35), (0.7, -0.62), (0.2, -0.58)), (0.2, 0.17, 0.12)),
    ),
    "hook": (
        (((0.75, 0.0), (1.4, 0.02), (2.0, 0.0)), (0.46, 0.5, 0.34)),
        (((1.3, -0.35), (0.95, -0.6), (0.6, -0.55)), (0.2, 0.16, 0.12)),
        (((0.95, 0.38), (0.45, 0.4), (0.05, 0.34)), (0.14, 0.14, 0.1)),
        (((0.95, 0.14), (0.4, 0.15), (-0.05, 0.12)), (0.15, 0.15, 0.11)),
        (((0.95, -0.1), (0.4, -0.12), (-0.05, -0.1)), (0.15, 0.15, 0.11)),
        (((0.95, -0.34), (0.42, -0.38), (0.03, -0.3)), (0.14, 0.14, 0.11)),
    ),
    "flat": (
        (((0.9, -0.3), (0.5, -0.75), (0.1, -0.85)), (0.2, 0.16, 0.11)),
        (((0.25, 0.0), (0.8, 0.0), (1.5, 0.0)), (0.46, 0.5, 0.35)),
        (((0.4, 0.38), (-0.1, 0.46), (-0.55, 0.5)), (0.14, 0.13, 0.09)),
        (((0.4, 0.14), (-0.2, 0.18), (-0.8, 0.2)), (0.15, 0.14, 0.1)),
        (((0.4, -0.12), (-0.25, -0.12), (-0.85, -0.12)), (0.15, 0.14, 0.1)),
        (((0.4, -0.36), (-0.2, -0.42), (-0.7, -0.44)), (0.15, 0.14, 0.1)),
    ),
}  # fmt: skip

_FAR = 40.0  # palm widths: where an arm ends, outside the picture


@dataclass(frozen=True)
class Hand:
    """One person's or robot's hand; `direction` (radians, on the image) points from the contact to the arm.

    The palm is `width` meters wide, but at most the fraction `largest` of the picture.
    """

    pose: str
    robot: bool
    skin: Material
    sleeve: Material
    cuff: float
    side: float
    width: float
    largest: float
    direction: float
    bend: float

    @classmethod
    def sample(cls, rng: Generator, poses: Sequence[str]) -> Hand:
        """A random hand in one of `poses`, from a random side. Robots make up about a fifth."""
        gloved = rng.random() < 0.12
        skin = sample_material(rng, ("rubber", "fabric", "plastic") if gloved else ("skin",))
        return cls(
            str(rng.choice(list(poses))),
            bool(rng.random() < 0.2),
            skin,
            sample_material(rng, ("fabric", "paint")),
            float(rng.uniform(2.3, 5.0)),
            float(rng.choice((-1.0, 1.0))),
            float(rng.uniform(0.07, 0.1)),
            float(rng.uniform(0.14, 0.26)),
            float(rng.uniform(-0.25, np.pi + 0.25)),
            float(rng.normal(0, 0.25)),
        )

    def outlines(self, canvas: Canvas, scale: float) -> list[Layer]:
        """Filled outlines in pixels, relative to the contact, for an image scale in pixels per meter."""
        basis = self._basis(canvas, scale)
        unit = float(np.linalg.norm(basis[0]))
        layers: list[Layer] = []
        for points, half, material in self._strokes():
            layers += canvas.stroke_layers(points @ basis, half * unit, material)
        return layers

    def shadow(self, canvas: Canvas, scale: float) -> tuple[Floats, float]:
        """The outline (N, 2) of its shadow relative to the contact, and the softness, in pixels."""
        basis = self._basis(canvas, scale)
        unit = float(np.linalg.norm(basis[0]))
        shape = np.array([(0.0, -0.4), (0.0, 0.5), (1.6, 0.5), (_FAR, 0.8), (_FAR, -0.8), (1.6, -0.5)])
        return shape @ basis + (0.1 * unit, 0.25 * unit), max(0.3 * unit, 1.0)

    def _basis(self, canvas: Canvas, scale: float) -> Floats:
        along = np.array([np.cos(self.direction), np.sin(self.direction)])
        across = np.array([-along[1], along[0]]) * self.side
        return np.asarray(np.stack([along, across]) * min(scale * self.width, self.largest * canvas.size))

    def _strokes(self) -> list[tuple[Floats, Floats, Material]]:
        result = []
        for points, widths, material in _gripper(self) if self.robot else self._human():
            dense = _smooth(np.asarray(points, dtype=float))
            half = np.interp(np.linspace(0, 1, len(dense)), np.linspace(0, 1, len(widths)), widths)
            result.append((dense, half, material))
        return result

    def _human(self) -> list[tuple[Sequence[tuple[float, float]], Sequence[float], Material]]:
        strokes = _POSES[self.pose]
        palm = max(strokes, key=lambda stroke: max(stroke[1]))
        x, y = palm[0][-1]

        def arm(along: float) -> tuple[float, float]:
            return along, y + self.bend * (along - x)

        result: list[tuple[Sequence[tuple[float, float]], Sequence[float], Material]] = [
            ((arm(x - 0.25), arm(7.0)), (0.34, 0.6), self.skin),
            ((arm(self.cuff), arm(7.0), arm(_FAR)), (0.5, 0.75, 1.2), self.sleeve),
        ]
        result += [(points, widths, self.skin) for points, widths in strokes]
        return result


def _gripper(hand: Hand) -> list[tuple[Sequence[tuple[float, float]], Sequence[float], Material]]:
    """A parallel gripper on a thick jointed arm."""
    dark = Material("plastic", (38, 38, 42), 0.4)
    metal = Material("steel", (150, 152, 156), 0.8)
    shell = Material("plastic", (226, 228, 230) if hand.cuff < 4.3 else hand.sleeve.color, 0.5)
    gap = 0.12 if hand.pose in ("pinch", "grip", "hook") else 0.05
    bend = hand.bend
    fingers = [
        (((0.0, k * gap), (0.45, k * (gap + 0.1)), (0.85, k * 0.5), (1.25, k * 0.3)), (0.09, 0.12, 0.14, 0.16), dark)
        for k in (-1, 1)
    ]
    tips = [(((0.0, k * gap), (0.3, k * (gap + 0.06))), (0.06, 0.06), metal) for k in (-1, 1)]
    elbow = (4.6, 3.5 * bend)
    return [
        ((elbow, (9.0, 2.0 * bend - 1.5), (_FAR, 2.0 * bend - 3.0)), (0.75, 0.8, 1.2), shell),
        (((2.2, 0.6 * bend), elbow), (0.6, 0.72), shell),
        (((elbow[0] - 0.1, elbow[1]), (elbow[0] + 0.1, elbow[1])), (0.62, 0.62), dark),
        (((1.9, 0.2 * bend), (2.4, 0.6 * bend)), (0.5, 0.5), metal),
        *fingers,
        (((1.1, 0.0), (1.9, 0.1 * bend)), (0.42, 0.46), dark),
        *tips,
    ]


def _smooth(points: Floats) -> Floats:
    """A denser path with rounded corners through about the same points."""
    if len(points) < 3:
        return points
    middle = (points[:-1] + points[1:]) / 2
    parts = [points[:1]]
    t = np.linspace(0, 1, 5)[:, None]
    for k in range(1, len(points) - 1):
        parts.append((1 - t) ** 2 * middle[k - 1] + 2 * t * (1 - t) * points[k] + t**2 * middle[k])
    return np.concatenate([*parts, points[-1:]])
