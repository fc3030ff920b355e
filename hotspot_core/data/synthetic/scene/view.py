"""Where the camera stands: in front of a part, from near or from far."""

from __future__ import annotations

import numpy as np

from hotspot_core.data.synthetic.assets.objects import ObjectInstance
from hotspot_core.data.synthetic.engine.geometry import CoordinateFrame, Generator, PinholeCamera
from hotspot_core.data.synthetic.scene.scene import SUPERSAMPLING


def focus_view(
    rng: Generator, instance: ObjectInstance, frame: CoordinateFrame, part: int, size: int, difficulty: float
) -> PinholeCamera:
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
    return PinholeCamera.looking_at(
        target,
        extent,
        round(size * SUPERSAMPLING),
        yaw,
        float(rng.uniform(low, high)),
        float(rng.normal(0, 0.02 + 0.07 * difficulty)),
        float(rng.uniform(0.35, 1.0)),
    )
