"""The node that publishes what it plays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.task import Future
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header

from hotspot_core.media.urls import without_password
from hotspot_ros.conversions.images import encode_image, encode_jpeg
from hotspot_ros.player.calibration import read_calibration
from hotspot_ros.player.camera_frames import PlayedFrame, PlayedLens, camera_frames, open_depth
from hotspot_ros.player.settings import RATE, declare_settings
from hotspot_ros.player.sources import open_source
from hotspot_ros.ros.qos import input_qos

# Seconds between two images at least, and nanoseconds by which a video may be played late without a pause.
MIN_PERIOD, MAX_LATENESS = 0.001, 200_000_000


class CameraPlayer(Node):
    """Publishes images at a steady rate, or a video's at its own times, stamped with the time of publishing.

    Attributes:
        done: completed after the last image, where there is one.

    Raises:
        InputError: a parameter or what it names cannot be used; also later, from the timer.
    """

    def __init__(self, **node_options: Any) -> None:
        super().__init__("camera_player", **node_options)
        self.settings = settings = declare_settings(self)
        self.done: Future[None] = Future()
        source = open_source(settings.source, topic=settings.topic or None)
        if settings.rate and not source.ends:
            # At a lower rate than it delivers, what is published would be older and older.
            source = open_source(settings.source, settings.rate)
        calibration = read_calibration(Path(settings.calibration)) if settings.calibration else None
        lens = PlayedLens(calibration, settings.field_of_view)
        depth = open_depth(settings.depth, source.length)
        self._warned: set[str] = set()
        frames = camera_frames(source, lens, depth, settings.size, settings.loop, self._warn_once)
        # Read here, not when the timer fires: what cannot be read ends the start.
        self._following = next(frames, None)
        self._frames = frames

        # As deep as a driver's: a subscriber that is a little late loses nothing.
        qos = input_qos(settings.qos)
        qos.depth = 5
        self._image = self.create_publisher(Image, "image", qos)
        self._camera_info = self.create_publisher(CameraInfo, "camera_info", qos)
        self._compressed = self._publisher(CompressedImage, "image/compressed", qos, settings.compressed)
        self._depth = self._publisher(Image, "depth", qos, depth is not None)
        rate = settings.rate or source.fps or RATE
        self._has_times = source.moves and source.ends and not settings.rate
        self._start = self.get_clock().now().nanoseconds
        # What delivers at its own pace is asked at once for the next image, and waited for.
        period = 1 / rate if settings.rate or source.ends else MIN_PERIOD
        self._timer = self.create_timer(period, self._on_timer)
        pace = ", at the times of the video" if self._has_times else ""
        self.get_logger().info(
            f"ready: {without_password(settings.source) or 'synthetic scenes'} at {rate:g} Hz on "
            f"{self._image.topic_name}" + (f" and {self._depth.topic_name}" if self._depth else "") + pace
        )

    def wait_for_subscribers(self, seconds: float) -> None:
        """Until every reliable subscriber has the last message, or so long."""
        self._image.wait_for_all_acked(Duration(seconds=seconds))

    def _publisher(self, kind: type, topic: str, qos: QoSProfile, offered: bool) -> Any:
        return self.create_publisher(kind, topic, qos) if offered else None

    def _warn_once(self, reason: str) -> None:
        if reason not in self._warned:
            self._warned.add(reason)
            self.get_logger().warning(f"passed over: {reason}")

    def _on_timer(self) -> None:
        # Read just now, so that the stamp is that of a webcam's image.
        frame, self._following = self._following or next(self._frames, None), None
        if frame is not None:
            self._publish(frame)
            if self._has_times:
                self._plan_next()
        elif not self.done.done():
            self.done.set_result(None)

    def _plan_next(self) -> None:
        """Sets the timer to when the next frame is due; the next one is read ahead for it."""
        self._following = next(self._frames, None)
        now, due = self.get_clock().now().nanoseconds, 0
        if self._following is not None and self._following.time is not None:
            due = self._start + round(1e9 * self._following.time)
            # Who cannot keep up plays on from here, and does not rush.
            self._start += max(0, now - due - MAX_LATENESS)
        self._timer.timer_period_ns = max(round(1e9 * MIN_PERIOD), due - now)
        self._timer.reset()

    def _publish(self, frame: PlayedFrame) -> None:
        header = Header(stamp=self.get_clock().now().to_msg(), frame_id=self.settings.frame_id)
        frame.info.header = header
        self._camera_info.publish(frame.info)
        if frame.depth is not None and self._depth.get_subscription_count():
            self._depth.publish(encode_image(frame.depth, header))
        if self._compressed and self._compressed.get_subscription_count():
            self._compressed.publish(encode_jpeg(frame.image, header))
        if self._image.get_subscription_count():
            self._image.publish(encode_image(frame.image, header))
