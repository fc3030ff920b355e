"""What `hotspot-predict --output-bag` writes without ROS is what the node's messages are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from media import bags
from rclpy.serialization import deserialize_message
from rosbags.highlevel import AnyReader

from hotspot_core.hotspots.bag_messages import hotspot_array, point_array
from hotspot_core.hotspots.prediction import InteractionPoint, Prediction
from hotspot_core.hotspots.regions import Region
from hotspot_core.media.bag_writer import BagWriter
from hotspot_ros.conversions import messages
from hotspot_ros.msg import HotspotArray, InteractionPointArray


def test_ros_reads_them_as_its_own(tmp_path: Path) -> None:
    """1. A prediction is written into a bag, and its bytes are given to rclpy. 2. The message is the one that the node
    makes of the prediction. 3. The points are those of all actions in turn."""
    heatmaps = np.random.default_rng(0).random((2, 3, 4), dtype=np.float32)
    points = [InteractionPoint("open", 1.0, 2.0, 1.0, 0.5), InteractionPoint("pull", 3.0, 4.0, 1.0, 0.25)]
    scores = np.array([0.5, 0.25], np.float32)
    prediction = Prediction(("open", "pull"), scores, heatmaps, points, Region(-0.5, 0.0, 8.0, 6.0), (6, 8))
    header = bags.header(bags.START)
    with BagWriter(tmp_path / "result") as writer:
        writer.write("/hotspots", bags.START, hotspot_array(prediction, header))
        writer.write("/hotspots/points", bags.START, point_array(prediction, header))
    with AnyReader([tmp_path / "result"]) as reader:
        array, listed = (bytes(data) for _, _, data in reader.messages())
    message = deserialize_message(array, HotspotArray)
    expected = messages.hotspot_array(prediction, message.header)
    assert message.header.frame_id == "camera_optical_frame"
    assert message == expected
    found = deserialize_message(listed, InteractionPointArray)
    assert found.points == [point for hotspot in expected.hotspots for point in hotspot.points]
