"""Bags: the recorded one is read and replayed, and our own messages go into bags and come back."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rclpy
from ament_index_python.packages import get_package_share_directory
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

pytest.importorskip("rosbags", reason="rosbags is not installed: pip install rosbags")

from bag import BAG, FRAMES, HEIGHT, PLANE, START, WIDTH, BagReplay, read_bag
from rosbags.rosbag2 import Reader, StoragePlugin, Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

from hotspot_core.hotspots.prediction import InteractionPoint, Prediction
from hotspot_core.hotspots.regions import Region
from hotspot_ros.conversions.images import decode_image
from hotspot_ros.conversions.messages import hotspot_array
from hotspot_ros.msg import HotspotArray
from hotspot_ros.positions.camera_model import camera_model
from hotspot_ros.positions.depth import decode_depth, positions

SHARE = Path(get_package_share_directory("hotspot_ros"))


def stamp_of(message: Any) -> int:
    return int(message.header.stamp.sec * 10**9 + message.header.stamp.nanosec)


def our_types() -> Typestore:
    """rosbags' types of Jazzy, and ours from the installed .msg files."""
    store = get_typestore(Stores.ROS2_JAZZY)
    for path in sorted((SHARE / "msg").glob("*.msg")):
        store.register(get_types_from_msg(path.read_text(), f"hotspot_ros/msg/{path.stem}"))
    return store


def made_hotspots() -> HotspotArray:
    heatmaps = np.random.default_rng(0).random((2, 5, 7)).astype(np.float32)
    points = [InteractionPoint("pull", 3.25, 4.5, 1.0), InteractionPoint("pick up", 8.0, 9.0, 0.5)]
    prediction = Prediction(
        ("pull", "pick up"),
        np.array([0.75, 0.25], np.float32),
        heatmaps,
        points,
        Region(-1.0, -2.0, 64.0, 48.0),
        (48, 64),
    )
    message = hotspot_array(prediction, Header(frame_id="camera"))
    message.header.stamp.sec = 12
    message.hotspots[0].points[0].has_position = True
    message.hotspots[0].points[0].position.z = 1.5
    return message


def test_the_recorded_bag() -> None:
    """1. The bag is small, and plain rosbags types read it. 2. Each frame has image, CameraInfo and depth of one stamp.
    3. The images change; the depth is that of the plane that it was made from."""
    assert sum(path.stat().st_size for path in BAG.iterdir()) < 300_000
    with Reader(BAG) as reader:
        store = get_typestore(Stores.ROS2_JAZZY)
        assert {c.topic: c.msgcount for c in reader.connections} == {
            f"/camera/{name}": FRAMES for name in ("image", "camera_info", "depth")
        }
        for connection, _, data in reader.messages():
            message: Any = store.deserialize_cdr(data, connection.msgtype)
            assert message.header.frame_id == "camera_optical_frame"
    by_topic: dict[str, list[Any]] = {"image": [], "camera_info": [], "depth": []}
    for recorded in read_bag():
        by_topic[recorded.topic].append(recorded.message)
    stamps = [START + 10**8 * index for index in range(FRAMES)]
    assert all([stamp_of(message) for message in messages] == stamps for messages in by_topic.values())

    images = [decode_image(message) for message in by_topic["image"]]
    assert images[0].shape == (HEIGHT, WIDTH, 3)
    assert all((before != after).any() for before, after in itertools.pairwise(images))
    camera = camera_model(by_topic["camera_info"][0], (HEIGHT, WIDTH))
    assert camera is not None
    pixels = np.random.default_rng(0).uniform(0, (WIDTH - 1, HEIGHT - 1), (50, 2))
    found = positions(decode_depth(by_topic["depth"][0]), camera, pixels, (HEIGHT, WIDTH))
    np.testing.assert_allclose(found @ PLANE, 1, rtol=0.01)


def test_replay_in_real_time_and_with_a_clock_that_jumps_back() -> None:
    """1. Replay five frames over DDS: every message comes, its stamp as recorded. 2. With /clock, a listener on
    simulated time has the bag's time. 3. A replay from the start makes its time jump back."""
    replay = BagReplay("replayed", clock=True)
    listener = Node(
        "listener", namespace="replayed", parameter_overrides=[Parameter("use_sim_time", Parameter.Type.BOOL, True)]
    )
    seen: dict[str, list[int]] = {"image": [], "camera_info": [], "depth": []}
    for topic, kind in (("image", Image), ("camera_info", CameraInfo), ("depth", Image)):
        listener.create_subscription(kind, topic, lambda m, topic=topic: seen[topic].append(stamp_of(m)), 20)
    while replay.subscribers() == 0 or replay.subscribers("depth") == 0:
        rclpy.spin_once(listener, timeout_sec=0.05)

    first = replay.play(first=4, last=8, speed=2, spinning=[listener])
    assert [stamp_of(message) for message in first] == [START + 10**8 * index for index in range(4, 9)]
    assert START + 8 * 10**8 < listener.get_clock().now().nanoseconds < START + 9 * 10**8
    again = replay.play(first=0, last=1, spinning=[listener])
    wanted = [stamp_of(message) for message in (*first, *again)]
    for _ in range(50):
        if all(stamps == wanted for stamps in seen.values()):
            break
        rclpy.spin_once(listener, timeout_sec=0.1)
    assert seen == dict.fromkeys(seen, wanted)
    assert START < listener.get_clock().now().nanoseconds < START + 2 * 10**8
    listener.destroy_node()
    replay.destroy_node()


def test_our_messages_round_trip_through_rosbags(tmp_path: Path) -> None:
    """1. rosbags learns our types from the installed .msg files; their hashes are those that ROS has.
    2. A HotspotArray that ROS wrote goes into an MCAP bag, and rosbags reads every value back. 3. What rosbags writes,
    ROS reads: it is the same message."""
    store = our_types()
    # Humble has no hashes yet.
    for path in (SHARE / "msg").glob("*.json"):
        entries = json.loads(path.read_text())["type_hashes"]
        ours = {
            entry["type_name"]: entry["hash_string"] for entry in entries if "hotspot_ros/msg/" in entry["type_name"]
        }
        assert f"hotspot_ros/msg/{path.stem}" in ours
        assert {kind: store.hash_rihs01(kind) for kind in ours} == ours

    message, name = made_hotspots(), "hotspot_ros/msg/HotspotArray"
    with Writer(tmp_path / "out", version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        connection = writer.add_connection("/hotspots", name, typestore=store)
        writer.write(connection, 12 * 10**9, serialize_message(message))
    with Reader(tmp_path / "out") as reader:
        [(connection, stamp, data)] = reader.messages()
        read: Any = store.deserialize_cdr(data, connection.msgtype)
    assert stamp == 12 * 10**9
    assert (read.header.stamp.sec, read.header.frame_id) == (12, "camera")
    assert (read.image_width, read.image_height, read.region.x, read.region.height) == (64, 48, -1, 48)
    assert [hotspot.action for hotspot in read.hotspots] == ["pull", "pick up"]
    for got, sent in zip(read.hotspots, message.hotspots, strict=True):
        heatmap = got.heatmap
        assert (heatmap.encoding, got.score) == ("32FC1", sent.score)
        np.testing.assert_array_equal(heatmap.data, np.frombuffer(sent.heatmap.data, np.uint8))
    point = read.hotspots[0].points[0]
    assert (point.x, point.y, point.has_position, point.position.z) == (3.25, 4.5, True, 1.5)
    assert deserialize_message(bytes(store.serialize_cdr(read, name)), HotspotArray) == message
