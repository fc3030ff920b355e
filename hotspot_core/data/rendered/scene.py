"""Scenes: kitchens, tables, walls with doors, shelves, baths, offices, benches, single things, and empty places."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from hotspot_core.data.rendered.camera import Focus
from hotspot_core.data.rendered.catalog import Catalog, PlacedObject, built, fill_surfaces, parent_bounds, scatter
from hotspot_core.data.rendered.decor import robot_arm
from hotspot_core.data.rendered.handles import OUTWARDS
from hotspot_core.data.rendered.kitchens import fitted_kitchen
from hotspot_core.data.rendered.layout import focuses_of, on_wall, part_focuses, room, row, table_at
from hotspot_core.data.rendered.registry import classes
from hotspot_core.data.rendered.shapes import box
from hotspot_core.data.rendered.world import World


def kitchen(w: World, catalog: Catalog) -> list[Focus]:
    """A kitchen row with things on it and cupboards above."""
    room(w, ("wall", "tile", "wall"))
    width = w.between(1.5, 3.8)
    placed = row(w, catalog.find("floor", "kitchen", True), catalog, width)
    if w.chance(0.7):
        upper = on_wall(
            w, catalog, "kitchen", int(w.rng.integers(2, 6)), width, (1.5, 1.8), None if w.chance(0.6) else True
        )
        placed += upper
    placed += fill_surfaces(w.root, catalog, "kitchen", 0.85)
    if w.chance(0.3):
        placed += _island(w, catalog, "kitchen")
    return focuses_of(placed) + part_focuses(w)


def fitted(w: World, catalog: Catalog) -> list[Focus]:
    """A fitted kitchen in a room."""
    room(w, ("wall", "wall", "tile"))
    placed = fitted_kitchen(w, catalog)
    if w.chance(0.25):
        placed += _island(w, catalog, "kitchen")
    return focuses_of(placed) + part_focuses(w)


def _island(w: World, catalog: Catalog, room_name: str) -> list[PlacedObject]:
    """A table before the furniture, with things on it."""
    spot = w.root.child(w.between(-0.6, 0.6), -w.between(1.4, 2.0))
    width, depth, high = table_at(spot)
    return scatter(
        spot.child(0, 0, high), catalog, catalog.find("table", room_name), int(w.rng.integers(1, 6)), width, depth
    )


def table(w: World, catalog: Catalog) -> list[Focus]:
    """A table with up to a dozen things."""
    room(w, ("wall",), None)
    spot = w.root.child(0, -w.between(0.5, 1.5))
    width, depth, high = table_at(spot)
    kind = w.pick(("any", "kitchen", "office", "living", "bench"))
    count = int(w.pick((1, 2, 3, 5, 8, 12)))
    placed = scatter(
        spot.child(0, 0, high),
        catalog,
        catalog.find("table", kind),
        count,
        width * 0.95,
        depth * 0.95,
        turn=w.pick((20, 60, 180)),
    )
    if w.chance(0.4):
        on_wall(w, catalog, "any", int(w.rng.integers(1, 4)), 1.6, (high + 0.2, high + 0.9))
    return focuses_of(placed, elevation=(5, 80), azimuth=(-70, 70)) + part_focuses(w)


def bench(w: World, catalog: Catalog) -> list[Focus]:
    """One or two mechanisms on a plain table, seen from a corner as robots see them."""
    room(w, ("wall",), False)
    spot = w.root.child(0, -w.between(0.5, 1.2))
    width, depth, high = table_at(spot)
    choices = [item for item in catalog.find("table", None, True) if {"any", "bench"} & set(item.rooms)]
    placed = scatter(spot.child(0, 0, high), catalog, choices, int(w.pick((1, 1, 2, 3))), width * 0.6, depth * 0.8)
    if w.chance(0.4):
        scatter(spot.child(0, 0, high), catalog, catalog.find("table", "any", False), 1, width * 0.3, depth * 0.3)
    if w.chance(0.35):
        robot_arm(spot.child(w.pick((-0.4, 0.0, 0.4)) * width, w.pick((-0.45, 0.45)) * depth, high))
    return focuses_of(placed, elevation=(10, 70), azimuth=(-80, 80), fill=(0.12, 0.9))


def photo_of_tool(w: World, catalog: Catalog) -> list[Focus]:
    """Tools and small things on a surface seen from above, or hanging on a wall."""
    choices = [item for item in catalog.find("table", None, True) if set(item.rooms) & {"bench", "kitchen"}]
    count = int(w.pick((1, 1, 1, 2, 4, 7)))
    hangs = w.chance(0.3)
    if hangs:
        w.root.add(box(4, 0.02, 4).at(0, 0.01, 1), w.material("wall", "wood", "anything", "metal"))
        board = w.root.child(0, -0.01, 1.2, OUTWARDS)
        choices = [item for item in choices if "bench" in item.rooms] or choices
        placed = scatter(board, catalog, choices, count, 1.0, 0.7, 0.12, 180)
        return focuses_of(placed, elevation=(-15, 25), azimuth=(-30, 30), fill=(0.5, 1.3))
    surface = w.root.child(0, -0.5, 0.7)
    surface.add(box(3, 3, 0.02).at(0, 0, -0.01), w.material("white", "wood", "floor", "anything", "fabric", "paint"))
    placed = scatter(surface, catalog, choices, count, w.between(0.3, 0.9), w.between(0.3, 0.6), turn=180)
    return focuses_of(placed, elevation=(25, 89), azimuth=(-90, 90), fill=(0.5, 1.3))


def door_wall(w: World, catalog: Catalog) -> list[Focus]:
    """Walls with doors, windows, switches and things that afford nothing."""
    high = room(w)
    known, placed = classes(), []
    x = -w.between(0.2, 0.8)
    for _ in range(int(w.pick((1, 1, 2)))):
        names = [name for name in ("door", "door", "sliding door") if name not in catalog.excluded]
        if not names:
            break
        item = built(w.root, known[w.pick(names)])
        low, up = item.node.bounds()
        item.node.pose[:3, 3] = x - low[0] - 0.5, -0.02, -low[2] - 0.06
        x += up[0] - low[0] + w.between(0.1, 0.6)
        placed.append(item)
    placed += on_wall(w, catalog, "any", int(w.rng.integers(1, 6)), 3.0, (0.3, min(2.0, high)), None, -0.05)
    if w.chance(0.4):
        side = scatter(
            w.root.child(0, -0.9), catalog, catalog.find("floor", "hall") or catalog.find("floor", "any"), 2, 3.0, 1.0
        )
        placed += side
    doors = focuses_of(placed[:1], whole=False, elevation=(-5, 15), azimuth=(-45, 45), fill=(0.7, 1.4))
    close = [Focus(f.center, f.size * 0.25, (-50, 50), (-15, 30), (0.4, 1.2)) for f in part_focuses(w)]
    return focuses_of(placed, elevation=(-10, 25)) + part_focuses(w) + close + 3 * doors


def wall_detail(w: World, catalog: Catalog) -> list[Focus]:
    """Small things on a wall: switches, taps, valves, windows among sockets, vents and pictures."""
    w.root.add(box(8, 0.02, 5).at(0, 0.01, 1), w.material("wall", "tile", "wood", "wall"))
    placed = on_wall(w, catalog, "any", int(w.rng.integers(2, 7)), w.between(0.6, 2.0), (0.9, 1.7))
    return focuses_of(placed, elevation=(-25, 30), azimuth=(-60, 60)) + part_focuses(w)


def single(w: World, catalog: Catalog) -> list[Focus]:
    """One piece of furniture or machine, as shops show them, or in a corner of a room."""
    room(w, ("wall", "white"))
    item = built(w.root, catalog.choose(w.rng, catalog.find("floor", None, True)))
    _, high = parent_bounds(item.node)
    item.node.pose[1, 3] = -high[1] - w.between(0.01, 0.4)
    placed = [item]
    fill_surfaces(w.root, catalog, "any", 0.5)
    if w.chance(0.4):
        scatter(w.root.child(w.pick((-1.2, 1.2)), -0.6), catalog, catalog.find("floor", None), 2, 1.2, 1.0)
    if w.chance(0.4):
        on_wall(w, catalog, "any", int(w.rng.integers(1, 4)), 3.0, (1.0, 2.0))
    return focuses_of(placed, elevation=(-5, 40)) + part_focuses(w)


def furnished(w: World, catalog: Catalog) -> list[Focus]:
    """Living rooms, baths, offices: furniture along a wall and things on it."""
    name = w.pick(("living", "bathroom", "office", "living"))
    room(w, ("wall", "tile") if name == "bathroom" else ("wall",))
    width = w.between(1.2, 3.5)
    placed = row(w, catalog.find("floor", name), catalog, width)
    if w.chance(0.8):
        placed += on_wall(w, catalog, name, int(w.rng.integers(1, 5)), width, (1.2, 1.9))
    placed += fill_surfaces(w.root, catalog, name, 0.8)
    if w.chance(0.3):
        placed += _island(w, catalog, name)
    return focuses_of(placed) + part_focuses(w)


def medley(w: World, catalog: Catalog) -> list[Focus]:
    """Anything anywhere, floating before any background: shapes count, not sense."""
    if w.chance(0.6):
        w.root.add(box(8, 0.02, 8).at(0, 0.8, 1), w.material("anything"))
    placed = []
    for place in w.rng.choice(["floor", "table", "wall"], int(w.rng.integers(2, 7))):
        item = built(w.root, catalog.choose(w.rng, catalog.find(str(place))), w.between(-60, 60))
        low, high = item.node.bounds()
        item.node.pose[:3, 3] = w.rng.uniform([-0.9, -0.8, 0.2], [0.9, 0.2, 1.6]) - (low + high) / 2
        placed.append(item)
    return focuses_of(placed, elevation=(-30, 60), azimuth=(-70, 70)) + part_focuses(w)


def empty(w: World, catalog: Catalog) -> list[Focus]:
    """Tables, walls, floors on which nothing can be done: bare, or with what only looks like parts."""
    room(w, ("wall", "tile", "anything"))
    kind = w.pick(("table", "wall", "floor", "bare"), (4, 4, 2, 1))
    spot = w.root.child(0, -w.between(0.5, 1.2))
    if kind == "table":
        spot.add(box(1.6, 0.9, 0.04, 0.004).at(0, 0, 0.7), w.material("wood", "stone", "anything", "metal", "fabric"))
        for x in (-0.7, 0.7):
            spot.add(box(0.05, 0.05, 0.7).at(x, 0, 0.35), w.material("wood", "metal"))
        scatter(
            spot.child(0, 0, 0.72), catalog, catalog.find("table", None, False), int(w.rng.integers(0, 10)), 1.4, 0.8
        )
        return [Focus(np.array([0.0, spot.pose[1, 3], 0.75]), w.between(0.5, 1.4), (-70, 70), (5, 80))]
    if kind == "wall":
        on_wall(w, catalog, "any", int(w.rng.integers(2, 11)), 2.2, (0.4, 1.9), False)
        return [
            Focus(np.array([w.between(-0.6, 0.6), 0.0, w.between(0.6, 1.6)]), w.between(0.4, 2.0), (-60, 60), (-20, 30))
        ]
    if kind == "floor":
        scatter(spot, catalog, catalog.find("floor", None, False), int(w.rng.integers(1, 5)), 3.0, 1.6, turn=180)
        on_wall(w, catalog, "any", int(w.rng.integers(0, 4)), 2.5, (0.8, 2.0), False)
    return [Focus(np.array([w.between(-0.6, 0.6), -0.8, w.between(0.0, 1.2)]), w.between(0.6, 2.0), (-60, 60), (0, 60))]


SCENES: dict[str, tuple[Callable[[World, Catalog], list[Focus]], float]] = {
    # name: builder, how often
    "kitchen": (kitchen, 1.4),
    "fitted kitchen": (fitted, 2.2),
    "table": (table, 2.0),
    "bench": (bench, 1.6),
    "tool": (photo_of_tool, 1.0),
    "doors": (door_wall, 1.3),
    "wall": (wall_detail, 0.8),
    "single": (single, 1.8),
    "furnished": (furnished, 1.3),
    "medley": (medley, 0.8),
    "empty": (empty, 0.7),
}


def compose(w: World, catalog: Catalog, kinds: Sequence[str] | None = None) -> tuple[str, list[Focus]]:
    """Compose a scene of a random kind, or of one of some kinds: its name and what to look at."""
    names = list(kinds or SCENES)
    name = w.pick(names, [SCENES[item][1] for item in names])
    focuses = SCENES[name][0](w, catalog)
    if not focuses:
        focuses = [Focus(np.array([0.0, -0.5, 0.8]), 1.0)]
    return name, focuses
