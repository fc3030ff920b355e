"""The recorded bag, replayed against the node."""

from __future__ import annotations

import numpy as np
import pytest
from harness import Client, LocalNode

pytest.importorskip("rosbags", reason="rosbags is not installed: pip install rosbags")

from bag import PLANE, BagReplay
from sensor_msgs.msg import Image

from hotspot_ros.msg import HotspotArray


class Listener(Client):
    """Keeps every result in the order in which it came."""

    def __init__(self, namespace: str) -> None:
        super().__init__(namespace)
        self.destroy_publisher(self.camera)
        self.all: list[HotspotArray] = []

    def _on_hotspots(self, message: HotspotArray) -> None:
        self.all.append(message)


@pytest.mark.parametrize("simulated", [False, True], ids=["real time", "simulated time"])
def test_the_bag_is_answered_also_when_it_jumps_back(simulated: bool) -> None:
    """1. Replay frames 4 to 8. 2. Jump back: replay frames 0 to 3, with /clock under simulated time. 3. The last frame
    of either is answered; every answer has the header of a frame, in the order of the frames; none is stale. 4. The
    positions lie on the plane of the bag's depth images. 5. The watchdog keeps quiet."""
    namespace = "simulated" if simulated else "real"
    with LocalNode(namespace, depth=True, use_sim_time=simulated, image_timeout=3.0) as node:
        replay, listener = BagReplay(f"/{namespace}", clock=simulated), Listener(f"/{namespace}")
        listener.wait(lambda: all(replay.subscribers(topic) for topic in ("image", "depth", "camera_info")))
        listener.wait(lambda: listener.count_publishers(f"/{namespace}/hotspots") > 0)
        played: list[Image] = []
        for first, last in ((4, 8), (0, 3)):
            played += replay.play(first=first, last=last, speed=0.5, spinning=[listener])
            newest = played[-1].header
            listener.wait(lambda newest=newest: bool(listener.all) and listener.all[-1].header == newest)  # type: ignore[misc]
        headers = [image.header for image in played]
        order = [headers.index(message.header) for message in listener.all]
        assert order == sorted(set(order))
        points = [p for message in listener.all for h in message.hotspots for p in h.points]
        assert points
        assert all(point.has_position for point in points)
        positions = np.array([(p.position.x, p.position.y, p.position.z) for p in points])
        np.testing.assert_allclose(positions @ PLANE, 1, rtol=0.01)
        assert node._watchdog.silent(node.cameras) == {}
        replay.destroy_node()
        listener.destroy_node()
