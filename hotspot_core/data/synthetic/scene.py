"""A scene: one main object and its neighbours in a place, seen by a camera, in a light."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from hotspot_core.data.synthetic.backdrop import Backdrop, sample_backdrop
from hotspot_core.data.synthetic.canvas import Canvas
from hotspot_core.data.synthetic.classes import CLASSES
from hotspot_core.data.synthetic.clutter import Foreground, Ornament, sample_ornaments
from hotspot_core.data.synthetic.geometry import Camera, Floats, Frame, Generator, Mask
from hotspot_core.data.synthetic.handles import cast_shadow
from hotspot_core.data.synthetic.lens import Lens
from hotspot_core.data.synthetic.objects import ObjectInstance, State

SUPERSAMPLING = 1.5
_LAST_TAG = 250
_SMALLEST_REGION = 6e-4


def large_enough(region: Mask) -> bool:
    """Whether a region covers enough of its picture for a person to point at it."""
    return bool(region.sum() >= max(_SMALLEST_REGION * region.size, 6))


@dataclass(frozen=True)
class Placed:
    """An object at its place; its part k leaves the tag `first_tag` + k."""

    instance: ObjectInstance
    frame: Frame
    first_tag: int


@dataclass(frozen=True)
class Scene:
    """Everything but what moves. `objects` are painted in order, the main one last."""

    objects: tuple[Placed, ...]
    camera: Camera
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

    def ground_shadow(self, canvas: Canvas, instance: ObjectInstance, frame: Frame) -> None:
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
        scale = canvas.camera.pixels_per_metre(frame.origin)
        if self.backdrop.ground is not None or self.backdrop.wall is None:
            canvas.shadow(canvas.camera.project(frame.at(foot)), max(softness * 1.5 * scale, 1.0), 0.6)
        if self.backdrop.wall is not None and instance.stands == "wall":
            cast_shadow(canvas, frame.at(wall), softness, 0.4)

    def still(self) -> Canvas:
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
        found: dict[str, Mask] = {}
        for placed in self.objects:
            for k in range(len(placed.instance.fixtures)):
                region = tags == placed.first_tag + k
                if not large_enough(region):
                    continue
                for action in placed.instance.affordances(k):
                    found[action] = found[action] | region if action in found else region
        return found


def focus_view(
    rng: Generator, instance: ObjectInstance, frame: Frame, part: int, size: int, difficulty: float
) -> Camera:
    """A camera somewhere in front that shows a part from near, the panel that carries it, or the whole object."""
    state = instance.at_rest(frame)
    fixture = instance.fixtures[part]
    place = instance.part_frame(part, state)
    width, height, _ = instance.body.extent()
    largest = max(width, height)
    unit = min(fixture.frame.scale, largest)
    target = place.at((0.0, 0.0, 0.1))
    choice = rng.random()
    if choice < 0.3 and fixture.panel is not None:
        panel = instance.panels[fixture.panel]
        extent = max(panel.width, panel.height) * float(rng.uniform(0.8, 1.5))
        middle = frame.at(panel.frame.origin)
        target = target + (middle - target) * rng.uniform(0.4, 1.0)
    elif choice < 0.5:
        extent = largest * float(rng.uniform(1.1, 1.8))
        target = target + (frame.at((0, height / 2, 0)) - target) * rng.uniform(0.5, 1.0)
    else:
        extent = unit * float(np.exp(rng.uniform(np.log(3.0), np.log(8.0))))
        target = target + rng.uniform(-0.25, 0.25, 3) * extent * (1, 1, 0)
    nearest = 0.6 * largest if instance.stands == "counter" and not instance.panels else 0.16
    extent = float(np.clip(extent, nearest, max(min(unit * 14, 1.9 * largest), nearest)))
    if extent < 1.2 * largest:
        reach = 0.36 * extent
        target = place.origin + np.clip(target - place.origin, -reach, reach)
    low, high = {"wall": (-0.25, 0.3), "floor": (-0.05, 0.5), "counter": (0.1, 0.75)}[instance.stands]
    yaw = float(np.clip(rng.normal(0, 0.3 + 0.4 * difficulty), -0.95, 0.95))
    if instance.panels and any(p.rest > 0 and p.motion.startswith("hinge") for p in instance.panels):
        yaw *= 0.6
    return Camera.looking_at(
        target,
        extent,
        round(size * SUPERSAMPLING),
        yaw,
        float(rng.uniform(low, high)),
        float(rng.normal(0, 0.02 + 0.07 * difficulty)),
        float(rng.uniform(0.35, 1.0)),
    )


def sample_scene(
    rng: Generator,
    instance: ObjectInstance,
    part: int,
    size: int,
    difficulty: float,
    photos: str | None = None,
    neighbours: Sequence[str] = (),
    studio: bool = False,
) -> Scene:
    """A random scene around an object, the camera aimed near one of its parts.

    `neighbours` names the classes that may stand beside it; how many do depends on the difficulty.
    """
    side = round(size * SUPERSAMPLING)
    frame = Frame.world()
    if instance.stands == "counter":
        frame = frame.turned("v", float(rng.uniform(-0.4, 0.4)))
    camera = focus_view(rng, instance, frame, part, size, difficulty)
    light = np.array((rng.uniform(-0.7, 0.7), rng.uniform(0.2, 1.0), rng.uniform(0.4, 1.0)))
    width, height, depth = instance.body.extent()
    extent = side / camera.pixels_per_metre(frame.at((0, height / 2, 0)))
    behind = depth if instance.panels or instance.stands == "wall" else width / 2
    backdrop = sample_backdrop(rng, instance.stands, behind, side, difficulty, photos, studio, extent)
    others = [] if studio else _neighbours(rng, instance, difficulty, neighbours)
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


def _neighbours(
    rng: Generator, instance: ObjectInstance, difficulty: float, names: Sequence[str]
) -> list[tuple[ObjectInstance, Frame]]:
    """Objects of the same kind of place to the left and right, and small ones on top of furniture."""
    result: list[tuple[ObjectInstance, Frame]] = []
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
            result.append((other, Frame(np.array((shift, 0.0, back)), np.eye(3))))
    if instance.stands == "floor" and height < 1.1 and small and rng.random() < 0.6 * difficulty:
        other = CLASSES[str(rng.choice(small))].sample(rng)
        reach = max(width / 2 - other.body.extent()[0] / 2, 0.0)
        result.append((other, Frame(np.array((float(rng.uniform(-reach, reach)), height, -depth * 0.5)), np.eye(3))))
    return result


Change = Callable[[Scene, State, int, float], State]


def _with(values: list[float], index: int, value: float) -> list[float]:
    return [*values[:index], value, *values[index + 1 :]]


def _own(scene: Scene, state: State, part: int, t: float) -> State:
    rest = state.parts[part]
    return replace(state, parts=_with(state.parts, part, rest + (1 - rest) * t if rest < 0.1 else rest * (1 - t)))


def _panel(scene: Scene, state: State, part: int, t: float) -> State:
    """The panel follows; a lever, knob or ring on it turns or swings out first."""
    fixture = scene.main.instance.fixtures[part]
    assert fixture.panel is not None
    rest = state.panels[fixture.panel]
    turns = "own" in fixture.kind.effects.values() and rest < 0.1
    moved = max(t - 0.25, 0) / 0.75 if turns else t
    parts = _with(state.parts, part, min(3 * t, 1.0)) if turns else state.parts
    value = rest + (1 - rest) * moved if rest < 0.1 else rest * (1 - moved)
    return replace(state, parts=parts, panels=_with(state.panels, fixture.panel, value))


def _size(scene: Scene) -> float:
    return max(scene.main.instance.body.extent())


def _lift(scene: Scene, state: State, part: int, t: float) -> State:
    return replace(state, frame=state.frame.moved((0, 0.5 * _size(scene) * t, 0)))


def _tilt(scene: Scene, state: State, part: int, t: float) -> State:
    """Lifted a little and tipped away from the hand's side."""
    side = scene.main.instance.fixtures[part].frame.origin[0]
    angle = 1.0 * t * (1 if side >= 0 else -1)
    lifted = state.frame.moved((0, 0.3 * _size(scene) * min(2 * t, 1.0), 0))
    return replace(state, frame=lifted.turned("n", angle, (0, _size(scene) * 0.5, 0)))


def _shove(scene: Scene, state: State, part: int, t: float) -> State:
    return replace(state, frame=state.frame.moved((0, 0, -0.5 * _size(scene) * t)))


def _keep(scene: Scene, state: State, part: int, t: float) -> State:
    return state


EFFECTS: dict[str, Change] = {
    "own": _own, "panel": _panel, "lift": _lift, "tilt": _tilt, "shove": _shove, "keep": _keep,
}  # fmt: skip
WHOLE = ("lift", "tilt", "shove")
