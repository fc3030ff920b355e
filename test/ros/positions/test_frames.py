"""Rotations as matrices and as quaternions."""

from __future__ import annotations

import cv2
import numpy as np
from geometry_msgs.msg import Quaternion, Transform, Vector3

from hotspot_ros.positions.frames import quaternions, rotation_matrix, transform_positions

RNG = np.random.default_rng(0)
# Half turns too, of which w is 0.
VECTORS = [*RNG.normal(size=(50, 3)), *(np.pi * np.eye(3)), np.zeros(3), np.array([np.pi, 0, 0]) * (1 - 1e-9)]


def test_a_matrix_becomes_its_quaternion_and_back() -> None:
    matrices = np.array([cv2.Rodrigues(vector)[0] for vector in VECTORS])
    for matrix, (x, y, z, w) in zip(matrices, quaternions(matrices).tolist(), strict=True):
        assert np.isclose(np.linalg.norm([x, y, z, w]), 1)
        assert w >= 0
        turned = rotation_matrix(Transform(rotation=Quaternion(x=x, y=y, z=z, w=w)))
        np.testing.assert_allclose(turned, matrix, atol=1e-7)


def test_a_matrix_turns_as_its_transform_does() -> None:
    transform = Transform(translation=Vector3(x=1.0, y=2.0, z=3.0), rotation=Quaternion(x=0.2, y=-0.4, z=0.1, w=0.5))
    points = RNG.normal(size=(5, 3))
    turned = points @ rotation_matrix(transform).T
    np.testing.assert_allclose(turned + np.array([1, 2, 3]), transform_positions(points, transform))


def test_nothing_stays_nothing() -> None:
    found = quaternions(np.stack([np.full((3, 3), np.nan), np.eye(3)]))
    assert np.isnan(found[0]).all()
    np.testing.assert_allclose(found[1], [0, 0, 0, 1])
    assert quaternions(np.zeros((0, 3, 3))).shape == (0, 4)
