"""Tools: their handles are held and lifted. They lie along x; scenes turn them, and hang them on walls."""

from __future__ import annotations

import numpy as np

from hotspot_core.data.rendered.materials import SurfaceMaterial
from hotspot_core.data.rendered.plates import plate, round_outline
from hotspot_core.data.rendered.poses import Floats, turn_x, turn_y, turn_z
from hotspot_core.data.rendered.registry import object_class
from hotspot_core.data.rendered.shapes import PrimitiveShape, box, curve, cylinder, ring, tube
from hotspot_core.data.rendered.vessels import carried
from hotspot_core.data.rendered.world import Node, Part

ROOMS = ("bench", "any")


def tool_node(node: Node, object_name: str) -> tuple[Node, Part | None]:
    """A turned node on a table for a tool, and its handle."""
    inner = node.child(turn=turn_z(node.world.between(-180, 180)))
    lift = inner.slide((0, 0, 1.0))
    return inner, carried(inner.part(object_name, "handle", ("hold", "lift"), (), (0, 0, 1.0)), lift)


def grip_material(node: Node) -> SurfaceMaterial:
    """What tool handles are made of."""
    return node.world.material("wood", "rubber", "plastic", "dark", "paint", "metal")


def grip(node: Node, part: Part | None, length: float, thick: float) -> float:
    """A handle from the origin towards -x, lying on z = 0; the height of its axis."""
    w = node.world
    material = grip_material(node)
    kind = w.pick(("turned", "slab", "ribbed"))
    high = thick * 0.8
    if kind == "slab":
        outline = round_outline(length, thick * 2.2, w.between(2.5, 6))
        node.add(plate(outline, thick * 1.3).at(-length / 2, 0, high, turn_x(90)), material, part)
        if w.chance(0.4):
            for x in (0.25, 0.75):
                node.add(cylinder(0.003, thick * 1.4).at(-length * x, 0, high - thick * 0.7), w.material("metal"), part)
        return high
    along = np.linspace(0, -length, 12)
    profile = np.interp(np.linspace(0, 1, 12), [0, 0.15, 0.5, 0.85, 1], w.rng.uniform(0.7, 1.15, 5))
    node.add(
        tube(np.stack([along, 0 * along, 0 * along + high], 1), thick * profile, w.between(0.7, 1)), material, part
    )
    if kind == "ribbed":
        other = grip_material(node)
        for k in range(int(w.rng.integers(2, 7))):
            node.add(
                cylinder(thick * 1.1, length * 0.05).at(-length * (0.2 + 0.1 * k), 0, high, turn_y(90)), other, part
            )
    return high


def flat(outline: list[tuple[float, float]] | Floats, thick: float) -> PrimitiveShape:
    """A plate that lies on a table: outline in x and y."""
    return plate(np.asarray(outline, float), thick).at(turn=turn_x(90))


@object_class("table", ROOMS, 1.5)
def hammer(node: Node) -> None:
    """A hammer or mallet."""
    w = node.world
    inner, part = tool_node(node, "hammer")
    length, thick = w.between(0.18, 0.3), w.between(0.011, 0.017)
    high = grip(inner, part, length * 0.6, thick)
    steel = w.material("metal", "dark", "rubber", "wood")
    inner.add(
        tube([(0, 0, high), (length * 0.45, 0, high)], thick * 0.7), grip_material(node) if w.chance(0.5) else steel
    )
    head = inner.child(length * 0.45, 0, high)
    wide, size = w.between(0.07, 0.13), w.between(0.012, 0.03)
    if w.chance(0.5):
        head.add(cylinder(size, wide).at(0, wide / 2, 0, turn_x(90)), steel)
    else:
        head.add(box(size * 1.6, wide * 0.6, size * 1.6, 0.003).at(0, wide * 0.2), steel)
        head.add(
            plate([(-size * 0.8, 0), (size * 0.8, 0), (size * 0.3, -wide * 0.5), (-size * 0.3, -wide * 0.5)], size).at(
                0, 0, 0, turn_x(90)
            ),
            steel,
        )


@object_class("table", ROOMS, 1.5)
def screwdriver(node: Node) -> None:
    """A screwdriver, chisel, file or awl."""
    w = node.world
    inner, part = tool_node(node, "screwdriver")
    length, thick = w.between(0.08, 0.13), w.between(0.01, 0.018)
    high = grip(inner, part, length, thick)
    shaft = w.between(0.06, 0.18)
    steel = w.material("metal", "dark")
    if w.chance(0.6):
        inner.add(tube([(0, 0, high), (shaft, 0, high)], w.between(0.002, 0.005)), steel)
    else:
        wide = w.between(0.006, 0.02)
        inner.add(
            flat([(0, -wide / 2), (shaft, -wide / 2), (shaft, wide / 2), (0, wide / 2)], 0.005).at(0, 0, high), steel
        )


@object_class("table", ROOMS, 1.5)
def wrench(node: Node) -> None:
    """A wrench or spanner: the shaft is held."""
    w = node.world
    inner, part = tool_node(node, "wrench")
    length, wide, thick = w.between(0.1, 0.24), w.between(0.01, 0.022), w.between(0.004, 0.01)
    steel = w.material("metal", "metal", "dark")
    shaft = grip_material(node) if w.chance(0.3) else steel
    inner.add(box(length, wide, thick, 0.002).at(-length / 2, 0, thick), shaft, part)
    jaw = wide * w.between(1, 1.5)
    outline = [
        (0, -wide / 2),
        (jaw, -jaw),
        (2.2 * jaw, -jaw * 0.9),
        (2.2 * jaw, -jaw * 0.4),
        (jaw, -jaw * 0.4),
        (jaw, jaw * 0.4),
        (2.2 * jaw, jaw * 0.4),
        (2.2 * jaw, jaw * 0.9),
        (jaw, jaw),
        (0, wide / 2),
    ]
    inner.add(flat(outline, thick * 1.3).at(0, 0, thick), steel)
    if w.chance(0.6):
        inner.add(ring(wide * 0.9, wide * 0.35).at(-length - wide * 0.7, 0, thick, turn_x(90)), steel)


@object_class("table", ROOMS, 1.8)
def drill(node: Node) -> None:
    """A drill or other power tool: the grip is held, the trigger pressed."""
    w = node.world
    inner, part = tool_node(node, "drill")
    body, accent = w.material("paint", "plastic", "dark"), w.material("dark", "rubber", "plastic")
    lies = w.chance(0.5)
    length, radius, drop = w.between(0.14, 0.22), w.between(0.025, 0.038), w.between(0.1, 0.15)
    frame = inner.child(0, 0, radius, turn_x(90)) if lies else inner.child(0, 0, drop + radius + 0.04)
    frame.add(cylinder(radius, length, radius * 0.8, 0.008).at(-length * 0.4, 0, 0, turn_y(90)), body)
    frame.add(cylinder(radius * 0.6, 0.04, radius * 0.35).at(length * 0.6, 0, 0, turn_y(90)), accent)
    if w.chance(0.6):
        frame.add(cylinder(0.003, 0.07).at(length * 0.6 + 0.04, 0, 0, turn_y(90)), w.material("metal"))
    lean = w.between(-0.03, 0.0)
    frame.add(
        tube(
            curve([(-0.01, 0, -radius * 0.5), (lean * 0.5, 0, -drop / 2), (lean - 0.01, 0, -drop)], 8),
            w.between(0.017, 0.022),
            0.9,
        ),
        grip_material(node),
        part,
    )
    if w.chance(0.7):
        frame.add(box(0.1, 0.05, 0.045, 0.008).at(lean, 0, -drop - 0.018), accent)
    trigger = frame.part("drill", "trigger", ("press",), ("pull", "push"), (1.0, 0, 0), True)
    frame.add(
        box(0.014, 0.014, 0.03, 0.004).at(0.018, 0, -radius - 0.02), w.material("dark", "paint", "plastic"), trigger
    )


@object_class("table", ROOMS, 1)
def saw(node: Node) -> None:
    """A hand saw: a blade and a closed grip."""
    w = node.world
    inner, part = tool_node(node, "saw")
    length, wide = w.between(0.22, 0.4), w.between(0.04, 0.09)
    inner.add(
        flat([(0, -wide / 2), (length, -wide * 0.1), (length, wide * 0.2), (0, wide / 2)], 0.002).at(0, 0, 0.012),
        w.material("metal"),
    )
    bow = curve(
        [
            (0.01, wide * 0.45, 0),
            (-0.09, wide * 0.6, 0),
            (-0.11, 0, 0),
            (-0.09, -wide * 0.5, 0),
            (0.01, -wide * 0.4, 0),
        ],
        16,
    )
    inner.add(tube(bow + np.array([0, 0, 0.012]), w.between(0.009, 0.014), 0.9), grip_material(node), part)


@object_class("table", ROOMS, 1)
def tape_or_torch(node: Node) -> None:
    """A torch, marker, roller, tape dispenser: held as a whole."""
    w = node.world
    inner = node.child(turn=turn_z(w.between(-180, 180)))
    lift = inner.slide((0, 0, 1.0))
    part = carried(inner.part("torch", "body", ("hold", "lift"), (), (0, 0, 1.0)), lift)
    length, thick = w.between(0.08, 0.2), w.between(0.008, 0.022)
    inner.add(
        cylinder(thick, length, bevel=0.003).at(0, 0, thick, turn_y(90)),
        w.material("plastic", "metal", "dark", "paint"),
        part,
    )
    inner.add(
        cylinder(thick, length * 0.25, thick * w.between(0.5, 1.6), 0.002).at(length, 0, thick, turn_y(90)),
        w.material("plastic", "metal", "dark"),
        part,
    )


@object_class("table", ROOMS, 1.2)
def tool_box(node: Node) -> None:
    """A tool box or case: a bow on the lid, latches in front."""
    w = node.world
    inner = node.child(turn=turn_z(w.between(-40, 40)))
    lift = inner.slide((0, 0, 1.0))
    width, depth, high = w.between(0.25, 0.42), w.between(0.12, 0.22), w.between(0.1, 0.22)
    material, second = w.material("paint", "metal", "plastic"), w.material("dark", "paint", "plastic")
    inner.add(box(width, depth, high, 0.008).at(0, 0, high / 2), material)
    inner.add(box(width * 1.01, depth * 1.02, high * 0.3, 0.008).at(0, 0, high * 0.86), second)
    part = carried(inner.part("tool box", "handle", ("hold", "lift"), ("pull",), (0, 0, 1.0)), lift)
    half, rise = width * w.between(0.15, 0.4), w.between(0.03, 0.06)
    bow = curve(
        [
            (-half, 0, high),
            (-half, 0, high + rise * 0.9),
            (-half * 0.7, 0, high + rise),
            (half * 0.7, 0, high + rise),
            (half, 0, high + rise * 0.9),
            (half, 0, high),
        ],
        18,
    )
    inner.add(tube(bow, w.between(0.006, 0.012)), grip_material(node), part)
    for x in (-0.3, 0.3):
        latch = inner.part("tool box", "latch", ("open",), ("lift", "pull", "press"))
        inner.add(
            box(0.03, 0.01, 0.04, 0.002).at(x * width, -depth / 2 - 0.005, high * 0.72),
            w.material("metal", "dark"),
            latch,
        )
