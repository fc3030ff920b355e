"""The ROS 2 node: camera images in, heatmaps and interaction points per action out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lifecycle_msgs.srv import ChangeState
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from rclpy.service import Service

from hotspot_core.errors import InputError
from hotspot_ros.conversions.images import decode_image
from hotspot_ros.conversions.messages import hotspot_array
from hotspot_ros.node.diagnostics import Diagnostics
from hotspot_ros.node.watchdog import Watchdog
from hotspot_ros.pipeline.camera import Camera
from hotspot_ros.pipeline.frame_processor import FrameProcessor, Settings
from hotspot_ros.pipeline.model_thread import Inference
from hotspot_ros.positions.transforms import TargetFrame
from hotspot_ros.ros.parameters import declare_parameters, updated
from hotspot_ros.srv import Predict

# Seconds between two looks at the publishers of our inputs, and between two diagnostics.
FOLLOW_PERIOD, DIAGNOSTICS_PERIOD = 0.5, 1.0


class HotspotNode(LifecycleNode):
    """Subscribes to cameras and publishes their interaction hotspots.

    configure loads the model and warms it up, activate subscribes, deactivate ends what is under way, cleanup gives
    the model's memory back. A transition that fails leaves the node as it was, says why, and can be tried again.

    The executor's thread only stores frames and answers services; one thread decodes and publishes, one computes.

    Attributes:
        parameters: their present values.
        actions: names of the actions that are published; those of the model are known once it is configured.
        reason: why the last transition failed; empty if it did not.

    Raises:
        InputError: a parameter means nothing.
    """

    def __init__(self, **node_options: Any) -> None:
        super().__init__("hotspots", **node_options)
        self.parameters = declare_parameters(self)
        self.actions: tuple[str, ...] = ()
        self.reason = ""
        self.inference: Inference | None = None
        self.cameras: list[Camera] = []
        self.frame_processor: FrameProcessor | None = None
        self._target: TargetFrame | None = None
        self._predict_service: Service | None = None
        self._watchdog = Watchdog(self, self.parameters.image_timeout)
        self._diagnostics = Diagnostics(self)
        self._guard_change_state()
        self.add_on_set_parameters_callback(self._on_set_parameters)
        if hasattr(self, "add_post_set_parameters_callback"):  # Not in Humble.
            self.add_post_set_parameters_callback(self._on_parameters_set)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(FOLLOW_PERIOD, self._follow_publishers, clock=steady)
        self.create_timer(DIAGNOSTICS_PERIOD, self._publish_diagnostics, clock=steady)

    @property
    def state(self) -> str:
        """Label of the lifecycle state."""
        return str(self._state_machine.current_state[1])

    def start(self) -> None:
        """Configures and activates.

        Raises:
            InputError: a transition failed; the text says why.
        """
        for trigger in (self.trigger_configure, self.trigger_activate):
            if trigger() != TransitionCallbackReturn.SUCCESS:
                raise InputError(self.reason)

    def stop(self, timeout: float) -> bool:
        """Ends the worker, whatever the state; False if its present batch took longer than `timeout` seconds."""
        return self.frame_processor is None or self.frame_processor.stop(timeout)

    def counts(self) -> str:
        """What became of the frames so far."""
        return "; ".join(f"{camera.name}: {camera.counts}".removeprefix(": ") for camera in self.cameras)

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Loads the model and creates the publishers and the service."""
        return self._attempt(self._configure, self._clean_up)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Starts the worker and subscribes."""
        return self._attempt(self._activate, self._deactivate)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Unsubscribes and waits for the end of the present batch."""
        return self._attempt(self._deactivate)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Takes publishers and service away and gives the model's memory back."""
        return self._attempt(self._clean_up)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Deactivates and cleans up, as far as there is something to do."""
        return self._attempt(self._clean_up)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Back to unconfigured."""
        return self._attempt(self._clean_up)

    def _attempt(self, change: Callable[[], None], undo: Callable[[], None] | None = None) -> TransitionCallbackReturn:
        """Makes a change; FAILURE, with the reason logged and the change undone, where that is impossible."""
        try:
            change()
        except Exception as error:
            self.reason = str(error) if isinstance(error, (InputError, RuntimeError)) else repr(error)
            if undo is not None:
                undo()
            if self.executor is not None:  # `start` raises the reason before the node is spun.
                self.get_logger().error(f"{change.__name__.lstrip('_')} failed: {self.reason}")
            return TransitionCallbackReturn.FAILURE
        self.reason = ""
        return TransitionCallbackReturn.SUCCESS

    def _configure(self) -> None:
        inference = Inference(self.parameters.model, self.parameters.device, self.parameters.precision)
        self.inference = inference
        self.actions = self.parameters.selected_actions(inference.actions)
        self.cameras = [Camera(self, name, self.parameters, inference.actions) for name in self.parameters.cameras]
        if self.parameters.target_frame:
            self._target = TargetFrame(self, self.parameters.target_frame)
        self._predict_service = self.create_service(Predict, "~/predict", self._on_predict)

    def _activate(self) -> None:
        assert self.inference is not None
        self.frame_processor = FrameProcessor(
            self.inference, lambda: Settings(self.parameters, self.actions), self.get_logger()
        )
        for camera in self.cameras:
            camera.activate(self.frame_processor.buffer, self._target)
        self._publish_labels()
        checkpoint = self.inference.checkpoint
        if not checkpoint.trained:
            self.get_logger().warning(f"checkpoint {checkpoint.name} is untrained: its weights are random")
        self.get_logger().info(
            f"ready: {checkpoint.config.preset} model on {self.inference.device}, images from "
            f"{', '.join(camera.image_topic for camera in self.cameras)}, hotspots of {', '.join(self.actions)}"
        )

    def _deactivate(self) -> None:
        for camera in self.cameras:
            camera.deactivate()
        if self.frame_processor is not None:
            self.frame_processor.stop()
            self.frame_processor = None
        self._watchdog.forget()

    def _clean_up(self) -> None:
        self._deactivate()
        if self._predict_service is not None:
            self.destroy_service(self._predict_service)
            self._predict_service = None
        for camera in self.cameras:
            camera.destroy()
        self.cameras = []
        if self._target is not None:
            self._target.destroy()
            self._target = None
        if self.inference is not None:
            self.inference.close()
            self.inference = None

    def _guard_change_state(self) -> None:
        """A transition that the present state does not allow is answered, where rclpy would end the process."""
        service = self._service_change_state
        change_state = service.callback

        def guarded(request: ChangeState.Request, response: ChangeState.Response) -> ChangeState.Response:
            try:
                return change_state(request, response)
            except Exception as error:
                self.get_logger().error(f"transition {request.transition.id} from state {self.state}: {error}")
                response.success = False
                return response

        service.callback = guarded

    def _on_predict(self, request: Predict.Request, response: Predict.Response) -> Predict.Response:
        assert self.inference is not None
        parameters = self.parameters
        try:
            image = decode_image(request.image)
            limits = parameters.points_per_action, parameters.peak_threshold
            (prediction,) = self.inference.predict([image], list(request.actions) or self.actions, *limits)
            response.hotspots = hotspot_array(prediction, request.image.header, parameters.heatmap_hw())
            response.success = True
        except InputError as error:
            response.message = str(error)
        except Exception as error:  # A request must not end the node.
            response.message = repr(error)
        return response

    def _on_set_parameters(self, changes: list[Parameter]) -> SetParametersResult:
        try:
            parameters = updated(self.parameters, [(p.name, p.value) for p in changes])
            if self.inference is not None:
                parameters.selected_actions(self.inference.actions)
        except InputError as error:
            return SetParametersResult(successful=False, reason=str(error))
        if not hasattr(self, "add_post_set_parameters_callback"):
            self._on_parameters_set(changes)
        return SetParametersResult(successful=True)

    def _on_parameters_set(self, changes: list[Parameter]) -> None:
        before = self.parameters
        self.parameters = updated(before, [(p.name, p.value) for p in changes])
        if self.parameters.max_rate != before.max_rate:
            for camera in self.cameras:
                camera.limit_rate(self.parameters.max_rate)
        if self.inference is not None and self.parameters.actions != before.actions:
            self.actions = self.parameters.selected_actions(self.inference.actions)
            self._publish_labels()

    def _publish_labels(self) -> None:
        if self.inference is None or self.frame_processor is None:
            return
        stamp = self.get_clock().now().to_msg()
        for camera in self.cameras:
            camera.publish_labels(self.inference.checkpoint, self.actions, stamp)

    def _follow_publishers(self) -> None:
        for camera in self.cameras:
            camera.follow_publishers()

    def _publish_diagnostics(self) -> None:
        silent = self._watchdog.silent(self.cameras) if self.frame_processor is not None else {}
        stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(stamp, self.state, self.inference, self.cameras, silent, self.reason)
