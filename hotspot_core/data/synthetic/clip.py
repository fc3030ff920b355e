"""Single items of the data set: a clip of one interaction, or an image with its ground truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import numpy.typing as npt

from hotspot_core.data.synthetic.assets.classes import CLASSES, NOVEL, parts_affording, sample_object
from hotspot_core.data.synthetic.assets.clutter import Foreground
from hotspot_core.data.synthetic.assets.hand import Hand
from hotspot_core.data.synthetic.assets.hard_negatives import with_hard_negatives
from hotspot_core.data.synthetic.assets.objects import ObjectInstance, State
from hotspot_core.data.synthetic.assets.parts import ACTIONS
from hotspot_core.data.synthetic.engine.canvas import Canvas
from hotspot_core.data.synthetic.engine.geometry import Floats, Generator, Image, Mask
from hotspot_core.data.synthetic.scene.effects import EFFECTS, WHOLE
from hotspot_core.data.synthetic.scene.sampling import sample_scene
from hotspot_core.data.synthetic.scene.scene import SUPERSAMPLING, Scene, large_enough

POINTS_PER_ACTION = 10
DEMONSTRATION_FRAMES = 8


@dataclass(frozen=True)
class SyntheticClip:
    """One interaction.

    frames (T, H, W, 3) uint8 RGB; inactive (H, W, 3) uint8, the same object at rest without a hand; region (H, W)
    bool, where on `inactive` the used part, and others that afford the action, are visible.
    """

    frames: npt.NDArray[np.uint8]
    inactive: Image
    action: str
    object: str
    region: Mask


@dataclass(frozen=True)
class AnnotatedImage:
    """An object at rest: image (H, W, 3) uint8 RGB; per afforded action its contact region (H, W) bool and points
    (N, 2) as x, y in pixels; and, where they were asked for, a clip (T, H, W, 3) of each action that a visible part of
    the object affords, of this very scene."""

    image: Image
    object: str
    regions: dict[str, Mask]
    points: dict[str, Floats]
    demonstrations: dict[str, Image] = field(default_factory=dict)


def seen_classes(novel: Sequence[str] = NOVEL) -> tuple[str, ...]:
    """The object classes that are not held out."""
    return tuple(name for name in CLASSES if name not in novel)


def make_clip(
    rng: Generator,
    difficulty: float | None = None,
    size: int = 160,
    objects: Sequence[str] | None = None,
    actions: Sequence[str] = ACTIONS,
    photos: str | None = None,
    frames: tuple[int, int] = (8, 20),
    hard_negatives: float = 0.0,
) -> SyntheticClip:
    """Draw a clip of a random action on a random object.

    `difficulty` is in [0, 1], None for a random one; `size` the side of the square frames in pixels; `objects` the
    classes to choose from (default: all that are not novel); `photos` a folder of pictures for backgrounds; `frames`
    the range of the clip's length; `hard_negatives` the fraction of objects that carry what looks like a handle and
    is none; some have things before them, too. The background, the length, the hand's side and all colors are drawn
    independently of the action.
    """
    names = tuple(objects) if objects else seen_classes()
    hard = float(rng.random()) if difficulty is None else difficulty
    action, able = _choose_action(rng, actions, names)
    while True:
        name = str(rng.choice(able))
        instance = sample_object(rng, name, action)
        if instance is None:
            continue
        if hard_negatives and rng.random() < hard_negatives:
            instance = with_hard_negatives(rng, instance)
        part = int(rng.choice(parts_affording(instance, action)))
        view = _visible_scene(rng, instance, part, size, hard, photos, names, hard_negatives)
        if view is None:
            continue
        scene, canvas = view
        length = int(rng.integers(frames[0], frames[1] + 1))
        pictures = _perform(rng, scene, part, action, length)
        if rng.random() < 0.75:
            scene, canvas = _visible_scene(rng, instance, part, size, hard, photos, names, hard_negatives) or view
        inactive = scene.lens.capture(rng, canvas.image, size, at_rest=True)
        return SyntheticClip(pictures, inactive, action, name, scene.regions(canvas)[action])


def make_image(
    rng: Generator,
    difficulty: float | None = None,
    size: int = 160,
    objects: Sequence[str] | None = None,
    actions: Sequence[str] = ACTIONS,
    photos: str | None = None,
    hard_negatives: float = 0.0,
    demonstrate: bool = False,
) -> AnnotatedImage:
    """Draw a random object at rest with the ground truth of every action that something in the picture affords.

    The arguments are those of `make_clip`; at least one of `actions` is afforded. `demonstrate` also draws a clip of
    each of them, and leaves the image as it is.
    """
    names = tuple(objects) if objects else seen_classes()
    hard = float(rng.random()) if difficulty is None else difficulty
    action, able = _choose_action(rng, actions, names)
    while True:
        name = str(rng.choice(able))
        instance = sample_object(rng, name, action)
        if instance is None:
            continue
        if hard_negatives and rng.random() < hard_negatives:
            instance = with_hard_negatives(rng, instance)
        part = int(rng.choice(parts_affording(instance, action)))
        view = _visible_scene(rng, instance, part, size, hard, photos, names, hard_negatives)
        if view is None:
            continue
        scene, canvas = view
        visible = {a: r for a, r in scene.regions(canvas).items() if a in actions}
        image = scene.lens.capture(rng, canvas.image, size, at_rest=True)
        ordered = {a: visible[a] for a in actions if a in visible}
        points = {a: _sample_points(rng, region) for a, region in ordered.items()}
        clips = _demonstrations(rng, scene, canvas, tuple(ordered), part) if demonstrate else {}
        return AnnotatedImage(image, name, ordered, points, clips)


def _choose_action(rng: Generator, actions: Sequence[str], names: Sequence[str]) -> tuple[str, list[str]]:
    """A random action and the classes among `names` whose objects may afford it."""
    able = {action: [name for name in names if action in CLASSES[name].actions] for action in actions}
    possible = [action for action in actions if able[action]]
    if not possible:
        raise ValueError(f"no action of {', '.join(actions)} is possible with {', '.join(names)}")
    action = str(rng.choice(possible))
    return action, able[action]


def _visible_scene(
    rng: Generator,
    instance: ObjectInstance,
    part: int,
    size: int,
    difficulty: float,
    photos: str | None,
    names: Sequence[str],
    hard_negatives: float,
) -> tuple[Scene, Canvas] | None:
    """A scene in which the part can be seen, and the canvas of it at rest; None after a few attempts."""
    for _ in range(4):
        studio = bool(rng.random() < 0.18)
        scene = sample_scene(rng, instance, part, size, difficulty, photos, names, studio)
        if hard_negatives and not studio and rng.random() < 0.4 * hard_negatives:
            scene = replace(scene, foreground=(Foreground.sample(rng, round(size * SUPERSAMPLING)),))
        rest = instance.at_rest(scene.main.frame)
        contact = instance.part_frame(part, rest).at(instance.fixtures[part].kind.contact(rest.parts[part]))
        inside = scene.camera.project(contact)
        side = scene.camera.center[0] * 2
        if (inside < 0.04 * side).any() or (inside > 0.96 * side).any():
            continue
        canvas = scene.at_rest()
        tags = cv2.resize(canvas.tags, (size, size), interpolation=cv2.INTER_NEAREST)
        if large_enough(tags == scene.main.first_tag + part):
            return scene, canvas
    return None


def _demonstrations(
    rng: Generator, scene: Scene, canvas: Canvas, actions: Sequence[str], part: int
) -> dict[str, Image]:
    """A short clip of each action, on `part` where that affords it, else on another part that can be seen."""
    tags = cv2.resize(canvas.tags, (scene.size, scene.size), interpolation=cv2.INTER_NEAREST)
    clips = {}
    for action in actions:
        able = parts_affording(scene.main.instance, action)
        seen = [k for k in able if k == part or large_enough(tags == scene.main.first_tag + k)]
        if seen:
            clips[action] = _perform(rng, scene, part if part in seen else seen[0], action, DEMONSTRATION_FRAMES)
    return clips


def _sample_points(rng: Generator, region: Mask) -> Floats:
    """Points (10, 2) as x, y drawn from a region."""
    rows, columns = np.nonzero(region)
    chosen = rng.integers(len(rows), size=POINTS_PER_ACTION)
    return np.round(np.stack([columns[chosen], rows[chosen]], axis=1) + rng.uniform(0.05, 0.95, (10, 2)), 2)


def _perform(rng: Generator, scene: Scene, part: int, action: str, length: int) -> Image:
    """The frames (T, H, W, 3) of the part being used."""
    instance = scene.main.instance
    fixture = instance.fixtures[part]
    effect = instance.affordances(part)[action]
    change = EFFECTS[effect]
    rest = instance.at_rest(scene.main.frame)
    hand = Hand.sample(rng, fixture.kind.poses)
    arrives = float(rng.uniform(0.15, 0.4))
    leaves = float(rng.uniform(0.75, 1.0)) if rng.random() < 0.5 else 2.0
    amount = float(rng.uniform(0.65, 1.0))
    base = scene.surroundings()
    if effect not in WHOLE:
        scene.ground_shadow(base, instance, scene.main.frame)
        instance.draw(base, rest, scene.main.first_tag, *_moving(instance, part, effect))
    scale = base.camera.pixels_per_meter(instance.part_frame(part, rest).origin)
    layers = hand.outlines(base, scale)
    shadow, softness = hand.shadow(base, scale)
    reach = 2.2 * base.size / 2
    frames = []
    for k in range(length):
        time = k / (length - 1)
        progress = np.clip((time - arrives) / max(min(leaves, 1.0) - arrives, 0.05), 0, 1)
        t = amount * float(progress * progress * (3 - 2 * progress))
        away = max(0.0, 1 - time / arrives, (time - leaves) / 0.25)
        if fixture.kind.springs and effect == "own":
            t *= max(0.0, 1 - 4 * away)
        state = change(scene, rest, part, t)
        canvas = base.copy(tracking=False)
        _paint_moving(canvas, scene, state, part, effect)
        place = instance.part_frame(part, state)
        own = state.parts[part] if effect in ("own", "panel") else 0.0
        contact = place.at(fixture.kind.contact(own))
        if action == "press" and t > 0.5 * amount:
            canvas.glow(place.at((0.0, 0.95, 0.1)), 0.06 * place.scale, (120, 255, 140))
        pixels = canvas.camera.project(contact)
        offset = np.array([np.cos(hand.direction), np.sin(hand.direction)]) * reach * away**1.3
        canvas.shadow(pixels + offset + shadow, softness, 0.3)
        for contours, color in layers:
            canvas.fill([contour + pixels + offset for contour in contours], color)
        for thing in scene.foreground:
            thing.draw(canvas)
        frames.append(scene.lens.capture(rng, canvas.image, scene.size))
    return np.stack(frames)


def _moving(instance: ObjectInstance, part: int, effect: str) -> tuple[int | None, int | None]:
    """The panel and the part that are repainted in every frame."""
    panel = instance.fixtures[part].panel
    return (panel, None) if effect == "panel" or panel is not None else (None, part)


def _paint_moving(canvas: Canvas, scene: Scene, state: State, part: int, effect: str) -> None:
    instance = scene.main.instance
    if effect in WHOLE:
        scene.ground_shadow(canvas, instance, scene.main.frame)
        instance.draw(canvas, state)
        return
    panel, single = _moving(instance, part, effect)
    if panel is not None:
        instance.draw_panel(canvas, state, panel)
    elif single is not None:
        instance.draw_part(canvas, state, single)
