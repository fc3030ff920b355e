"""What tf2 itself answers, and what we make of it: skipped where tf2 is not installed, as beside the pip wheels."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from geometry_msgs.msg import TransformStamped
from numpy.typing import NDArray
from rclpy.time import Time

from hotspot_ros.positions.frames import inverse, transform_positions

tf2_ros = pytest.importorskip("tf2_ros", reason="tf2_ros is not installed: it comes with ROS 2, not with pip")

# From the base to the camera's optical frame.
CHAIN = ("base_link", "shoulder", "wrist", "camera_link", "camera_optical_frame")
Floats = NDArray[np.float64]


def told(parent: str, child: str, stamp: float, vector: Floats, translation: Floats) -> TransformStamped:
    """A transform by a rotation vector and a translation."""
    message = TransformStamped(child_frame_id=child)
    message.header.frame_id = parent
    message.header.stamp = Time(seconds=stamp).to_msg()
    angle = float(np.linalg.norm(vector))
    x, y, z = (np.sin(angle / 2) * vector / angle).tolist()
    rotation, t = message.transform.rotation, message.transform.translation
    rotation.x, rotation.y, rotation.z, rotation.w = x, y, z, float(np.cos(angle / 2))
    t.x, t.y, t.z = translation.tolist()
    return message


def pose(vector: Floats, translation: Floats) -> Floats:
    """The same as a (4, 4) matrix, by OpenCV."""
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = cv2.Rodrigues(vector)[0], translation
    return matrix


@pytest.mark.parametrize("seed", range(5))
def test_positions_go_down_a_chain_of_frames_and_back(seed: int) -> None:
    """1. A chain of random transforms at 1 s and 2 s; the last two joints move. 2. What tf2 looks up at 1 s,
    2 s and half way brings positions of the camera into the base as the product of the matrices does. 3. And back."""
    rng = np.random.default_rng(seed)
    buffer = tf2_ros.Buffer()
    steps = [(rng.normal(size=3), rng.normal(size=3)) for _ in CHAIN[1:]]
    moves = [np.zeros(3), np.zeros(3), rng.normal(0, 0.3, 3), rng.normal(0, 0.3, 3)]
    for second, part in ((1.0, 0.0), (2.0, 1.0)):
        for parent, child, (vector, place), move in zip(CHAIN, CHAIN[1:], steps, moves, strict=False):
            # About its own axis: half way then is half the angle.
            turned = vector * (1 + 0.2 * part * bool(move.any()))
            buffer.set_transform(told(parent, child, second, turned, place + part * move), "test")
    positions = rng.normal(size=(10, 3))
    for second, part in ((1.0, 0.0), (1.5, 0.5), (2.0, 1.0)):
        product = np.eye(4)
        for (vector, place), move in zip(steps, moves, strict=True):
            product = product @ pose(vector * (1 + 0.2 * part * bool(move.any())), place + part * move)
        expected = positions @ product[:3, :3].T + product[:3, 3]
        found = buffer.lookup_transform(CHAIN[0], CHAIN[-1], Time(seconds=second)).transform
        np.testing.assert_allclose(transform_positions(positions, found), expected, atol=1e-9)
        np.testing.assert_allclose(inverse(expected, found), positions, atol=1e-9)
    with pytest.raises(tf2_ros.TransformException):
        buffer.lookup_transform(CHAIN[0], CHAIN[-1], Time(seconds=2.5))


def test_zero_means_the_latest_to_tf2() -> None:
    """Which is why an image without a stamp gets no positions in another frame."""
    buffer = tf2_ros.Buffer()
    for second, x in ((1.0, 1.0), (2.0, 5.0)):
        buffer.set_transform(told("base_link", "camera", second, np.array([0.0, 0, 1]), np.array([x, 0, 0])), "test")
    assert buffer.lookup_transform("base_link", "camera", Time()).transform.translation.x == 5.0
