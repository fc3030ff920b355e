"""Hands that act: parallel grippers, three-fingered ones, and hands of flesh or gloves with a sleeve.

A hand's frame has the place of contact at its origin; it comes along +y, its fingers close along x.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hotspot_core.data.rendered.materials import SurfaceMaterial
from hotspot_core.data.rendered.poses import Floats, turn_x
from hotspot_core.data.rendered.shapes import box, curve, cylinder, ellipsoid, tube
from hotspot_core.data.rendered.world import Joint, Node, World

SKIN = ((0.02, 0.08), (0.25, 0.6), (0.3, 0.95))


@dataclass(frozen=True)
class RenderedHand:
    """A hand in a scene: the node that is moved, and the joints that open its two sides, in meters from the middle."""

    node: Node
    sides: tuple[Joint, Joint]


def add_hand(w: World) -> RenderedHand:
    """A hand of a random kind, in the scene's root."""
    node = w.root.child()
    node.free = True
    kind = w.pick(("gripper", "gripper", "flesh", "three"))
    sides = []
    skin = w.materials.tinted(w.rng, *SKIN) if w.chance(0.7) else w.material("rubber", "plastic", "fabric")
    steel, rubber = w.material("metal", "dark", "white", "plastic"), w.material("rubber", "dark", "plastic")
    for side in (-1.0, 1.0):
        finger = node.child()
        sides.append(finger.slide((side, 0.0, 0.0), 0.0))
        if kind == "flesh":
            _flesh_finger(finger, side, skin)
        else:
            _steel_finger(finger, side, steel, rubber, 1 if kind == "gripper" or side < 0 else 2)
    if kind == "flesh":
        node.add(ellipsoid(0.045, 0.05, 0.022).at(0, -0.12), skin)
        node.add(tube([(0, -0.15, 0), (0, -0.24, -0.005)], 0.03, 0.8, 12), skin)
        node.add(
            tube([(0, -0.22, 0), (0, -0.8, -0.05)], w.between(0.04, 0.055), 1, 12), w.material("fabric", "plastic")
        )
    else:
        node.add(box(w.between(0.1, 0.2), 0.05, w.between(0.04, 0.07), 0.008).at(0, -0.125), steel)
        node.add(cylinder(w.between(0.03, 0.045), 0.1, bevel=0.005).at(0, -0.14, 0, turn_x(90)), w.tint(steel))
        arm = curve([(0, -0.2, 0), (0, -0.45, 0.02), (0.1, -0.9, 0.1)], 8)
        node.add(tube(arm, w.between(0.035, 0.06), 1, 12), w.material("white", "metal", "dark", "paint"))
    return RenderedHand(node, (sides[0], sides[1]))


def _steel_finger(finger: Node, side: float, steel: SurfaceMaterial, rubber: SurfaceMaterial, count: int) -> None:
    for k in range(count):
        z = 0.0 if count == 1 else (k - 0.5) * 0.04
        finger.add(box(0.012, 0.1, 0.018, 0.003).at(side * 0.008, -0.055, z), steel)
        finger.add(box(0.006, 0.035, 0.02, 0.002).at(side * 0.003, 0.002, z), rubber)


def _flesh_finger(finger: Node, side: float, skin: SurfaceMaterial) -> None:
    places = np.linspace(-0.027, 0.027, 4) if side > 0 else (0.0,)
    for z in places:
        path = curve([(side * 0.03, -0.1, z * 0.8), (side * 0.03, -0.045, z), (side * 0.009, 0.008, z * 0.9)], 8)
        finger.add(tube(path, np.linspace(0.0105, 0.008, 8), 1, 8), skin)


def hand_pose(contact: Floats, outward: Floats, along: Floats) -> Floats:
    """The (4, 4) pose of a hand at a contact that comes against `outward` and closes across `along`."""
    forward = -outward / np.linalg.norm(outward)
    across = np.cross(forward, along)
    if np.linalg.norm(across) < 1e-3:
        across = np.cross(forward, [0.0, 0, 1] if abs(forward[2]) < 0.9 else [1.0, 0, 0])
    across /= np.linalg.norm(across)
    pose = np.eye(4)
    pose[:3, 0], pose[:3, 1], pose[:3, 2], pose[:3, 3] = across, forward, np.cross(across, forward), contact
    return pose
