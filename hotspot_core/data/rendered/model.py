"""The MuJoCo model that a scene becomes."""

from __future__ import annotations

import mujoco
import numpy as np

from hotspot_core.data.rendered.poses import Floats
from hotspot_core.data.rendered.shapes import PrimitiveShape, joined, oriented
from hotspot_core.data.rendered.world import Node, World


def compile_world(world: World, spec: mujoco.MjSpec) -> mujoco.MjModel:
    """The model of the scene, into a specification that has its lights and cameras already."""
    world.materials.write(spec)
    buckets: dict[tuple[int, str, int], list[PrimitiveShape]] = {}
    bodies: list[mujoco.MjsBody] = [spec.worldbody]
    _collect(world.root, 0, np.eye(4), bodies, buckets)
    for number, ((body, material, part), shapes) in enumerate(buckets.items()):
        _write_mesh(bodies[body], f"mesh{number}", joined(shapes), material, part, spec)
    spec.nuser_geom = 1
    return spec.compile()


def _collect(
    node: Node,
    body: int,
    pose: Floats,
    bodies: list[mujoco.MjsBody],
    buckets: dict[tuple[int, str, int], list[PrimitiveShape]],
) -> None:
    pose = pose @ node.pose
    if node.joints or node.free:
        child = bodies[body].add_body(pos=pose[:3, 3], quat=quaternion_of(pose), mocap=node.free)
        if not node.free:
            child.explicitinertial, child.mass, child.inertia = True, 1.0, np.full(3, 0.01)
        for joint in node.joints:
            kind = mujoco.mjtJoint.mjJNT_SLIDE if joint.kind == "slide" else mujoco.mjtJoint.mjJNT_HINGE
            child.add_joint(name=joint.name, type=kind, axis=joint.axis, pos=joint.anchor)
        bodies.append(child)
        body, pose = len(bodies) - 1, np.eye(4)
    for shape, material, part in node.shapes:
        key = (body, material.name, part.id if part is not None else 0)
        buckets.setdefault(key, []).append(shape.moved(pose))
    for below in node.children:
        _collect(below, body, pose, bodies, buckets)


def quaternion_of(pose: Floats) -> Floats:
    """The rotation of a (4, 4) pose as a quaternion (w, x, y, z)."""
    quaternion = np.zeros(4)
    mujoco.mju_mat2Quat(quaternion, np.ascontiguousarray(pose[:3, :3]).ravel())
    return quaternion


def _write_mesh(
    body: mujoco.MjsBody, name: str, shape: PrimitiveShape, material: str, part: int, spec: mujoco.MjSpec
) -> None:
    shape = oriented(shape)
    mesh = spec.add_mesh(name=name, inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL)
    faces = shape.faces.ravel()
    mesh.uservert, mesh.userface = shape.vertices.ravel(), faces
    mesh.usernormal, mesh.userfacenormal = shape.normals.ravel(), faces
    mesh.usertexcoord, mesh.userfacetexcoord = shape.uv.ravel(), faces
    geom = body.add_geom(type=mujoco.mjtGeom.mjGEOM_MESH, meshname=name, material=material, contype=0, conaffinity=0)
    geom.userdata = [part]
