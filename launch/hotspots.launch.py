"""Starts the hotspots node on one camera: ros2 launch hotspot_ros hotspots.launch.py image:=/camera/image_raw"""

from __future__ import annotations

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                "image",
                default_value="image",
                description="Topic of the camera images; compressed ones are expected at <image>/compressed.",
            ),
            DeclareLaunchArgument(
                "params_file",
                default_value=PathJoinSubstitution([FindPackageShare("hotspot_ros"), "config", "hotspots.yaml"]),
                description="YAML file with the node's parameters.",
            ),
            _parameter("model", "Checkpoint: a .safetensors file, or 'default' for the one that the package brings."),
            _parameter("device", "Where the model runs: auto, cpu, cuda, cuda:1 ..."),
            _parameter("actions", "Actions to publish, separated by commas ('open,pull'), or 'all'."),
            _parameter("image_transport", "Kind of images to subscribe to.", ["raw", "compressed"]),
            _parameter(
                "qos",
                "Quality of service of the image subscription; auto follows the publisher.",
                ["auto", "reliable", "best_effort", "system_default"],
            ),
            _parameter("use_sim_time", "Whether to take the time from /clock.", ["true", "false"]),
            DeclareLaunchArgument(
                "namespace", default_value="", description="Namespace of the node and its relative topics."
            ),
            DeclareLaunchArgument(
                "log_level",
                default_value="info",
                choices=["debug", "info", "warn", "error", "fatal"],
                description="Least severity of the messages to show.",
            ),
            OpaqueFunction(function=_node),
        ]
    )


def _parameter(name: str, description: str, choices: list[str] | None = None) -> DeclareLaunchArgument:
    """An argument that overrides the parameter of the same name, if it is given."""
    return DeclareLaunchArgument(
        name,
        default_value="",
        choices=["", *choices] if choices else None,
        description=f"{description} Empty: as params_file says.",
    )


def _node(context: LaunchContext) -> list[Node]:
    arguments = ("model", "device", "actions", "image_transport", "qos", "use_sim_time")
    given = {name: text for name in arguments if (text := LaunchConfiguration(name).perform(context))}
    # Typed, so that a file named "1" stays a name.
    parameters = {name: ParameterValue(text, value_type=str) for name, text in given.items()}
    if "actions" in given:
        names = [name.strip() for name in given["actions"].split(",")]
        parameters["actions"] = ParameterValue(names, value_type=list[str])
    if "use_sim_time" in given:
        parameters["use_sim_time"] = ParameterValue(given["use_sim_time"] == "true", value_type=bool)

    image = LaunchConfiguration("image")
    return [
        Node(
            package="hotspot_ros",
            executable="hotspot_node",
            name="hotspots",
            namespace=LaunchConfiguration("namespace"),
            parameters=[LaunchConfiguration("params_file"), parameters],
            remappings=[("image", image), ("image/compressed", [image, "/compressed"])],
            ros_arguments=["--log-level", LaunchConfiguration("log_level")],
            output="screen",
        )
    ]
