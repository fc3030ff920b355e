"""Drawings of what a hand grips: pulls, door handles, carrying handles.

Every function draws a part at rest (t = 0) to fully used (t = 1) in its own frame: u right, v up, n out of the surface
it is mounted on, the unit being the part's size.
"""

from __future__ import annotations

import numpy as np

from hotspot_core.data.synthetic.engine.canvas import Canvas
from hotspot_core.data.synthetic.engine.geometry import CoordinateFrame, Floats
from hotspot_core.data.synthetic.engine.materials import Look, Material


def ellipse(
    frame: CoordinateFrame,
    width: float,
    height: float,
    depth: float = 0.0,
    start: float = 0.0,
    stop: float = 2 * np.pi,
    count: int = 24,
) -> Floats:
    """World points (count, 3) of an elliptic arc with half axes (width, height), parallel to the frame's u-v plane."""
    angle = np.linspace(start, stop, count)
    return frame.at(np.stack([width * np.cos(angle), height * np.sin(angle), np.full(count, depth)], axis=1))


def cast_shadow(canvas: Canvas, points: Floats, softness: float, strength: float = 0.35) -> None:
    """Drop the shadow of world points (N, 3) beside them; `softness` in meters."""
    scale = canvas.camera.pixels_per_meter(points.mean(0))
    offset = -canvas.camera.axes[:2] @ canvas.light * (1, -1) * softness * scale * 1.2
    canvas.shadow(canvas.camera.project(points) + offset, max(softness * scale, 1.0), strength)


def bow(width: float, depth: float, squareness: float, count: int = 15) -> Floats:
    """Points (count, 3) of a handle along v from -width/2 to width/2 that bulges out by `depth`."""
    angle = np.linspace(0, np.pi, count)
    power = 1 - 0.75 * squareness
    across = -np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power * width / 2
    out = np.sin(angle) ** power * depth
    return np.stack([np.zeros(count), across, out], axis=1)


def bar_handle(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A bar on two posts, or a bow, along v."""
    shape, thickness, depth = look.traits[:3]
    slim = min(1.0, 0.2 / frame.scale)
    radius = (0.025 + 0.05 * thickness**2) * slim * frame.scale
    cast_shadow(
        canvas,
        frame.at([(-0.03, -0.45, 0), (0.03, -0.45, 0), (0.03, 0.45, 0), (-0.03, 0.45, 0)]),
        0.08 * slim * frame.scale,
    )
    if look.traits[3] < 0.15:
        with canvas.untagged():
            canvas.polygon(ellipse(frame, 0.16, 0.62), look.material.tone(0.7))
    if shape < 0.45:
        reach = 0.5 if look.traits[4] < 0.4 else 0.62
        height = (0.1 + 0.15 * depth) * slim
        for v in (-0.5, 0.5):
            canvas.tube(frame.at([(0, v, 0), (0, v, height)]), radius * 0.8, look.material)
        if look.traits[5] < 0.5:
            canvas.tube(frame.at([(0, -reach, height), (0, reach, height)]), radius, look.material)
        else:
            flat = (0.03 + 0.05 * thickness) * slim
            canvas.box(frame, (-flat, -reach, height), (flat, reach, height + 0.04 * slim), look.material)
    else:
        points = bow(1.0, (0.15 + 0.2 * depth) * slim, shape)
        swell = 1 + look.traits[6] * 0.6 * np.sin(np.linspace(0, np.pi, len(points)))
        canvas.tube(frame.at(points), radius * swell, look.material)
        for v in (-0.5, 0.5):
            canvas.discs(frame.moved((0, v, 0)), [(0.07 * slim, 0), (0.06 * slim, 0.03 * slim)], look.material)


def lever_handle(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A door lever along u on a rose or a long plate, with or without a keyhole; turns down."""
    with canvas.untagged():
        if look.traits[0] < 0.5:
            low, high = (-0.2, -0.9 - look.traits[1]), (0.2, 0.5 + look.traits[1] * 0.5)
            cast_shadow(
                canvas,
                frame.at([(*low, 0), (high[0], low[1], 0), (*high, 0), (low[0], high[1], 0)]),
                0.06 * frame.scale,
            )
            canvas.box(frame, (*low, 0), (*high, 0.06), look.material)
            canvas.polygon(ellipse(frame.moved((0, low[1] + 0.35, 0.07)), 0.06, 0.1), (25, 22, 20))
        else:
            canvas.discs(frame, [(0.25, 0), (0.25, 0.08), (0.22, 0.1)], look.material)
            if look.traits[1] < 0.5:
                lock = frame.moved((0, -0.8, 0))
                canvas.discs(lock, [(0.22, 0), (0.2, 0.06)], look.material)
                canvas.polygon(ellipse(lock, 0.05, 0.09, 0.07), (25, 22, 20))
    turned = frame.turned("n", -0.7 * t)
    radius = (0.06 + 0.05 * look.traits[2]) * frame.scale
    bend = 0.12 * (look.traits[3] - 0.4)
    canvas.tube(turned.at([(0, 0, 0.05), (0, 0, 0.3)]), radius * 1.1, look.material)
    points = [(0, 0, 0.32), (0.35, bend, 0.33), (0.7, bend, 0.32), (1.0, -bend, 0.28 - 0.1 * look.traits[4])]
    cast_shadow(canvas, frame.at([(0, 0.1, 0), (1, 0.1, 0), (1, -0.1, 0), (0, -0.1, 0)]), 0.1 * frame.scale)
    canvas.tube(turned.at(points), radius * np.array([1.1, 1.0, 0.95, 0.9]), look.material)


def knob(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A round, mushroom-shaped or square knob on a stem, perhaps with a rose; turns about n."""
    with canvas.untagged():
        if look.traits[0] < 0.3:
            canvas.box(frame, (-0.45, -1.0 + look.traits[1] * 0.4, 0), (0.45, 0.8, 0.06), look.accent)
        elif look.traits[0] < 0.7:
            canvas.discs(frame, [(0.62, 0), (0.6, 0.06)], look.material)
    cast_shadow(canvas, ellipse(frame, 0.5, 0.5), 0.3 * frame.scale, 0.45)
    turned = frame.turned("n", 1.6 * t)
    stem = 0.25 + 0.35 * look.traits[2]
    canvas.discs(turned, [(0.28, 0), (0.25, stem)], look.material)
    if look.traits[3] < 0.6:
        bulge = np.linspace(0.1 * np.pi, 0.8 * np.pi, 8)
        flat = 0.5 + 0.5 * look.traits[4]
        profile = [(0.5 * np.sin(a), stem + 0.45 * flat * (1 - np.cos(a))) for a in bulge]
    elif look.traits[3] < 0.85:
        profile = [(0.35, stem), (0.5, stem + 0.1), (0.5, stem + 0.25), (0.42, stem + 0.3)]
    else:
        side = 0.42
        canvas.box(turned, (-side, -side, stem), (side, side, stem + 0.35), look.material)
        return
    canvas.discs(turned, profile, look.material)
    if look.traits[5] < 0.4:
        canvas.polygon(ellipse(turned, 0.07, 0.14, profile[-1][1] + 0.01), (30, 26, 24))
    elif look.traits[5] < 0.6:
        canvas.polygon(ellipse(turned, 0.25, 0.25, profile[-1][1] + 0.01), look.accent.tone(0.9))


def cup_pull(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A half shell that is open below."""
    cast_shadow(canvas, ellipse(frame.moved((0, -0.1, 0)), 0.5, 0.3), 0.08 * frame.scale, 0.5)
    with canvas.untagged():
        for u in (-0.5, 0.5):
            canvas.discs(frame.moved((u, 0.05, 0)), [(0.09, 0), (0.08, 0.02)], look.material)
    rise = 0.35 + 0.2 * look.traits[0]
    canvas.polygon(ellipse(frame.moved((0, -0.12, 0.12)), 0.46, 0.09), (18, 16, 14))
    for k in range(7):
        a = k / 6
        size = np.cos(a * 1.25)
        shell = ellipse(frame.moved((0, -0.1 + 0.04 * k, 0.28 * np.sin(a * 1.3))), 0.5 * size, rise * size, 0, 0, np.pi)
        canvas.polygon(shell, look.material.tone(0.55 + 0.12 * k + (0.3 * look.material.gloss if k == 5 else 0)))


def ring_pull(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A ring or drop that hangs from a plate and swings out when pulled."""
    with canvas.untagged():
        if look.traits[0] < 0.5:
            canvas.discs(frame, [(0.32, 0), (0.3, 0.06), (0.16, 0.12)], look.material)
        else:
            canvas.polygon(ellipse(frame, 0.3, 0.55), look.material.tone(0.65))
            canvas.polygon(ellipse(frame, 0.24, 0.48, 0.02), look.material.tone(0.95))
    swung = frame.turned("u", 0.15 + 1.1 * t, (0, 0.0, 0.12))
    radius = (0.05 + 0.04 * look.traits[1]) * frame.scale
    if look.traits[2] < 0.6:
        ring = ellipse(swung.moved((0, -0.45, 0.12)), 0.42, 0.45, stop=2 * np.pi * 23 / 24)
        cast_shadow(canvas, ring, 0.1 * frame.scale)
        canvas.tube(ring, radius, look.material, closed=True)
    else:
        points = swung.at([(0, 0, 0.12), (0, -0.3, 0.14), (0, -0.65, 0.14), (0, -0.8, 0.14)])
        canvas.tube(points, radius * np.array([0.8, 1.0, 2.2, 2.0]), look.material)
    canvas.discs(frame, [(0.12, 0.1), (0.1, 0.16)], look.material)


def edge_grip(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A recess for the fingers along v, round or square, with a rim."""
    wide = 0.12 + 0.12 * look.traits[0]
    if look.traits[1] < 0.5:
        canvas.rectangle(frame, (-wide * 1.25, -0.55), (wide * 1.25, 0.55), material=look.material)
        inner = frame.at([(-wide, -0.5, 0), (wide, -0.5, 0), (wide, 0.5, 0), (-wide, 0.5, 0)])
        lip = frame.at([(-wide, -0.5, 0), (wide * 0.4, -0.42, 0), (wide * 0.4, 0.5, 0), (-wide, 0.5, 0)])
    else:
        canvas.polygon(ellipse(frame, wide * 1.3, 0.56), look.material.tone(1.05))
        inner = ellipse(frame, wide, 0.48)
        lip = ellipse(frame.moved((-wide * 0.2, 0.02, 0)), wide * 0.75, 0.44)
    canvas.polygon(inner, look.material.tone(0.45))
    canvas.polygon(lip, look.material.tone(0.22))


def push_plate(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A screwed-on plate to push a door with."""
    wide = 0.16 + 0.1 * look.traits[0]
    canvas.box(frame, (-wide, -0.5, 0), (wide, 0.5, 0.015), look.material)
    canvas.rectangle(
        frame,
        (-wide * 0.5, -0.48),
        (wide * 0.1, 0.48),
        0.02,
        texture=np.full((4, 4, 3), look.material.tone(1.25), np.uint8),
        alpha=0.5,
    )
    for u in (-0.75, 0.75):
        for v in (-0.45, 0.45):
            canvas.polygon(ellipse(frame.moved((u * wide, v, 0.02)), 0.02, 0.02), look.material.tone(0.5))


def push_bar(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A panic bar along u: a rail between two housings that goes in."""
    depth = 0.16 - 0.08 * t
    for u in (-0.5, 0.5):
        canvas.box(frame, (u - 0.06, -0.09, 0), (u + 0.06, 0.09, 0.18), look.accent)
    canvas.box(frame, (-0.44, -0.05, depth - 0.06), (0.44, 0.05, depth), look.material)


def rail(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A fixed grab rail along u with round flanges."""
    radius = (0.03 + 0.025 * look.traits[0]) * frame.scale
    cast_shadow(
        canvas, frame.at([(-0.5, -0.1, 0), (0.5, -0.1, 0), (0.5, -0.02, 0), (-0.5, -0.02, 0)]), 0.07 * frame.scale
    )
    with canvas.untagged():
        for u in (-0.5, 0.5):
            canvas.discs(frame.moved((u, 0, 0)), [(0.09, 0), (0.08, 0.03)], look.material)
    points = np.array([(-0.5, 0, 0), (-0.49, 0, 0.2), (-0.42, 0, 0.24), (0.42, 0, 0.24), (0.49, 0, 0.2), (0.5, 0, 0)])
    canvas.tube(frame.at(points), radius, look.material)


def loop_handle(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """The ear of a mug or jug: a loop in the v-n plane."""
    points = bow(1.0, 0.45 + 0.25 * look.traits[0], look.traits[1] * 0.9)
    points[:, 1] -= points[:, 2] * 0.25 * (look.traits[2] - 0.3)
    radius = (0.05 + 0.06 * look.traits[3]) * frame.scale
    canvas.tube(frame.at(points), radius, look.material)


def long_handle(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """The handle of a pan, along n."""
    rise = 0.15 * look.traits[0]
    points = np.array([(0, 0, -0.02), (0, 0.05, 0.25), (0, 0.05 + rise * 0.6, 0.6), (0, 0.05 + rise, 1.0)])
    radius = (0.05 + 0.04 * look.traits[1]) * frame.scale * np.array([0.7, 0.8, 1.1, 1.2])
    with canvas.untagged():
        canvas.tube(frame.at(points[:2]), radius[:2] * 0.8, look.accent)
    canvas.tube(frame.at(points[1:]), radius[1:], look.material)


def arch_handle(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A bail or case handle: an arch over the mounting surface, along u, with a thicker grip in the middle."""
    points = bow(1.0, 0.25 + 0.35 * look.traits[0], look.traits[1])[:, [1, 0, 2]]
    radius = (0.025 + 0.025 * look.traits[2]) * frame.scale
    canvas.tube(frame.at(points), radius, look.accent if look.traits[3] < 0.4 else look.material)
    canvas.tube(frame.at(points[5:10]), radius * 1.7, look.material)


def body_grip(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """Nothing to see: the middle of the body itself is where one takes or pushes it."""
    canvas.region(ellipse(frame, 0.5, 0.5))


def letter_flap(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A flap in a frame, hinged at its top, that swings out."""
    with canvas.untagged():
        canvas.box(frame, (-0.6, -0.3, 0), (0.6, 0.3, 0.03), look.material)
        canvas.rectangle(frame, (-0.5, -0.2), (0.5, 0.2), 0.031, material=Material("rubber", (26, 24, 22), 0.0))
    swung = frame.turned("u", 0.05 + 1.0 * t, (0, 0.2, 0.04))
    canvas.box(swung, (-0.5, -0.2, 0.03), (0.5, 0.2, 0.06), look.material)
    canvas.tube(swung.at([(-0.3, -0.14, 0.08), (0.3, -0.14, 0.08)]), 0.02 * frame.scale, look.material)
