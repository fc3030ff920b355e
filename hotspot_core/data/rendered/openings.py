"""What opens and closes: hinged leaves, drawers, sliding leaves, lids; closed or opened, and how they move."""

from __future__ import annotations

import numpy as np

from hotspot_core.data.rendered.handles import HandleStyle
from hotspot_core.data.rendered.materials import SurfaceMaterial
from hotspot_core.data.rendered.poses import turn_x
from hotspot_core.data.rendered.shapes import box, cylinder, picture
from hotspot_core.data.rendered.world import Joint, JointMotion, Node, Part

# How often things stand open.
OPENED = 0.3
# How often a front carries something that affords nothing.
HARD_NEGATIVES = 0.2


def opening_angle(node: Node, largest: float = 1.9, opened: float = OPENED) -> float:
    """The state of a door, in radians: mostly 0."""
    w = node.world
    return w.between(0.3, largest) if w.chance(opened) else 0.0


def moved_part(
    node: Node, object_name: str, name: str, is_open: bool, fraction: float, slides: bool = False
) -> Part | None:
    """A handle or panel: it opens and is pulled where closed, closes and is pushed where opened.

    One may dispute whether what is opened by less than two thirds can be opened further, and whether drawers slide.
    """
    disputed = ("slide",) if slides else ()
    if is_open:
        return node.part(
            object_name, name, ("close", "push"), (*disputed, *(("open", "pull") if fraction < 0.66 else ()))
        )
    return node.part(object_name, name, ("open", "pull"), disputed)


def set_motions(part: Part | None, joint: Joint, is_open: bool, farthest: float) -> None:
    """Let a part of something that opens move its joint: to the farthest value, or back to 0."""
    if part is None:
        return
    names = ("close", "push") if is_open else ("open", "pull")
    for name in names:
        if name not in part.actions:
            continue
        part.motions[name] = JointMotion(joint, 0.0 if is_open else farthest)


def face(
    node: Node, width: float, height: float, thick: float, material: SurfaceMaterial, style: str, part: Part | None
) -> None:
    """A leaf's body with its front at y = 0, around the origin: slab, frame, glass, louvres, boards or grooves."""
    w = node.world
    if style == "slab" or min(width, height) < 0.1:
        node.add(box(width, thick, height, 0.003).at(0, thick / 2), material, part)
        return
    border = min(0.22 * min(width, height), w.between(0.04, 0.09))
    if style in ("frame", "glass", "louvre", "raised"):
        for z in (-1, 1):
            node.add(box(width, thick, border, 0.003).at(0, thick / 2, z * (height - border) / 2), material, part)
        for x in (-1, 1):
            node.add(
                box(border, thick, height - 2 * border, 0.003).at(x * (width - border) / 2, thick / 2), material, part
            )
    inner, upper = width - 2 * border, height - 2 * border
    if style == "frame":
        node.add(box(inner, thick * 0.5, upper).at(0, thick * 0.7), material, part)
    elif style == "raised":
        node.add(box(inner, thick * 0.5, upper).at(0, thick * 0.75), material, part)
        node.add(box(inner * 0.8, thick * 0.5, upper * 0.85, 0.012).at(0, thick * 0.4), material, part)
    elif style == "glass":
        node.add(box(inner, 0.004, upper).at(0, thick / 2), w.materials.new(w.rng, "glass"), part)
        if w.chance(0.4):
            node.add(box(0.012, thick * 0.8, upper).at(0, thick / 2), material, part)
            node.add(box(inner, thick * 0.8, 0.012).at(0, thick / 2), material, part)
    elif style == "louvre":
        slats = max(3, int(upper / 0.045))
        for k in range(slats):
            up = (k + 0.5) / slats * upper - upper / 2
            node.add(box(inner, 0.006, upper / slats * 0.95).at(0, thick / 2, up, turn_x(30)), material, part)
    else:
        count = int(w.rng.integers(2, 7))
        along = style == "boards"
        for k in range(count):
            s = (k + 0.5) / count - 0.5
            if along:
                node.add(box(width / count - 0.003, thick, height, 0.004).at(s * width, thick / 2), material, part)
            else:
                node.add(box(width, thick, height / count - 0.003, 0.004).at(0, thick / 2, s * height), material, part)


FACE_STYLES = ("slab", "frame", "glass", "louvre", "raised", "boards", "grooves")


def hinged(
    node: Node,
    object_name: str,
    width: float,
    height: float,
    material: SurfaceMaterial,
    handle: HandleStyle | None,
    side: str,
    angle: float,
    style: str = "slab",
    thick: float = 0.02,
    farthest: float = 1.7,
    name: str = "door",
    handle_at: float | None = None,
) -> Node:
    """A leaf in the x-z plane, its closed front at y = 0, on hinges at its left, right, bottom or top; the leaf's node.

    `angle` opens it towards -y. `handle_at` is where the handle sits along the free edge, from -0.5 to 0.5. Without a
    handle, a closed leaf affords nothing; an opened one is closed at its panel.
    """
    w = node.world
    leaf = node.child()
    x, z = {
        "left": (-width / 2, 0.0),
        "right": (width / 2, 0.0),
        "bottom": (0.0, -height / 2),
        "top": (0.0, height / 2),
    }[side]
    axis = {"left": (0.0, 0, -1.0), "right": (0.0, 0, 1.0), "bottom": (1.0, 0, 0.0), "top": (-1.0, 0, 0.0)}[side]
    joint = leaf.hinge(axis, angle, (x, 0.0, z))
    is_open = angle > 0
    panel = moved_part(leaf, object_name, name, True, angle / farthest) if is_open else None
    face(leaf, width - 0.004, height - 0.004, thick, material, style, panel)
    set_motions(panel, joint, is_open, farthest)
    if w.chance(HARD_NEGATIVES):
        hard_negative(leaf, width, height)
    if handle is None:
        return leaf
    part = moved_part(leaf, object_name, f"{name} handle", is_open, angle / farthest)
    set_motions(part, joint, is_open, farthest)
    inset = w.between(0.03, 0.06) if min(width, height) > 0.15 else 0.25 * min(width, height)
    upright = side in ("left", "right")
    free = (height if upright else width) / 2 - 0.02
    length = min(2 * free, handle.length if upright else handle.length * 1.5)
    if handle_at is None:
        handle_at = w.pick((-0.35, 0.0, 0.0, 0.35)) if upright else 0.0
    along = float(np.clip(handle_at * 2 * free, -free + length / 2, free - length / 2)) if length < 2 * free else 0.0
    edge = (width if upright else height) / 2 - inset
    at = {"left": (edge, along), "right": (-edge, along), "bottom": (along, edge), "top": (along, -edge)}[side]
    handle.mount(leaf.child(at[0], 0, at[1]), part, length, upright)
    return leaf


def drawer(
    node: Node,
    object_name: str,
    width: float,
    height: float,
    depth: float,
    material: SurfaceMaterial,
    handle: HandleStyle | None,
    opened: float,
    style: str = "slab",
) -> Node:
    """A drawer whose closed front is at y = 0, around the origin, pulled out towards -y by `opened` meters."""
    w = node.world
    box_node = node.child()
    joint = box_node.slide((0.0, -1.0, 0.0), opened)
    is_open, farthest = opened > 0, depth * 0.8
    front = moved_part(box_node, object_name, "drawer front", True, opened / farthest, True) if is_open else None
    face(box_node, width - 0.004, height - 0.004, 0.018, material, style if height > 0.1 else "slab", front)
    set_motions(front, joint, is_open, farthest)
    if w.chance(HARD_NEGATIVES):
        hard_negative(box_node, width, height)
    if is_open:
        inside = w.material("wood", "white", "metal")
        low, wide = height * 0.75, width - 0.03
        for x in (-1, 1):
            box_node.add(box(0.01, depth * 0.9, low).at(x * wide / 2, depth * 0.46, -height * 0.08), inside)
        box_node.add(box(wide, 0.01, low).at(0, depth * 0.9, -height * 0.08), inside)
        box_node.add(box(wide, depth * 0.9, 0.008).at(0, depth * 0.46, -height * 0.42), inside)
    if handle is not None:
        part = moved_part(box_node, object_name, "drawer handle", is_open, opened / farthest, True)
        set_motions(part, joint, is_open, farthest)
        z = w.pick((0.0, 0.0, 0.3)) * height
        handle.mount(box_node.child(0, 0, z), part, min(0.9 * width, handle.length * 1.3), False)
    return box_node


def drawer_state(node: Node, depth: float, opened: float = OPENED) -> float:
    """How far a drawer is pulled out: mostly 0."""
    w = node.world
    return w.between(0.2, 0.75) * depth if w.chance(opened) else 0.0


def sliding(
    node: Node,
    object_name: str,
    width: float,
    height: float,
    material: SurfaceMaterial,
    handle: HandleStyle | None,
    side: float,
    opened: float,
    farthest: float,
    style: str = "slab",
) -> Node:
    """A leaf that slides along x towards `side` (-1 or 1); its handle is at the other edge."""
    w = node.world
    leaf = node.child()
    joint = leaf.slide((side, 0.0, 0.0), opened)
    face(leaf, width, height, 0.025, material, style, None)
    mount = leaf.child(-side * (width / 2 - w.between(0.03, 0.06)), 0, w.pick((0.0, 0.0, -0.2, 0.2)) * height)
    action, disputed = ("close", "open") if opened > 0 else ("open", "close")
    unclear = ("pull", "push", *((disputed,) if 0 < opened < 0.6 * farthest else ()))
    part = mount.part(object_name, "sliding handle", ("slide", action), unclear)
    if part is not None:
        target = 0.0 if opened > 0 else farthest
        part.motions = {"slide": JointMotion(joint, target), action: JointMotion(joint, target)}
    if handle is not None:
        handle.mount(mount, part, min(0.8 * height, handle.length), True)
    return leaf


def carcass(node: Node, width: float, height: float, depth: float, material: SurfaceMaterial, shelves: int = 0) -> None:
    """An open box behind y = 0, standing on z = 0 and centered on x: what doors are mounted on."""
    wall = 0.016
    for x in (-1, 1):
        node.add(box(wall, depth, height).at(x * (width - wall) / 2, depth / 2, height / 2), material)
    for z in (wall / 2, height - wall / 2):
        node.add(box(width - 2 * wall, depth, wall).at(0, depth / 2, z), material)
    node.add(box(width - 2 * wall, wall, height - 2 * wall).at(0, depth - wall / 2, height / 2), material)
    for k in range(shelves):
        z = (k + 1) / (shelves + 1) * height
        node.add(box(width - 2 * wall, depth * 0.9, wall * 0.8).at(0, depth / 2, z), material)


def label(node: Node, width: float, height: float) -> None:
    """A sticker, name plate or print on a surface: nothing to act on."""
    w = node.world
    node.add(picture(width, height).at(0, -0.0015), w.materials.print(w.rng))


def hard_negative(node: Node, width: float, height: float) -> None:
    """Something on a front around the origin that affords nothing: a sticker, lock, vent, light, screws or a ledge."""
    w = node.world
    spot = node.child(w.between(-0.35, 0.35) * width, 0, w.between(-0.35, 0.35) * height)
    metal = w.material("metal", "dark", "white", "plastic")
    kind = w.pick(("sticker", "lock", "vent", "light", "screws", "ledge", "hinge"))
    small = 0.3 * min(width, height)
    if kind == "sticker":
        label(spot, min(w.between(0.03, 0.15), small * 2), min(w.between(0.02, 0.1), small))
    elif kind == "lock":
        spot.add(cylinder(min(0.012, small), 0.006, bevel=0.001).at(turn=turn_x(90)), metal)
        spot.add(box(0.002, 0.002, 0.01).at(0, -0.0065), w.material("dark"))
    elif kind == "vent":
        for k in range(int(w.rng.integers(3, 7))):
            spot.add(box(min(0.12, small * 2), 0.003, 0.004).at(0, -0.001, 0.009 * k), metal)
    elif kind == "light":
        spot.add(cylinder(min(0.006, small), 0.003).at(turn=turn_x(90)), w.materials.glowing(w.rng))
    elif kind == "screws":
        for x in (-0.44, 0.44):
            for z in (-0.44, 0.44):
                node.add(cylinder(0.004, 0.002, segments=10).at(x * width, 0, z * height, turn_x(90)), metal)
    elif kind == "ledge":
        node.add(box(width * 0.96, 0.008, 0.008, 0.002).at(0, -0.004, w.between(-0.4, 0.4) * height), metal)
    else:
        for z in (-0.36, 0.36):
            node.add(
                cylinder(0.006, 0.05, segments=10).at(w.pick((-0.5, 0.5)) * width, -0.004, z * height - 0.025), metal
            )
