"""Light: lamps, windows and the sky, of random number, place, color and hardness."""

from __future__ import annotations

import mujoco
import numpy as np

from hotspot_core.data.rendered import textures
from hotspot_core.data.rendered.materials import Materials
from hotspot_core.data.rendered.poses import Floats


def add_lights(spec: mujoco.MjSpec, rng: np.random.Generator, center: Floats, span: float) -> None:
    """Put lights around a place whose things extend over `span` meters."""
    head = spec.visual.headlight
    ambient = rng.uniform(0.12, 0.45)
    head.ambient = ambient * (1 + rng.normal(0, 0.05, 3))
    head.diffuse = np.full(3, rng.uniform(0, 0.35))
    head.specular = np.full(3, rng.uniform(0, 0.3))
    count = int(rng.choice([1, 2, 3], p=[0.45, 0.4, 0.15]))
    total = rng.uniform(0.6, 1.1)
    for k in range(count):
        azimuth, elevation = rng.uniform(-np.pi / 2, np.pi / 2), np.radians(rng.uniform(20, 88))
        away = np.array([np.sin(azimuth) * np.cos(elevation), -np.cos(azimuth) * np.cos(elevation), np.sin(elevation)])
        position = center + away * rng.uniform(1.2, 3.0) * max(span, 0.7)
        warm = np.array([1.0, rng.uniform(0.8, 1.0), rng.uniform(0.6, 1.0)])
        tint = warm if rng.random() < 0.6 else warm[::-1]
        sun = rng.random() < 0.5
        spec.worldbody.add_light(
            pos=position,
            dir=-away,
            type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL if sun else mujoco.mjtLightType.mjLIGHT_SPOT,
            diffuse=(total / count * rng.uniform(0.6, 1.4) * tint).clip(0, 1),
            specular=np.full(3, rng.uniform(0.1, 0.7)),
            cutoff=float(rng.uniform(50, 85)),
            exponent=float(rng.uniform(0, 6)),
            castshadow=bool(k == 0 and rng.random() < 0.85),
        )


def add_sky(spec: mujoco.MjSpec, rng: np.random.Generator, materials: Materials) -> None:
    """What is seen where no wall is: a photo, noise or a gradient all around."""
    if materials.photo_fraction and rng.random() < 0.6:
        image = textures.photo(rng, materials.photos, textures.SIDE, 0.5)
    else:
        kind = ("gradient", "mottled", "tiles", "wood", "stone")[int(rng.integers(5))]
        image = textures.TEXTURES[kind](rng, rng.random(3).astype(np.float32))
    side = image.shape[0]
    sky = spec.add_texture(name="sky", type=mujoco.mjtTexture.mjTEXTURE_SKYBOX, width=side, height=6 * side, nchannel=3)
    sky.data = np.ascontiguousarray(np.concatenate([image] * 6)).tobytes()
