"""Starts the hotspots node on one or several cameras.

ros2 launch hotspot_ros hotspots.launch.py image:=/camera/color/image_raw
ros2 launch hotspot_ros hotspots.launch.py cameras:=front,wrist image:=/front/image_raw,/wrist/image_raw
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from ament_index_python.packages import PackageNotFoundError, get_package_prefix
from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

# Inputs of a camera, and by which suffix image_transport and its plugins tell the compressed ones.
TOPICS = {"image": "compressed", "depth": "compressedDepth", "camera_info": None}
TEXTS = (
    *("model", "device", "precision", "runtime"),
    *("image_transport", "depth_transport", "qos", "rectification", "target_frame"),
)
FLAGS = ("autostart", "use_sim_time", "cloud", "allow_other_frames")
WHOLE_NUMBERS = ("points_per_action",)
NUMBERS = (
    "depth_slop",
    "depth_patience",
    "image_timeout",
    "bond_heartbeat_period",
    "peak_threshold",
    "score_threshold",
    "probability_threshold",
    "smoothing",
    "hysteresis",
    "max_rate",
    "cloud_threshold",
)
LISTS: dict[str, type] = {"actions": str, "heatmap_size": int, "region_of_interest": float}
LOG_LEVELS = ("debug", "info", "warn", "error", "fatal")
# What a launch file hands on to those that it includes, as everywhere in ROS.
INHERITED = ("use_sim_time",)


def generate_launch_description() -> LaunchDescription:
    given = _given_arguments()
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                "cameras",
                default_value="",
                description="Names of the cameras, separated by commas ('front,wrist'): each the namespace of its "
                "results. Empty: as params_file says, by default one without a name.",
            ),
            _topic("image", "camera images; compressed ones are expected at <topic>/compressed", "'<camera>/image'"),
            _topic("depth", "aligned depth images, which give the points their positions", "none, no positions"),
            _topic("camera_info", "the cameras' calibration", "'camera_info' beside the image"),
            DeclareLaunchArgument(
                "params_file",
                default_value=_share("config", "hotspots.yaml"),
                description="YAML file with the node's parameters.",
            ),
            _parameter("model", "A .safetensors, .onnx or .pt2 file, or 'default' for the bundled model."),
            _parameter("device", "Where the model runs: auto, cpu, cuda, cuda:1, gpu, npu, tensorrt ..."),
            _parameter("precision", "Number format of the model.", ["auto", "fp32", "bf16", "fp16"]),
            _parameter(
                "runtime", "What runs the model.", ["auto", "pytorch", "openvino", "onnxruntime", "aotinductor"]
            ),
            _parameter("actions", "Actions to publish, separated by commas ('open,pull'), or 'all'."),
            _parameter("image_transport", "Kind of images to subscribe to.", ["raw", "compressed"]),
            _parameter("depth_transport", "Kind of depth images to subscribe to.", ["raw", "compressedDepth"]),
            _parameter(
                "qos",
                "Quality of service of the subscriptions; auto follows the publisher.",
                ["auto", "reliable", "best_effort", "system_default"],
            ),
            _parameter(
                "rectification",
                "Whether images are raw or rectified; auto looks for image_rect in the topic.",
                ["auto", "raw", "rectified"],
            ),
            _parameter("depth_slop", "Largest difference of the stamps of image and depth, in seconds."),
            _parameter("depth_patience", "Seconds that a result waits for depth or a transform that comes late."),
            _parameter(
                "allow_other_frames",
                "Whether depth and camera_info may name another frame than the image (true, false).",
            ),
            _parameter("target_frame", "Frame of the positions, through tf2; needs depth."),
            _parameter("cloud", "Whether to offer hotspots/cloud and hotspots/best (true, false); needs depth."),
            _parameter("cloud_threshold", "Smallest value of a heatmap in hotspots/cloud."),
            _parameter("points_per_action", "Largest number of points per action."),
            _parameter("peak_threshold", "Smallest value of a point, relative to the strongest of its action."),
            _parameter("score_threshold", "Actions with a lower score are not published."),
            _parameter("probability_threshold", "Points that are less probable are not published, if calibrated."),
            _parameter("smoothing", "Weight of the past in maps, scores and places of points; 0 for none."),
            _parameter("hysteresis", "By how much stronger another point must be to become the best one."),
            _parameter("heatmap_size", "Width and height of the heatmaps ('640,480'); '0,0' for the model's grid."),
            _parameter("region_of_interest", "x, y, width, height of what to look at, in fractions ('0,0.5,1,0.5')."),
            _parameter("max_rate", "Largest number of frames per second and camera; 0 for no limit."),
            _parameter("image_timeout", "Seconds without an image after which the node says why; 0 for never."),
            _parameter(
                "autostart",
                "Whether the node configures and activates itself; false leaves it to a lifecycle manager.",
            ),
            _parameter("bond_heartbeat_period", "Seconds between signs of life to a lifecycle manager; 0 for no bond."),
            _parameter("use_sim_time", "Whether to take the time from /clock (true, false)."),
            DeclareLaunchArgument(
                "namespace", default_value="", description="Namespace of the node and its relative topics."
            ),
            DeclareLaunchArgument(
                "rviz", default_value="false", description="Whether to start RViz, too (true, false)."
            ),
            DeclareLaunchArgument(
                "log_level",
                default_value="info",
                description=f"Least severity of the node's messages to show: {', '.join(LOG_LEVELS)}.",
            ),
            OpaqueFunction(function=_nodes, args=[given]),
        ]
    )


def _topic(name: str, what: str, otherwise: str) -> DeclareLaunchArgument:
    """An argument with one topic for every camera."""
    return DeclareLaunchArgument(
        name,
        default_value="",
        description=f"Topic of {what}; with several cameras one each, separated by commas. Empty: {otherwise}.",
    )


def _parameter(name: str, description: str, choices: list[str] | None = None) -> DeclareLaunchArgument:
    """An argument that overrides the parameter of the same name, if it is given."""
    shown = f" One of {', '.join(choices)}." if choices else ""
    return DeclareLaunchArgument(
        name, default_value="", description=f"{description}{shown} Empty: as params_file says."
    )


def _share(*path: str) -> PathJoinSubstitution:
    return PathJoinSubstitution([FindPackageShare("hotspot_ros"), *path])


def _given_arguments() -> set[str] | None:
    """Names of the arguments that whoever includes this file gives; None where that cannot be told.

    launch has included files take any argument of the including one that has the same name, and `model` may mean a
    robot there. In a LaunchContext what is given and what leaks in look the same; the including action knows.
    """
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        action = frame.f_locals.get("self")
        if isinstance(action, IncludeLaunchDescription):
            context = LaunchContext()
            names = (normalize_to_list_of_substitutions(name) for name, _ in action.launch_arguments)
            return {perform_substitutions(context, name) for name in names}
        frame = frame.f_back
    return None


def _nodes(context: LaunchContext, given: set[str] | None) -> list[Node]:
    def argument(name: str) -> str:
        is_ours = given is None or name in given or name in INHERITED
        return str(LaunchConfiguration(name).perform(context)).strip() if is_ours else ""

    cameras = _names(argument("cameras"))
    topics = {name: argument(name) for name in TOPICS}
    if topics["image"] and not topics["camera_info"]:
        # As drivers have it: /camera/color/image_raw and /camera/color/camera_info.
        topics["camera_info"] = ",".join(_beside(image, "camera_info") for image in _names(topics["image"]))
    params_file = argument("params_file") or _share("config", "hotspots.yaml").perform(context)
    if not Path(params_file).is_file():
        raise RuntimeError(f"argument params_file is {params_file!r}: there is no such file")
    nodes = [
        Node(
            package="hotspot_ros",
            executable="hotspot_node",
            name="hotspots",
            namespace=argument("namespace"),
            parameters=[params_file, _parameters(argument, cameras)],
            remappings=[pair for name in TOPICS for pair in _remappings(name, topics[name], cameras)],
            ros_arguments=["--log-level", _chosen("log_level", argument("log_level") or "info", LOG_LEVELS)],
            output="screen",
        )
    ]
    if _flag("rviz", argument("rviz") or "false"):
        nodes.append(_rviz(argument("namespace")))
    return nodes


def _rviz(namespace: str) -> Node:
    try:
        get_package_prefix("rviz2")
    except PackageNotFoundError as error:  # Now, before the other node runs and nobody ends it.
        raise RuntimeError("argument rviz is true, and the package rviz2 is not installed: install it") from error
    return Node(
        package="rviz2",
        executable="rviz2",
        namespace=namespace,
        arguments=["--display-config", _share("config", "hotspots.rviz")],
        output="screen",
    )


def _parameters(argument: Callable[[str], str], cameras: list[str]) -> dict[str, ParameterValue]:
    """The parameters that arguments override, typed, so that a file named "1" stays a name."""

    def values(names: tuple[str, ...], read: Callable[[str, str], Any], kind: Any) -> dict[str, ParameterValue]:
        texts = {name: argument(name) for name in names}
        return {n: ParameterValue(read(n, text), value_type=kind) for n, text in texts.items() if text}

    parameters = values(TEXTS, lambda _, text: text, str)
    parameters |= values(FLAGS, _flag, bool)
    parameters |= values(NUMBERS, _number, float)
    parameters |= values(WHOLE_NUMBERS, _whole_number, int)
    if argument("depth"):
        parameters["depth"] = ParameterValue(True, value_type=bool)
    if cameras:
        parameters["cameras"] = ParameterValue(cameras, value_type=list[str])
    readers: dict[type, Callable[[str, str], Any]] = {str: lambda _, text: text, int: _whole_number, float: _number}
    for name, kind in LISTS.items():
        if texts := _names(argument(name)):
            parts = [readers[kind](name, text) for text in texts]
            parameters[name] = ParameterValue(parts, value_type=list[kind])  # type: ignore[valid-type]
    return parameters


def _flag(name: str, text: str) -> bool:
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    if text.lower() not in words:
        raise RuntimeError(f"argument {name} is {text!r}: give true or false")
    return words[text.lower()]


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise RuntimeError(f"argument {name} is {text!r}: give a number") from None


def _whole_number(name: str, text: str) -> int:
    number = _number(name, text)
    if not number.is_integer():
        raise RuntimeError(f"argument {name} is {text!r}: give a whole number")
    return int(number)


def _chosen(name: str, text: str, allowed: tuple[str, ...]) -> str:
    if text.lower() not in allowed:
        raise RuntimeError(f"argument {name} is {text!r}: use one of {', '.join(allowed)}")
    return text.lower()


def _remappings(name: str, topics: str, cameras: list[str]) -> list[tuple[str, str]]:
    """From the node's topics of one kind to those that an argument names, one for every camera."""
    if not topics:
        return []
    targets = _names(topics)
    if len(targets) != max(1, len(cameras)):
        raise RuntimeError(
            f"argument {name} names {len(targets)} topics ({topics}) for {max(1, len(cameras))} cameras "
            f"({', '.join(cameras) or 'one without a name'}): give one topic each, separated by commas"
        )
    pairs = []
    for camera, target in zip(cameras or [""], targets, strict=True):
        own = f"{camera}/{name}" if camera else name
        pairs.append((own, target))
        if suffix := TOPICS[name]:
            pairs.append((f"{own}/{suffix}", f"{target}/{suffix}"))
    return pairs


def _beside(topic: str, name: str) -> str:
    """The topic `name` in the namespace of another."""
    namespace, slash, _ = topic.rpartition("/")
    return f"{namespace}{slash}{name}"


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.strip("[] ").split(",") if name.strip()]
