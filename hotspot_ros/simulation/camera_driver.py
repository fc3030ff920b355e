"""The simulated camera as its driver: image, depth, camera_info, transform and the simulated clock, over DDS."""

from __future__ import annotations

import cv2
import numpy as np
from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
from numpy.typing import NDArray
from rclpy.node import Node
from rclpy.time import Time
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header
from tf2_msgs.msg import TFMessage

from hotspot_ros.conversions.images import encode_image
from hotspot_ros.ros.qos import input_qos, output_qos
from hotspot_ros.simulation.rgbd import RgbdImage

BASE_FRAME, CAMERA_FRAME = "base_link", "camera_color_optical_frame"
PERIOD = 1 / 15


class SimulatedCamera(Node):
    """Publishes what `show` is given, every stamp a period after the last: the clock is this node's, and others follow
    it with use_sim_time."""

    def __init__(self, namespace: str = "") -> None:
        super().__init__("simulated_camera", namespace=namespace)
        qos = input_qos("reliable")
        qos.depth = 5
        self._image = self.create_publisher(Image, "image", qos)
        self._depth = self.create_publisher(Image, "depth", qos)
        self._info = self.create_publisher(CameraInfo, "camera_info", qos)
        self._clock_publisher = self.create_publisher(Clock, "/clock", output_qos())
        self._transforms = self.create_publisher(TFMessage, "/tf", output_qos())
        self._now = 1.0

    def is_connected(self) -> bool:
        """Whether somebody takes images, depth, calibration and transforms."""
        publishers = self._image, self._depth, self._info, self._transforms
        return all(publisher.get_subscription_count() for publisher in publishers)

    def pass_time(self, seconds: float) -> None:
        """Sets the simulated clock forward."""
        self._now += seconds
        self._clock_publisher.publish(Clock(clock=self._time().to_msg()))

    def show(self, seen: RgbdImage) -> int:
        """Publishes what the camera sees and where it stands.

        Returns:
            The stamp in nanoseconds.
        """
        self.pass_time(PERIOD)
        header = Header(stamp=self._time().to_msg(), frame_id=CAMERA_FRAME)
        placed = TransformStamped(
            header=Header(stamp=header.stamp, frame_id=BASE_FRAME),
            child_frame_id=CAMERA_FRAME,
            transform=transform_of(seen.pose),
        )
        self._transforms.publish(TFMessage(transforms=[placed]))
        seen.info.header = header
        self._info.publish(seen.info)
        self._depth.publish(encode_image(seen.depth, header))
        self._image.publish(encode_image(seen.color, header))
        return int(self._time().nanoseconds)

    def _time(self) -> Time:
        return Time(nanoseconds=round(self._now * 1e9))


def transform_of(pose: NDArray[np.float64]) -> Transform:
    """A pose (4, 4) as a message."""
    turn = cv2.Rodrigues(pose[:3, :3])[0].ravel()
    angle = float(np.linalg.norm(turn))
    x, y, z = (turn / max(angle, 1e-12) * np.sin(angle / 2)).tolist()
    translation = Vector3(**dict(zip("xyz", pose[:3, 3].tolist(), strict=True)))
    return Transform(translation=translation, rotation=Quaternion(x=x, y=y, z=z, w=float(np.cos(angle / 2))))
