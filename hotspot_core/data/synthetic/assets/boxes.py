"""Box-shaped classes: how their fronts are divided into panels and controls.

Which parts an object carries is drawn at random, almost regardless of its class, so that the class does not tell the
action.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hotspot_core.data.synthetic.assets.bodies import BoxBody
from hotspot_core.data.synthetic.assets.fronts import Surface
from hotspot_core.data.synthetic.assets.objects import Fixture, ObjectInstance
from hotspot_core.data.synthetic.assets.panels import MOTIONS, Panel
from hotspot_core.data.synthetic.assets.parts import PARTS, PartKind
from hotspot_core.data.synthetic.engine.geometry import CoordinateFrame, Generator
from hotspot_core.data.synthetic.engine.materials import Look, Material, sample_material

CONTROLS = (
    "push button",
    "push button",
    "rocker switch",
    "toggle switch",
    "slider",
    "slider",
    "dial",
    "dial",
    "touch pad",
    "push lever",
    "valve",
    "pull cord",
    "letter flap",
    "grab rail",
)
TOPS = ("arch handle", "arch handle", "flip lid", "lid", "none", "none")
Range = tuple[float, float]


def random_look(rng: Generator, kind: PartKind) -> Look:
    """A random look for a kind of part."""
    return Look.sample(rng, kind.finishes)


@dataclass(frozen=True)
class BoxClass:
    """Box-shaped objects: cupboards, doors, appliances, cases, switch plates. Lengths in meters.

    `strip` is the probability that the controls sit on a strip of their own rather than on the panels.
    """

    name: str
    width: Range
    height: Range
    depth: Range
    stands: str
    motions: tuple[str, ...] = ()
    rows: tuple[int, int] = (1, 1)
    columns: tuple[int, int] = (1, 1)
    decors: tuple[str, ...] = ("plain",)
    finishes: tuple[str, ...] = ("paint", "plastic")
    controls: tuple[int, int] = (1, 3)
    tops: tuple[str, ...] = ()
    pushable: bool = False
    strip: float = 0.6

    @cached_property
    def actions(self) -> frozenset[str]:
        """All actions that objects of this class can afford."""
        names = {*CONTROLS, *self.tops} - {"none"} | ({"body"} if self.pushable else set())
        own = {action for name in names for action in PARTS[name].effects}
        own |= {action for motion in self.motions for name in MOTIONS[motion].handles for action in PARTS[name].effects}
        return frozenset(own | {action for motion in self.motions for action in MOTIONS[motion].actions})

    def sample(self, rng: Generator) -> ObjectInstance:
        """A random object of this class."""
        width, height, depth = (float(rng.uniform(*r)) for r in (self.width, self.height, self.depth))
        material = sample_material(rng, self.finishes)
        front = Surface.sample(rng, "plain", material, width, height)
        body = BoxBody(
            width,
            height,
            depth,
            material,
            front,
            Surface.sample(rng, "bare", material, 1.0, 1.0),
            self.stands == "counter" and rng.random() < 0.5,
        )
        fixtures: list[Fixture] = []
        panels: list[Panel] = []
        count = int(rng.integers(self.controls[0], self.controls[1] + 1))
        left, bottom, right, top = -width / 2, 0.0, width / 2, height
        if self.motions:
            margin = 0.03 * min(width, height)
            left, bottom, right, top = left + margin, bottom + margin, right - margin, top - margin
            on_strip = count > 0 and rng.random() < self.strip
            strip = (left, bottom, right, top)
            if on_strip and height > 0.8 * width:
                cut = top - (top - bottom) * rng.uniform(0.14, 0.26)
                strip, top = (left, cut, right, top), cut
            elif on_strip:
                cut = right - (right - left) * rng.uniform(0.2, 0.32)
                strip, right = (cut, bottom, right, top), cut
            self._add_panels(rng, material, (left, bottom, right, top), depth, panels, fixtures)
            if on_strip:
                fixtures += _spread(rng, count, strip)
            else:
                fixtures += _on_panels(rng, count, panels, fixtures)
        else:
            fixtures += _spread(rng, count, (left, bottom, right, top))
        if self.pushable:
            size = min(width, height) * 0.6
            fixtures.append(
                Fixture(
                    PARTS["body"],
                    random_look(rng, PARTS["body"]),
                    CoordinateFrame(np.array((0, height * 0.55, 0.0)), np.eye(3) * size),
                )
            )
        fixtures += self._on_top(rng, width, height, depth)
        return ObjectInstance(self.name, body, self.stands, tuple(fixtures), tuple(panels))

    def _add_panels(
        self,
        rng: Generator,
        material: Material,
        area: tuple[float, float, float, float],
        depth: float,
        panels: list[Panel],
        fixtures: list[Fixture],
    ) -> None:
        left, bottom, right, top = area
        rows = int(rng.integers(self.rows[0], self.rows[1] + 1))
        columns = int(rng.integers(self.columns[0], self.columns[1] + 1))
        heights = np.cumsum(np.r_[0, rng.dirichlet(np.full(rows, 6.0))]) * (top - bottom) + bottom
        same = material if rng.random() < 0.7 else sample_material(rng, self.finishes)
        hinge = sample_material(rng, ("brass", "steel", "iron", "paint")) if rng.random() < 0.4 else None
        decor = str(rng.choice(self.decors))
        usual = {name: PARTS[name] for motion in sorted(set(self.motions)) for name in MOTIONS[motion].handles}
        shared = {name: random_look(rng, kind) for name, kind in usual.items()}
        size = {name: float(rng.uniform(*kind.size)) for name, kind in usual.items()}
        favourite = {
            motion: str(rng.choice(spec.handles)) for motion, spec in MOTIONS.items() if motion in self.motions
        }
        for row in range(rows):
            for column in range(columns):
                cell_w, cell_h = (right - left) / columns, heights[row + 1] - heights[row]
                center = np.array((left + (column + 0.5) * cell_w, heights[row] + cell_h / 2, 0.006))
                width, height = cell_w * 0.97, cell_h - 0.03 * min(cell_w, cell_h)
                motion = str(rng.choice(self.motions))
                thickness = min(0.02, depth / 2)
                frame = CoordinateFrame(center + np.array((0, 0, thickness)), np.eye(3))
                look = Surface.sample(rng, decor, same, width, height)
                travel = {"drawer": min(depth * 0.8, 0.45), "sliding": width * 0.7}.get(motion, rng.uniform(0.8, 1.5))
                rest = float(rng.uniform(0.35, 0.9)) if rng.random() < 0.15 and motion not in ("fixed", "swing") else 0
                panels.append(Panel(frame, width, height, thickness, motion, look, same, float(travel), rest, hinge))
                name = favourite[motion] if rng.random() < 0.8 else str(rng.choice(MOTIONS[motion].handles))
                kind = PARTS[name]
                for place in _handle_places(rng, kind, motion, width, height, size[name]):
                    fixtures.append(Fixture(kind, shared[name], place, len(panels) - 1))

    def _on_top(self, rng: Generator, width: float, height: float, depth: float) -> list[Fixture]:
        name = str(rng.choice(self.tops)) if self.tops else "none"
        if name == "none":
            return []
        kind = PARTS[name]
        limit = (0.9 if name == "arch handle" else 0.5) * width
        size = min(float(rng.uniform(*kind.size)), limit, depth * (3 if name == "arch handle" else 0.95))
        frame = CoordinateFrame(np.array((0, height, -depth / 2)), np.eye(3) * size).facing("up")
        rest = 0.8 if name == "flip lid" and rng.random() < 0.35 else 0.0
        return [Fixture(kind, random_look(rng, kind), frame, rest=rest)]


def _handle_places(
    rng: Generator, kind: PartKind, motion: str, width: float, height: float, size: float
) -> list[CoordinateFrame]:
    """Where the handle of a panel sits, relative to the panel's centre; wide drawers may have two."""
    side = {"hinge left": 1.0, "swing": 1.0, "hinge right": -1.0, "sliding": -1.0}.get(motion, 0.0)
    if kind.name == "bar handle" and rng.random() < 0.25:
        size = min(float(rng.uniform(0.35, 0.85)) * (height if side else width), 0.9)
    else:
        size = min(size, 0.8 * width if kind.name == "push bar" else 0.7 * min(width, height))
    upright = kind.name not in ("lever handle", "cup pull", "push bar", "grab rail", "ring pull", "knob", "pull cord")
    inset = min(0.16 * width, 0.08)
    if kind.name in ("cup pull", "grab rail", "ring pull", "pull cord"):
        inset += 0.25 * size
    x, y, turn = side * (width / 2 - inset), float(rng.uniform(-0.35, 0.35)) * height, 0.0
    y = float(np.clip(y, -(height / 2 - 0.6 * size), height / 2 - 0.6 * size)) if upright else y
    if kind.name == "push bar":
        x = 0.0
    if kind.name == "knob" and rng.random() < 0.4:
        y = float(rng.choice((-1.0, 1.0))) * (height / 2 - inset)
    if side == 0:
        y = {"flap down": height / 2 - inset * 0.6, "flap up": -height / 2 + inset * 0.6}.get(motion, 0.0)
        y += 0.0 if motion != "drawer" else float(rng.uniform(-0.1, 0.25)) * height
        turn = np.pi / 2 if upright else 0.0
    axes = CoordinateFrame(np.zeros(3), np.eye(3) * size).turned("n", turn).axes
    if kind.name == "lever handle" and side > 0:
        axes = axes * np.array([[-1.0], [1.0], [1.0]])
    pair = motion == "drawer" and width > 3.2 * size and rng.random() < 0.4
    places = [-0.25 * width, 0.25 * width] if pair else [x]
    return [CoordinateFrame(np.array((place, y, 0.0)), axes) for place in places]


def _spread(rng: Generator, count: int, area: tuple[float, float, float, float]) -> list[Fixture]:
    """`count` controls side by side, or one above the other, in (left, bottom, right, top) of the front."""
    left, bottom, right, top = area
    width, height = right - left, top - bottom
    across = width >= height
    fixtures = []
    kinds = rng.choice(CONTROLS, count)
    if rng.random() < 0.4:
        kinds[1:] = np.where(rng.random(count - 1) < 0.6, kinds[0], kinds[1:])
    looks = {name: random_look(rng, PARTS[name]) for name in kinds}
    for k, name in enumerate(kinds):
        kind = PARTS[name]
        cell_w, cell_h = (width / count, height) if across else (width, height / count)
        x = left + (k + 0.5) * cell_w if across else (left + right) / 2
        y = (bottom + top) / 2 if across else bottom + (k + 0.5) * cell_h
        size = float(min(rng.uniform(*kind.size), 0.75 * cell_w, 0.7 * cell_h))
        jitter = rng.uniform(-0.5, 0.5, 2) * (cell_w - size * 1.3, cell_h - size * 1.4) * 0.5
        frame = CoordinateFrame(np.array((x + jitter[0], y + jitter[1], 0.0)), np.eye(3) * size)
        if name == "slider" and cell_h > cell_w:
            frame = frame.turned("n", np.pi / 2)
        fixtures.append(Fixture(kind, looks[name], frame))
    return fixtures


def _on_panels(rng: Generator, count: int, panels: list[Panel], handles: list[Fixture]) -> list[Fixture]:
    """Controls mounted on panels where nothing else is (a lock, a bell, a letter flap)."""
    fixtures: list[Fixture] = []
    for _ in range(4 * count):
        index = int(rng.integers(len(panels)))
        panel = panels[index]
        kind = PARTS[str(rng.choice(CONTROLS))]
        size = min(float(rng.uniform(*kind.size)), 0.35 * min(panel.width, panel.height))
        place = np.array((rng.uniform(-0.25, 0.25) * panel.width, rng.uniform(-0.38, 0.38) * panel.height, 0.0))
        taken = [(f.frame.origin, f.frame.scale) for f in (*handles, *fixtures) if f.panel == index]
        if all(np.abs(place - other).max() > 0.7 * (size + scale) for other, scale in taken):
            fixtures.append(Fixture(kind, random_look(rng, kind), CoordinateFrame(place, np.eye(3) * size), index))
    return fixtures[:count]
