"""Writes the bag of the tests anew: python test/ros/make_bag.py

A drawn hand uses a drawn object (nobody's licence), before a plane whose depth is known. An MCAP file with chunks that
zstd compresses, which plain `ros2 bag` reads, too.
"""

from __future__ import annotations

import shutil

import numpy as np
from bag import BAG, FRAMES, HEIGHT, PLANE, RATE, START, TOPICS, WIDTH
from rclpy.serialization import serialize_message
from rclpy.time import Time
from rosbags.interfaces import Qos, QosDurability, QosHistory, QosLiveliness, QosReliability, QosTime
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore
from std_msgs.msg import Header

from hotspot_core.data.synthetic import make_clip
from hotspot_ros.conversions.images import encode_image
from hotspot_ros.player.calibration import pinhole
from hotspot_ros.positions.camera_model import camera_model

FIELD_OF_VIEW = 60.0
# Nanoseconds after its image at which a message was recorded; they come in this order.
DELAYS = {"camera_info": 2_000_000, "image": 5_000_000, "depth": 9_000_000}


def depth_of_plane() -> np.ndarray:
    """(H, W) uint16 millimetres."""
    camera = camera_model(pinhole(WIDTH, HEIGHT, FIELD_OF_VIEW), (HEIGHT, WIDTH))
    assert camera is not None
    columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    rays = camera.rays(np.column_stack([columns.ravel(), rows.ravel()]).astype(float))
    return np.rint(1000 / (rays @ PLANE)).astype(np.uint16).reshape(HEIGHT, WIDTH)


def main() -> None:
    """The command."""
    clip = make_clip(np.random.default_rng(11), difficulty=0.0, size=WIDTH, frames=(FRAMES, FRAMES))
    top = (WIDTH - HEIGHT) // 2
    depth = depth_of_plane()
    qos = Qos(
        QosHistory.KEEP_LAST,
        5,
        QosReliability.RELIABLE,
        QosDurability.VOLATILE,
        QosTime(0, 0),
        QosTime(0, 0),
        QosLiveliness.AUTOMATIC,
        QosTime(0, 0),
        False,
    )
    shutil.rmtree(BAG, ignore_errors=True)
    writer = Writer(BAG, version=9, storage_plugin=StoragePlugin.MCAP)
    writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
    types = get_typestore(Stores.ROS2_JAZZY)
    with writer:
        connections = {
            name: writer.add_connection(
                f"/camera/{name}", f"sensor_msgs/msg/{kind.__name__}", typestore=types, offered_qos_profiles=[qos]
            )
            for name, kind in TOPICS.items()
        }
        for index, frame in enumerate(clip.frames):
            stamp = START + round(index / RATE * 10**9)
            header = Header(stamp=Time(nanoseconds=stamp).to_msg(), frame_id="camera_optical_frame")
            info = pinhole(WIDTH, HEIGHT, FIELD_OF_VIEW)
            info.header = header
            messages = {
                "camera_info": info,
                "image": encode_image(frame[top : top + HEIGHT], header),
                "depth": encode_image(depth, header),
            }
            for name, delay in DELAYS.items():
                writer.write(connections[name], stamp + delay, serialize_message(messages[name]))
    size = sum(path.stat().st_size for path in BAG.iterdir())
    print(f"{BAG}: {FRAMES} frames, {size // 1000} kB, {clip.action} {clip.object}")


if __name__ == "__main__":
    main()
