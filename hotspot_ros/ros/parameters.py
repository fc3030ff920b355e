"""The node's parameters: declared with descriptions and ranges, read as one value, checked before they change."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.node import Node

from hotspot_core.errors import InputError, select_names
from hotspot_core.inference.runtimes import RUNTIMES
from hotspot_core.tracking.stabilizer import HYSTERESIS, SMOOTHING
from hotspot_ros.ros.parameter_values import convert_changes, converted, declare, warn_of_unknown
from hotspot_ros.ros.qos import INPUT_QOS_NAMES

ALL_ACTIONS = "all"
IMAGE_TRANSPORTS = ("raw", "compressed")
DEPTH_TRANSPORTS = ("raw", "compressedDepth")
RECTIFICATIONS = ("auto", "raw", "rectified")
LARGEST_HEATMAP_SIDE = 4096
UNNAMED = ("",)
WHOLE_IMAGE = (0.0, 0.0, 1.0, 1.0)
# What ROS allows as one part of a topic's name.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Parameters:
    """The parameters' values; the table below says which are fixed at start.

    Attributes:
        autostart: whether the node configures and activates itself.
        model: a .safetensors, .onnx or .pt2 file, or "default".
        device: "auto", "cpu", "cuda", "cuda:N", "tensorrt", "gpu", "gpu:N", "npu".
        precision: "auto", "fp32", "bf16", "fp16".
        runtime: "auto", "pytorch", "openvino", "onnxruntime", "aotinductor".
        download_model: whether a model of the hub may be fetched over the network.
        cameras: names of the cameras, each the namespace of its topics; ("",) for a single unnamed one.
        qos: name of the inputs' quality of service.
        image_transport: "raw" or "compressed".
        depth: whether to subscribe to depth and camera_info, for positions.
        depth_transport: "raw" or "compressedDepth".
        depth_slop: largest difference in seconds between the stamps of an image and its depth.
        depth_patience: seconds that a result waits for depth, or a transform, that is late.
        allow_other_frames: whether depth and camera_info may name another frame than the image.
        rectification: "auto", "raw" or "rectified".
        target_frame: frame of the positions; empty for the camera's; needs depth.
        cloud: whether there are the topics hotspots/cloud and hotspots/best.
        image_timeout: seconds without an image after which the node says why; 0 for never.
        bond_heartbeat_period: seconds between two signs of life to a lifecycle manager; 0 for no bond.
        actions: names of the actions to publish, or ("all",).
        points_per_action: largest number of interaction points per action.
        peak_threshold: smallest value of a point, relative to the strongest of its action.
        score_threshold: smallest score of an action to be published.
        probability_threshold: smallest probability of a point, where the model's are calibrated.
        smoothing: weight of the past in maps, scores and places of points; 0 for the present alone.
        hysteresis: by how much of the strongest value another point must be stronger to become the best one.
        heatmap_size: (width, height) of the published heatmaps; (0, 0) for the model's grid.
        max_rate: largest number of frames per second and camera; 0 for no limit.
        cloud_threshold: smallest value of a heatmap in hotspots/cloud.
        region_of_interest: (x, y, width, height) of the part to look at, in fractions of the image.
    """

    autostart: bool
    model: str
    device: str
    precision: str
    runtime: str
    download_model: bool
    cameras: tuple[str, ...]
    qos: str
    image_transport: str
    depth: bool
    depth_transport: str
    depth_slop: float
    depth_patience: float
    allow_other_frames: bool
    rectification: str
    target_frame: str
    cloud: bool
    image_timeout: float
    bond_heartbeat_period: float
    actions: tuple[str, ...]
    points_per_action: int
    peak_threshold: float
    score_threshold: float
    probability_threshold: float
    smoothing: float
    hysteresis: float
    heatmap_size: tuple[int, int]
    max_rate: float
    cloud_threshold: float
    region_of_interest: tuple[float, float, float, float]

    def check(self) -> None:
        """Raises InputError where a value means nothing, naming the parameter and what it can be."""
        for name, value, allowed in (
            ("qos", self.qos, INPUT_QOS_NAMES),
            ("image_transport", self.image_transport, IMAGE_TRANSPORTS),
            ("depth_transport", self.depth_transport, DEPTH_TRANSPORTS),
            ("rectification", self.rectification, RECTIFICATIONS),
        ):
            if value not in allowed:
                raise InputError(f"parameter {name} is {value!r}: use one of {', '.join(allowed)}")
        if (self.cloud or self.target_frame) and not self.depth:
            name = "cloud" if self.cloud else "target_frame"
            raise InputError(f"parameter {name} needs depth: set the parameter depth to true")
        self._check_cameras()
        self._check_actions()
        self._check_heatmap_size()
        self._check_region_of_interest()

    def selected_actions(self, available: tuple[str, ...]) -> tuple[str, ...]:
        """The names of the actions to publish; InputError where the model does not know one."""
        return available if self.actions == (ALL_ACTIONS,) else select_names("action", self.actions, available)

    def heatmap_hw(self) -> tuple[int, int] | None:
        """(height, width) of the published heatmaps, or None for the model's grid."""
        width, height = self.heatmap_size
        return (height, width) if (width, height) != (0, 0) else None

    def is_rectified(self, image_topic: str) -> bool:
        """Whether the images of a topic are rectified; with "auto" its name says so, by convention image_rect*."""
        if self.rectification == "auto":
            return any(part.startswith("image_rect") for part in image_topic.split("/"))
        return self.rectification == "rectified"

    def _check_cameras(self) -> None:
        wrong = [name for name in self.cameras if not _NAME.fullmatch(name)]
        if not self.cameras or (wrong and self.cameras != UNNAMED):
            raise InputError(
                f"parameter cameras is {list(self.cameras)}: give names of letters, digits and underscores that begin "
                "with no digit, such as ['front', 'wrist'], or [''] for one camera without a name"
            )
        if len(set(self.cameras)) != len(self.cameras):
            raise InputError(f"parameter cameras is {list(self.cameras)}: name each camera once")

    def _check_actions(self) -> None:
        if not self.actions:
            raise InputError(
                f"parameter actions is []: name actions, or give {[ALL_ACTIONS]} for every one that the model knows"
            )

    def _check_heatmap_size(self) -> None:
        size = self.heatmap_size
        if len(size) != 2 or (size != (0, 0) and not all(1 <= side <= LARGEST_HEATMAP_SIDE for side in size)):
            raise InputError(
                f"parameter heatmap_size is {list(size)}: give [width, height] in pixels, "
                f"each at most {LARGEST_HEATMAP_SIDE}, or [0, 0] for the model's grid"
            )

    def _check_region_of_interest(self) -> None:
        region = self.region_of_interest
        if len(region) == 4 and all(map(math.isfinite, region)):
            x, y, width, height = region
            # Room for sums such as 0.1 + 0.9 that rounding carries over 1.
            if min(x, y) >= 0 and min(width, height) > 0 and max(x + width, y + height) <= 1 + 1e-9:
                return
        raise InputError(
            f"parameter region_of_interest is {list(region)}: give [x, y, width, height] in fractions of the image, "
            f"all within [0, 1], such as [0.25, 0.5, 0.5, 0.5]; {list(WHOLE_IMAGE)} is the whole image"
        )


def _fixed(description: str, constraints: str = "", **limits: Any) -> ParameterDescriptor:
    return ParameterDescriptor(description=description, additional_constraints=constraints, read_only=True, **limits)


def _changeable(description: str, constraints: str = "", **limits: Any) -> ParameterDescriptor:
    return ParameterDescriptor(description=description, additional_constraints=constraints, **limits)


def _range(low: float, high: float) -> dict[str, Any]:
    return {"floating_point_range": [FloatingPointRange(from_value=low, to_value=high, step=0.0)]}


# Name -> default and descriptor. docs/ros.md and config/hotspots.yaml repeat it, and a test compares them.
DECLARATIONS: dict[str, tuple[Any, ParameterDescriptor]] = {
    "autostart": (True, _fixed("Whether the node configures and activates itself; if not, a lifecycle manager does.")),
    "model": (
        "default",
        _fixed(
            "A .safetensors checkpoint, an exported .onnx or .pt2 file, hf://owner/name[/file][@revision] for one of "
            "the Hugging Face hub, or 'default' for the bundled model."
        ),
    ),
    "download_model": (
        False,
        _fixed("Whether a model of the hub may be fetched over the network; if not, it has to be in the local cache."),
    ),
    "device": (
        "auto",
        _fixed(
            "Device of the model.",
            "auto, cpu, cuda, cuda:N, tensorrt (ONNX Runtime), gpu, gpu:N, npu (OpenVINO); an absent one is an error",
        ),
    ),
    "precision": (
        "auto",
        _fixed(
            "Number format of the model; auto for the fastest that the device has units for.", "auto, fp32, bf16, fp16"
        ),
    ),
    "runtime": (
        "auto",
        _fixed(
            "What runs the model; auto for the fastest that is installed and runs such a file.", ", ".join(RUNTIMES)
        ),
    ),
    "cameras": (
        list(UNNAMED),
        _fixed("Names of the cameras, each the namespace of its topics; [''] for a single unnamed camera."),
    ),
    "qos": (
        "auto",
        _fixed("Quality of service of the subscriptions; auto follows the publisher.", ", ".join(INPUT_QOS_NAMES)),
    ),
    "image_transport": (
        "raw",
        _fixed("raw subscribes to image, compressed to image/compressed.", ", ".join(IMAGE_TRANSPORTS)),
    ),
    "depth": (False, _fixed("Whether to subscribe to depth and camera_info and to give points a position.")),
    "depth_transport": (
        "raw",
        _fixed(
            "raw subscribes to depth, compressedDepth to depth/compressedDepth.",
            ", ".join(DEPTH_TRANSPORTS),
        ),
    ),
    "depth_slop": (
        0.05,
        _fixed("Largest difference between the stamps of an image and its depth, in seconds.", **_range(0.0, 10.0)),
    ),
    "depth_patience": (
        0.2,
        _fixed("Seconds that a result waits for depth or a transform that comes late.", **_range(0.0, 10.0)),
    ),
    "allow_other_frames": (
        False,
        _fixed("Whether depth and camera_info may have another frame_id than the image, which they fit all the same."),
    ),
    "rectification": (
        "auto",
        _fixed(
            "Whether images are raw (CameraInfo's K and D) or rectified (P); auto looks for image_rect in the topic.",
            ", ".join(RECTIFICATIONS),
        ),
    ),
    "target_frame": (
        "",
        _fixed("Frame of the positions, through tf2 at the image's stamp; empty: the camera's. Needs depth."),
    ),
    "cloud": (
        False,
        _fixed("Whether to offer hotspots/cloud and hotspots/best/<action>, computed only while somebody listens."),
    ),
    "image_timeout": (
        5.0,
        _fixed("Seconds without an image after which the node says why; 0 for never.", **_range(0.0, 3600.0)),
    ),
    "bond_heartbeat_period": (
        0.1,
        _fixed(
            "Seconds between signs of life on the topic bond while the node is active and autostart is false; 0 for no "
            "bond. Needs bondpy.",
            **_range(0.0, 10.0),
        ),
    ),
    "actions": (
        [ALL_ACTIONS],
        _changeable("Actions to publish, in this order; ['all'] for every one the model knows."),
    ),
    "points_per_action": (
        3,
        _changeable(
            "Largest number of interaction points per action.",
            integer_range=[IntegerRange(from_value=0, to_value=100, step=1)],
        ),
    ),
    "peak_threshold": (
        0.3,
        _changeable("Smallest value of a point, relative to the strongest of its action.", **_range(0.0, 1.0)),
    ),
    "score_threshold": (
        0.0,
        _changeable("Actions with a lower score are not published.", **_range(0.0, 1.0)),
    ),
    "probability_threshold": (
        0.2,
        _changeable(
            "Points that are less probable are not published; of a model whose points are not calibrated, all are.",
            **_range(0.0, 1.0),
        ),
    ),
    "smoothing": (
        SMOOTHING,
        _changeable(
            "Weight of the past in maps, scores and places of points; 0 for the present image alone.",
            "forgotten where the camera moves, time jumps or the scene is another",
            **_range(0.0, 0.95),
        ),
    ),
    "hysteresis": (
        HYSTERESIS,
        _changeable(
            "By how much of the strongest value another point must be stronger than the best one to take its place.",
            **_range(0.0, 1.0),
        ),
    ),
    "heatmap_size": (
        [0, 0],
        _changeable(
            "[width, height] of the published heatmaps; [0, 0] for the model's grid.",
            f"each side at most {LARGEST_HEATMAP_SIDE}",
        ),
    ),
    "max_rate": (
        0.0,
        _changeable(
            "Largest number of frames per second to process of each camera; 0 for no limit.", **_range(0.0, 1000.0)
        ),
    ),
    "cloud_threshold": (0.5, _changeable("Smallest value of a heatmap in hotspots/cloud.", **_range(0.0, 1.0))),
    "region_of_interest": (
        list(WHOLE_IMAGE),
        _changeable(
            "[x, y, width, height] of the part of the image to look at, in fractions of the image.",
            "x + width and y + height at most 1",
        ),
    ),
}


def declare_parameters(node: Node) -> Parameters:
    """Declares every parameter and returns their values at start.

    Raises:
        InputError: a value of the wrong type, out of range or without meaning.
    """
    values = {}
    for name, (default, descriptor) in DECLARATIONS.items():
        try:
            values[name] = declare(node, name, default, descriptor)
        except (InvalidParameterTypeException, InvalidParameterValueException) as error:
            raise InputError(f"parameter {name}: {error}") from error
        if values[name] is None:  # An empty list on the command line has no type.
            raise InputError(f"parameter {name} is empty: give a value, or leave it out for the default, {default}")
    warn_of_unknown(node, DECLARATIONS)
    convert_changes(node, {name: default for name, (default, _) in DECLARATIONS.items()})
    parameters = _from_values(values)
    parameters.check()
    return parameters


def updated(parameters: Parameters, changes: Iterable[tuple[str, Any]]) -> Parameters:
    """The parameters after a change, checked. Names that are not ours (use_sim_time ...) are passed over.

    Raises:
        InputError: a value without meaning.
    """
    own = {name: converted(DECLARATIONS[name][0], value) for name, value in changes if name in DECLARATIONS}
    changed = _from_values({**vars(parameters), **own})
    changed.check()
    return changed


def _from_values(values: dict[str, Any]) -> Parameters:
    fields: dict[str, Any] = {n: tuple(v) if isinstance(DECLARATIONS[n][0], list) else v for n, v in values.items()}
    return Parameters(**fields)
