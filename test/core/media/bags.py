"""Bags that tests write."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

STORE = get_typestore(Stores.ROS2_JAZZY)
RAW, COMPRESSED, TEXT = "sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage", "std_msgs/msg/String"
# Nanoseconds of the first message, and by which stamps are earlier than what is recorded.
START, DELAY = 1_700_000_000_000_000_000, 5_000_000


def header(stamp: int) -> Any:
    types = STORE.types
    time = types["builtin_interfaces/msg/Time"](sec=stamp // 10**9, nanosec=stamp % 10**9)
    return types["std_msgs/msg/Header"](stamp=time, frame_id="camera_optical_frame")


def image(pixels: np.ndarray, stamp: int) -> Any:
    """An rgb8 message."""
    height, width = pixels.shape[:2]
    kind = STORE.types[RAW]
    return kind(header(stamp), height, width, "rgb8", 0, 3 * width, np.ascontiguousarray(pixels).reshape(-1))


def compressed(pixels: np.ndarray, stamp: int) -> Any:
    """A PNG message."""
    data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))[1].reshape(-1)
    return STORE.types[COMPRESSED](header(stamp), "rgb8; png compressed bgr8", data)


def text(words: str) -> Any:
    return STORE.types[TEXT](words)


def write_bag(
    path: Path,
    messages: Iterable[tuple[str, float, Any]],
    storage: str = "mcap",
    compression: str | None = None,
) -> Path:
    """A rosbag2 folder.

    Args:
        messages: topic, seconds since `START`, message.
        storage: mcap or sqlite3.
        compression: message, file or storage (zstd); None for none.
    """
    writer = Writer(path, version=9, storage_plugin=StoragePlugin[storage.upper()])
    if compression is not None:
        writer.set_compression(CompressionMode[compression.upper()], CompressionFormat.ZSTD)
    with writer:
        topics: dict[str, Any] = {}
        for topic, seconds, message in messages:
            kind = message.__msgtype__
            if topic not in topics:
                topics[topic] = writer.add_connection(topic, kind, typestore=STORE)
            writer.write(topics[topic], START + round(1e9 * seconds), STORE.serialize_cdr(message, kind))
    return path


def stamp(seconds: float) -> int:
    """Of an image that is recorded at that time."""
    return START + round(1e9 * seconds) - DELAY
