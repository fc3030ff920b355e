"""The node's parameters: declared with descriptions and ranges, read as one value, checked before they change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.node import Node

from hotspot_core.errors import InputError, select_names
from hotspot_ros.qos import INPUT_QOS_NAMES

ALL_ACTIONS = "all"
IMAGE_TRANSPORTS = ("raw", "compressed")
LARGEST_HEATMAP_SIDE = 4096


@dataclass(frozen=True)
class Parameters:
    """The parameters' values; the fields up to `image_transport` are fixed at start.

    Attributes:
        model: a .safetensors file or "default".
        device: "auto", "cpu", "cuda", "cuda:N".
        qos: name of the input's quality of service.
        image_transport: "raw" or "compressed".
        actions: names of the actions to publish, or ("all",).
        points_per_action: largest number of interaction points per action.
        min_value: least value of a point, relative to the strongest of its action.
        min_score: least softmax score of an action to be published.
        heatmap_size: (width, height) of the published heatmaps; (0, 0) for the model's grid.
    """

    model: str
    device: str
    qos: str
    image_transport: str
    actions: tuple[str, ...]
    points_per_action: int
    min_value: float
    min_score: float
    heatmap_size: tuple[int, int]

    def check(self) -> None:
        """Raises InputError where a value means nothing, naming the parameter and what it can be."""
        for name, value, known in (
            ("qos", self.qos, INPUT_QOS_NAMES),
            ("image_transport", self.image_transport, IMAGE_TRANSPORTS),
        ):
            if value not in known:
                raise InputError(f"parameter {name} is {value!r}: use one of {', '.join(known)}")
        width_and_height = len(self.heatmap_size) == 2 and (
            self.heatmap_size == (0, 0) or all(1 <= side <= LARGEST_HEATMAP_SIDE for side in self.heatmap_size)
        )
        if not width_and_height:
            raise InputError(
                f"parameter heatmap_size is {list(self.heatmap_size)}: give [width, height] in pixels, "
                f"each at most {LARGEST_HEATMAP_SIDE}, or [0, 0] for the model's grid"
            )

    def selected_actions(self, known: tuple[str, ...]) -> tuple[str, ...]:
        """The names of the actions to publish; InputError where the model does not know one."""
        return known if self.actions == (ALL_ACTIONS,) else select_names("action", self.actions, known)

    def heatmap_hw(self) -> tuple[int, int] | None:
        """(height, width) of the published heatmaps, or None for the model's grid."""
        width, height = self.heatmap_size
        return (height, width) if (width, height) != (0, 0) else None


def _fixed(description: str, constraints: str = "") -> ParameterDescriptor:
    return ParameterDescriptor(description=description, additional_constraints=constraints, read_only=True)


def _fraction(description: str) -> ParameterDescriptor:
    limits = FloatingPointRange(from_value=0.0, to_value=1.0, step=0.0)
    return ParameterDescriptor(description=description, floating_point_range=[limits])


_DECLARATIONS: dict[str, tuple[Any, ParameterDescriptor]] = {
    "model": ("default", _fixed("Checkpoint: a .safetensors file, or 'default' for the bundled model.")),
    "device": (
        "auto",
        _fixed("Device of the model.", "auto, cpu, cuda or cuda:N; a device that is absent is an error"),
    ),
    "qos": (
        "auto",
        _fixed("Quality of service of the image subscription; auto follows the publisher.", ", ".join(INPUT_QOS_NAMES)),
    ),
    "image_transport": (
        "raw",
        _fixed("raw subscribes to image, compressed to image/compressed.", ", ".join(IMAGE_TRANSPORTS)),
    ),
    "actions": (
        [ALL_ACTIONS],
        ParameterDescriptor(description="Actions to publish, in this order; ['all'] for every one the model knows."),
    ),
    "points_per_action": (
        3,
        ParameterDescriptor(
            description="Largest number of interaction points per action.",
            integer_range=[IntegerRange(from_value=0, to_value=100, step=1)],
        ),
    ),
    "min_value": (0.3, _fraction("Least value of a point, relative to the strongest of its action.")),
    "min_score": (0.0, _fraction("Actions with a lower softmax score are not published.")),
    "heatmap_size": (
        [0, 0],
        ParameterDescriptor(
            description="[width, height] of the published heatmaps; [0, 0] for the model's grid.",
            additional_constraints=f"each side at most {LARGEST_HEATMAP_SIDE}",
        ),
    ),
}


def declare_parameters(node: Node) -> Parameters:
    """Declares every parameter and returns their values at start.

    Raises:
        InputError: a value of the wrong type, out of range or without meaning.
    """
    values = {}
    for name, (default, descriptor) in _DECLARATIONS.items():
        try:
            values[name] = node.declare_parameter(name, default, descriptor).value
        except (InvalidParameterTypeException, InvalidParameterValueException) as error:
            raise InputError(f"parameter {name}: {error}") from error
    parameters = _from_values(values)
    parameters.check()
    return parameters


def updated(parameters: Parameters, changes: Iterable[tuple[str, Any]]) -> Parameters:
    """The parameters after a change, checked. Names that are not ours (use_sim_time ...) are passed over.

    Raises:
        InputError: a value without meaning.
    """
    own = {name: value for name, value in changes if name in _DECLARATIONS}
    changed = _from_values({**vars(parameters), **own})
    changed.check()
    return changed


def _from_values(values: dict[str, Any]) -> Parameters:
    fields: dict[str, Any] = {n: tuple(v) if isinstance(_DECLARATIONS[n][0], list) else v for n, v in values.items()}
    return Parameters(**fields)
