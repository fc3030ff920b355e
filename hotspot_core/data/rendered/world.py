"""A scene as a tree of nodes with meshes, parts and joints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from hotspot_core.data.rendered.materials import Materials, SurfaceMaterial
from hotspot_core.data.rendered.poses import Floats, pose_of, turn_about
from hotspot_core.data.rendered.shapes import PrimitiveShape

ACTIONS: tuple[str, ...] = ("open", "close", "pull", "push", "press", "rotate", "slide", "lift", "hold", "pour")

# Masks have 8 bits.
MAX_PARTS = 255


@dataclass(eq=False)
class Joint:
    """One degree of freedom of a node: a hinge (radians) or a slide (meters) about or along an axis of it."""

    kind: str
    axis: tuple[float, float, float]
    anchor: tuple[float, float, float] = (0.0, 0.0, 0.0)
    value: float = 0.0
    name: str = ""

    def pose(self, value: float) -> Floats:
        """What the joint does to its node, as a (4, 4) pose."""
        if self.kind == "slide":
            return pose_of(np.array(self.axis) * value)
        turn = turn_about(self.axis, value)
        return pose_of(np.array(self.anchor) - turn @ np.array(self.anchor), turn)


@dataclass(frozen=True)
class JointMotion:
    """What an action does: the joint that moves, and to which value."""

    joint: Joint
    stop: float


@dataclass(eq=False)
class Part:
    """Something to act on.

    Attributes:
        id: value in the mask, from 1.
        object, name: of what it is a part, and which.
        actions: what can be done to it.
        unclear: what one may dispute; neither an example nor a counter-example.
        node: in whose frame `outward` is, the direction from which a hand comes.
        motions: per action what moves; actions that are not in it only hold.
        press: whether it is used with a fingertip instead of a grip.
    """

    id: int
    object: str
    name: str
    actions: tuple[str, ...]
    unclear: tuple[str, ...]
    node: Node
    outward: tuple[float, float, float] = (0.0, -1.0, 0.0)
    motions: dict[str, JointMotion] = field(default_factory=dict)
    press: bool = False


@dataclass(eq=False)
class Node:
    """A frame of the scene with meshes and further nodes in it; with joints it moves."""

    world: World
    parent: Node | None
    pose: Floats
    shapes: list[tuple[PrimitiveShape, SurfaceMaterial, Part | None]] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    joints: list[Joint] = field(default_factory=list)
    # Whoever steps the simulation moves it freely: a hand.
    free: bool = False

    def child(self, x: float = 0, y: float = 0, z: float = 0, turn: Floats | None = None) -> Node:
        """A node in this one's frame."""
        node = Node(self.world, self, pose_of((x, y, z), turn))
        self.children.append(node)
        return node

    def add(self, shape: PrimitiveShape, material: SurfaceMaterial, part: Part | None = None) -> None:
        """Put a mesh here, as (a piece of) a part where one is given."""
        self.shapes.append((shape, material, part))

    def hinge(self, axis: tuple[float, float, float], angle: float = 0.0, anchor: ArrayLike = (0, 0, 0)) -> Joint:
        """Let this node turn about an axis through a point of it; `angle` in radians is its state."""
        x, y, z = np.asarray(anchor, float)
        return self._joint(Joint("hinge", axis, (float(x), float(y), float(z)), angle))

    def slide(self, axis: tuple[float, float, float], distance: float = 0.0) -> Joint:
        """Let this node slide along an axis; `distance` in meters is its state."""
        return self._joint(Joint("slide", axis, value=distance))

    def _joint(self, joint: Joint) -> Joint:
        self.joints.append(joint)
        self.world.name_joint(joint, self.joints)
        return joint

    def part(
        self,
        object_name: str,
        name: str,
        actions: Sequence[str],
        unclear: Sequence[str] = (),
        outward: tuple[float, float, float] = (0.0, -1.0, 0.0),
        press: bool = False,
    ) -> Part | None:
        """Declare a part in this frame; None where the scene has as many as a mask can tell apart."""
        return self.world.add_part(Part(0, object_name, name, tuple(actions), tuple(unclear), self, outward, {}, press))

    def surface(self, width: float, depth: float, height: float) -> None:
        """Offer this node's x-y plane to put things on."""
        self.world.surfaces.append(SupportSurface(self, width, depth, height))

    def moving_pose(self) -> Floats:
        """The node's (4, 4) pose in its parent, its joints in their state."""
        pose = self.pose
        for joint in self.joints:
            pose = pose @ joint.pose(joint.value)
        return pose

    def world_pose(self) -> Floats:
        """The node's (4, 4) pose in the world, joints in their state."""
        pose = self.moving_pose()
        return pose if self.parent is None else self.parent.world_pose() @ pose

    def points(self) -> Iterator[Floats]:
        """The vertices of all that is below, in this node's own frame, joints in their state."""
        for shape, _, _ in self.shapes:
            yield shape.vertices
        for node in self.children:
            pose = node.moving_pose()
            for points in node.points():
                yield points @ pose[:3, :3].T + pose[:3, 3]

    def bounds(self) -> tuple[Floats, Floats]:
        """The lowest and highest corner of all that is below, in this node's own frame."""
        found = list(self.points())
        if not found:
            return np.zeros(3), np.zeros(3)
        every = np.concatenate(found)
        return every.min(0), every.max(0)


@dataclass(frozen=True)
class SupportSurface:
    """Where things can be put: width, depth and free height over a node's origin, around its x and y axes."""

    node: Node
    width: float
    depth: float
    height: float


class World:
    """A scene in the making.

    Args:
        rng: random generator of the scene.
        materials: makes its materials.
        excluded: names of object classes that must not come, not even as a detail of others.

    Attributes:
        parts: what can be acted on.
        surfaces: where things can be put, once the furniture stands.
        shared: what several calls of one builder have in common, such as the look of a row of knobs.
    """

    def __init__(self, rng: np.random.Generator, materials: Materials, excluded: Sequence[str] = ()) -> None:
        self.rng = rng
        self.materials = materials
        self.excluded = frozenset(excluded)
        self.parts: list[Part] = []
        self.surfaces: list[SupportSurface] = []
        self.shared: dict[str, Any] = {}
        self.root = Node(self, None, np.eye(4))
        self._siblings: dict[str, list[Joint]] = {}

    def name_joint(self, joint: Joint, siblings: list[Joint]) -> None:
        """Name a new joint; `siblings` are all of its node."""
        joint.name = f"joint{len(self._siblings)}"
        self._siblings[joint.name] = siblings

    def add_part(self, part: Part) -> Part | None:
        """Number a part."""
        if len(self.parts) >= MAX_PARTS:
            return None
        part.id = len(self.parts) + 1
        self.parts.append(part)
        return part

    def part_boxes(self) -> dict[int, tuple[Floats, Floats]]:
        """Per part that has meshes, its lowest and highest corner in the world, joints in their state."""
        found: dict[int, list[Floats]] = {}
        waiting = [(self.root, np.eye(4))]
        while waiting:
            node, above = waiting.pop()
            pose = above @ node.moving_pose()
            for shape, _, part in node.shapes:
                if part is not None:
                    found.setdefault(part.id, []).append(shape.vertices @ pose[:3, :3].T + pose[:3, 3])
            waiting += [(child, pose) for child in node.children]
        every = {number: np.concatenate(points) for number, points in found.items()}
        return {number: (points.min(0), points.max(0)) for number, points in every.items()}

    def joints(self) -> Iterator[Joint]:
        """All joints of what stands in the scene."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            yield from node.joints
            waiting += node.children

    def joints_of(self, joint: Joint) -> list[Joint]:
        """The joints of the node that has a joint."""
        return self._siblings[joint.name]

    def chance(self, probability: float) -> bool:
        """True with that probability."""
        return bool(self.rng.random() < probability)

    def between(self, low: float, high: float) -> float:
        """A number from a range."""
        return float(self.rng.uniform(low, high))

    def pick(self, items: Sequence[Any], weights: Sequence[float] | None = None) -> Any:
        """One of some items."""
        if weights is None:
            return items[int(self.rng.integers(len(items)))]
        relative = np.asarray(weights, float)
        return items[int(self.rng.choice(len(items), p=relative / relative.sum()))]

    def material(self, *kinds: str) -> SurfaceMaterial:
        """A new material of one of some kinds."""
        return self.materials.new(self.rng, self.pick(kinds))

    def tint(self, material: SurfaceMaterial) -> SurfaceMaterial:
        """A material like another one, of another color."""
        return self.materials.new(self.rng, material.kind)
