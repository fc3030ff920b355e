"""The ROS 2 node: camera images in, heatmaps and interaction points per action out."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from rcl_interfaces.msg import SetParametersResult
from rclpy.event_handler import QoSRequestedIncompatibleQoSInfo, SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.subscription import Subscription
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from hotspot_core.checkpoint import read_info
from hotspot_core.errors import InputError
from hotspot_core.overlay import draw_overlay
from hotspot_core.predictor import HotspotPredictor
from hotspot_ros.images import decode_compressed_image, decode_image, encode_image
from hotspot_ros.mailbox import Mailbox
from hotspot_ros.messages import hotspot_array, hotspot_labels, interaction_points
from hotspot_ros.msg import HotspotArray, HotspotLabels, InteractionPointArray
from hotspot_ros.parameters import declare_parameters, updated
from hotspot_ros.qos import input_qos, latched_qos, output_qos
from hotspot_ros.srv import Predict

# Seconds between two reports of the same kind.
THROTTLE = 5.0


class HotspotNode(Node):
    """Subscribes to a camera and publishes its interaction hotspots.

    The image callback only stores the newest frame. One worker thread takes it, decodes it, predicts and publishes;
    a frame that is replaced before the worker is free is dropped and counted. A frame that cannot be decoded is
    reported and skipped.

    Raises:
        InputError: a parameter, the checkpoint or the device cannot be used.
    """

    def __init__(self, **node_options: Any) -> None:
        super().__init__("hotspots", **node_options)
        self.parameters = declare_parameters(self)
        self.checkpoint = read_info(self.parameters.model)
        self.actions = self.parameters.selected_actions(self.checkpoint.config.actions)
        self.predictor = HotspotPredictor(self.parameters.model, self.parameters.device)
        self._set_point_limits()
        self._model_lock = threading.Lock()
        self._warm_up()

        self._hotspots = self.create_publisher(HotspotArray, "hotspots", output_qos())
        self._points = self.create_publisher(InteractionPointArray, "hotspots/points", output_qos())
        self._overlay = self.create_publisher(Image, "hotspots/overlay", output_qos())
        self._labels = self.create_publisher(HotspotLabels, "hotspots/labels", latched_qos())
        self._service = self.create_service(Predict, "~/predict", self._on_predict)
        self.add_on_set_parameters_callback(self._on_set_parameters)
        self.add_post_set_parameters_callback(self._on_parameters_set)

        self.mailbox: Mailbox[Image | CompressedImage] = Mailbox()
        self.processed = 0
        self.skipped = 0
        self.unheard = 0
        self._worker = threading.Thread(target=self._work, name="inference", daemon=True)
        self._worker.start()
        self._publish_labels()
        self._image = self._subscribe("reliable" if self.parameters.qos == "auto" else self.parameters.qos)
        self._announce()

    def close(self, timeout: float) -> bool:
        """Ends the worker after its present frame; False if that took longer than `timeout` seconds."""
        self.mailbox.close()
        self._worker.join(timeout)
        return not self._worker.is_alive()

    def counts(self) -> str:
        """What became of the frames so far, as a sentence."""
        box = self.mailbox
        return (
            f"{box.received} frames received, {self.processed} processed, {box.dropped} dropped for a newer one, "
            f"{self.skipped} skipped as faulty, {self.unheard} passed over while nobody listened"
        )

    def _subscribe(self, qos: str) -> Subscription:
        compressed = self.parameters.image_transport == "compressed"
        return self.create_subscription(
            CompressedImage if compressed else Image,
            "image/compressed" if compressed else "image",
            self.mailbox.put,
            input_qos(qos),
            event_callbacks=SubscriptionEventCallbacks(incompatible_qos=self._on_incompatible_qos),
        )

    def _on_incompatible_qos(self, _event: QoSRequestedIncompatibleQoSInfo) -> None:
        topic = self._image.topic_name
        if self.parameters.qos != "auto":
            self.get_logger().error(
                f"a publisher of {topic} does not offer the quality of service {self.parameters.qos!r}, its images "
                "do not arrive: start this node with the parameter qos set to 'auto' or 'best_effort'"
            )
            return
        self.get_logger().info(f"a publisher of {topic} offers best effort only: subscribing with best effort")
        # Not here: the event belongs to the subscription that is to go.
        assert self.executor is not None
        self.executor.create_task(self._resubscribe_with_best_effort)

    def _resubscribe_with_best_effort(self) -> None:
        self.destroy_subscription(self._image)
        self._image = self._subscribe("best_effort")

    def _work(self) -> None:
        while (message := self.mailbox.take()) is not None:
            try:
                self._process(message)
            except InputError as error:
                self.skipped += 1
                self.get_logger().error(f"skipped a frame: {error}", throttle_duration_sec=THROTTLE)
            except Exception as error:  # A node must outlive whatever one frame does to it.
                if not self.context.ok():
                    return
                self.skipped += 1
                self.get_logger().error(f"skipped a frame: {error!r}", throttle_duration_sec=THROTTLE)

    def _process(self, message: Image | CompressedImage) -> None:
        outputs = (self._hotspots, self._points, self._overlay)
        if not any(publisher.get_subscription_count() for publisher in outputs):
            self.unheard += 1
            return
        image = decode_image(message) if isinstance(message, Image) else decode_compressed_image(message)
        parameters, actions = self.parameters, self.actions
        with self._model_lock:
            prediction = self.predictor.predict(image, actions)
        prediction = prediction.above(parameters.min_score)
        hotspots = hotspot_array(prediction, message.header, parameters.heatmap_hw())
        self._hotspots.publish(hotspots)
        self.processed += 1
        self._points.publish(interaction_points(hotspots))
        if self._overlay.get_subscription_count():
            overlay = draw_overlay(image, prediction, note="" if self.checkpoint.trained else "untrained")
            self._overlay.publish(encode_image(overlay, message.header))
        self.get_logger().debug(self.counts(), throttle_duration_sec=THROTTLE)

    def _warm_up(self) -> None:
        """The first predictions are slow (memory, kernels): better now than on the robot's first frames."""
        side = self.checkpoint.config.input_size
        for _ in range(2):
            self.predictor.predict(np.zeros((side, side, 3), np.uint8), self.actions)

    def _on_predict(self, request: Predict.Request, response: Predict.Response) -> Predict.Response:
        try:
            image = decode_image(request.image)
            with self._model_lock:
                prediction = self.predictor.predict(image, list(request.actions) or self.actions)
            response.hotspots = hotspot_array(prediction, request.image.header, self.parameters.heatmap_hw())
            response.success = True
        except InputError as error:
            response.message = str(error)
        except Exception as error:  # As with frames: a request must not end the node.
            response.message = repr(error)
        return response

    def _on_set_parameters(self, changes: list[Parameter]) -> SetParametersResult:
        try:
            parameters = updated(self.parameters, [(p.name, p.value) for p in changes])
            parameters.selected_actions(self.checkpoint.config.actions)
        except InputError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    def _on_parameters_set(self, changes: list[Parameter]) -> None:
        self.parameters = updated(self.parameters, [(p.name, p.value) for p in changes])
        self.actions = self.parameters.selected_actions(self.checkpoint.config.actions)
        self._set_point_limits()
        self._publish_labels()

    def _set_point_limits(self) -> None:
        self.predictor.points_per_action = self.parameters.points_per_action
        self.predictor.min_value = self.parameters.min_value

    def _publish_labels(self) -> None:
        header = Header(stamp=self.get_clock().now().to_msg())
        self._labels.publish(hotspot_labels(self.checkpoint, self.actions, header))

    def _announce(self) -> None:
        log = self.get_logger()
        if not self.checkpoint.trained:
            log.warning(f"checkpoint {self.checkpoint.path.name} is untrained: its weights are random, its maps too")
        log.info(
            f"ready: {self.checkpoint.config.preset} model on {self.predictor.device}, images from "
            f"{self._image.topic_name}, hotspots of {', '.join(self.actions)} on {self._hotspots.topic_name}"
        )
