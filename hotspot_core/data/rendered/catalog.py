"""Chooses objects of the registry for a scene, and puts them where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hotspot_core.data.rendered.poses import turn_z
from hotspot_core.data.rendered.registry import ObjectClass, matching
from hotspot_core.data.rendered.world import Node


@dataclass
class PlacedObject:
    """An object that stands or hangs somewhere: its class and node."""

    kind: ObjectClass
    node: Node


class Catalog:
    """The classes that a scene may use.

    Args:
        excluded: names of classes that it may not.
        preferred: names of classes that it shall use often.
    """

    def __init__(self, excluded: Sequence[str] = (), preferred: Sequence[str] = ()) -> None:
        self.excluded, self.preferred = frozenset(excluded), frozenset(preferred)

    def find(self, place: str, room: str | None = None, affords: bool | None = None) -> list[ObjectClass]:
        """The classes of a place, room and kind; weights of 0 are left out."""
        return [item for item in matching(place, room, affords) if item.name not in self.excluded and item.weight > 0]

    def choose(self, rng: np.random.Generator, choices: Sequence[ObjectClass]) -> ObjectClass:
        """One of some classes, by weight; each may also come as often as any other."""
        weights = np.array([item.weight for item in choices]) ** rng.choice([0.0, 1.0])
        weights *= [6.0 if item.name in self.preferred else 1.0 for item in choices]
        return choices[int(rng.choice(len(choices), p=weights / weights.sum()))]


def built(parent: Node, kind: ObjectClass, turn: float = 0.0) -> PlacedObject:
    """An object of a class at a node's origin, turned about z by degrees (things on walls: not turned)."""
    node = parent.child(turn=turn_z(turn) if turn else None)
    kind.build(node)
    return PlacedObject(kind, node)


def removed(parent: Node, node: Node, parts: int, surfaces: int) -> None:
    """Take an object away again, with the parts and surfaces that came with it."""
    parent.children.remove(node)
    del parent.world.parts[parts:]
    del parent.world.surfaces[surfaces:]


def scatter(
    parent: Node,
    catalog: Catalog,
    choices: Sequence[ObjectClass],
    count: int,
    width: float,
    depth: float,
    height: float = 9.0,
    turn: float = 40.0,
) -> list[PlacedObject]:
    """Put up to `count` objects onto a node's x-y plane, in a rectangle around its origin, without overlap."""
    w = parent.world
    taken: list[tuple[float, float, float, float]] = []
    placed = []
    for _ in range(count):
        if not choices:
            break
        parts, surfaces = len(w.parts), len(w.surfaces)
        item = built(parent, catalog.choose(w.rng, choices), w.between(-turn, turn))
        low, high = parent_bounds(item.node)
        size = high - low
        if size[0] > width or size[1] > depth * 1.15 or size[2] > height:
            removed(parent, item.node, parts, surfaces)
            continue
        for _ in range(12):
            x = w.between(-width / 2, width / 2 - size[0]) - low[0]
            y = w.between(min(-depth / 2, depth / 2 - size[1]), max(-depth / 2, depth / 2 - size[1])) - low[1]
            spot = (low[0] + x, low[1] + y, high[0] + x, high[1] + y)
            if all(spot[2] < o[0] or o[2] < spot[0] or spot[3] < o[1] or o[3] < spot[1] for o in taken):
                item.node.pose[:2, 3] = x, y
                taken.append(spot)
                placed.append(item)
                break
        else:
            removed(parent, item.node, parts, surfaces)
    return placed


def parent_bounds(node: Node) -> tuple[np.ndarray, np.ndarray]:
    """The bounds of a node in its parent's frame."""
    low, high = node.bounds()
    corners = np.array(
        [[(low, high)[i][0], (low, high)[j][1], (low, high)[k][2]] for i in (0, 1) for j in (0, 1) for k in (0, 1)]
    )
    moved = corners @ node.pose[:3, :3].T + node.pose[:3, 3]
    return moved.min(0), moved.max(0)


def world_bounds(node: Node) -> tuple[np.ndarray, np.ndarray]:
    """The bounds of a node in the world."""
    low, high = node.bounds()
    corners = np.array(
        [[(low, high)[i][0], (low, high)[j][1], (low, high)[k][2]] for i in (0, 1) for j in (0, 1) for k in (0, 1)]
    )
    pose = node.world_pose()
    moved = corners @ pose[:3, :3].T + pose[:3, 3]
    return moved.min(0), moved.max(0)


def fill_surfaces(world_node: Node, catalog: Catalog, room: str, often: float = 0.7) -> list[PlacedObject]:
    """Put small things onto the surfaces that the furniture of a scene offers."""
    w = world_node.world
    placed: list[PlacedObject] = []
    for surface in list(w.surfaces):
        if not w.chance(often):
            continue
        affords = None if w.chance(0.75) else False
        choices = catalog.find("table", room, affords)
        count = int(w.rng.integers(1, 5))
        placed += scatter(surface.node, catalog, choices, count, surface.width, surface.depth, surface.height, 50)
    return placed
