"""The launch file starts the real node.

1. Launch it in a namespace, with a topic and parameters given on the command line.
2. The node comes up there, listens to that topic and has these parameters; what was not given is as in the YAML file.
3. Shut down: the node ends by itself, with exit code 0.
"""

from __future__ import annotations

import os
import random
import time
import unittest
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("launch_testing", reason="launch_testing is not installed: it comes with ROS 2, not with pip")
pytest.importorskip("launch_ros", reason="launch_ros is not installed: it comes with ROS 2, not with pip")

import launch_testing.actions
import launch_testing.asserts
import rclpy
from launch import LaunchDescription
from launch.actions import IncludeLaunchDescription
from rcl_interfaces.srv import GetParameters
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import parameter_value_to_python

LAUNCH_FILE = Path(__file__).parents[2] / "launch" / "hotspots.launch.py"
ARGUMENTS = {
    "namespace": "left",
    "image": "/camera/color/image_raw",
    "image_transport": "compressed",
    "device": "cpu",
    "use_sim_time": "true",
}
EXPECTED = {
    "image_transport": "compressed",
    "device": "cpu",
    "use_sim_time": True,
    "model": "default",
    "points_per_action": 3,
}
TIMEOUT = 30.0

# A domain of our own, on this machine only.
os.environ["ROS_DOMAIN_ID"] = str(random.randrange(100, 200))
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"


@pytest.mark.launch_test
def generate_test_description() -> LaunchDescription:
    hotspots = IncludeLaunchDescription(str(LAUNCH_FILE), launch_arguments=ARGUMENTS.items())
    return LaunchDescription([hotspots, launch_testing.actions.ReadyToTest()])


class TestRunning(unittest.TestCase):
    def setUp(self) -> None:
        self.context = Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node("observer", context=self.context)
        self.executor = SingleThreadedExecutor(context=self.context)

    def tearDown(self) -> None:
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)

    def test_node_is_as_launched(self) -> None:
        client = self.node.create_client(GetParameters, "/left/hotspots/get_parameters")
        assert client.wait_for_service(TIMEOUT)
        future = client.call_async(GetParameters.Request(names=list(EXPECTED)))
        rclpy.spin_until_future_complete(self.node, future, self.executor, TIMEOUT)
        values = [parameter_value_to_python(value) for value in future.result().values]
        assert dict(zip(EXPECTED, values, strict=True)) == EXPECTED

        deadline = time.monotonic() + TIMEOUT
        while not self.node.count_subscribers("/camera/color/image_raw/compressed"):
            assert time.monotonic() < deadline
            time.sleep(0.1)


@launch_testing.post_shutdown_test()
class TestAfterShutdown(unittest.TestCase):
    def test_clean_end(self, proc_info: Any) -> None:
        launch_testing.asserts.assertExitCodes(proc_info, allowable_exit_codes=[0])
