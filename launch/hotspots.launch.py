"""Starts the hotspots node on one or several cameras.

ros2 launch hotspot_ros hotspots.launch.py image:=/camera/color/image_raw
ros2 launch hotspot_ros hotspots.launch.py cameras:=front,wrist image:=/front/image_raw,/wrist/image_raw
"""

from __future__ import annotations

from collections.abc import Callable

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

# Inputs of a camera, and by which suffix image_transport and its plugins tell the compressed ones.
TOPICS = {"image": "compressed", "depth": "compressedDepth", "camera_info": None}
TEXTS = (
    *("model", "device", "precision", "runtime"),
    *("image_transport", "depth_transport", "qos", "rectification", "target_frame"),
)
FLAGS = ("autostart", "use_sim_time", "cloud")


def generate_launch_description() -> LaunchDescription:
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
            _parameter("target_frame", "Frame of the positions, through tf2; needs depth."),
            _parameter("cloud", "Whether to offer hotspots/cloud and hotspots/best; needs depth.", ["true", "false"]),
            _parameter(
                "autostart",
                "Whether the node configures and activates itself; false leaves it to a lifecycle manager.",
                ["true", "false"],
            ),
            _parameter("use_sim_time", "Whether to take the time from /clock.", ["true", "false"]),
            DeclareLaunchArgument(
                "namespace", default_value="", description="Namespace of the node and its relative topics."
            ),
            DeclareLaunchArgument(
                "rviz", default_value="false", choices=["true", "false"], description="Whether to start RViz, too."
            ),
            DeclareLaunchArgument(
                "log_level",
                default_value="info",
                choices=["debug", "info", "warn", "error", "fatal"],
                description="Least severity of the node's messages to show.",
            ),
            OpaqueFunction(function=_nodes),
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
    return DeclareLaunchArgument(
        name,
        default_value="",
        choices=["", *choices] if choices else None,
        description=f"{description} Empty: as params_file says.",
    )


def _share(*path: str) -> PathJoinSubstitution:
    return PathJoinSubstitution([FindPackageShare("hotspot_ros"), *path])


def _nodes(context: LaunchContext) -> list[Node]:
    def argument(name: str) -> str:
        return str(LaunchConfiguration(name).perform(context)).strip()

    cameras = _names(argument("cameras"))
    topics = {name: argument(name) for name in TOPICS}
    if topics["image"] and not topics["camera_info"]:
        # As drivers have it: /camera/color/image_raw and /camera/color/camera_info.
        topics["camera_info"] = ",".join(_beside(image, "camera_info") for image in _names(topics["image"]))
    nodes = [
        Node(
            package="hotspot_ros",
            executable="hotspot_node",
            name="hotspots",
            namespace=argument("namespace"),
            parameters=[argument("params_file"), _parameters(argument, cameras)],
            remappings=[pair for name in TOPICS for pair in _remappings(name, topics[name], cameras)],
            ros_arguments=["--log-level", argument("log_level")],
            output="screen",
        )
    ]
    if argument("rviz") == "true":
        nodes.append(
            Node(
                package="rviz2",
                executable="rviz2",
                namespace=argument("namespace"),
                arguments=["--display-config", _share("config", "hotspots.rviz")],
                output="screen",
            )
        )
    return nodes


def _parameters(argument: Callable[[str], str], cameras: list[str]) -> dict[str, ParameterValue]:
    """The parameters that arguments override, typed, so that a file named "1" stays a name."""
    parameters = {name: ParameterValue(argument(name), value_type=str) for name in TEXTS if argument(name)}
    parameters |= {name: ParameterValue(argument(name) == "true", value_type=bool) for name in FLAGS if argument(name)}
    if argument("depth"):
        parameters["depth"] = ParameterValue(True, value_type=bool)
    lists = {"actions": _names(argument("actions")), "cameras": cameras}
    return parameters | {name: ParameterValue(names, value_type=list[str]) for name, names in lists.items() if names}


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
    return [name.strip() for name in text.split(",") if name.strip()]
