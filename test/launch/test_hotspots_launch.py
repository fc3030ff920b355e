"""The launch file starts the real node.

1. Launch it in a namespace, with two cameras, their topics and parameters given on the command line.
2. The node comes up there, active, listens to the topics, also to the depth and the camera_info beside the images, and
   has these parameters; what was not given is as in the YAML file. Each camera's results are in its namespace.
3. A second launch leaves its node to a lifecycle manager: it is unconfigured.
4. Shut down: the node ends by itself, with exit code 0.
"""

from __future__ import annotations

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
from domain import claim_domain
from launch import LaunchDescription
from launch.actions import IncludeLaunchDescription
from lifecycle_msgs.srv import GetState
from rcl_interfaces.srv import GetParameters
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import parameter_value_to_python

LAUNCH_FILE = Path(__file__).parents[2] / "launch" / "hotspots.launch.py"
ARGUMENTS = {
    "namespace": "left",
    "cameras": "front,wrist",
    "image": "/front/color/image_raw,/wrist/color/image_raw",
    "depth": "/front/depth,/wrist/depth",
    "image_transport": "compressed",
    "device": "cpu",
    "use_sim_time": "true",
}
MANAGED = {"namespace": "managed", "autostart": "false"}
EXPECTED = {
    "image_transport": "compressed",
    "cameras": ["front", "wrist"],
    "depth": True,
    "device": "cpu",
    "use_sim_time": True,
    "model": "default",
    "points_per_action": 3,
}
TIMEOUT = 30.0

claim_domain()


@pytest.mark.launch_test
def generate_test_description() -> LaunchDescription:
    hotspots = IncludeLaunchDescription(str(LAUNCH_FILE), launch_arguments=ARGUMENTS.items())
    managed = IncludeLaunchDescription(
        str(LAUNCH_FILE), launch_arguments={**dict.fromkeys(ARGUMENTS, ""), **MANAGED}.items()
    )
    return LaunchDescription([hotspots, managed, launch_testing.actions.ReadyToTest()])


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

        inputs = [f"/{camera}/color/image_raw/compressed" for camera in ("front", "wrist")]
        inputs += [f"/{camera}/{name}" for camera in ("front", "wrist") for name in ("depth", "color/camera_info")]
        deadline = time.monotonic() + TIMEOUT
        while not all(self.node.count_subscribers(topic) for topic in inputs):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert self.node.count_publishers("/left/front/hotspots") == 1
        assert self.node.count_publishers("/left/wrist/hotspots") == 1
        assert self.state("/left/hotspots") == "active"

    def test_the_managed_node_waits(self) -> None:
        assert self.state("/managed/hotspots") == "unconfigured"

    def state(self, name: str) -> str:
        client = self.node.create_client(GetState, f"{name}/get_state")
        assert client.wait_for_service(TIMEOUT)
        future = client.call_async(GetState.Request())
        rclpy.spin_until_future_complete(self.node, future, self.executor, TIMEOUT)
        return str(future.result().current_state.label)


@launch_testing.post_shutdown_test()
class TestAfterShutdown(unittest.TestCase):
    def test_clean_end(self, proc_info: Any) -> None:
        launch_testing.asserts.assertExitCodes(proc_info, allowable_exit_codes=[0])
