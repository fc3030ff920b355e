"""Doors, drawers and flaps: how they look, move and which actions moving them is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from hotspot_core.data.synthetic.assets.fronts import Surface
from hotspot_core.data.synthetic.engine.canvas import Canvas
from hotspot_core.data.synthetic.engine.geometry import CoordinateFrame
from hotspot_core.data.synthetic.engine.materials import Material


class Fitting(Protocol):
    """Something fixed to a board that is no part."""

    def draw(self, canvas: Canvas, front: CoordinateFrame) -> None:
        """Paint it; `front` is the world frame of the board's front."""


@dataclass(frozen=True)
class Panel:
    """A board (width, height, thickness in meters) centered on `frame`, closed at t = 0 and fully open at t = 1.

    `travel` is how far it opens, in meters or radians, `rest` the state in which the object stands about.
    """

    frame: CoordinateFrame
    width: float
    height: float
    thickness: float
    motion: str
    surface: Surface
    material: Material
    travel: float
    rest: float = 0.0
    hinges: Material | None = None
    fittings: tuple[Fitting, ...] = ()

    def moved(self, t: float) -> CoordinateFrame:
        """The frame of the board's front in state t."""
        return MOTIONS[self.motion].move(self, t)

    def draw(self, canvas: Canvas, base: CoordinateFrame, t: float) -> None:
        """Paint the hole, when it is not closed, and the board; `base` is the frame of the object."""
        half_w, half_h = self.width / 2, self.height / 2
        hole = self.frame.within(base)
        board = self.moved(t).within(base)
        if t > 0.01:
            dark = Material("paint", (70, 62, 56), 0.0)
            canvas.rectangle(hole, (-half_w, -half_h), (half_w, half_h), 0.001, material=dark)
            deep = Material("paint", (46, 40, 36), 0.0)
            for k in (-1, 1):
                canvas.rectangle(
                    hole, (-half_w, k * half_h * 0.3), (half_w, k * half_h * 0.3 + 0.02), 0.002, material=deep
                )
        if self.motion == "drawer" and t > 0.01:
            depth = t * self.travel
            wall = Material("paint", tuple(0.8 * c for c in self.material.color), 0.1)  # type: ignore[arg-type]
            canvas.box(board, (-half_w * 0.94, -half_h * 0.8, -depth), (half_w * 0.94, half_h * 0.7, -0.01), wall)
            inner = [
                (-half_w * 0.9, half_h * 0.71, -depth),
                (half_w * 0.9, half_h * 0.71, -depth),
                (half_w * 0.9, half_h * 0.71, -0.02),
                (-half_w * 0.9, half_h * 0.71, -0.02),
            ]
            if canvas.camera.sees_front(board.facing("up")):
                canvas.polygon(board.at(inner), (52, 46, 42))
        canvas.box(
            board, (-half_w, -half_h, -self.thickness), (half_w, half_h, 0), self.material, front=self.surface.image
        )
        side = {"hinge left": -1.0, "swing": -1.0, "hinge right": 1.0}.get(self.motion)
        if self.hinges is not None and side is not None and not self.hides_fixtures(canvas, base, t):
            long = min(0.05 * self.height + 0.01, 0.05)
            for y in (-0.36 * self.height, 0.36 * self.height):
                low, high = sorted((side * half_w * 1.01, side * (half_w - 0.35 * long)))
                canvas.box(board, (low, y - long / 2, 0), (high, y + long / 2, 0.004), self.hinges)
        if not self.hides_fixtures(canvas, base, t):
            for fitting in self.fittings:
                fitting.draw(canvas, board)

    def hides_fixtures(self, canvas: Canvas, base: CoordinateFrame, t: float) -> bool:
        """Whether the board has turned its front away from the camera."""
        return not canvas.camera.sees_front(self.moved(t).within(base))


@dataclass(frozen=True)
class Motion:
    """How a panel moves with t and what a person calls that; `handles` are the parts it is moved by."""

    actions: tuple[str, ...]
    handles: tuple[str, ...]
    move: Callable[[Panel, float], CoordinateFrame]


_GRIPS = ("bar handle", "bar handle", "bar handle", "knob", "knob", "ring pull", "edge grip")

MOTIONS: dict[str, Motion] = {
    "hinge left": Motion(
        ("open", "close", "pull"), (*_GRIPS, "lever handle", "lever handle"),
        lambda panel, t: panel.frame.turned("v", -panel.travel * t, (-panel.width / 2, 0, 0))),
    "hinge right": Motion(
        ("open", "close", "pull"), (*_GRIPS, "lever handle", "lever handle"),
        lambda panel, t: panel.frame.turned("v", panel.travel * t, (panel.width / 2, 0, 0))),
    "swing": Motion(
        ("push",), ("push plate", "push plate", "push bar"),
        lambda panel, t: panel.frame.turned("v", 0.5 * panel.travel * t, (-panel.width / 2, 0, 0))),
    "drawer": Motion(
        ("open", "close", "pull"), (*_GRIPS, "cup pull", "cup pull"),
        lambda panel, t: panel.frame.moved((0, 0, panel.travel * t))),
    "sliding": Motion(
        ("open", "close", "slide"), ("edge grip", "edge grip", "bar handle", "knob"),
        lambda panel, t: panel.frame.moved((panel.travel * t, 0, 0.005))),
    "flap down": Motion(
        ("open", "close", "pull"), ("bar handle", "bar handle", "cup pull", "edge grip"),
        lambda panel, t: panel.frame.turned("u", panel.travel * t, (0, -panel.height / 2, 0))),
    "flap up": Motion(
        ("open", "close", "lift"), ("bar handle", "knob", "ring pull", "edge grip"),
        lambda panel, t: panel.frame.turned("u", -panel.travel * t, (0, panel.height / 2, 0))),
    "fixed": Motion((), ("grab rail", "grab rail", "pull cord"), lambda panel, t: panel.frame),
}  # fmt: skip
