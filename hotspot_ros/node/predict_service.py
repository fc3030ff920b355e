"""`~/predict`: hotspots of one image, while the executor goes on with everything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.node import Node
from rclpy.task import Future

from hotspot_core.errors import InputError
from hotspot_core.hotspots.prediction import Prediction
from hotspot_ros.conversions.images import decode_image
from hotspot_ros.conversions.messages import hotspot_array
from hotspot_ros.msg import HotspotArray
from hotspot_ros.pipeline.frames import Settings
from hotspot_ros.pipeline.model_thread import InferenceError, ModelThread
from hotspot_ros.positions.position_inputs import check_frames, other_target, scene_geometry
from hotspot_ros.positions.transforms import TargetFrame
from hotspot_ros.srv import Predict

# Requests that may wait for the model at a time; the middleware would keep as many.
MAX_PENDING = 10


class Refused(Exception):
    """A request that is not answered with hotspots; the text says why."""


class PredictService:
    """Answers every request: with hotspots while there is a model, else with the reason why there are none.

    A request's callback is a coroutine: while the model's thread computes, the executor's is free.

    Args:
        settings: gives the present settings.
        target: gives the frame of the positions; None for the camera's.
    """

    def __init__(self, node: Node, settings: Callable[[], Settings], target: Callable[[], TargetFrame | None]) -> None:
        self._node, self._settings, self._target = node, settings, target
        self._model: ModelThread | None = None
        self._reason = "the node is not configured"
        self._pending: set[Future[Any]] = set()
        # A group of its own: one that waits must keep none of the node's other callbacks from running.
        self._service = node.create_service(
            Predict, "~/predict", self._on_request, callback_group=ReentrantCallbackGroup()
        )

    def open(self, model: ModelThread) -> None:
        """Answers with hotspots from now on."""
        self._model = model

    def close(self, reason: str) -> None:
        """Refuses all requests from now on, and those that wait for the model."""
        self._model, self._reason = None, reason
        for answer in self._pending:
            if not answer.done():
                answer.set_exception(Refused(reason))

    async def _on_request(self, request: Predict.Request, response: Predict.Response) -> Predict.Response:
        settings = self._settings()
        try:
            image = decode_image(request.image)
            prediction = await self._predict([image], list(request.actions) or settings.actions, settings)
            size = settings.parameters.heatmap_hw()
            response.hotspots = hotspot_array(prediction, request.image.header, size)
            if request.depth.data or request.depth.width:
                response.position_problem = self._place(request, response.hotspots, prediction, settings)
            response.success = True
        except (InputError, InferenceError, Refused) as error:
            response.message = str(error)
        except Exception as error:  # A request must not end the node.
            response.message = repr(error)
        return response

    async def _predict(self, images: list[Any], actions: Any, settings: Settings) -> Prediction:
        if self._model is None:
            raise Refused(self._reason)
        if len(self._pending) >= MAX_PENDING:
            raise Refused(f"{MAX_PENDING} requests wait already: ask again when one of them is answered")
        parameters = settings.parameters
        # Completed by the model's thread, or by `close`.
        answer: Future[Any] = Future()
        answer.add_done_callback(lambda _: self._wake_executor())
        self._pending.add(answer)
        try:
            work = self._model.submit(images, actions, parameters.points_per_action, parameters.peak_threshold)
            work.add_done_callback(lambda _: answer.set_result(None))
            await answer
        finally:
            self._pending.discard(answer)
        (prediction,) = work.result()
        return prediction

    def _place(
        self, request: Predict.Request, hotspots: HotspotArray, prediction: Prediction, settings: Settings
    ) -> str:
        """Gives the points positions and contact frames; the reason where that is impossible."""
        parameters, header, depth, info = settings.parameters, request.image.header, request.depth, request.camera_info
        try:
            if not parameters.allow_other_frames:
                check_frames(header.frame_id, depth.header.frame_id, info.header.frame_id)
            target = other_target(self._target(), header.frame_id)
            # No topic says whether the image is rectified.
            rectified = parameters.rectification == "rectified"
            geometry = scene_geometry(header, prediction.image_size, depth, info, rectified, target)
            return geometry.place(hotspots, prediction)
        except Exception as error:  # No depth image may cost the points their pixels.
            return str(error) if isinstance(error, InputError) else repr(error)

    def _wake_executor(self) -> None:
        executor = self._node.executor
        if executor is not None:
            executor.wake()
