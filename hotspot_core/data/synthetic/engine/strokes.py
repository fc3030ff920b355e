"""Round bars along a line of pixels: nested outlines with the brightness of a cylinder in the light."""

from __future__ import annotations

import numpy as np

from hotspot_core.data.synthetic.engine.geometry import Floats
from hotspot_core.data.synthetic.engine.materials import Color, Material

Layer = tuple[list[Floats], Color]

_CAP_COS, _CAP_SIN = (f(np.linspace(0, np.pi, 7)[1:-1, None]) for f in (np.cos, np.sin))
# (width, offset towards the light, brightness) of the nested strokes that make a tube look round.
_MATT = ((1.0, 0.0, 0.5), (0.86, 0.1, 0.78), (0.6, 0.25, 1.0), (0.22, 0.5, 1.3))
_SOFT = ((1.0, 0.0, 0.68), (0.9, 0.05, 0.86), (0.66, 0.2, 1.0), (0.3, 0.4, 1.1))
_METAL = ((1.0, 0.0, 0.3), (0.86, 0.05, 0.72), (0.66, 0.15, 1.05), (0.42, -0.3, 0.62), (0.28, 0.4, 1.6))


def stroke_layers(
    pixels: Floats, widths: Floats, material: Material, toward: Floats, closed: bool = False
) -> list[Layer]:
    """The nested outlines, and their colors, of a round bar along pixels (N, 2).

    `widths` (N,) holds half widths in pixels, `toward` (2,) the direction to the light in the picture. A `closed`
    bar is a ring.
    """
    layers = _METAL if material.metallic else _SOFT if material.gloss < 0.25 else _MATT
    along = _direction(pixels, closed)
    result = []
    for width, offset, light in layers[:1] + layers[2:3] if widths.max() < 1.2 else layers:
        path = pixels + toward * (widths * offset)[:, None] * (1 - width)
        result.append((_outline(path, along, widths * width, closed), material.tone(light)))
    return result


def _direction(path: Floats, closed: bool) -> Floats:
    """Unit tangents (N, 2) of a polyline."""
    step = np.empty_like(path)
    step[1:-1] = path[2:] - path[:-2]
    step[0] = path[1] - path[-1 if closed else 0]
    step[-1] = path[0 if closed else -1] - path[-2]
    return step / np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-6)[:, None]


def _outline(path: Floats, along: Floats, widths: Floats, closed: bool) -> list[Floats]:
    """The outline of a stroke: one polygon with round ends, or an inner and an outer one when closed."""
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) * widths[:, None]
    if closed:
        return [path + normal, path - normal]
    start = path[0] - normal[0] * _CAP_COS - along[0] * widths[0] * _CAP_SIN
    end = path[-1] + normal[-1] * _CAP_COS + along[-1] * widths[-1] * _CAP_SIN
    return [np.concatenate([path + normal, end, (path - normal)[::-1], start])]
