"""Turned classes: kettles, mugs, bottles, taps; their profiles, gleam and where their parts sit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hotspot_core.data.synthetic.assets.bodies import TurnedBody
from hotspot_core.data.synthetic.assets.boxes import CONTROLS, Range, random_look
from hotspot_core.data.synthetic.assets.fronts import Surface
from hotspot_core.data.synthetic.assets.objects import Fixture, ObjectInstance
from hotspot_core.data.synthetic.assets.parts import PARTS
from hotspot_core.data.synthetic.engine.geometry import CoordinateFrame, Floats, Generator
from hotspot_core.data.synthetic.engine.materials import Material, sample_material


@dataclass(frozen=True)
class TurnedClass:
    """Vessels and other turned objects. Lengths in meters; `shapes` are keys of `PROFILES`."""

    name: str
    radius: Range
    height: Range
    shapes: tuple[str, ...]
    finishes: tuple[str, ...]
    tops: tuple[str, ...]
    sides: tuple[str, ...] = ("loop handle", "none")
    spouts: tuple[str, ...] = ("none",)
    controls: tuple[int, int] = (0, 2)
    stands: str = "counter"

    @cached_property
    def actions(self) -> frozenset[str]:
        """All actions that objects of this class can afford."""
        grips = {"waist", "body"} if "none" in self.sides else set()
        names = {*CONTROLS[:11], *self.tops, *self.sides, *grips} - {"none", "bare"}
        return frozenset(action for name in names for action in PARTS[name].effects)

    def sample(self, rng: Generator) -> ObjectInstance:
        """A random object of this class."""
        radius, height = float(rng.uniform(*self.radius)), float(rng.uniform(*self.height))
        material = sample_material(rng, self.finishes)
        profile = _rounded(PROFILES[str(rng.choice(self.shapes))](rng)) * (height, radius)
        hand_side = float(rng.choice((-1.0, 1.0)))
        top = str(rng.choice(self.tops))
        label = None
        if rng.random() < 0.3:
            label = Surface.sample(rng, "plain", sample_material(rng, ("paint", "card")), 1.0, 0.8)
        body = TurnedBody(
            profile,
            _sheen(rng, material),
            _bands(rng, profile),
            material,
            float(rng.uniform(0.45, 0.8)) if material.finish == "glass" else 1.0,
            top in ("none", "lid", "arch handle", "flip lid"),
            label,
            str(rng.choice(self.spouts)),
            -hand_side,
        )
        fixtures = _around(rng, profile, hand_side, str(rng.choice(self.sides)))
        fixtures += _in_front(rng, profile, int(rng.integers(self.controls[0], self.controls[1] + 1)))
        if top != "none":
            fixtures.append(_crown(rng, profile, top))
        return ObjectInstance(self.name, body, self.stands, tuple(fixtures))


def _around(rng: Generator, profile: Floats, hand_side: float, side: str) -> list[Fixture]:
    height = profile[-1, 0]
    if side == "bare":
        return []
    if side == "none":
        kind = PARTS["waist"] if rng.random() < 0.6 else PARTS["body"]
        size = min(height, 2 * profile[:, 1].max()) * 0.8
        place = np.array((0, height * 0.45, profile[:, 1].max()))
        return [Fixture(kind, random_look(rng, kind), CoordinateFrame(place, np.eye(3) * size))]
    kind = PARTS[side]
    size = float(rng.uniform(*kind.size))
    level = height * 0.55
    if side == "loop handle":
        size = height * float(rng.uniform(0.5, 0.8))
    if side == "valve":
        level, size = height * 0.75, min(size, height * 0.4)
    reach = float(np.interp(level, profile[:, 0], profile[:, 1])) * 0.97
    turn = float(rng.uniform(-0.5, 0.5)) if side != "loop handle" else float(rng.uniform(-0.3, 0.6))
    frame = CoordinateFrame(np.array((hand_side * reach, level, 0.0)), np.eye(3) * size)
    frame = frame.facing("right" if hand_side > 0 else "left")
    spun = CoordinateFrame(np.zeros(3), np.eye(3)).turned("v", -hand_side * turn)
    return [Fixture(kind, random_look(rng, kind), CoordinateFrame(frame.origin @ spun.axes, frame.axes @ spun.axes))]


def _in_front(rng: Generator, profile: Floats, count: int) -> list[Fixture]:
    height = profile[-1, 0]
    fixtures = []
    for level in rng.permutation([0.3, 0.6])[:count]:
        kind = PARTS[str(rng.choice(CONTROLS[:11]))]
        reach = float(np.interp(level * height, profile[:, 0], profile[:, 1]))
        size = min(float(rng.uniform(*kind.size)), height * 0.28, reach * 0.8)
        spun = CoordinateFrame(np.zeros(3), np.eye(3)).turned("v", float(rng.uniform(-0.5, 0.5)))
        place = np.array((0, level * height, reach * 0.98))
        fixtures.append(Fixture(kind, random_look(rng, kind), CoordinateFrame(place @ spun.axes, spun.axes * size)))
    return fixtures


def _crown(rng: Generator, profile: Floats, name: str) -> Fixture:
    height, radius = profile[-1]
    kind = PARTS[name]
    size = {
        "lid": 2.02 * radius,
        "flip lid": 2.05 * radius,
        "screw cap": 2.1 * radius,
        "arch handle": 2.0 * float(profile[:, 1].max()),
        "tap lever": max(3.0 * radius, 0.06),
        "valve": 3.2 * radius,
    }.get(name, float(rng.uniform(*kind.size)))
    frame = CoordinateFrame(np.array((0, height, 0.0)), np.eye(3) * size).facing("up")
    frame = frame.turned("n", float(rng.uniform(-0.7, 0.7)) + np.pi * float(rng.random() < 0.5) * (name != "flip lid"))
    rest = 0.8 if name == "flip lid" and rng.random() < 0.35 else 0.0
    return Fixture(kind, random_look(rng, kind), frame, rest=rest)


def _sheen(rng: Generator, material: Material) -> Floats:
    """Colors (256, 3) around a turned body, from the left silhouette to the right one."""
    turn = np.linspace(-1, 1, 256)
    lamp = rng.uniform(-0.7, 0.7)
    light = 0.42 + 0.68 * np.clip(np.cos(np.arcsin(turn) - lamp), 0, 1)
    if material.metallic:
        waves = np.interp(turn, np.linspace(-1, 1, 9), rng.normal(0, 0.28, 9))
        light = light * (0.95 + waves)
    if material.finish == "glass":
        light = 0.8 + 0.5 * np.abs(turn) ** 3
    for _ in range(int(rng.integers(1, 3))):
        place, width = rng.uniform(-0.8, 0.8), rng.uniform(0.02, 0.12)
        light = light + material.gloss * rng.uniform(0.3, 0.9) * np.exp(-(((turn - place) / width) ** 2))
    return np.array([material.tone(float(x)) for x in light], np.float32)


def _bands(rng: Generator, profile: Floats) -> Floats:
    """Brightness factors (64, 3) from foot to rim: the slope of the wall, stripes, a colored zone."""
    level = np.linspace(0, profile[-1, 0], 64)
    slope = np.gradient(np.interp(level, profile[:, 0], profile[:, 1]), level)
    factors = np.repeat((1 - 0.25 * np.tanh(slope))[:, None], 3, axis=1) * np.linspace(0.88, 1.04, 64)[:, None]
    if rng.random() < 0.35:
        low = int(rng.integers(4, 50))
        factors[low : low + int(rng.integers(2, 12))] *= rng.uniform(0.35, 1.1, 3)
    if rng.random() < 0.2:
        factors[: int(rng.integers(4, 24))] *= rng.uniform(0.4, 0.9)
    return factors.astype(np.float32)


def _rounded(profile: Floats) -> Floats:
    """The profile (48, 2) with its corners rounded; foot and rim keep their radius."""
    level = np.linspace(0, 1, 48)
    radius = np.interp(level, profile[:, 0], profile[:, 1])
    padded = np.pad(radius, 3, mode="reflect", reflect_type="odd")
    return np.stack([level, np.convolve(padded, np.hanning(9)[1:-1] / np.hanning(9).sum(), "valid")], axis=1)


def _points(*pairs: tuple[float, float]) -> Floats:
    return np.array(pairs, dtype=float)


PROFILES: dict[str, Callable[[Generator], Floats]] = {
    "cylinder": lambda rng: _points((0, 0.94), (0.04, 1), (0.96, 1), (1, 0.98)),
    "cone": lambda rng: _points((0, 1), (0.5, 0.9), (1, rng.uniform(0.6, 0.85))),
    "cup": lambda rng: _points((0, rng.uniform(0.6, 0.85)), (0.1, 0.85), (0.6, 0.97), (1, 1)),
    "belly": lambda rng: _points((0, 0.6), (0.12, 0.85), (0.35, 1), (0.6, 0.92), (0.85, 0.62), (1, 0.55)),
    "bottle": lambda rng: _points((0, 0.95), (0.05, 1), (0.55, 1), (0.68, 0.85), (0.8, rng.uniform(0.35, 0.6)),
                                  (1, rng.uniform(0.3, 0.45))),
    "jar": lambda rng: _points((0, 0.9), (0.08, 1), (0.78, 1), (0.88, 0.82), (1, 0.8)),
    "post": lambda rng: _points((0, 1.6), (0.08, 1.5), (0.1, 1), (1, 0.9)),
}  # fmt: skip
