"""One clip: a hand comes, takes a part and does an action to it, and the joint moves. Only the action is told."""

from __future__ import annotations

from dataclasses import dataclass, replace

import mujoco
import numpy as np
from numpy.typing import NDArray

from hotspot_core.data.rendered.annotation import MIN_PIXELS, annotate
from hotspot_core.data.rendered.camera import Focus, look_at, sample_view
from hotspot_core.data.rendered.hand import RenderedHand, add_hand, hand_pose
from hotspot_core.data.rendered.lens import photographed
from hotspot_core.data.rendered.model import compile_world, quaternion_of
from hotspot_core.data.rendered.poses import Floats
from hotspot_core.data.rendered.renderer import CameraView, Renderer
from hotspot_core.data.rendered.still import RenderedStill, Setting, build_world, set_joints
from hotspot_core.data.rendered.world import Joint, Part, World
from hotspot_core.errors import InputError

# A hand that is not in the picture.
AWAY = (0.0, 0.0, -30.0)
VIEWS = 16
SCENE_TRIES = 400
CLIP_SCENES = ("bench", "table", "single", "kitchen", "fitted kitchen", "doors", "wall", "furnished", "tool")


@dataclass(frozen=True)
class RenderedClip:
    """One interaction.

    frames (T, H, W, 3) uint8 RGB; inactive: the scene before, without a hand, from the clip's or another view;
    region (H, W) bool, where the used part is visible in the clip's view before; travel: by how much its joint moved
    (radians or meters).
    """

    frames: NDArray[np.uint8]
    inactive: RenderedStill
    action: str
    object: str
    region: NDArray[np.bool_]
    travel: float


@dataclass(frozen=True)
class _Grasp:
    """How a hand takes a part: contact and directions in the part's frame, half its thickness between fingers."""

    contact: Floats
    outward: Floats
    along: Floats
    half: float


def render_clip(rng: np.random.Generator, renderer: Renderer, setting: Setting, action: str) -> RenderedClip:
    """Compose scenes until one has a part for the action that can be seen well, and render a hand that does it."""
    for _ in range(SCENE_TRIES):
        world, scene, _, spec = build_world(rng, setting, CLIP_SCENES)
        able = [p for p in world.parts if action in p.actions and (action in p.motions or action == "hold")]
        if not able:
            continue
        part = able[int(rng.integers(len(able)))]
        hand = add_hand(world)
        model = compile_world(world, spec)
        data = renderer.load(model)
        _hide(data)
        set_joints(world, model, data)
        view = _view_of(rng, renderer, world, part, setting)
        if view is None:
            continue
        ids, depth = renderer.truth(view)
        inactive = _inactive(rng, renderer, world, scene, part, view)
        return _filmed(rng, renderer, world, hand, part, action, view, ids == part.id, depth, inactive)
    raise InputError(f"none of {SCENE_TRIES} scenes affords {action}: hold fewer object classes out")


def _hide(data: mujoco.MjData) -> None:
    data.mocap_pos[0] = AWAY


def _view_of(
    rng: np.random.Generator, renderer: Renderer, world: World, part: Part, setting: Setting
) -> CameraView | None:
    """A view in which the part is large enough; None where there is none."""
    boxes = world.part_boxes()
    if part.id not in boxes:
        return None
    low, high = boxes[part.id]
    outward = part.node.world_pose()[:3, :3] @ np.array(part.outward)
    side = float(np.degrees(np.arctan2(outward[0], -outward[1]))) if np.hypot(*outward[:2]) > 0.3 else 0.0
    for _ in range(VIEWS):
        focus = Focus(
            (low + high) / 2,
            float(max(rng.uniform(0.25, 0.8), 0.8 * (high - low).max())),
            (side - 60, side + 60),
            (0, 55),
            (0.5, 1.1),
        )
        view = sample_view(rng, focus, setting.width, setting.height)
        ids, depth = renderer.truth(view.thumbnail(80))
        seen = int((ids == part.id).sum())
        if seen >= 8 and float(((depth > 0) & (depth < 0.15)).mean()) < 0.1:
            full, _ = renderer.truth(view)
            if int((full == part.id).sum()) >= 3 * MIN_PIXELS:
                return view
    return None


def _grasp(part: Part, view: CameraView, region: NDArray[np.bool_], depth: NDArray[np.float32]) -> _Grasp:
    rows, columns = np.nonzero(region)
    points = view.points(depth, rows, columns)
    middle = np.median(points, axis=0)
    contact = points[np.linalg.norm(points - middle, axis=1).argmin()]
    pose = part.node.world_pose()
    outward = pose[:3, :3] @ np.array(part.outward)
    spread = points - points.mean(0)
    across = spread - np.outer(spread @ outward, outward)
    along = np.linalg.svd(across, full_matrices=False)[2][0]
    closing = np.cross(outward, along)
    half = float(np.clip(np.percentile(np.abs((points - contact) @ closing), 90), 0.004, 0.055))
    turn = pose[:3, :3].T
    return _Grasp(turn @ (contact - pose[:3, 3]), np.array(part.outward), turn @ along, half)


def _values(world: World, part: Part, action: str, fraction: float) -> dict[str, float]:
    """The joints' values when the action has been done by a fraction from 0 to 1."""
    motion = part.motions.get(action)
    if motion is None:
        return {}
    start = motion.joint.value
    siblings = world.joints_of(motion.joint)
    if action == "pour" and siblings[0] is not motion.joint:
        # What is poured from is lifted first.
        lifted = min(1.0, fraction / 0.4)
        tilted = max(0.0, (fraction - 0.4) / 0.6)
        return {siblings[0].name: 0.14 * lifted, motion.joint.name: start + (motion.stop - start) * tilted}
    return {motion.joint.name: start + (motion.stop - start) * fraction}


def _inactive(
    rng: np.random.Generator, renderer: Renderer, world: World, scene: str, part: Part, view: CameraView
) -> RenderedStill:
    """The scene before, from the clip's view or one beside it."""
    if rng.random() < 0.4:
        distance = float(np.linalg.norm(view.pose[:3, 3] - part.node.world_pose()[:3, 3]))
        target = view.pose[:3, 3] + view.pose[:3, 2] * distance
        view = CameraView(
            look_at(view.pose[:3, 3] + rng.normal(0, 0.06, 3) * distance, target), view.fov, view.width, view.height
        )
    ids, depth = renderer.truth(view)
    image = photographed(rng, renderer.image(view))
    return RenderedStill(scene, image, ids, depth, view, annotate(rng, world.parts, ids, depth, view))


def _filmed(
    rng: np.random.Generator,
    renderer: Renderer,
    world: World,
    hand: RenderedHand,
    part: Part,
    action: str,
    view: CameraView,
    region: NDArray[np.bool_],
    depth: NDArray[np.float32],
    inactive: RenderedStill,
) -> RenderedClip:
    model, data = renderer.model, renderer.data
    grasp = _grasp(part, view, region, depth)
    lens_seed = int(rng.integers(2**31))
    count = int(rng.integers(10, 19))
    arrive, leave = rng.uniform(0.25, 0.4), rng.uniform(0.85, 1.0)
    max_progress = rng.uniform(0.75, 1.0)
    away, slant = rng.uniform(0.15, 0.35), rng.normal(0, 0.25, 3)
    roll, shake = (0.0 if part.press else rng.normal(0, 0.15)), (rng.uniform(0, 0.008) if rng.random() < 0.5 else 0.0)
    wander = np.zeros(3)
    named = {joint.name: joint for joint in world.joints()}
    starts = {name: named[name].value for name in _values(world, part, action, 0.0)}
    frames = []
    for t in np.linspace(0, 1, count):
        progress = max_progress * _eased((t - arrive - 0.06) / max(leave - arrive - 0.06, 0.1))
        for name, value in _values(world, part, action, progress).items():
            _set(named[name], value, model, data)
        _place_hand(hand, part, grasp, model, data, away * (1 - _eased(t / arrive)), slant, roll, t >= arrive)
        mujoco.mj_forward(model, data)
        wander = 0.7 * wander + rng.normal(0, shake, 3)
        shaken = replace(view, pose=view.pose.copy())
        shaken.pose[:3, 3] += wander
        frames.append(photographed(np.random.default_rng(lens_seed), renderer.image(shaken)))
        for name, start in starts.items():
            named[name].value = start
    travel = max((abs(v - starts[n]) for n, v in _values(world, part, action, max_progress).items()), default=0.0)
    return RenderedClip(np.stack(frames), inactive, action, part.object, region, float(travel))


def _eased(t: float) -> float:
    """From 0 to 1, slow at both ends."""
    t = float(np.clip(t, 0, 1))
    return t * t * (3 - 2 * t)


def _set(joint: Joint, value: float, model: mujoco.MjModel, data: mujoco.MjData) -> None:
    joint.value = value
    data.qpos[model.joint(joint.name).qposadr[0]] = value


def _place_hand(
    hand: RenderedHand,
    part: Part,
    grasp: _Grasp,
    model: mujoco.MjModel,
    data: mujoco.MjData,
    away: float,
    slant: Floats,
    roll: float,
    closed: bool,
) -> None:
    """Put the hand at the part, or on its way to it, in the state that the part's joints have."""
    pose = part.node.world_pose()
    turn = pose[:3, :3]
    contact = turn @ grasp.contact + pose[:3, 3]
    outward = turn @ grasp.outward
    placed = hand_pose(contact, outward, turn @ grasp.along)
    cos, sin = np.cos(roll), np.sin(roll)
    placed[:3, :3] = placed[:3, :3] @ np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    # Fingertips reach a little around what they grip.
    inside = 0.0 if part.press else 0.012
    placed[:3, 3] += away * (outward + slant * 0.5) - inside * outward * (away < 0.01)
    data.mocap_pos[0] = placed[:3, 3]
    data.mocap_quat[0] = quaternion_of(placed)
    grip = 0.003 if part.press else grasp.half + 0.003
    for joint in hand.sides:
        _set(joint, grip if closed or part.press else min(grip + 0.025, 0.07), model, data)
