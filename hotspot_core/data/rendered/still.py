"""One annotated image: a freshly composed scene, a view of it, its picture and ground truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray

from hotspot_core.data.rendered.annotation import Annotated, annotate
from hotspot_core.data.rendered.camera import Focus, choose_view
from hotspot_core.data.rendered.catalog import Catalog
from hotspot_core.data.rendered.lens import photographed
from hotspot_core.data.rendered.lighting import add_lights, add_sky
from hotspot_core.data.rendered.materials import Materials
from hotspot_core.data.rendered.model import compile_world
from hotspot_core.data.rendered.renderer import CameraView, Renderer, new_spec
from hotspot_core.data.rendered.scene import compose
from hotspot_core.data.rendered.world import World


@dataclass(frozen=True)
class Setting:
    """What scenes are made from: size of the pictures in pixels, photos for textures, classes left out or preferred."""

    width: int
    height: int
    photos: tuple[Path, ...] = ()
    excluded: tuple[str, ...] = ()
    preferred: tuple[str, ...] = ()


@dataclass(frozen=True)
class RenderedStill:
    """A picture (H, W, 3) uint8 RGB, the ids of parts (H, W) uint8, the depth (H, W) float32 in meters."""

    scene: str
    image: NDArray[np.uint8]
    ids: NDArray[np.uint8]
    depth: NDArray[np.float32]
    view: CameraView
    annotated: Annotated


def build_world(
    rng: np.random.Generator, setting: Setting, kinds: tuple[str, ...] | None = None
) -> tuple[World, str, list[Focus], mujoco.MjSpec]:
    """Compose and light a scene, of one of some kinds: it, its kind, what to look at, and the specification that it is
    compiled into."""
    materials = Materials(setting.photos, float(rng.choice([0.0, 0.5, 1.0, 2.0])))
    world = World(rng, materials, setting.excluded)
    name, focuses = compose(world, Catalog(setting.excluded, setting.preferred), kinds)
    spec = new_spec(setting.width, setting.height)
    center = np.mean([focus.center for focus in focuses], axis=0)
    add_lights(spec, rng, center, max(focus.size for focus in focuses))
    add_sky(spec, rng, materials)
    return world, name, focuses, spec


def set_joints(world: World, model: mujoco.MjModel, data: mujoco.MjData) -> None:
    """Move all joints into their state."""
    for joint in world.joints():
        data.qpos[model.joint(joint.name).qposadr[0]] = joint.value
    mujoco.mj_forward(model, data)


def render_still(rng: np.random.Generator, renderer: Renderer, setting: Setting) -> RenderedStill:
    """Compose a scene and take a picture of it."""
    world, name, focuses, spec = build_world(rng, setting)
    model = compile_world(world, spec)
    data = renderer.load(model)
    set_joints(world, model, data)
    view = choose_view(rng, renderer, focuses, setting.width, setting.height, bool(world.parts))
    ids, depth = renderer.truth(view)
    image = photographed(rng, renderer.image(view))
    return RenderedStill(name, image, ids, depth, view, annotate(rng, world.parts, ids, depth, view))
