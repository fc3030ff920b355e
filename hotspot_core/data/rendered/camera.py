"""Where the picture is taken from: close-ups, objects, whole rooms; and which views are worth a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hotspot_core.data.rendered.poses import Floats, pose_of
from hotspot_core.data.rendered.renderer import CameraView, Renderer

TRIES = 10
SMALL = 96


@dataclass(frozen=True)
class Focus:
    """Something to look at: its center and size (largest extent) in meters, and where a camera may be.

    azimuth, elevation: ranges in degrees; an azimuth of 0 looks along +y, from the front.
    fill: range of the fraction of the picture's height that the size takes.
    """

    center: Floats
    size: float
    azimuth: tuple[float, float] = (-50.0, 50.0)
    elevation: tuple[float, float] = (-5.0, 50.0)
    fill: tuple[float, float] = (0.4, 1.4)


def look_at(position: Floats, target: Floats, roll: float = 0.0) -> Floats:
    """The (4, 4) pose of an optical frame at a position that looks at a target, turned about its axis by `roll`."""
    forward = (target - position) / np.linalg.norm(target - position)
    up = np.array([0.0, 0, 1]) if abs(forward[2]) < 0.98 else np.array([0.0, 1, 0])
    right = np.cross(forward, up)
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    cos, sin = np.cos(roll), np.sin(roll)
    turn = np.stack([cos * right + sin * down, cos * down - sin * right, forward], 1)
    return pose_of(position, turn)


def sample_view(rng: np.random.Generator, focus: Focus, width: int, height: int, wide: float = 0.0) -> CameraView:
    """A view of a focus; `wide` (0 to 1) makes it look from farther away."""
    fov = np.radians(rng.uniform(28, 70) if rng.random() < 0.8 else rng.uniform(18, 90))
    low, high = np.log(focus.fill)
    fill = np.exp(rng.uniform(low, high) * (1 - wide) + low * wide)
    distance = max(focus.size / fill / 2 / np.tan(fov / 2), 0.12)
    # Photos are mostly taken from the front, by people who stand or robots that look down.
    azimuth = np.radians(rng.uniform(*focus.azimuth) * rng.choice([0.35, 1.0]))
    elevation = np.radians(rng.uniform(*focus.elevation))
    away = np.array([np.sin(azimuth) * np.cos(elevation), -np.cos(azimuth) * np.cos(elevation), np.sin(elevation)])
    position = focus.center + distance * away
    position[2] = max(position[2], 0.08)
    shown = focus.size / fill
    target = focus.center + rng.normal(0, 0.12, 3) * shown
    roll = np.radians(rng.normal(0, 1.5)) if rng.random() < 0.8 else np.radians(rng.normal(0, 9))
    return CameraView(look_at(position, target, roll), float(fov), width, height)


def choose_view(
    rng: np.random.Generator, renderer: Renderer, focuses: Sequence[Focus], width: int, height: int, need_parts: bool
) -> CameraView:
    """A view in which nothing is right before the camera, and parts are visible where they are needed."""
    best, best_score = None, -1.0
    for _ in range(TRIES):
        focus = focuses[int(rng.integers(len(focuses)))]
        view = sample_view(rng, focus, width, height, float(rng.choice([0.0, 0.5, 1.0], p=[0.7, 0.18, 0.12])))
        ids, depth = renderer.truth(view.thumbnail(SMALL))
        seen = depth > 0
        blocked = float(((depth < 0.12 + 0.15 * np.median(depth[seen])) & seen).mean()) if seen.any() else 1.0
        backwards = 1 - float(seen.mean())
        counts = np.bincount(ids.ravel())[1:]
        visible = int((counts > 0).sum())
        # Nobody can tell what a surface is that fills the picture.
        filling = float(counts.max(initial=0)) / ids.size
        score = min(visible, 3) - 4 * blocked - 0.7 * backwards - 4 * max(filling - 0.4, 0)
        if best is None or score > best_score:
            best, best_score = view, score
        if blocked < 0.15 and backwards < 0.7 and filling < 0.45 and (visible > 0 or not need_parts):
            return view
    assert best is not None
    return best
