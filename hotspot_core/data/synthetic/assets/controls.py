"""Drawings of what fingers operate, and of lids, caps, pumps and tap levers.

The convention of `handles` holds: t from 0 (at rest) to 1 (used), u right, v up, n out of the mounting surface.
"""

from __future__ import annotations

import cv2
import numpy as np

from hotspot_core.data.synthetic.assets.handles import cast_shadow, ellipse
from hotspot_core.data.synthetic.engine.canvas import Canvas
from hotspot_core.data.synthetic.engine.geometry import CoordinateFrame, Image
from hotspot_core.data.synthetic.engine.materials import Look, Material

_DARK = Material("rubber", (24, 24, 26), 0.1)


def _symbol(look: Look, background: tuple[float, float, float], kind: float) -> Image:
    """A small pictogram (32, 32, 3) in the accent color: power, play, a digit, a bar."""
    picture = np.full((32, 32, 3), background, np.uint8)
    ink = (235, 235, 235) if sum(background) < 380 else (40, 40, 44)
    if kind < 0.35:
        cv2.ellipse(picture, (16, 17), (8, 8), 0, -60, 240, ink, 2, cv2.LINE_AA)
        cv2.line(picture, (16, 6), (16, 16), ink, 2, cv2.LINE_AA)
    elif kind < 0.55:
        cv2.fillPoly(picture, [np.array([(11, 8), (24, 16), (11, 24)])], ink, cv2.LINE_AA)
    elif kind < 0.8:
        cv2.putText(picture, str(int(kind * 1000) % 10), (8, 25), cv2.FONT_HERSHEY_SIMPLEX, 0.8, ink, 2, cv2.LINE_AA)
    else:
        cv2.rectangle(picture, (7, 14), (25, 18), ink, -1)
    return picture


def push_button(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A round or square button in a bezel that goes in."""
    out = 0.28 * (1 - 0.9 * t)
    if look.traits[0] < 0.6:
        with canvas.untagged():
            canvas.discs(frame, [(0.62, 0), (0.6, 0.06)], look.accent)
            canvas.polygon(ellipse(frame, 0.52, 0.52, 0.07), (20, 20, 22))
        canvas.discs(frame, [(0.46, 0.0), (0.46, out), (0.42, out + 0.05)], look.material)
    else:
        with canvas.untagged():
            canvas.box(frame, (-0.6, -0.6, 0), (0.6, 0.6, 0.06), look.accent)
            canvas.rectangle(frame, (-0.52, -0.52), (0.52, 0.52), 0.07, material=_DARK)
        canvas.box(frame, (-0.46, -0.46, 0), (0.46, 0.46, out + 0.05), look.material)
    if look.traits[1] < 0.6:
        face = _symbol(look, look.material.tone(canvas.shade(frame.axes[2])), look.traits[2])
        canvas.rectangle(frame, (-0.28, -0.28), (0.28, 0.28), out + 0.06, texture=face)


def rocker_switch(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A rocker in a plate; pressing tips it over."""
    wide = 0.3 + 0.2 * look.traits[0]
    with canvas.untagged():
        if look.traits[1] < 0.6:
            canvas.box(frame, (-wide - 0.25, -0.75, 0), (wide + 0.25, 0.75, 0.05), look.accent)
    cast_shadow(
        canvas, frame.at([(-wide, -0.5, 0), (wide, -0.5, 0), (wide, 0.5, 0), (-wide, 0.5, 0)]), 0.06 * frame.scale
    )
    upper, lower = 0.08 + 0.14 * (1 - t), 0.08 + 0.14 * t
    canvas.box(frame, (-wide, -0.5, 0.03), (wide, 0.5, 0.08), look.material)
    light = canvas.shade(frame.axes[2])
    tones = ((upper, 0.5, 1.12 - 0.24 * (1 - t)), (lower, -0.5, 0.88 + 0.24 * (1 - t)))
    for height, end, brightness in tones:
        corners = [(-wide, 0, 0.1), (wide, 0, 0.1), (wide, end, height), (-wide, end, height)]
        canvas.polygon(frame.at(corners), look.material.tone(light * brightness))
    if look.traits[2] < 0.5:
        canvas.tube(frame.at([(0, 0.2, upper * 0.6 + 0.06), (0, 0.36, upper + 0.01)]), 0.02 * frame.scale, _DARK)


def toggle(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A small bat lever in a plate that flips up."""
    with canvas.untagged():
        canvas.box(frame, (-0.45, -0.7, 0), (0.45, 0.7, 0.05), look.accent)
        canvas.rectangle(frame, (-0.14, -0.24), (0.14, 0.24), 0.055, material=_DARK)
    tilt = -0.7 + 1.4 * t
    tip = np.array((0.0, 0.55 * np.sin(tilt), 0.1 + 0.55 * np.cos(tilt)))
    radius = 0.09 * frame.scale * np.array([0.8, 1.0, 1.3])
    canvas.tube(frame.at(np.stack([(0, 0, 0.05), tip * 0.6, tip])), radius, look.material)


def slider(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A thumb in a slot along u (a bolt, a dimmer, a volume control)."""
    with canvas.untagged():
        if look.traits[0] < 0.6:
            canvas.box(frame, (-0.6, -0.2, 0), (0.6, 0.2, 0.03), look.accent)
        canvas.rectangle(frame, (-0.5, -0.05), (0.5, 0.05), 0.035, material=_DARK)
        for k in range(5 if look.traits[1] < 0.5 else 0):
            u = -0.48 + 0.24 * k
            canvas.rectangle(frame, (u, 0.1), (u + 0.02, 0.15), 0.035, material=_DARK)
    place = frame.moved((-0.36 + 0.72 * t, 0, 0.03))
    if look.traits[2] < 0.6:
        canvas.box(place, (-0.1, -0.15, 0), (0.1, 0.15, 0.13), look.material)
        canvas.rectangle(place, (-0.015, -0.14), (0.015, 0.14), 0.135, material=_DARK)
    else:
        canvas.discs(place, [(0.14, 0), (0.15, 0.08), (0.12, 0.14)], look.material)


def dial(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A rotary knob with a pointer, ribs and perhaps a printed scale."""
    with canvas.untagged():
        for k in range(9 if look.traits[0] < 0.6 else 0):
            angle = np.deg2rad(225 - 33.75 * k)
            tick = np.array([[np.cos(angle) * r, np.sin(angle) * r, 0.01] for r in (0.62, 0.72)])
            canvas.tube(frame.at(tick), 0.02 * frame.scale, look.accent)
    cast_shadow(canvas, ellipse(frame, 0.5, 0.5), 0.15 * frame.scale, 0.45)
    height = 0.2 + 0.3 * look.traits[1]
    turned = frame.turned("n", 1.2 + 4 * look.traits[2] - 2.2 * t)
    if look.traits[3] < 0.35:
        canvas.discs(turned, [(0.5, 0), (0.5, 0.05), (0.48, 0.08)], look.material)
        canvas.box(turned, (-0.12, -0.46, 0.08), (0.12, 0.46, height + 0.1), look.material)
    else:
        canvas.discs(turned, [(0.5, 0), (0.48, height * 0.4), (0.44, height), (0.38, height + 0.04)], look.material)
        for k in range(10 if look.traits[4] < 0.5 else 0):
            rib = turned.turned("n", k * np.pi / 5)
            canvas.tube(rib.at([(0, 0.48, 0.05), (0, 0.44, height)]), 0.015 * frame.scale, _DARK)
    bright = sum(look.material.color) < 380
    mark = Material("plastic", (240, 240, 236) if bright else (40, 40, 44), 0.1)
    canvas.rectangle(turned, (-0.035, 0.12), (0.035, 0.44), height + 0.11, material=mark)


def touch_pad(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A key pad or touch panel; it glows while pressed."""
    rows, columns = 2 + int(look.traits[0] * 3), 2 + int(look.traits[1] * 2)
    height, width = 18 * rows, 18 * columns
    dark = look.traits[2] < 0.5
    ground = (28, 28, 32) if dark else look.material.color
    picture = np.full((height, width, 3), ground, np.uint8)
    key = look.accent.color if look.traits[3] < 0.5 else ((70, 70, 76) if dark else (236, 236, 236))
    for row in range(rows):
        for column in range(columns):
            y, x = 18 * row + 2, 18 * column + 2
            cv2.rectangle(picture, (x, y), (x + 13, y + 12), key, -1)
            cv2.putText(
                picture,
                str((row * columns + column + 1) % 10),
                (x + 3, y + 11),
                cv2.FONT_HERSHEY_PLAIN,
                0.8,
                (225, 225, 225) if sum(key) < 380 else (30, 30, 30),
                1,
                cv2.LINE_AA,
            )
    side = 0.5 * height / width
    with canvas.untagged():
        canvas.box(frame, (-0.56, -side - 0.06, 0), (0.56, side + 0.06, 0.05), look.accent)
    lit = cv2.convertScaleAbs(picture, alpha=1.0, beta=90 * t)
    canvas.rectangle(frame, (-0.5, -side), (0.5, side), 0.06, texture=lit)


def push_lever(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A tab in an upright slot that is pushed down (a toaster's lever)."""
    with canvas.untagged():
        canvas.rectangle(frame, (-0.07, -0.6), (0.07, 0.6), 0.01, material=_DARK)
    place = frame.moved((0, 0.4 - 0.8 * t, 0))
    cast_shadow(canvas, place.at([(-0.3, -0.15, 0), (0.3, -0.15, 0), (0.3, 0.1, 0), (-0.3, 0.1, 0)]), 0.1 * frame.scale)
    canvas.box(place, (-0.32, -0.1, 0.02), (0.32, 0.1, 0.3), look.material)


def valve(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A cross or star handle of a tap."""
    turned = frame.turned("n", 0.3 + 1.4 * t)
    cast_shadow(canvas, ellipse(frame, 0.5, 0.5), 0.15 * frame.scale)
    canvas.discs(frame, [(0.25, 0), (0.2, 0.3)], look.material)
    spokes = 4 if look.traits[0] < 0.6 else 5
    for k in range(spokes):
        arm = turned.turned("n", 2 * np.pi * k / spokes)
        radius = np.array([0.09, 0.1, 0.13]) * frame.scale * (0.8 + 0.5 * look.traits[1])
        canvas.tube(arm.at([(0, 0, 0.38), (0, 0.25, 0.4), (0, 0.5, 0.4)]), radius, look.material)
    canvas.discs(turned, [(0.2, 0.35), (0.2, 0.48), (0.14, 0.52)], look.material)
    canvas.polygon(ellipse(turned, 0.09, 0.09, 0.53), (200, 50, 40) if look.traits[2] < 0.5 else (50, 90, 190))


def pull_cord(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A cord with a tassel or bead that hangs down and is drawn down."""
    with canvas.untagged():
        canvas.discs(frame.moved((0, 0.5, 0)), [(0.12, 0), (0.1, 0.08)], look.accent)
    end = -0.5 - 0.35 * t
    canvas.tube(frame.at([(0, 0.5, 0.1), (0.01, 0, 0.1), (0, end, 0.1)]), 0.016 * frame.scale, look.accent)
    radius = np.array([0.05, 0.1, 0.12, 0.07]) * frame.scale
    canvas.tube(
        frame.at([(0, end + 0.1, 0.1), (0, end, 0.1), (0, end - 0.15, 0.1), (0, end - 0.22, 0.1)]),
        radius,
        look.material,
    )


def lid(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A loose lid with a knob; n is up and the unit its diameter. It goes up and aside."""
    raised = frame.moved((0.25 * t, 0, 0.45 * t)).turned("v", 0.25 * t)
    dome = 0.05 + 0.1 * look.traits[0]
    with canvas.untagged():
        if t > 0:
            canvas.polygon(ellipse(frame, 0.42, 0.42, 0.003), (28, 25, 24))
        canvas.discs(raised, [(0.52, 0), (0.52, 0.03), (0.45, 0.03 + dome * 0.5), (0.3, 0.03 + dome)], look.accent)
    grip = raised.moved((0, 0, 0.02 + dome))
    if look.traits[1] < 0.6:
        canvas.discs(
            grip, [(0.06, 0), (0.05, 0.06), (0.1, 0.09), (0.13, 0.13), (0.12, 0.17), (0.07, 0.2)], look.material
        )
    else:
        arc = [(-0.18, 0, 0), (-0.16, 0, 0.11), (-0.08, 0, 0.15), (0.08, 0, 0.15), (0.16, 0, 0.11), (0.18, 0, 0)]
        canvas.tube(grip.at(arc), 0.03 * frame.scale, look.material)


def screw_cap(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A ribbed cap; n is up. It turns and comes up a little."""
    turned = frame.moved((0, 0, 0.15 * t)).turned("n", 2.2 * t)
    height = 0.3 + 0.5 * look.traits[0]
    canvas.discs(turned, [(0.5, 0), (0.5, height)], look.material)
    for k in range(14):
        rib = turned.turned("n", 2 * np.pi * k / 14)
        if rib.axes[0] @ (canvas.camera.position - frame.origin) > 0:
            canvas.tube(rib.at([(0.51, 0, 0.04), (0.51, 0, height * 0.9)]), 0.012 * frame.scale, _DARK)
    canvas.discs(turned, [(0.5, height), (0.46, height + 0.03)], look.material)


def pump_head(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """The pump of a soap dispenser; n is up. It goes down."""
    with canvas.untagged():
        canvas.discs(frame, [(0.5, 0), (0.5, 0.35)], look.accent)
    height = 1.0 - 0.45 * t
    canvas.tube(frame.at([(0, 0, 0.3), (0, 0, height)]), 0.1 * frame.scale, look.accent)
    top = frame.moved((0, 0, height))
    canvas.tube(
        top.at([(0, 0, 0.1), (0.5, 0, 0.12), (0.9, 0, 0.02)]), np.array([0.2, 0.14, 0.09]) * frame.scale, look.material
    )
    canvas.discs(top, [(0.3, 0), (0.34, 0.1), (0.34, 0.2), (0.28, 0.24)], look.material)


def spray_trigger(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """The head of a spray bottle, n up, with a trigger that is squeezed."""
    with canvas.untagged():
        canvas.discs(frame, [(0.5, 0), (0.5, 0.3)], look.accent)
        canvas.box(frame, (-0.45, -0.25, 0.35), (0.35, 0.25, 1.25), look.accent)
        canvas.box(frame, (0.3, -0.22, 0.85), (1.05, 0.22, 1.3), look.accent)
        canvas.box(frame, (1.0, -0.14, 0.95), (1.2, 0.14, 1.2), look.material)
    swing = 0.45 * t
    points = [(0.6, 0, 0.85), (0.75 - swing * 0.5, 0, 0.55), (0.72 - swing, 0, 0.2), (0.85 - swing, 0, -0.05)]
    canvas.tube(frame.at(points), np.array([0.16, 0.13, 0.12, 0.1]) * frame.scale, look.material)


def flip_lid(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """A lid hinged at its back with a lip in front; n is up."""
    swung = frame.turned("u", 1.5 * t, (0, 0.5, 0))
    canvas.polygon(ellipse(frame, 0.46, 0.46, 0.01), (24, 22, 22))
    with canvas.untagged():
        canvas.discs(swung, [(0.5, 0), (0.5, 0.06), (0.46, 0.12), (0.3, 0.15)], look.accent)
    canvas.tube(
        swung.at([(-0.14, -0.5, 0.07), (0, -0.58, 0.09), (0.14, -0.5, 0.07)]), 0.07 * frame.scale, look.material
    )


def tap_lever(canvas: Canvas, frame: CoordinateFrame, look: Look, t: float) -> None:
    """The lever of a mixer tap; n is up. It rises."""
    with canvas.untagged():
        canvas.discs(frame, [(0.22, 0), (0.22, 0.15), (0.2, 0.25), (0.12, 0.3)], look.material)
    angle = 0.25 + 0.7 * t
    reach = 0.9 + 0.3 * look.traits[0]
    tip = np.array((0.5 * reach * look.traits[1], -reach * np.cos(angle), 0.25 + reach * np.sin(angle)))
    base = np.array((0.0, -0.05, 0.22))
    radius = np.array([0.12, 0.1, 0.12]) * frame.scale * (0.7 + 0.5 * look.traits[2])
    canvas.tube(frame.at(np.stack([base, (base + tip) / 2, tip])), radius, look.material)
