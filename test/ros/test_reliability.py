"""Short runs of reliability.py (long ones: docs/notes/reliability.md), and what publishers and neighbours do."""

from __future__ import annotations

import gc
from functools import partial

import numpy as np
import pytest
import reliability
from harness import Client, LocalNode, photo
from rclpy.qos import ReliabilityPolicy
from sensor_msgs.msg import Image

from hotspot_ros.conversions.images import encode_image
from hotspot_ros.outputs.result import Result
from hotspot_ros.pipeline.frames import CameraFrame, DecodedFrame, InferredFrame
from hotspot_ros.positions.position_inputs import ExpectedGeometry


def test_malformed_messages_never_end_the_node() -> None:
    """Among malformed images, depth images and calibrations, every good image is answered; the end is clean."""
    found = reliability.fuzz(150, seed=7)
    assert found["good images answered"] == "3 of 3"
    assert found["refused images"] > 20
    assert (found["failed inferences"], found["exit code"], found["tracebacks"]) == (0, 0, 0)


@pytest.mark.slow
def test_sizes_and_encodings_may_change_from_frame_to_frame() -> None:
    """Every frame is answered, whatever the one before was, and the process grows by no more than a fraction of what
    would be there if it kept them."""
    found = reliability.endurance(80, [(48, 64), (120, 160), (480, 640), (1080, 1920)])
    assert found["processed"] == 80
    grown = found["memory at the end (MB)"] - found["memory after a tenth (MB)"]
    assert found["images sent in between (MB)"] > 80
    assert grown < found["images sent in between (MB)"] / 10


def test_nothing_is_kept_of_a_frame() -> None:
    """Once all images are answered, with depth that is waited for and an overlay, no object of their way is left."""
    with LocalNode("kept", depth=True) as node, Client("/kept") as client:
        overlays: list[Image] = []
        client.create_subscription(Image, "hotspots/overlay", overlays.append, 10)
        client.wait(lambda: client.count_publishers("/kept/hotspots/overlay") > 0)
        depth = client.create_publisher(Image, "depth", 1)
        client.wait(lambda: depth.get_subscription_count() > 0)
        for number in range(5):
            sent, _ = client.ask(photo(48 + number, 64), f"frame_{number}")
            depth.publish(encode_image(np.ones((48, 64), np.float32), sent.header))
        client.wait(lambda: len(overlays) > 0)
        assert node.cameras[0].statistics.counts.processed == 5
        kinds = CameraFrame, DecodedFrame, InferredFrame, Result, ExpectedGeometry
        client.wait(lambda: gc.collect() >= 0 and not any(type(kept) in kinds for kept in gc.get_objects()))


@pytest.mark.slow
def test_every_frame_of_an_overload_is_accounted_for() -> None:
    """Images of 1920x1080, faster than the node works: the last one is answered, and the counts of the processed and
    the dropped ones are those that were sent, to the frame."""
    found = reliability.overload(1.5)
    assert found["processed"] < found["sent"]
    assert found["unaccounted for"] == 0


def test_a_camera_that_publishes_already_is_answered() -> None:
    """The first hotspots come from a node that is started while its camera runs."""
    assert len(reliability.start(1)["first hotspots after (s)"]) == 1


def subscribed_as(client: Client, reliability_policy: ReliabilityPolicy) -> bool:
    """Whether the node's one subscription to images is of this reliability, and known to the client's publisher."""
    subscriptions = client.get_subscriptions_info_by_topic(f"{client.get_namespace()}/image")
    policies = [subscription.qos_profile.reliability for subscription in subscriptions]
    return policies == [reliability_policy] and client.camera.get_subscription_count() == 1


def test_a_camera_that_comes_back_is_followed() -> None:
    """1. A reliable camera is answered and goes away. 2. It comes back with best effort, and 3. reliable again."""
    with LocalNode("restarted") as node:
        for reliability_policy in (
            ReliabilityPolicy.RELIABLE,
            ReliabilityPolicy.BEST_EFFORT,
            ReliabilityPolicy.RELIABLE,
        ):
            with Client("/restarted", reliability_policy) as client:
                client.wait(partial(subscribed_as, client, reliability_policy))
                client.ask(photo())
        counts = node.cameras[0].statistics.counts
        assert (counts.received, counts.processed, counts.lost) == (3, 3, 0)


def test_two_nodes_side_by_side() -> None:
    """Two nodes in one namespace tree do not hear each other: each answers its own camera, once."""
    with LocalNode("left") as left, LocalNode("right") as right:
        with Client("/left") as client:
            client.ask(photo())
            client.ask(photo())
        assert (left.cameras[0].statistics.counts.processed, right.cameras[0].statistics.counts.received) == (2, 0)
