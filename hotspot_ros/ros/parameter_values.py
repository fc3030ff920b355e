"""Values as people write them, and names that nobody declared. rclpy's private names are used in `overrides` alone."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from rcl_interfaces.msg import ParameterDescriptor
from rclpy.node import Node
from rclpy.parameter import Parameter

from hotspot_core.errors import InputError

# Parameters that rclpy and its entities look for themselves.
_OTHERS = ("use_sim_time", "start_type_description_service", "qos_overrides.", "bond_disable_heartbeat_timeout")
_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def converted(default: Any, value: Any) -> Any:
    """A value in the type of a parameter's default, where people mean the same by it; else the value as it is.

    A whole number is a float, 3.0 a whole number, `True` or 1 a flag, one name a list of it, "open,pull" a list of two,
    and a file may be called 1.
    """
    if isinstance(default, list) and default:
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",")]
        is_list = isinstance(value, Iterable) and not isinstance(value, bytes)
        return [converted(default[0], one) for one in value] if is_list else value
    if isinstance(default, bool):
        return _WORDS.get(str(value).strip().lower(), value)
    if isinstance(value, bool):
        return value
    if isinstance(default, float) and isinstance(value, int):
        return float(value)
    if isinstance(default, int) and isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(default, str) and isinstance(value, int | float):
        return str(value)
    return value


def declare(node: Node, name: str, default: Any, descriptor: ParameterDescriptor) -> Any:
    """Declares a parameter of its default's type; what was given for it at the start is converted.

    Returns:
        Its value; None for a list on the command line that is empty, which has no type.

    Raises:
        InputError: a value of another type.
    """
    any_type = ParameterDescriptor(name=name, dynamic_typing=True)
    given = node.declare_parameter(name, default, any_type).value
    node.undeclare_parameter(name)
    if given is None:
        return None
    value = converted(default, given)
    if not _has_type(default, value):
        raise InputError(f"parameter {name} is {given!r}: give {_described(default)}, such as {default!r}")
    return node.declare_parameter(name, value, descriptor, ignore_override=True).value


def convert_changes(node: Node, defaults: Mapping[str, Any]) -> None:
    """Has changes at run time converted, too, where rclpy can do that (not in Humble)."""

    def convert(changes: list[Parameter]) -> list[Parameter]:
        return [_converted(change, defaults[change.name]) if change.name in defaults else change for change in changes]

    if hasattr(node, "add_pre_set_parameters_callback"):
        node.add_pre_set_parameters_callback(convert)


def _converted(change: Parameter, default: Any) -> Parameter:
    value = converted(default, change.value)
    # A list that is empty has a type in the change, and would have none of its own.
    return change if value == [] or not _has_type(default, value) else Parameter(change.name, value=value)


def _has_type(default: Any, value: Any) -> bool:
    if isinstance(default, list):
        return isinstance(value, list) and all(type(one) is type(default[0]) for one in value)
    return type(value) is type(default)


def _described(default: Any) -> str:
    names = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    if isinstance(default, list):
        return f"a list, each part {names[type(default[0])]}"
    return names[type(default)]


def warn_of_unknown(node: Node, known: Iterable[str]) -> None:
    """Names in a warning what was given at the start and is no parameter of the node, with the name that it resembles.

    It is no error: a file may set parameters of several nodes at once.
    """
    names = list(known)
    for name in sorted(overrides(node)):
        if name not in names and not name.startswith(_OTHERS):
            similar = difflib.get_close_matches(name, names, n=1)
            remedy = f"did you mean {similar[0]}?" if similar else f"there are {', '.join(names)}"
            node.get_logger().warning(f"parameter {name} is not known and has no effect: {remedy}")


def overrides(node: Node) -> set[str]:
    """Names of all parameters that were given at the start; none where this rclpy keeps them elsewhere."""
    return set(getattr(node, "_parameter_overrides", ()))
