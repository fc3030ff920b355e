"""Fitted kitchens: one style of fronts and handles for all, one worktop, built-in machines, cupboards above."""

from __future__ import annotations

from hotspot_core.data.rendered import appliances, fittings, small_appliances
from hotspot_core.data.rendered.catalog import Catalog, PlacedObject, fill_surfaces, parent_bounds
from hotspot_core.data.rendered.furniture import Fronts, fill_front
from hotspot_core.data.rendered.materials import SurfaceMaterial
from hotspot_core.data.rendered.openings import carcass
from hotspot_core.data.rendered.registry import classes
from hotspot_core.data.rendered.shapes import box
from hotspot_core.data.rendered.world import Node, World

# Built into the row, by name of the class, and how often each comes.
BUILT_IN = {"oven": 1.0, "dishwasher": 0.6, "washing machine": 0.2}


def fitted_kitchen(w: World, catalog: Catalog) -> list[PlacedObject]:
    """A straight fitted kitchen along the back wall, with things on its worktop."""
    known = classes()
    fronts, parent = Fronts(w.root), w.root.child()
    height, depth = w.between(0.8, 0.95), w.between(0.5, 0.65)
    machines = [name for name, often in BUILT_IN.items() if name not in catalog.excluded and w.chance(often)]
    units = int(w.rng.integers(3, 8))
    plan: list[str] = ["unit"] * units + machines + (["sink"] if "sink unit" not in catalog.excluded else [])
    plan = [plan[i] for i in w.rng.permutation(len(plan))]
    if "refrigerator" not in catalog.excluded and w.chance(0.7):
        plan = ["refrigerator", *plan] if w.chance(0.5) else [*plan, "refrigerator"]
    top, x, placed = w.material("stone", "wood", "white", "dark", "metal", "tile"), 0.0, []
    for name in plan:
        cell = parent.child()
        if name == "unit":
            width = w.pick((0.3, 0.4, 0.45, 0.6, 0.8))
            carcass(cell, width, height, depth, fronts.body)
            fill_front(cell, width, height, depth, fronts, "kitchen unit")
            kind = known["cabinet"]
        elif name == "sink":
            fittings.sink_in(cell, w.between(0.6, 0.9), height, depth, fronts, top)
            width, kind = 0.0, known["sink unit"]
        else:
            known[name].build(cell)
            width, kind = 0.0, known[name]
        low, high = parent_bounds(cell)
        wide = width or min(float(high[0] - low[0]), 1.0)
        cell.pose[0, 3] = x + wide / 2 if width else x - low[0]
        cell.pose[1, 3] = -depth if name in ("unit", "sink") else -float(high[1]) - 0.01
        if name in ("unit", "dishwasher", "washing machine"):
            _worktop(parent.child(x + wide / 2, -depth / 2, height), wide, depth, top)
        x += wide
        placed.append(PlacedObject(kind, cell))
    parent.pose[0, 3] = -x / 2
    if w.chance(0.85):
        placed += _upper(parent, x, depth, fronts)
    if w.chance(0.5):
        tiles = w.material("tile", "stone", "paint", "metal")
        parent.add(box(x, 0.01, 0.6).at(x / 2, -0.008, height + 0.3), tiles)
    placed += fill_surfaces(w.root, catalog, "kitchen", 0.75)
    return placed


def _worktop(node: Node, width: float, depth: float, top: SurfaceMaterial) -> None:
    node.add(box(width, depth + 0.04, 0.035, 0.003).at(0, -0.01, 0.018), top)
    node.child(0, 0, 0.037).surface(width * 0.95, depth * 0.85, 0.45)


def _upper(parent: Node, length: float, depth: float, fronts: Fronts) -> list[PlacedObject]:
    """Cupboards above, with a hood or a microwave between them."""
    w = parent.world
    known = classes()
    x, z, high, deep = 0.0, w.between(1.35, 1.55), w.between(0.5, 0.9), w.between(0.28, 0.36)
    placed = []
    while x < length - 0.3:
        width = float(w.pick((0.3, 0.4, 0.6, 0.8)))
        cell = parent.child(x + width / 2, -deep, z)
        if w.chance(0.1):
            appliances.hood(parent.child(x + width / 2, 0, z))
        elif w.chance(0.1) and "microwave" not in w.excluded:
            small = parent.child(x + width / 2, -deep / 2, z)
            small_appliances.microwave(small)
            placed.append(PlacedObject(known["microwave"], small))
        elif w.chance(0.9):
            carcass(cell, width, high, deep, fronts.body, 1)
            fill_front(cell, width, high, deep, fronts, "wall cabinet", w.pick(("door", "doors", "open"), (4, 4, 0.4)))
            placed.append(PlacedObject(known["wall cabinet"], cell))
        x += width
    if w.chance(0.3):
        parent.add(box(length, deep, 0.08).at(length / 2, -deep / 2, z + high + 0.04), fronts.body)
    return placed
