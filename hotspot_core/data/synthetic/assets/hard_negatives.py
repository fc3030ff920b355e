"""Hard negatives: things on doors and drawers that look as if a hand belonged there, and afford nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hotspot_core.data.synthetic.assets.fronts import Surface
from hotspot_core.data.synthetic.assets.handles import cast_shadow, ellipse
from hotspot_core.data.synthetic.assets.objects import Fixture, ObjectInstance
from hotspot_core.data.synthetic.assets.panels import Panel
from hotspot_core.data.synthetic.engine.canvas import Canvas
from hotspot_core.data.synthetic.engine.geometry import CoordinateFrame, Floats, Generator
from hotspot_core.data.synthetic.engine.materials import Material, sample_material

_DARK = (28, 24, 22)
_METALS = ("iron", "iron", "steel", "brass", "chrome", "copper")
_SHEETS = ("card", "paint", "steel", "brass", "plastic")


@dataclass(frozen=True)
class HardNegative:
    """One thing fixed to a panel; `frame` is relative to the panel's front, its unit its size in meters."""

    kind: str
    frame: CoordinateFrame
    material: Material
    traits: Floats

    def draw(self, canvas: Canvas, front: CoordinateFrame) -> None:
        """Paint it; `front` is the world frame of the panel's front."""
        HARD_NEGATIVES[self.kind].draw(canvas, self.frame.within(front), self)


@dataclass(frozen=True)
class HardNegativeKind:
    """How a kind of hard negative is painted, its size as a fraction of the panel, and its finishes.

    A kind `at_hinge` comes twice, at the edge on which the panel hangs.
    """

    draw: Callable[[Canvas, CoordinateFrame, HardNegative], None]
    fraction: tuple[float, float]
    finishes: tuple[str, ...]
    at_hinge: bool = False


def with_hard_negatives(rng: Generator, instance: ObjectInstance) -> ObjectInstance:
    """The object with hard negatives on its panels: two kinds of them, and sometimes small panes or a lively grain."""
    kinds = [str(kind) for kind in rng.choice(sorted(HARD_NEGATIVES), 2, replace=False)]
    material = {kind: sample_material(rng, HARD_NEGATIVES[kind].finishes) for kind in kinds}
    decor = str(rng.choice(("panes", "flames", "", "", "")))
    panels = []
    for index, panel in enumerate(instance.panels):
        taken = [fixture for fixture in instance.fixtures if fixture.panel == index]
        hard_negatives: list[HardNegative] = []
        for kind in rng.permutation(kinds)[: int(rng.integers(1, 3))]:
            hard_negatives += _placed(rng, str(kind), material[str(kind)], panel, taken)
        surface = panel.surface
        if decor == "panes" or (decor and surface.material.finish == "wood"):
            surface = Surface.sample(rng, decor, surface.material, panel.width, panel.height)
        panels.append(replace(panel, surface=surface, fittings=tuple(hard_negatives)))
    return replace(instance, panels=tuple(panels))


def _placed(rng: Generator, kind: str, material: Material, panel: Panel, taken: list[Fixture]) -> list[HardNegative]:
    """The hard negatives of a kind that fit on a panel beside its fixtures."""
    spec, traits = HARD_NEGATIVES[kind], rng.random(6)
    if spec.at_hinge:
        side = {"hinge left": -1.0, "swing": -1.0, "hinge right": 1.0}.get(panel.motion)
        if side is None:
            return []
        size = float(rng.uniform(*spec.fraction)) * panel.width
        axes = np.diag((-side, 1.0, 1.0)) * size
        height = float(rng.uniform(0.28, 0.42)) * panel.height
        origins = [np.array((side * panel.width / 2, y, 0.0)) for y in (-height, height)]
        return [HardNegative(kind, CoordinateFrame(origin, axes), material, traits) for origin in origins]
    size = float(rng.uniform(*spec.fraction)) * min(panel.width, panel.height)
    room = np.maximum(np.array((panel.width, panel.height)) / 2 - 0.6 * size, 0)
    for _ in range(6):
        place = np.r_[rng.uniform(-room, room), 0.0]
        if rng.random() < 0.5:
            place[0] = 0.0
        apart = [np.abs(place - f.frame.origin).max() > 0.6 * (size + f.frame.scale) for f in taken]
        if all(apart):
            return [HardNegative(kind, CoordinateFrame(place, np.eye(3) * size), material, traits)]
    return []


def _plate(
    canvas: Canvas,
    frame: CoordinateFrame,
    half_w: float,
    half_h: float,
    hard_negative: HardNegative,
    thickness: float = 0.04,
) -> None:
    corners = [(-half_w, -half_h, 0), (half_w, -half_h, 0), (half_w, half_h, 0), (-half_w, half_h, 0)]
    cast_shadow(canvas, frame.at(corners), 0.05 * frame.scale)
    canvas.box(frame, (-half_w, -half_h, 0), (half_w, half_h, thickness), hard_negative.material)


def _strap_hinge(canvas: Canvas, frame: CoordinateFrame, hard_negative: HardNegative) -> None:
    """A strap from the hinge inwards along u, tapered, with bolts."""
    wide, tip = 0.04 + 0.06 * hard_negative.traits[0], 0.02 + 0.05 * hard_negative.traits[1]
    outline = [(0, -wide), (0, wide), (0.8, tip), (0.86, 2 * tip * hard_negative.traits[2]), (1, 0)]
    outline += [(0.86, -2 * tip * hard_negative.traits[2]), (0.8, -tip)]
    points = frame.at(np.c_[np.array(outline), np.full(len(outline), 0.02)])
    cast_shadow(canvas, points, 0.02 * frame.scale)
    canvas.polygon(points, hard_negative.material.tone(canvas.shade(frame.axes[2])))
    canvas.tube(frame.at([(0, -1.3 * wide, 0.03), (0, 1.3 * wide, 0.03)]), 0.025 * frame.scale, hard_negative.material)
    for u in (0.12, 0.4, 0.68):
        canvas.discs(frame.moved((u, 0, 0.02)), [(0.022, 0), (0.015, 0.02)], hard_negative.material)


def _leaf_hinge(canvas: Canvas, frame: CoordinateFrame, hard_negative: HardNegative) -> None:
    """A plate at the edge with its knuckle and screws."""
    tall = 0.7 + hard_negative.traits[0]
    canvas.box(frame, (0, -tall, 0), (0.9, tall, 0.06), hard_negative.material)
    canvas.tube(frame.at([(0, -tall, 0.1), (0, tall, 0.1)]), 0.16 * frame.scale, hard_negative.material)
    for v in (-0.6, 0.6):
        canvas.polygon(ellipse(frame.moved((0.55, v * tall, 0.07)), 0.1, 0.1), _DARK)


def _label_holder(canvas: Canvas, frame: CoordinateFrame, hard_negative: HardNegative) -> None:
    """A frame of metal with a card in it, or without one."""
    half_h = 0.2 + 0.15 * hard_negative.traits[0]
    if hard_negative.traits[1] < 0.7:
        _paper(canvas, frame, 0.45, half_h - 0.05, hard_negative.traits)
    corners = [(-0.5, -half_h, 0.03), (0.5, -half_h, 0.03), (0.5, half_h, 0.03), (-0.5, half_h, 0.03)]
    canvas.tube(
        frame.at(corners), (0.02 + 0.03 * hard_negative.traits[2]) * frame.scale, hard_negative.material, closed=True
    )


def _paper(canvas: Canvas, frame: CoordinateFrame, half_w: float, half_h: float, traits: Floats) -> None:
    """A sheet with lines of writing."""
    light = canvas.shade(frame.axes[2])
    corners = np.array([(-half_w, -half_h), (half_w, -half_h), (half_w, half_h), (-half_w, half_h)])
    tint = 200 + 50 * traits[3]
    canvas.polygon(frame.at(np.c_[corners, np.full(4, 0.005)]), (tint * light, tint * light, (tint - 15) * light))
    lines = int(1 + 4 * traits[4])
    for k in range(lines):
        v = half_h * (1 - 2 * (k + 1) / (lines + 1))
        ends = [(-0.75 * half_w, v, 0.006), ((0.2 + 0.55 * traits[5]) * half_w, v, 0.006)]
        thickness = half_h / (2.5 * lines) * frame.scale
        canvas.tube(frame.at(ends), thickness, Material("paint", (60, 56, 60), 0.0))


def _notice(canvas: Canvas, frame: CoordinateFrame, hard_negative: HardNegative) -> None:
    _paper(canvas, frame, 0.5, 0.3 + 0.4 * hard_negative.traits[0], hard_negative.traits)


def _name_plate(canvas: Canvas, frame: CoordinateFrame, hard_negative: HardNegative) -> None:
    """A plate with an engraving, or a number."""
    _plate(canvas, frame, 0.5, 0.1 + 0.2 * hard_negative.traits[0], hard_negative)
    for k in range(int(2 + 4 * hard_negative.traits[1])):
        left = -0.36 + 0.16 * k
        ends = [(left, -0.05, 0.05), (left + 0.05 * hard_negative.traits[2], 0.05, 0.05)]
        canvas.tube(frame.at(ends), 0.02 * frame.scale, Material("paint", _DARK, 0.0))


def _escutcheon(canvas: Canvas, frame: CoordinateFrame, hard_negative: HardNegative) -> None:
    """The plate around a keyhole."""
    if hard_negative.traits[0] < 0.5:
        canvas.discs(frame, [(0.3, 0), (0.3, 0.03), (0.26, 0.05)], hard_negative.material)
    else:
        _plate(canvas, frame, 0.2, 0.4 + 0.2 * hard_negative.traits[1], hard_negative)
    canvas.polygon(ellipse(frame.moved((0, 0.04, 0.06)), 0.07, 0.07), _DARK)
    canvas.polygon(frame.at([(-0.03, 0, 0.06), (0.03, 0, 0.06), (0.05, -0.18, 0.06), (-0.05, -0.18, 0.06)]), _DARK)


def _studs(canvas: Canvas, frame: CoordinateFrame, hard_negative: HardNegative) -> None:
    """A row of round nails."""
    count = int(3 + 6 * hard_negative.traits[0])
    turn = np.pi / 2 if hard_negative.traits[1] < 0.4 else 0.0
    row = frame.turned("n", turn)
    for u in np.linspace(-0.5, 0.5, count):
        canvas.discs(row.moved((u, 0, 0)), [(0.03, 0), (0.025, 0.015), (0.012, 0.025)], hard_negative.material)


def _vent(canvas: Canvas, frame: CoordinateFrame, hard_negative: HardNegative) -> None:
    """Slots, side by side."""
    half_h = 0.12 + 0.25 * hard_negative.traits[0]
    if hard_negative.traits[1] < 0.5:
        _plate(canvas, frame, 0.5, half_h, hard_negative, 0.02)
    for u in np.linspace(-0.42, 0.42, int(4 + 6 * hard_negative.traits[2])):
        ends = [(u, -0.75 * half_h, 0.03), (u, 0.75 * half_h, 0.03)]
        canvas.tube(frame.at(ends), 0.018 * frame.scale, Material("paint", _DARK, 0.0))


def _kick_plate(canvas: Canvas, frame: CoordinateFrame, hard_negative: HardNegative) -> None:
    """A bare sheet of metal."""
    _plate(canvas, frame, 0.5, 0.15 + 0.3 * hard_negative.traits[0], hard_negative, 0.01)


HARD_NEGATIVES: dict[str, HardNegativeKind] = {
    "strap hinge": HardNegativeKind(
        _strap_hinge, (0.2, 0.55), ("iron", "iron", "iron", "brass", "steel"), at_hinge=True
    ),
    "leaf hinge": HardNegativeKind(_leaf_hinge, (0.03, 0.08), _METALS, at_hinge=True),
    "label holder": HardNegativeKind(_label_holder, (0.15, 0.4), _METALS),
    "notice": HardNegativeKind(_notice, (0.15, 0.5), ("card",)),
    "name plate": HardNegativeKind(_name_plate, (0.15, 0.5), _SHEETS),
    "escutcheon": HardNegativeKind(_escutcheon, (0.08, 0.16), _METALS),
    "studs": HardNegativeKind(_studs, (0.4, 0.9), _METALS),
    "vent": HardNegativeKind(_vent, (0.2, 0.6), _SHEETS),
    "kick plate": HardNegativeKind(_kick_plate, (0.3, 0.8), ("steel", "brass", "chrome")),
}
