"""The ROS 2 node: camera images in, heatmaps and interaction points per action out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter

from hotspot_core.errors import InputError
from hotspot_ros.node.bond import LifecycleBond
from hotspot_ros.node.diagnostics import Diagnostics
from hotspot_ros.node.predict_service import PredictService
from hotspot_ros.node.watchdog import Watchdog
from hotspot_ros.pipeline.camera import Camera
from hotspot_ros.pipeline.frame_processor import FrameProcessor
from hotspot_ros.pipeline.frames import Settings
from hotspot_ros.pipeline.model_thread import ModelThread
from hotspot_ros.positions.transforms import TargetFrame
from hotspot_ros.ros.lifecycle_guard import guard_transitions
from hotspot_ros.ros.parameters import declare_parameters, updated

# Seconds between two looks at the publishers of our inputs, and between two diagnostics.
FOLLOW_PERIOD, DIAGNOSTICS_PERIOD = 0.5, 1.0


class HotspotNode(LifecycleNode):
    """Subscribes to cameras and publishes their interaction hotspots.

    configure loads the model and warms it up, activate subscribes, deactivate discards what is under way, cleanup gives
    the model's memory back. A transition that fails leaves the node as it was, says why, and can be tried again.

    The executor's thread only stores frames and answers services; one thread decodes and publishes, one computes. Once
    the node is configured, no transition waits for a computation.

    Attributes:
        state: label of the lifecycle state.
        parameters: their present values.
        actions: names of the actions that are published; those of the model are known once it is configured.
        reason: why the last transition failed; empty if it did not.

    Raises:
        InputError: a parameter means nothing.
    """

    def __init__(self, **node_options: Any) -> None:
        super().__init__("hotspots", **node_options)
        self.state = "unconfigured"
        self.parameters = declare_parameters(self)
        self.actions: tuple[str, ...] = ()
        self.reason = ""
        self.model: ModelThread | None = None
        self.cameras: list[Camera] = []
        self.frame_processor: FrameProcessor | None = None
        self._target: TargetFrame | None = None
        self._former_model: ModelThread | None = None
        self._predict_service = PredictService(self, self._settings, lambda: self._target)
        self._watchdog = Watchdog(self, self.parameters.image_timeout)
        self._diagnostics = Diagnostics(self)
        self._bond = LifecycleBond(self, 0 if self.parameters.autostart else self.parameters.bond_heartbeat_period)
        guard_transitions(self)
        self.add_on_set_parameters_callback(self._on_set_parameters)
        if hasattr(self, "add_post_set_parameters_callback"):  # Not in Humble.
            self.add_post_set_parameters_callback(self._on_parameters_set)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(FOLLOW_PERIOD, self._follow_publishers, clock=steady)
        self.create_timer(DIAGNOSTICS_PERIOD, self._publish_diagnostics, clock=steady)

    def start(self) -> None:
        """Configures and activates.

        Raises:
            InputError: a transition failed; the text says why.
        """
        for trigger in (self.trigger_configure, self.trigger_activate):
            if trigger() != TransitionCallbackReturn.SUCCESS:
                raise InputError(self.reason)

    def stop(self, timeout: float) -> bool:
        """Ends the frame processor, whatever the state; False if that took longer than `timeout` seconds."""
        return self.frame_processor is None or self.frame_processor.stop(timeout)

    def counts(self) -> str:
        """What became of the frames so far."""
        return "; ".join(f"{camera.name}: {camera.statistics.counts}".removeprefix(": ") for camera in self.cameras)

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Loads the model and creates the publishers."""
        return self._attempt("inactive", self._configure, self._clean_up)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Starts the frame processor and subscribes."""
        return self._attempt("active", self._activate, self._deactivate)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Unsubscribes and discards the frames that are under way."""
        return self._attempt("inactive", self._deactivate)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Takes the publishers away and gives the model's memory back."""
        return self._attempt("unconfigured", self._clean_up)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Deactivates and cleans up, as far as there is something to do."""
        return self._attempt("finalized", self._clean_up)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Back to unconfigured."""
        return self._attempt("unconfigured", self._clean_up)

    def _attempt(
        self, goal: str, change: Callable[[], None], undo: Callable[[], None] | None = None
    ) -> TransitionCallbackReturn:
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
        self.state, self.reason = goal, ""
        return TransitionCallbackReturn.SUCCESS

    def _configure(self) -> None:
        if self._former_model is not None:  # Two at a time may be more than the memory holds.
            self._former_model.join()
        settings = self.parameters
        self.model = model = ModelThread(
            settings.model, settings.device, settings.precision, settings.runtime, settings.download_model
        )
        self.actions = self.parameters.selected_actions(model.actions)
        self.cameras = [Camera(self, name, self.parameters, model.actions) for name in self.parameters.cameras]
        if self.parameters.target_frame:
            self._target = TargetFrame(self, self.parameters.target_frame)
        self._predict_service.open(model)

    def _activate(self) -> None:
        assert self.model is not None
        self.frame_processor = FrameProcessor(self.model, self.cameras, self._settings, self.get_logger())
        for camera in self.cameras:
            camera.activate(self.frame_processor.buffer, self._target, self.frame_processor.notify)
        self._publish_labels()
        self._bond.form()
        info = self.model.info
        if not info.trained:
            self.get_logger().warning(f"checkpoint {info.name} is untrained: its weights are random")
        self.get_logger().info(
            f"ready: {info.config.preset} model in {info.how}, images from "
            f"{', '.join(camera.input.topic for camera in self.cameras)}, hotspots of {', '.join(self.actions)}"
        )

    def _deactivate(self) -> None:
        self._bond.end()
        for camera in self.cameras:
            camera.deactivate()
        if self.frame_processor is not None:
            self.frame_processor.stop()
            self.frame_processor = None
        self._watchdog.forget()

    def _clean_up(self) -> None:
        self._deactivate()
        self._predict_service.close("the node is not configured, or was cleaned up before the model had answered")
        for camera in self.cameras:
            camera.destroy()
        self.cameras = []
        if self._target is not None:
            self._target.destroy()
            self._target = None
        if self.model is not None:
            self.model.close()
            self._former_model, self.model = self.model, None

    def _settings(self) -> Settings:
        return Settings(self.parameters, self.actions)

    def _on_set_parameters(self, changes: list[Parameter]) -> SetParametersResult:
        try:
            parameters = updated(self.parameters, [(p.name, p.value) for p in changes])
            if self.model is not None:
                parameters.selected_actions(self.model.actions)
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
                camera.input.limit_rate(self.parameters.max_rate)
        if self.model is not None and self.parameters.actions != before.actions:
            self.actions = self.parameters.selected_actions(self.model.actions)
            self._publish_labels()

    def _publish_labels(self) -> None:
        if self.model is None or self.frame_processor is None:
            return
        stamp = self.get_clock().now().to_msg()
        for camera in self.cameras:
            camera.labels.publish(self.model.info, self.actions, stamp)

    def _follow_publishers(self) -> None:
        for camera in self.cameras:
            camera.follow_publishers()

    def _publish_diagnostics(self) -> None:
        silent = self._watchdog.silent(self.cameras) if self.frame_processor is not None else {}
        stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(stamp, self.state, self.model, self.cameras, silent, self.reason)
