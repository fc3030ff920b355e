"""A client with depth and calibration."""

from __future__ import annotations

import numpy as np
from depth_scene import Lens
from harness import Client
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from hotspot_ros.conversions.images import encode_image
from hotspot_ros.msg import HotspotArray


class DepthCamera(Client):
    """A client that publishes depth and camera_info with its images, as a driver does: best effort."""

    def __init__(self, namespace: str) -> None:
        super().__init__(namespace)
        self.depth = self.create_publisher(Image, "depth", qos_profile_sensor_data)
        self.info = self.create_publisher(CameraInfo, "camera_info", qos_profile_sensor_data)

    def __enter__(self) -> DepthCamera:
        super().__enter__()
        self.wait(lambda: self.depth.get_subscription_count() > 0 and self.info.get_subscription_count() > 0)
        return self

    def see(self, frame_id: str, image: np.ndarray, depth: np.ndarray, lens: Lens, late: float = 0.0) -> HotspotArray:
        """Sends all three of one moment, the depth `late` seconds older, and waits for the hotspots."""
        self.received.pop(frame_id, None)
        self.send(frame_id, image, depth, lens, late)
        self.wait(lambda: frame_id in self.received)
        return self.received[frame_id]

    def send(self, frame_id: str, image: np.ndarray, depth: np.ndarray, lens: Lens, late: float = 0.0) -> None:
        """Sends all three of one moment, the depth `late` seconds older."""
        header = self.header(frame_id)
        self.calibrate(lens, header)
        stamp = header.stamp.sec * 10**9 + header.stamp.nanosec - round(late * 1e9)
        older = Header(frame_id=frame_id)
        older.stamp.sec, older.stamp.nanosec = divmod(stamp, 10**9)
        self.depth.publish(encode_image(depth, older))
        self.spin_for(0.1)
        self.camera.publish(encode_image(image, header))

    def calibrate(self, lens: Lens, header: Header) -> None:
        """Sends the camera's calibration."""
        info = lens.info()
        info.header = header
        self.info.publish(info)
